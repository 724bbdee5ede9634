//! `postroom connect NAME`: a conversation with a server, by hand or from a file.

use std::cell::{Cell, RefCell};

use clap::Args;
use postroom::kinds::{DatagramSocket, SequencedSocket, StreamSocket};
use postroom::{
    End, Error, Executor, Host, Kernel, Lock, PollEntry, Priority, Result, Rights, Sys, TaskId,
    Ticks,
};

use super::name::{self, Sort};
use super::signals::{self, Signals};
use super::talk::{LONGEST, Talks, tell_of_the_rest};
use super::tasks::{end_others, learn_handles, tell_handles};
use super::{Failure, outcome};

/// How long the last answer is waited for where no end of file can tell, in milliseconds.
const LINGER: Ticks = Ticks(1000);

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  postroom connect unix:./mailBox               type lines; Ctrl-D ends it
  postroom connect tcp:127.0.0.1:7000 < FILE
  postroom connect udp:127.0.0.1:7000           each line is a message

At the end of the input the server is told, and its answers still come; when it says nothing more,
what there is to say is said, and that is the end. Where it cannot tell, as with datagrams, answers are waited for until a second has brought none.
Exit codes: 0 done, 1 there was no connection or it broke, 2 usage, 128 + N signal N ended it (130
for Ctrl-C).")]
pub(super) struct Options {
    /// unix:PATH, tcp:HOST:PORT, unix-seqpacket:PATH, unix-datagram:PATH, udp:HOST:PORT
    name: String,
}

type Machine = Lock<Kernel<3, 12, 256, Host>>;

/// What the tasks share with the command.
struct Talk<'n> {
    name: &'n str,
    /// The name under which answers come, where one is needed.
    own: Option<String>,
    trouble: RefCell<Option<Failure>>,
    /// The server says nothing more.
    is_over: Cell<bool>,
    /// There is nothing to say until more input comes.
    waits: Cell<bool>,
}

pub(super) fn connect(options: &Options) -> Result<(), Failure> {
    match Sort::of("connect to", &options.name)? {
        Sort::Stream => run::<StreamSocket>(options),
        Sort::Sequenced => run::<SequencedSocket>(options),
        Sort::Datagram => run::<DatagramSocket>(options),
        Sort::Queue => Err(Failure::Said(format!(
            "cannot connect to {}: a queue has no way back; `postroom send` puts a message in",
            options.name
        ))),
    }
}

fn run<K: Talks>(options: &Options) -> Result<(), Failure> {
    let cannot =
        |error: &_| Failure::new(format_args!("cannot connect to {}", options.name), error);
    // A socket file of one's own has to be removed, whatever ends the program.
    let signals = if options.name.starts_with("unix-datagram:") {
        Some(Signals::take().map_err(|error| cannot(&error))?)
    } else {
        None
    };
    let signals = signals.as_ref().map(|signals| (signals.name(), own_name()));
    let talk = Talk {
        name: &options.name,
        own: signals.as_ref().map(|it| it.1.clone()),
        trouble: RefCell::new(None),
        is_over: Cell::new(false),
        waits: Cell::new(false),
    };
    let host = Host::new().map_err(|error| cannot(&error))?;
    let kernel: Machine = Lock::new(Kernel::with(host, ()));
    let mut executor = Executor::new(&kernel);
    let mut start = || {
        let writer =
            executor.spawn("writer", Priority::NORMAL, |sys| write::<K>(sys, &talk, &kernel))?;
        if let Some((name, _)) = &signals {
            let priority = Priority::HIGHEST;
            executor.spawn("signals", priority, |sys| watch(sys, &talk, &kernel, name))?;
        }
        executor.spawn("reader", Priority::NORMAL, |sys| read::<K>(sys, &talk, &kernel, writer))
    };
    let started = start().map(drop);
    let ended = outcome(started, executor.run());
    talk.trouble.take().map_or(ended, Err)
}

/// A name that no other process has.
fn own_name() -> String {
    let path = std::env::temp_dir().join(format!("postroom-{}", std::process::id()));
    format!("unix-datagram:{}", path.display())
}

impl Talk<'_> {
    /// Takes note of what went wrong, if it is the first, for the command to say.
    fn fail(&self, failure: Failure) -> Error {
        self.trouble.borrow_mut().get_or_insert(failure);
        Error::Device
    }

    fn lost(&self, error: Error) -> Error {
        self.fail(name::failure(format_args!("talk to"), self.name, error))
    }

    fn file(&self, verb: &str, error: Error) -> Error {
        self.fail(Failure::Said(format!("cannot {verb}: {}", name::of_file(error))))
    }
}

/// Connects, and prints what comes. The end of this is the end of all.
async fn read<K: Talks>(
    sys: Sys<'_>,
    talk: &Talk<'_>,
    kernel: &Machine,
    writer: TaskId,
) -> Result<()> {
    let heard = listen::<K>(&sys, talk, writer).await;
    talk.is_over.set(true);
    // What is there to be said is still said: the server may have ended its own part alone.
    if !K::ENDS || heard.is_err() || talk.waits.get() && !has_input(&sys).await {
        end_others(&sys, kernel).await;
    }
    heard
}

/// Whether standard input has something now, if only its end.
async fn has_input(sys: &Sys<'_>) -> bool {
    let Ok(input) = sys.open_read("stdin:").await else { return false };
    sys.poll(&mut [input.entry()]).try_now().await.is_ok()
}

async fn listen<K: Talks>(sys: &Sys<'_>, talk: &Talk<'_>, writer: TaskId) -> Result<()> {
    let end = K::make(sys).await?;
    let cannot = |error| talk.fail(name::failure(format_args!("connect to"), talk.name, error));
    if let Some(own) = &talk.own {
        let failed = |error| talk.fail(name::failure(format_args!("listen on"), own, error));
        end.bind(own).await.map_err(failed)?;
    }
    end.connect(talk.name).await.map_err(cannot)?;
    let handle = end.share(writer, Rights::WRITE).await?;
    tell_handles(sys, writer, &[handle]).await?;

    let output = |error| talk.file("write to standard output", error);
    let out = sys.open_write("stdout:").await.map_err(output)?;
    let mut buffer = vec![0; K::ROOM + 1];
    let mut is_last = false;
    loop {
        if !K::ENDS {
            let mut set = [end.entry().wanting(Rights::READ), PollEntry::mailbox()];
            let next = sys.poll(&mut set);
            match if is_last { next.within(LINGER).await } else { next.await } {
                Err(Error::TimedOut) => return Ok(()),
                next => next.map(drop)?,
            }
            if set[1].ready?.readable {
                sys.receive(&mut []).await?;
                is_last = true;
                continue;
            }
        }
        let heard = K::hear(&end, &mut buffer[..K::ROOM]).await.map_err(|it| talk.lost(it))?;
        let Some(heard) = heard else { return Ok(()) };
        let mut count = heard.copied;
        if K::WHOLE {
            buffer[count] = b'\n';
            count += 1;
        }
        tell_of_the_rest(&heard);
        match out.write_all(&buffer[..count]).await {
            Ok(()) => {}
            // Whoever read the output has left, as `head` does.
            Err(Error::BrokenPipe) => return Ok(()),
            Err(error) => return Err(output(error)),
        }
    }
}

/// Says what comes from standard input.
async fn write<K: Talks>(sys: Sys<'_>, talk: &Talk<'_>, kernel: &Machine) -> Result<()> {
    // There may be no connection; the other task has said so.
    let Ok(handles) = learn_handles(&sys).await else { return Ok(()) };
    let end = End::<K>::new(sys, *handles.first().ok_or(Error::BadHandle)?);
    let said = say_all(&sys, talk, &end).await;
    if let Err(Error::Device | Error::MessageTooLong) = said {
        // Nothing has happened to the connection, so the other task would wait for ever.
        end_others(&sys, kernel).await;
    } else if !K::ENDS {
        let _ = sys.send("reader", b"that was all").await;
    }
    said
}

async fn say_all<K: Talks>(sys: &Sys<'_>, talk: &Talk<'_>, end: &End<'_, K>) -> Result<()> {
    let failed = |error| talk.file("read standard input", error);
    let lost = |error| {
        talk.lost(error);
        error
    };
    let input = sys.open_read("stdin:").await.map_err(failed)?;
    let mut buffer = vec![0; 4096];
    let mut line = Vec::new();
    loop {
        let next = input.read(&mut buffer);
        talk.waits.set(true);
        let next = if talk.is_over.get() { next.try_now().await } else { next.await };
        talk.waits.set(false);
        let count = match next {
            Ok(0) | Err(Error::WouldBlock) => break,
            next => next.map_err(failed)?,
        };
        if !K::WHOLE {
            K::say(end, &buffer[..count]).await.map_err(lost)?;
            continue;
        }
        line.extend_from_slice(&buffer[..count]);
        let whole = line.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        for message in line[..whole].split_inclusive(|&byte| byte == b'\n') {
            K::say(end, &message[..message.len() - 1]).await.map_err(lost)?;
        }
        line.drain(..whole);
        if line.len() > 4 * LONGEST {
            return Err(lost(Error::MessageTooLong));
        }
    }
    if !line.is_empty() {
        K::say(end, &line).await.map_err(lost)?;
    }
    match K::finish(end).await {
        // It was the first to close.
        Err(Error::NotConnected) => Ok(()),
        finished => finished.map_err(lost),
    }
}

/// Ends everything at a signal.
async fn watch(sys: Sys<'_>, talk: &Talk<'_>, kernel: &Machine, name: &str) -> Result<()> {
    let signal = signals::wait(&sys, name).await?;
    talk.fail(Failure::Signal(signal));
    end_others(&sys, kernel).await;
    Ok(())
}
