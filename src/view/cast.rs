//! Who is who: the names behind the ids of events.

use std::collections::HashMap;
use std::format;
use std::string::{String, ToString};

use super::kernel::{ChannelId, Event, Kind, TaskId};

/// The names of the tasks and channels that a log has spoken of. Those who have gone are known
/// until another one takes their slot.
#[derive(Debug, Default)]
pub(super) struct Cast {
    tasks: HashMap<u16, (TaskId, String)>,
    channels: HashMap<u16, (ChannelId, Kind, String)>,
    widest: usize,
}

impl Cast {
    /// Takes note of those who come.
    pub(super) fn note(&mut self, event: &Event) {
        match *event {
            Event::Spawn { task, name, mailbox, .. } => {
                self.widest = self.widest.max(name.as_str().chars().count());
                self.tasks.insert(task.index(), (task, name.to_string()));
                self.channels.insert(mailbox.index(), told(mailbox, Kind::Mailbox, name.as_str()));
            }
            Event::Create { channel, kind, name, .. } => {
                let name = name.map_or_else(|| channel.to_string(), |name| name.to_string());
                self.channels.insert(channel.index(), told(channel, kind, &name));
            }
            Event::Bind { channel, name } => {
                if let Some(known) = self.channels.get_mut(&channel.index()) {
                    *known = told(channel, known.1, name.as_str());
                }
            }
            _ => {}
        }
    }

    /// The name of a task; its id if it came before the log began.
    pub(super) fn task(&self, task: TaskId) -> String {
        match self.tasks.get(&task.index()) {
            Some((id, name)) if *id == task => name.clone(),
            _ => task.to_string(),
        }
    }

    /// Kind and name of a channel, as `pipe:greeting`; of a device its name, as `unix:chat`, which
    /// says what it is.
    pub(super) fn channel(&self, channel: ChannelId) -> String {
        match self.channels.get(&channel.index()) {
            Some((id, _, name)) if *id == channel => name.clone(),
            _ => channel.to_string(),
        }
    }

    /// Characters of the widest task name.
    pub(super) fn widest(&self) -> usize {
        self.widest
    }
}

/// A channel, and how it is told.
fn told(channel: ChannelId, kind: Kind, name: &str) -> (ChannelId, Kind, String) {
    let text = if name.contains(':') { name.to_string() } else { format!("{kind}:{name}") };
    (channel, kind, text)
}
