//! The kernel that the tests take for theirs: plain names are objects of the host.

use std::borrow::Cow;
use std::ops::{Deref, DerefMut};

use real::{
    Access, Answer, Call, Create, Destination, Devices, Ends, Handle, Kind, Name, NoDevices,
    Outcome, Result, Rights, Sizes, TaskId, Trace, Value, Wait,
};

use crate::objects::{Objects, SCHEME};
use crate::tasks::Loopback;
use crate::verdict;

/// What a kernel really has for devices that a test makes with these.
pub(crate) trait Beneath {
    type Devices: Devices;

    fn devices(self) -> Self::Devices;

    /// The host's objects, if plain names are to be theirs.
    fn objects(devices: &mut Self::Devices) -> Option<&mut Objects>;
}

impl Beneath for NoDevices {
    type Devices = Objects;

    fn devices(self) -> Objects {
        Objects::new()
    }

    fn objects(devices: &mut Objects) -> Option<&mut Objects> {
        devices.in_use.then_some(devices)
    }
}

/// A test that has devices of its own keeps them.
impl Beneath for Loopback {
    type Devices = Self;

    fn devices(self) -> Self {
        verdict::has_devices_of_its_own();
        self
    }

    fn objects(_: &mut Self) -> Option<&mut Objects> {
        None
    }
}

/// The kernel, with other names in front of its door, as a namespace in Plan 9.
///
/// What the host knows nothing of keeps its name: a task, and what is no name at all.
pub(crate) struct Kernel<
    const TASKS: usize,
    const CHANNELS: usize,
    const RING: usize,
    D: Beneath = NoDevices,
    T = (),
> {
    pub(crate) real: Box<real::Kernel<TASKS, CHANNELS, RING, D::Devices, T>>,
    /// One of several calls that are made as one was preempted.
    preempted: bool,
}

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize> Kernel<TASKS, CHANNELS, RING> {
    pub(crate) fn new() -> Self {
        Self::with(NoDevices, ())
    }
}

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, T: Trace>
    Kernel<TASKS, CHANNELS, RING, NoDevices, T>
{
    /// Makes a pipe for tasks that are still to come; on the host, the first of them makes it. The
    /// one that is made here keeps the name from tasks, and nobody opens it.
    pub(crate) fn create_pipe(&mut self, name: &str, capacity: usize) -> Result<()> {
        self.real.create_pipe(name, capacity)?;
        self.promise(name, Sizes::Bytes(capacity))
    }

    /// The same for a queue.
    pub(crate) fn create_queue(&mut self, name: &str, most: usize, longest: usize) -> Result<()> {
        self.real.create_queue(name, most, longest)?;
        self.promise(name, Sizes::Messages { most, longest })
    }

    fn promise(&mut self, name: &str, sizes: Sizes) -> Result<()> {
        let objects = self.real.devices_mut();
        if objects.in_use { objects.promise(name, sizes) } else { Ok(()) }
    }
}

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Beneath, T: Trace>
    Kernel<TASKS, CHANNELS, RING, D, T>
{
    pub(crate) fn with(devices: D, trace: T) -> Self {
        let real = Box::new(real::Kernel::with(devices.devices(), trace));
        Self { real, preempted: false }
    }

    /// Makes a system call. What the host has to tell is heard before and after it, so that whoever
    /// is woken by it is.
    pub(crate) fn syscall(&mut self, task: TaskId, call: Call<'_>) -> Outcome {
        if D::objects(self.real.devices_mut()).is_none() {
            return self.real.syscall(task, call);
        }
        self.real.look_at_devices();
        let outcome = self.cross(task, call);
        self.real.look_at_devices();
        outcome
    }

    fn cross(&mut self, task: TaskId, call: Call<'_>) -> Outcome {
        match call {
            Call::Open { name, rights, create } => {
                let name = &self.outside(name);
                self.real.syscall(task, Call::Open { name, rights, create })
            }
            Call::Unlink { name } => {
                let outside = self.outside(name);
                if let Cow::Owned(_) = outside {
                    // If it was kept from tasks, it is no longer.
                    let _ = self.real.syscall(task, Call::Unlink { name });
                }
                self.real.syscall(task, Call::Unlink { name: &outside })
            }
            Call::Bind { handle, name, access } => {
                let name = &self.outside(name);
                self.real.syscall(task, Call::Bind { handle, name, access })
            }
            Call::Connect { handle, to, wait } => {
                let to = &self.outside(to);
                self.real.syscall(task, Call::Connect { handle, to, wait })
            }
            Call::Send { to: Destination::Socket { handle, to: Some(to) }, message, wait } => {
                let to = Some(&*self.outside(to));
                let to = Destination::Socket { handle, to };
                self.real.syscall(task, Call::Send { to, message, wait })
            }
            Call::Pipe { capacity } => self.several(|it| it.pipe(task, capacity)),
            Call::Pair { kind, sizes } => self.several(|it| it.pair(task, kind, sizes)),
            call => self.real.syscall(task, call),
        }
    }

    /// The name outside of what has a plain name.
    fn outside<'n>(&mut self, name: &'n str) -> Cow<'n, str> {
        let on_host = D::objects(self.real.devices_mut()).is_some();
        let is_task = self.real.tasks().any(|task| task.name.as_str() == name);
        if on_host && !is_task && Name::new(name).is_ok() {
            Cow::Owned(format!("{SCHEME}{name}"))
        } else {
            Cow::Borrowed(name)
        }
    }

    /// A name that no test uses.
    fn nameless(&mut self) -> String {
        let number = D::objects(self.real.devices_mut()).map_or(0, Objects::number);
        format!("{SCHEME}#{number}")
    }

    /// Makes several calls as one.
    fn several(&mut self, calls: impl FnOnce(&mut Self) -> Answer) -> Outcome {
        self.preempted = false;
        let answer = calls(self);
        if self.preempted { Outcome::Preempted(answer) } else { Outcome::Complete(answer) }
    }

    fn answer(&mut self, task: TaskId, call: Call<'_>) -> Answer {
        match self.real.syscall(task, call) {
            Outcome::Complete(answer) => answer,
            Outcome::Preempted(answer) => {
                self.preempted = true;
                answer
            }
            Outcome::Blocked => panic!("it has all that it needs"),
        }
    }

    fn handle(&mut self, task: TaskId, call: Call<'_>) -> Result<Handle> {
        match self.answer(task, call)? {
            Value::Handle(handle) => Ok(handle),
            other => panic!("{other:?}"),
        }
    }

    /// A pipe without a name: one whose name is gone when both its ends are open.
    fn pipe(&mut self, task: TaskId, capacity: usize) -> Answer {
        let name = &self.nameless();
        let (sizes, access) = (Sizes::Bytes(capacity), Access::Everyone);
        let create = Some(Create { sizes, exclusive: true, access });
        let read = self.handle(task, Call::Open { name, rights: Rights::READ, create })?;
        let write = self.handle(task, Call::Open { name, rights: Rights::WRITE, create: None });
        if write.is_err() {
            self.answer(task, Call::Close { handle: read })?;
        }
        self.answer(task, Call::Unlink { name })?;
        Ok(Value::Ends(Ends::new(read, write?.slot())))
    }

    /// Two sockets that are connected to each other.
    fn pair(&mut self, task: TaskId, kind: Kind, sizes: Sizes) -> Answer {
        let names = [self.nameless(), self.nameless()];
        let wait = Wait::Try;
        let mut sockets = [None; 2];
        for (name, socket) in names.iter().zip(&mut sockets) {
            let handle = self.handle(task, Call::Socket { kind, sizes })?;
            *socket = Some(handle);
            if kind == Kind::Datagram {
                let access = Access::Everyone;
                self.answer(task, Call::Bind { handle, name, access })?;
            }
        }
        let [Some(one), Some(other)] = sockets else { unreachable!("both are made") };
        if kind == Kind::Datagram {
            self.answer(task, Call::Connect { handle: one, to: &names[1], wait })?;
            self.answer(task, Call::Connect { handle: other, to: &names[0], wait })?;
            return Ok(Value::Ends(Ends::new(one, other.slot())));
        }
        // The two that are left have consecutive handles.
        let (listener, client) = (one, other);
        let bind = Call::Bind { handle: listener, name: &names[0], access: Access::Everyone };
        self.answer(task, bind)?;
        self.answer(task, Call::Listen { handle: listener, backlog: 1 })?;
        self.answer(task, Call::Connect { handle: client, to: &names[0], wait })?;
        let accepted = self.handle(task, Call::Accept { handle: listener, wait })?;
        self.answer(task, Call::Close { handle: listener })?;
        Ok(Value::Ends(Ends::new(client, accepted.slot())))
    }
}

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Beneath, T> Deref
    for Kernel<TASKS, CHANNELS, RING, D, T>
{
    type Target = real::Kernel<TASKS, CHANNELS, RING, D::Devices, T>;

    fn deref(&self) -> &Self::Target {
        &self.real
    }
}

impl<const TASKS: usize, const CHANNELS: usize, const RING: usize, D: Beneath, T> DerefMut
    for Kernel<TASKS, CHANNELS, RING, D, T>
{
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.real
    }
}
