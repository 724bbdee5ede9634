//! The kernel: plain data, and operations that return what is to happen next.
//!
//! It has no clock, no heap and no `unsafe`, and never calls a task: whoever runs them gives it the
//! time, hands it the calls, and asks it who is next. What it calls are its devices and its trace,
//! which must not come back to the kernel that they belong to. It reads from the bottom up:
//!
//! - stores: bytes and messages lie in rings; slots in tables, with ids that never lie;
//! - order: who is ready, who waits for what, who sleeps until when;
//! - objects: channels and what stands in them, tasks and their handles;
//! - operations: the door, the copies, each mechanism, waiting, polling, scheduling, life and death;
//! - views: events, the log, the wait-for graph, what stands where, the check of all invariants.

#![forbid(unsafe_code)]

pub mod param;

mod error;
mod id;
mod name;
mod priority;
mod rights;
mod time;

mod bytes;
mod messages;
mod table;

mod interests;
mod names;
mod policy;
mod ready;
mod timers;
mod waits;

mod access;
mod answer;
mod call;
mod channel;
mod device;
mod devices;
mod handles;
mod task;

mod copy;
mod door;
mod life;
mod mailbox;
mod object;
mod open;
mod pipe;
mod poll;
mod queue;
mod request;
mod sched;
mod socket;
mod wait;

mod check;
mod graph;
mod lines;
mod log;
mod look;
mod record;
mod trace;

pub use access::Access;
pub use answer::{Answer, Ends, Outcome, Readiness, Value};
pub use call::{Call, Create, Destination, Peer, PollEntry, RequestId, Source, Verb};
pub use channel::{Kind, Sizes};
pub use check::Broken;
pub use devices::{DeviceId, Devices, NoDevices, Sleeper, Taken};
pub use door::{Door, Enter};
pub use error::{Error, Result};
pub use graph::Edge;
pub use id::{ChannelId, Handle, TaskId};
pub use lines::Lines;
pub use log::{Counters, Log};
pub use look::{ChannelView, TaskView};
pub use messages::Envelope;
pub use name::Name;
pub use policy::Policy;
pub use priority::Priority;
pub use record::{CallRecord, Preview};
pub use rights::Rights;
pub use task::{Reason, State};
pub use time::{Ticks, Wait};
pub use trace::{Cause, Direction, Event, ExitStatus, Trace};

// What the files of the kernel share with each other.
use access::Allowed;
use bytes::ByteRing;
use channel::{
    Body, Chance, Channel, Kinds, MESSAGES, Notice, REPLIES, Ring, Socket, Stage, reserved,
};
use device::Device;
use door::{Attempt, Refusal};
use handles::{Entry, Handles, Object};
use id::{Key, NONE};
use interests::{Interest, Interests, PollList, nodes};
use messages::{LEVELS, Message, MessageRing};
use name::{NAME_BYTES, has_scheme, hash};
use names::Names;
use param::{
    ALLOWED, HANDLES, MAILBOX_LONGEST, MAILBOX_SHORTEST, NAME, PEERS, PIPE_BUF, POLL, PREVIEW,
    PRIORITIES, QUANTUM, WHOLE, Whole,
};
use ready::ReadyQueue;
use table::{Table, Vacant};
use task::{On, Outgoing, Task, Waiting};
use timers::Timers;
use waits::{WaitQueue, Waits};

/// The whole state of a kernel.
///
/// At most `TASKS` tasks and `CHANNELS` channels live in it at one time; each task uses one
/// channel for its mailbox. Every channel has a store of `RING` bytes. `D` are the devices, and
/// `T` takes the events.
///
/// ```
/// use postroom::{Kernel, Lock};
///
/// static KERNEL: Lock<Kernel<4, 8, 1024>> = Lock::new(Kernel::new());
/// ```
pub struct Kernel<
    const TASKS: usize,
    const CHANNELS: usize,
    const RING: usize,
    D = NoDevices,
    T = (),
> {
    tasks: Table<Task, TASKS>,
    channels: Table<Channel<RING>, CHANNELS>,
    names: Names<CHANNELS>,

    // Who runs next, and who waits. Each list is linked through the task table.
    ready: ReadyQueue<TASKS>,
    policy: Policy,
    running: u16,
    // Somebody was killed by another task since the runner last asked.
    killed: bool,
    waits: Waits<TASKS>,
    interests: Interests<TASKS>,
    timers: Timers<TASKS>,
    now: Ticks,

    // What the next handle is told by; no handle is number 0.
    serial: u64,
    // Who ran last, and what acts now: for the trace.
    last: Option<TaskId>,
    cause: Cause,

    devices: D,
    trace: T,
}

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize> Kernel<TASKS, CHANNELS, RING> {
    /// A kernel without tasks, devices and trace, at tick 0.
    pub const fn new() -> Self {
        Self::with(NoDevices, ())
    }
}

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize> Default
    for Kernel<TASKS, CHANNELS, RING>
{
    fn default() -> Self {
        Self::new()
    }
}

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D, T>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    /// A kernel without tasks, at tick 0, over these devices and with this trace.
    pub const fn with(devices: D, trace: T) -> Self {
        Self {
            tasks: Table::new(),
            channels: Table::new(),
            names: Names::new(),
            ready: ReadyQueue::new(),
            policy: Policy::Priority,
            running: 0,
            killed: false,
            waits: Waits::new(),
            interests: Interests::new(),
            timers: Timers::new(),
            now: Ticks(0),
            serial: 1,
            last: None,
            cause: Cause::Runner,
            devices,
            trace,
        }
    }

    /// What time it is: the tick last given to [`Kernel::advance`].
    pub const fn now(&self) -> Ticks {
        self.now
    }

    /// The sink of the events.
    pub const fn trace(&self) -> &T {
        &self.trace
    }

    /// The sink of the events, to change it.
    pub const fn trace_mut(&mut self) -> &mut T {
        &mut self.trace
    }

    /// The devices.
    pub const fn devices_mut(&mut self) -> &mut D {
        &mut self.devices
    }

    /// The id of the task in a slot.
    #[inline]
    fn task_id(&self, slot: u16) -> TaskId {
        TaskId(self.tasks.key(slot))
    }

    /// The id of the channel in a slot.
    #[inline]
    fn channel_id(&self, slot: u16) -> ChannelId {
        ChannelId(self.channels.key(slot))
    }
}

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D, T: Trace>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    /// Tells the trace. Without one, neither the event nor this call is there.
    #[inline(always)]
    fn emit(&mut self, event: impl FnOnce() -> Event) {
        if T::ENABLED {
            self.trace.event(self.now, &event());
        }
    }
}
