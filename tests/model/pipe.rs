//! Pipes in the model: a `VecDeque<u8>` between two counts of ends.

use std::collections::VecDeque;

use postroom::param::PIPE_BUF;
use postroom::{Error, Handle, Readiness, Reason, Rights, Value};

use crate::model::{Attempt, Ends, Held, Line, Model, Named, Pipe, Refusal};
use crate::request::Life;

type Result<T> = std::result::Result<T, Error>;

impl Pipe {
    pub(crate) fn free(&self) -> usize {
        self.capacity - self.bytes.len()
    }

    /// The most bytes that are written all or nothing.
    pub(crate) fn atomic(&self) -> usize {
        self.capacity.min(PIPE_BUF)
    }
}

impl Ends {
    pub(crate) fn closed(self) -> bool {
        self.open == 0 && !self.awaited
    }

    pub(crate) fn one_more(&mut self) {
        *self = Self { open: self.open + 1, awaited: false };
    }
}

impl Model {
    pub(crate) fn pipe(
        &mut self,
        me: Life,
        name: Option<&'static str>,
        capacity: usize,
    ) -> Result<Value> {
        self.expect_free_handles(me, 2)?;
        let pipe = self.create_pipe(name, capacity)?;
        let read = self.give(me, pipe, Rights::READ);
        let write = self.give(me, pipe, Rights::WRITE);
        Ok(Value::Ends { read, write })
    }

    pub(crate) fn create_pipe(
        &mut self,
        name: Option<&'static str>,
        capacity: usize,
    ) -> Result<usize> {
        let named = name.map(|name| self.find(name)).transpose()?;
        if capacity == 0 || capacity > self.sizes.ring {
            return Err(Error::BadArgument);
        }
        if !matches!(named, None | Some(Named::Nothing)) {
            return Err(Error::NameTaken);
        }
        if self.channels_are_full() {
            return Err(Error::ChannelsFull);
        }
        let ends = Ends { open: 0, awaited: true };
        self.pipes.push(Pipe {
            name,
            alive: true,
            capacity,
            bytes: VecDeque::new(),
            read_ends: ends,
            write_ends: ends,
        });
        Ok(self.pipes.len() - 1)
    }

    pub(crate) fn open(&mut self, me: Life, name: &str, rights: Rights) -> Result<Value> {
        if name.contains(':') {
            self.expect_free_handles(me, 1)?;
            return Err(Error::NoSuchName);
        }
        match self.find(name)? {
            Named::Nothing => Err(Error::NoSuchName),
            Named::Task(_) => Err(Error::WrongKind),
            Named::Pipe(pipe) => {
                self.expect_free_handles(me, 1)?;
                Ok(Value::Handle(self.give(me, pipe, rights)))
            }
        }
    }

    pub(crate) fn read(&mut self, me: Life, handle: Handle, length: usize) -> Attempt {
        let number = self.held_with(me, handle, Rights::READ)?;
        let pipe = &self.pipes[number];
        if length == 0 || pipe.bytes.is_empty() && pipe.write_ends.closed() {
            return Ok((Value::Count(0), Vec::new(), None));
        }
        if pipe.bytes.is_empty() {
            return Err(Refusal::Wait(Line::Bytes(number), Reason::Empty));
        }
        if !self.may_go_first(me, Line::Bytes(number)) {
            return Err(Refusal::Wait(Line::Bytes(number), Reason::Line));
        }
        let pipe = &mut self.pipes[number];
        let count = length.min(pipe.bytes.len());
        let bytes = pipe.bytes.drain(..count).collect();
        self.wake_the_served();
        Ok((Value::Count(count), bytes, None))
    }

    pub(crate) fn write(&mut self, me: Life, handle: Handle, bytes: &[u8]) -> Attempt {
        let number = self.held_with(me, handle, Rights::WRITE)?;
        let pipe = &self.pipes[number];
        if bytes.is_empty() {
            return Ok((Value::Count(0), Vec::new(), None));
        }
        if pipe.read_ends.closed() {
            return Err(Error::BrokenPipe.into());
        }
        let need = if bytes.len() <= pipe.atomic() { bytes.len() } else { 1 };
        let line = Line::Room(number, need);
        if pipe.free() < need {
            return Err(Refusal::Wait(line, Reason::Full));
        }
        if !self.may_go_first(me, line) {
            return Err(Refusal::Wait(line, Reason::Line));
        }
        let pipe = &mut self.pipes[number];
        let count = bytes.len().min(pipe.free());
        pipe.bytes.extend(&bytes[..count]);
        self.wake_the_served();
        Ok((Value::Count(count), Vec::new(), None))
    }

    pub(crate) fn readiness(&self, me: Life, handle: Handle) -> Result<Value> {
        let Held { pipe, rights, .. } = self.held(me, handle)?;
        let pipe = &self.pipes[pipe];
        let reads = rights.contains(Rights::READ);
        let writes = rights.contains(Rights::WRITE);
        Ok(Value::Readiness(Readiness {
            readable: reads && (!pipe.bytes.is_empty() || pipe.write_ends.closed()),
            writable: writes && pipe.free() >= pipe.atomic(),
            hung_up: reads && pipe.write_ends.closed(),
            error: writes && pipe.read_ends.closed(),
        }))
    }
}
