//! The ends of a pipe, as a task holds them. They close themselves.

use super::request::{ASTRAY, Read, Write};
use super::sys::Sys;
use super::syscall::Syscall;
use crate::kernel::{Call, Handle, Readiness, Result, Value};

macro_rules! end {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// Dropping it closes it. A drop cannot wait, so if the close wakes a more urgent task,
        /// that one runs at this task's next call; [`close`](Self::close) lets it run at once.
        #[derive(Debug)]
        pub struct $name<'k> {
            sys: Sys<'k>,
            handle: Handle,
        }

        impl<'k> $name<'k> {
            /// An end from the handle of a task. Closing it closes the handle.
            pub const fn new(sys: Sys<'k>, handle: Handle) -> Self {
                Self { sys, handle }
            }

            /// The handle.
            pub const fn handle(&self) -> Handle {
                self.handle
            }

            /// One more end of the same side. The side is closed when all of them are (law 36).
            ///
            /// # Errors
            /// [`HandlesFull`](crate::Error::HandlesFull), and what a device says.
            pub async fn duplicate(&self) -> Result<Self> {
                match self.sys.once(Call::Duplicate { handle: self.handle }).await? {
                    Value::Handle(handle) => Ok(Self::new(self.sys, handle)),
                    _ => Err(ASTRAY),
                }
            }

            /// What a call would meet now (law 37).
            ///
            /// # Errors
            /// None of an open end.
            pub async fn readiness(&self) -> Result<Readiness> {
                match self.sys.once(Call::Readiness { handle: self.handle }).await? {
                    Value::Readiness(readiness) => Ok(readiness),
                    _ => Err(ASTRAY),
                }
            }

            /// Closes the end.
            ///
            /// # Errors
            /// None of an open end.
            pub async fn close(self) -> Result<()> {
                let (sys, handle) = (self.sys, self.handle);
                core::mem::forget(self);
                sys.once(Call::Close { handle }).await.map(drop)
            }
        }

        impl Drop for $name<'_> {
            fn drop(&mut self) {
                // There is nobody to tell of an error, and the kernel closes what a task leaves.
                let _ = self.sys.syscall(Call::Close { handle: self.handle });
            }
        }
    };
}

end!(
    /// Where bytes come out of a pipe.
    ReadEnd
);
end!(
    /// Where bytes go into a pipe.
    WriteEnd
);

impl ReadEnd<'_> {
    /// Reads what there is, as soon as there is a byte: how many bytes that were (law 33). 0 is
    /// the end of file, when all write ends are closed and all bytes read (law 34).
    ///
    /// # Errors
    /// Those of waiting for the first byte.
    #[inline]
    pub fn read<'s>(&'s self, buffer: &'s mut [u8]) -> Syscall<'s, Read<'s>> {
        Syscall::new(&self.sys, Read { handle: self.handle, buffer })
    }

    /// Reads until the buffer is full, or the end of file has come: how many bytes that were.
    ///
    /// # Errors
    /// As [`ReadEnd::read`].
    pub async fn read_full(&self, buffer: &mut [u8]) -> Result<usize> {
        let mut done = 0;
        while done < buffer.len() {
            match self.read(&mut buffer[done..]).await? {
                0 => break,
                count => done += count,
            }
        }
        Ok(done)
    }
}

impl WriteEnd<'_> {
    /// Writes all the bytes, and returns how many they were. Up to `PIPE_BUF` of them go in all
    /// at once or not at all (law 31); more may mix with those of other writers (law 32). Fewer
    /// are returned if the last reader left, or the time was up, after so many.
    ///
    /// # Errors
    /// [`BrokenPipe`](crate::Error::BrokenPipe) if no read end is open (law 35), and those of
    /// waiting for room.
    #[inline]
    pub fn write<'s>(&'s self, bytes: &'s [u8]) -> Syscall<'s, Write<'s>> {
        Syscall::new(&self.sys, Write { handle: self.handle, bytes, done: 0 })
    }

    /// Writes all the bytes, or says why it cannot.
    ///
    /// # Errors
    /// As [`WriteEnd::write`].
    pub async fn write_all(&self, bytes: &[u8]) -> Result<()> {
        let mut done = 0;
        while done < bytes.len() {
            done += self.write(&bytes[done..]).await?;
        }
        Ok(())
    }
}
