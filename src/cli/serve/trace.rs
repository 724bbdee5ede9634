//! The trace of a server that may run for days: a line goes out when its call is complete, and
//! holds nobody else's back.

use std::collections::HashMap;

use postroom::TaskId;
use postroom::view::{Line, Strace};

use super::super::console;

pub(super) fn live() -> Strace<'static> {
    let mut open: HashMap<TaskId, String> = HashMap::new();
    Strace::new(move |line| match line {
        Line::Whole(text) => console::say(format_args!("{text}")),
        Line::Begun(task, text) => {
            open.insert(task, text.to_owned());
        }
        Line::Rest(task, rest) => {
            if let Some(text) = open.remove(&task) {
                console::say(format_args!("{text}{rest}"));
            }
        }
    })
}
