//! Drawing calls on sockets: names that are free, and servers that are there.

use postroom::{Kind, Rights};
use proptest::prelude::*;
use proptest::sample::select;

use crate::drawing::Choices;
use crate::model::{Held, Model, Object, Stage, What};
use crate::names::Named;
use crate::request::Life;
use crate::step::{Hold, Wish};
use crate::wishes::{THINGS, hold, name, only, patience, rights};

/// Calls that name, connect and disconnect.
pub(crate) fn on_links(model: &Model, me: Life) -> Choices<Wish> {
    let object = |held: &Held| match held.what {
        What::Object(object) => Some(&model.objects[object]).filter(|it| it.is_socket()),
        What::Task(_) => None,
    };
    let of = |right: Rights, suits: &dyn Fn(&Object) -> bool| -> Vec<&Held> {
        let held = model.tasks[me].handles.iter().flatten().filter(|it| it.rights.contains(right));
        held.filter(|held| object(held).is_some_and(suits)).collect()
    };
    let idle = |it: &Object| it.stage == Stage::Idle;
    let datagram = |it: &Object| it.kind == Kind::Datagram;
    let connected = |it: &Object| matches!(it.stage, Stage::Connected(_));
    let unnamed = of(Rights::READ, &|it| it.name.is_none() && (idle(it) || datagram(it)));
    let named = of(Rights::READ, &|it| it.name.is_some() && idle(it) && !datagram(it));
    let clients = of(Rights::WRITE, &|it| idle(it) || datagram(it) && connected(it));
    let listeners = of(Rights::READ, &|it| matches!(it.stage, Stage::Listening(..)));
    let links = of(Rights::NONE, &|it| connected(it) && !datagram(it));

    let free: Vec<&str> = THINGS
        .into_iter()
        .filter(|name| matches!(model.find(name), Ok(Named::Nothing)))
        .chain(["s"])
        .collect();
    let free = prop_oneof![9 => select(free), 1 => name()];
    let servers = model.objects.iter().filter(|it| it.alive && (datagram(it) || !idle(it)));
    let servers: Vec<(Kind, &str)> = servers.filter_map(|it| Some((it.kind, it.name?))).collect();
    let matches = clients.iter().flat_map(|client| {
        let kind = object(client).map(|it| it.kind);
        let servers = servers.iter().filter(move |server| Some(server.0) == kind);
        servers.map(|server| (Hold::Own(client.handle.slot()), server.1))
    });
    let matches: Vec<(Hold, &str)> = matches.collect();
    let backlog = prop_oneof![9 => 1..3usize, 1 => select(vec![0, 9, usize::MAX])];

    let weigh = |held: &[&Held], weight: u32| if held.is_empty() { 1 } else { weight };
    let bind = (hold(&unnamed), free, only()).prop_map(|(handle, name, only)| Wish::Bind {
        handle,
        name,
        only,
    });
    let listen =
        (hold(&named), backlog).prop_map(|(handle, backlog)| Wish::Listen { handle, backlog });
    let connect = (hold(&clients), name(), patience())
        .prop_map(|(handle, to, wait)| Wish::Connect { handle, to, wait });
    let accept =
        (hold(&listeners), patience()).prop_map(|(handle, wait)| Wish::Accept { handle, wait });
    let shutdown =
        (hold(&links), rights()).prop_map(|(handle, rights)| Wish::Shutdown { handle, rights });
    let mut choices: Choices<Wish> = vec![
        (weigh(&unnamed, 20), bind.boxed()),
        (weigh(&named, 40), listen.boxed()),
        (weigh(&clients, 3), connect.boxed()),
        (weigh(&listeners, 20), accept.boxed()),
        (weigh(&links, 4), shutdown.boxed()),
    ];
    if !matches.is_empty() {
        let connect = (select(matches), patience())
            .prop_map(|((handle, to), wait)| Wish::Connect { handle, to, wait });
        choices.push((40, connect.boxed()));
    }
    choices
}
