//! Who is who: the names behind the ids of events.

use std::collections::HashMap;
use std::format;
use std::string::{String, ToString};

use crate::kernel::{ChannelId, Event, Kind, TaskId, Verb};

/// The names of all tasks and channels that a log has spoken of so far.
#[derive(Debug, Default)]
pub(super) struct Cast {
    tasks: HashMap<TaskId, String>,
    channels: HashMap<ChannelId, String>,
    widest: usize,
}

impl Cast {
    /// Takes note of those who come. Those who go are still spoken of.
    pub(super) fn note(&mut self, event: &Event) {
        match *event {
            Event::Spawn { task, name, mailbox, .. } => {
                self.widest = self.widest.max(name.as_str().chars().count());
                self.tasks.insert(task, name.to_string());
                self.channels.insert(mailbox, format!("{}:{name}", Kind::Mailbox));
            }
            Event::Create { channel, kind, name, .. } => {
                let name = name.map_or_else(|| channel.to_string(), |name| name.to_string());
                self.channels.insert(channel, format!("{kind}:{name}"));
            }
            Event::Bind { channel, name } => {
                if let Some(told) = self.channels.get_mut(&channel)
                    && let Some((kind, _)) = told.split_once(':')
                {
                    *told = format!("{kind}:{name}");
                }
            }
            _ => {}
        }
    }

    /// The name of a task; its id if it came before the log began.
    pub(super) fn task(&self, task: TaskId) -> String {
        self.tasks.get(&task).cloned().unwrap_or_else(|| task.to_string())
    }

    /// Kind and name of a channel, as `pipe:greeting`.
    pub(super) fn channel(&self, channel: ChannelId) -> String {
        self.channels.get(&channel).cloned().unwrap_or_else(|| channel.to_string())
    }

    /// Characters of the widest task name.
    pub(super) fn widest(&self) -> usize {
        self.widest
    }
}

/// Whether the number in a call's record means something.
pub(super) const fn has_number(verb: Verb) -> bool {
    !matches!(
        verb,
        Verb::Open
            | Verb::Duplicate
            | Verb::Give
            | Verb::Close
            | Verb::Unlink
            | Verb::Readiness
            | Verb::Attributes
            | Verb::Notify
            | Verb::Socket
            | Verb::Pair
            | Verb::Bind
            | Verb::Connect
            | Verb::Accept
            | Verb::Shutdown
            | Verb::Kill
            | Verb::Cancel
            | Verb::Yield
            | Verb::Now
            | Verb::Exit
    )
}
