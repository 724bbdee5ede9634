//! What the host had done otherwise than the kernel's own objects, until both were compared.

use postroom::{
    Access, Answer, Call, Create, Destination, Devices, Error, Handle, Host, Kernel, Kind, Outcome,
    Rights, Sizes, Sleeper, Source, Stream, Sys, TaskId, Ticks, Value, Wait,
};

use crate::{dir, on_both, queue_name, tcp};

/// Two tasks that do just what they are told.
pub(crate) struct Hand {
    pub(crate) kernel: Box<Kernel<4, 16, 1280, Host>>,
    pub(crate) tasks: [TaskId; 2],
}

impl Hand {
    pub(crate) fn new() -> Self {
        let mut kernel = Box::new(Kernel::with(Host::new().unwrap(), ()));
        let tasks = ["one", "two"].map(|name| kernel.spawn(name, Default::default()).unwrap());
        Self { kernel, tasks }
    }

    pub(crate) fn call(&mut self, task: usize, call: Call<'_>) -> Outcome {
        while self.kernel.dispatch().is_some() {}
        self.kernel.syscall(self.tasks[task], call)
    }

    pub(crate) fn answer(&mut self, task: usize, call: Call<'_>) -> Answer {
        match self.call(task, call) {
            Outcome::Complete(answer) | Outcome::Preempted(answer) => answer,
            Outcome::Blocked => panic!("the call has to wait"),
        }
    }

    pub(crate) fn handle(&mut self, task: usize, call: Call<'_>) -> Handle {
        match self.answer(task, call) {
            Ok(Value::Handle(handle)) => handle,
            other => panic!("{other:?}"),
        }
    }

    /// Hears what the system has to tell.
    pub(crate) fn look(&mut self) {
        self.kernel.devices().sleeper().sleep(Some(Ticks(0)));
        self.kernel.look_at_devices();
    }

    /// A handle of the second task for what the first one has.
    fn share(&mut self, handle: Handle, rights: Rights) -> Handle {
        let to = self.tasks[1].into();
        self.handle(0, Call::Give { handle, to, rights, keep: true })
    }

    fn receive(&mut self, task: usize, handle: Handle, length: usize) -> Outcome {
        let (mut buffer, mut envelope) = (vec![0; length], None);
        let (from, wait) = (Source::Object(handle), Wait::Forever);
        let buffer = &mut buffer[..];
        self.call(task, Call::Receive { from, buffer, envelope: &mut envelope, wait })
    }
}

pub(crate) const BOTH: Rights = Rights::READ.union(Rights::WRITE);

#[test]
fn law_41_and_42_what_has_a_wrong_length_does_not_stand_in_line() {
    let mut hand = Hand::new();
    let sizes = Sizes::Messages { most: 1, longest: 8 };
    let create = Some(Create { sizes, exclusive: true, access: Access::Everyone });
    let queue = hand.handle(0, Call::Open { name: queue_name(), rights: BOTH, create });
    let shared = hand.share(queue, BOTH);
    assert_eq!(hand.receive(0, queue, 8), Outcome::Blocked);
    assert_eq!(hand.receive(1, shared, 7), Outcome::Complete(Err(Error::MessageTooLong)));
    hand.answer(0, Call::Cancel).unwrap();
    let mut send = |task, handle, message: &[u8]| {
        let (to, wait) = (Destination::Queue { handle, urgency: 0 }, Wait::Forever);
        hand.call(task, Call::Send { to, message, wait })
    };
    assert_eq!(send(0, queue, b"one"), Outcome::Complete(Ok(Value::Unit)));
    assert_eq!(send(0, queue, b"two"), Outcome::Blocked);
    assert_eq!(send(1, shared, b"nine byte"), Outcome::Complete(Err(Error::MessageTooLong)));
}

#[test]
fn law_46_what_a_socket_is_not_for_does_not_stand_in_line() {
    let (mut hand, dir) = (Hand::new(), dir());
    let (name, wait) = (format!("unix:{}/s", dir.path().display()), Wait::Forever);
    let socket = Call::Socket { kind: Kind::Stream, sizes: Sizes::Bytes(8) };
    let listener = hand.handle(0, socket);
    hand.answer(0, Call::Bind { handle: listener, name: &name, access: Access::Everyone }).unwrap();
    hand.answer(0, Call::Listen { handle: listener, backlog: 1 }).unwrap();
    let shared = hand.share(listener, BOTH);
    assert_eq!(hand.call(0, Call::Accept { handle: listener, wait }), Outcome::Blocked);
    let read = hand.answer(1, Call::Read { handle: shared, buffer: &mut [0], wait });
    assert_eq!(read, Err(Error::NotConnected));
    hand.answer(0, Call::Cancel).unwrap();
    let client = hand.handle(0, Call::Socket { kind: Kind::Stream, sizes: Sizes::Bytes(8) });
    hand.answer(0, Call::Connect { handle: client, to: &name, wait }).unwrap();
    let shared = hand.share(client, BOTH);
    let read = Call::Read { handle: client, buffer: &mut [0], wait };
    assert_eq!(hand.call(0, read), Outcome::Blocked);
    let accept = hand.answer(1, Call::Accept { handle: shared, wait });
    assert_eq!(accept, Err(Error::BadArgument));
}

#[test]
fn law_1_who_waits_for_a_socket_waits_for_the_device_that_it_becomes() {
    let (mut hand, dir) = (Hand::new(), dir());
    let name = format!("unix-datagram:{}/s", dir.path().display());
    let sizes = Sizes::Messages { most: 1, longest: 8 };
    let socket = hand.handle(0, Call::Socket { kind: Kind::Datagram, sizes });
    let shared = hand.share(socket, BOTH);
    assert_eq!(hand.receive(1, shared, 8), Outcome::Blocked);
    hand.answer(0, Call::Bind { handle: socket, name: &name, access: Access::Everyone }).unwrap();
    let to = Destination::Socket { handle: socket, to: Some(&name) };
    hand.answer(0, Call::Send { to, message: b"wake", wait: Wait::Try }).unwrap();
    hand.look();
    let received = hand.receive(1, shared, 8);
    let expected = Ok(Value::Message { copied: 4, length: 4 });
    assert_eq!(received, Outcome::Complete(expected));
}

/// Says that a socket without a connection has nothing to read.
async fn is_idle(socket: &Stream<'_>) {
    let ready = socket.readiness().await.unwrap();
    assert!(!ready.readable && ready.writable && ready.hung_up && !ready.error, "{ready:?}");
}

#[test]
fn law_46_a_socket_that_was_refused_can_try_again() {
    async fn again(sys: Sys<'_>, name: &str) -> postroom::Result<()> {
        let (client, server) = (sys.stream(8).await?, sys.stream(8).await?);
        for _ in 0..2 {
            assert!(client.connect(name).await.is_err());
            is_idle(&client).await;
        }
        server.bind(name).await?;
        is_idle(&server).await;
        let listener = server.listen(1).await?;
        client.connect(name).await?;
        listener.accept().await.map(drop)
    }
    on_both(|tasks| {
        let unix = tasks.name("unix", "s");
        for (task, name) in [("unix", unix), ("tcp", tcp("127.0.0.1"))] {
            tasks.spawn(task, async move |sys| again(sys, name).await);
        }
    });
}

#[test]
fn law_46_a_socket_that_is_connected_can_be_given_a_name() {
    on_both(|tasks| {
        let [server, own] = ["s", "c"].map(|file| tasks.name("unix", file));
        tasks.spawn("task", async move |sys| {
            let (client, listener) = (sys.stream(8).await?, sys.stream(8).await?);
            listener.bind(server).await?;
            let listener = listener.listen(1).await?;
            client.connect(server).await?;
            assert_eq!(client.bind(server).await, Err(Error::AddressInUse));
            client.bind(own).await?;
            assert_eq!(client.bind(own).await, Err(Error::BadArgument));
            listener.accept().await.map(drop)
        });
    });
}

#[test]
fn law_49_who_waits_for_a_listener_that_closes_is_refused() {
    let (mut hand, dir) = (Hand::new(), dir());
    let (name, wait) = (format!("unix:{}/s", dir.path().display()), Wait::Forever);
    let name = &*name;
    let [listener, first] = [(); 2]
        .map(|()| hand.handle(0, Call::Socket { kind: Kind::Stream, sizes: Sizes::Bytes(8) }));
    hand.answer(0, Call::Bind { handle: listener, name, access: Access::Everyone }).unwrap();
    hand.answer(0, Call::Listen { handle: listener, backlog: 1 }).unwrap();
    hand.answer(0, Call::Connect { handle: first, to: name, wait }).unwrap();
    let handle = hand.handle(1, Call::Socket { kind: Kind::Stream, sizes: Sizes::Bytes(8) });
    let connect = || Call::Connect { handle, to: name, wait };
    assert_eq!(hand.call(1, connect()), Outcome::Blocked);

    hand.answer(0, Call::Close { handle: listener }).unwrap();
    assert_eq!(hand.answer(1, connect()), Err(Error::ConnectionRefused));
    // Whoever comes later does not find the name.
    assert_eq!(hand.answer(1, connect()), Err(Error::NoSuchName));
}

#[test]
fn law_55_who_waits_for_room_in_a_socket_that_closes_is_refused() {
    let (mut hand, dir) = (Hand::new(), dir());
    let name = format!("unix-datagram:{}/s", dir.path().display());
    let sizes = Sizes::Messages { most: 1, longest: 8 };
    let receiver = hand.handle(0, Call::Socket { kind: Kind::Datagram, sizes });
    let bind = Call::Bind { handle: receiver, name: &name, access: Access::Everyone };
    hand.answer(0, bind).unwrap();
    let handle = hand.handle(1, Call::Socket { kind: Kind::Datagram, sizes });
    let send = |wait| {
        let to = Destination::Socket { handle, to: Some(&name) };
        Call::Send { to, message: b"a", wait }
    };
    while hand.answer(1, send(Wait::Try)).is_ok() {}
    assert_eq!(hand.call(1, send(Wait::Forever)), Outcome::Blocked);

    hand.answer(0, Call::Close { handle: receiver }).unwrap();
    assert_eq!(hand.answer(1, send(Wait::Forever)), Err(Error::ConnectionRefused));
    assert_eq!(hand.answer(1, send(Wait::Forever)), Err(Error::NoSuchName));
}
