//! Bytes in the model: a pipe, and each direction of a stream, is a `VecDeque<u8>`.

use postroom::{Ends, Error, Handle, Kind, Reason, Rights, Sizes, Value};

use crate::model::{Attempt, Copied, Line, Model, Place, Refusal, Stage, plain};
use crate::request::Life;

const BYTES: &[Kind] = &[Kind::Pipe, Kind::Stream];

impl Model {
    pub(crate) fn pipe(&mut self, me: Life, capacity: usize) -> Result<Value, Error> {
        self.expect_free_handles(me, 2)?;
        let pipe = self.make(Kind::Pipe, Sizes::Bytes(capacity), None)?;
        let read = self.grant_object(me, pipe, Rights::READ);
        let write = self.grant_object(me, pipe, Rights::WRITE);
        Ok(Value::Ends(Ends::new(read, write.slot())))
    }

    pub(crate) fn read(&mut self, me: Life, handle: Handle, length: usize) -> Attempt {
        let object = self.held_with(me, handle, BYTES, Rights::READ)?;
        if length == 0 {
            return plain(Value::Count(0));
        }
        self.expect_connection(object)?;
        if !self.expect_output(me, object)? {
            return plain(Value::Count(0));
        }
        let it = &mut self.objects[object];
        let count = length.min(it.bytes.len());
        let bytes = it.bytes.drain(..count).collect();
        self.changed(Place::Object(object));
        Ok((Value::Count(count), Copied { bytes, stamp: None }))
    }

    pub(crate) fn write(&mut self, me: Life, handle: Handle, bytes: &[u8]) -> Attempt {
        let object = self.held_with(me, handle, BYTES, Rights::WRITE)?;
        if bytes.is_empty() {
            return plain(Value::Count(0));
        }
        let sink = match self.objects[object].stage {
            Stage::Connected(peer) if self.objects[peer].alive => peer,
            Stage::Connected(_) => return Err(Error::BrokenPipe.into()),
            _ if self.objects[object].is_socket() => return Err(Error::NotConnected.into()),
            _ => object,
        };
        let atomic = self.objects[sink].atomic();
        let need = if bytes.len() <= atomic { bytes.len() } else { 1 };
        self.expect_room(me, sink, need)?;
        let it = &mut self.objects[sink];
        let count = bytes.len().min(it.free());
        it.bytes.extend(&bytes[..count]);
        self.changed(Place::Object(sink));
        plain(Value::Count(count))
    }

    /// Whether there is something to take out; `false` at the end of file.
    pub(crate) fn expect_output(&mut self, me: Life, object: usize) -> Result<bool, Refusal> {
        let it = &self.objects[object];
        let line = Line::Output(object);
        if it.length() == 0 && !it.reset {
            if it.writes.is_closed() || it.reads.is_shut() {
                return Ok(false);
            }
            return Err(Refusal::Wait(line, Reason::Empty));
        }
        if !self.may_go_first(me, line) {
            return Err(Refusal::Wait(line, Reason::Line));
        }
        if self.objects[object].length() == 0 {
            self.objects[object].reset = false;
            self.changed(Place::Object(object));
            return Err(Error::ConnectionReset.into());
        }
        Ok(true)
    }

    /// Whether so much may be put in.
    pub(crate) fn expect_room(&self, me: Life, object: usize, need: usize) -> Result<(), Refusal> {
        let it = &self.objects[object];
        let line = Line::Room(object, need);
        if it.reads.is_closed() || it.writes.is_shut() {
            return Err(Error::BrokenPipe.into());
        }
        if !it.fits(need) {
            return Err(Refusal::Wait(line, Reason::Full));
        }
        if !self.may_go_first(me, line) {
            return Err(Refusal::Wait(line, Reason::Line));
        }
        Ok(())
    }

    pub(crate) fn expect_connection(&self, object: usize) -> Result<(), Error> {
        let it = &self.objects[object];
        match it.stage {
            Stage::Connected(_) => Ok(()),
            _ if matches!(it.kind, Kind::Stream | Kind::Sequenced) => Err(Error::NotConnected),
            _ => Ok(()),
        }
    }
}
