//! `postroom send NAME TEXT...`: one message.

use std::cell::{Cell, RefCell};

use clap::Args;
use postroom::kinds::{DatagramSocket, SequencedSocket, StreamSocket};
use postroom::{End, Error, Executor, Host, Kernel, Lock, Priority, Result, Rights, Sys, Ticks};

use super::name::{self, Sort};
use super::serve::output_failure;
use super::talk::{LONGEST, Talks, tell_of_the_rest};
use super::tasks::{end_others, learn_handles, tell_handles};
use super::{Failure, outcome};

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  postroom send unix:./mailBox Hello World!
  postroom send unix-datagram:./letters \"\"           an empty message
  postroom send mq:/letters --priority 5 urgent      into a POSIX message queue

Over a stream the message is a line. Where there is a connection, what the server answers is
printed until it closes, while there is still something to say as well.
Exit codes: 0 it was taken, as far as the system can tell; 1 it was not, 2 usage, 128 + N signal N
ended it (130 for Ctrl-C).")]
pub(super) struct Options {
    /// unix:PATH, tcp:HOST:PORT, unix-seqpacket:PATH, unix-datagram:PATH, udp:HOST:PORT, mq:/NAME
    name: String,

    /// What to say; the words are joined by spaces
    #[arg(required = true)]
    text: Vec<String>,

    /// How urgent it is in a message queue, from 0 to 31 [default: 0]
    #[arg(long, short, value_parser = clap::value_parser!(u8).range(0..=31))]
    priority: Option<u8>,

    /// How long it may take
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    wait: u32,
}

type Machine = Lock<Kernel<3, 9, 256, Host>>;

/// The task that says the message.
const SENDER: &str = "sender";

/// The task that prints the answers.
const LISTENER: &str = "listener";

pub(super) fn send(options: &Options) -> Result<(), Failure> {
    let sort = Sort::of("send to", &options.name)?;
    if sort != Sort::Queue && options.priority.is_some() {
        return Err(Failure::Usage("--priority is for message queues, mq:/NAME".to_owned()));
    }
    let host = Host::new()
        .map_err(|error| Failure::new(format_args!("cannot send to {}", options.name), &error))?;
    let trouble = RefCell::new(None);
    // What became of the answers.
    let heard = &Cell::new(Ok(()));
    let kernel: Machine = Lock::new(Kernel::with(host, ()));
    let mut executor = Executor::new(&kernel);
    let listener = executor.spawn(LISTENER, Priority::NORMAL, |sys| {
        let trouble = &trouble;
        async move {
            match sort {
                Sort::Stream => listen::<StreamSocket>(&sys, heard, trouble).await,
                Sort::Sequenced => listen::<SequencedSocket>(&sys, heard, trouble).await,
                // No answers come.
                Sort::Datagram | Sort::Queue => Ok(()),
            }
        }
    });
    let sender = executor.spawn(SENDER, Priority::NORMAL, |sys| {
        let (kernel, trouble) = (&kernel, &trouble);
        async move {
            let sent = match sort {
                Sort::Stream => talk::<StreamSocket>(&sys, options, heard).await,
                Sort::Sequenced => talk::<SequencedSocket>(&sys, options, heard).await,
                Sort::Datagram => talk::<DatagramSocket>(&sys, options, heard).await,
                Sort::Queue => put(&sys, options).await,
            };
            if let Err(error) = sent {
                *trouble.borrow_mut() = Some(refused(options, error));
            }
            end_others(&sys, kernel).await;
            Ok(())
        }
    });
    let clock = executor.spawn("clock", Priority::NORMAL, |sys| {
        let (kernel, trouble) = (&kernel, &trouble);
        async move {
            sys.sleep(Ticks(u64::from(options.wait) * 1000)).await?;
            *trouble.borrow_mut() = Some(late(options, sort));
            end_others(&sys, kernel).await;
            Ok(())
        }
    });
    let ended = outcome(listener.and(sender).and(clock).map(drop), executor.run());
    trouble.take().map_or(ended, Err)
}

type Heard = Cell<Result<()>>;
type Trouble = RefCell<Option<Failure>>;

fn refused(options: &Options, error: Error) -> Failure {
    name::failure(format_args!("send to"), &options.name, error)
}

fn late(options: &Options, sort: Sort) -> Failure {
    let seconds = options.wait;
    let what = match sort {
        Sort::Datagram | Sort::Queue => "it had no room",
        Sort::Stream | Sort::Sequenced => "the server has not taken it and closed",
    };
    Failure::Said(format!("cannot send to {}: {what} within {seconds} s", options.name))
}

async fn talk<K: Talks>(sys: &Sys<'_>, options: &Options, heard: &Heard) -> Result<()> {
    let end = K::make(sys).await?;
    end.connect(&options.name).await?;
    if K::ENDS {
        // A server may answer before it has heard everything, and wait until that is taken.
        let listener = end.share(LISTENER, Rights::READ).await?;
        tell_handles(sys, LISTENER, &[listener]).await?;
    }
    let mut text = options.text.join(" ");
    if !K::WHOLE {
        text.push('\n');
    }
    let said = match K::say(&end, text.as_bytes()).await {
        Ok(()) => K::finish(&end).await,
        said => said,
    };
    if K::ENDS {
        // A server that refuses says why, and it is a reset that tells that it has not read.
        sys.receive_from(LISTENER, &mut []).await?;
        return said.and(heard.get());
    }
    // A port that is gone is told of by a later call, on this machine at once.
    let mut set = [end.entry().wanting(Rights::READ)];
    match sys.poll(&mut set).try_now().await {
        Ok(_) => K::hear(&end, &mut []).await.map(drop).and(said),
        Err(_) => said,
    }
}

/// Prints what comes through the connection that this is told of, then says that this is all.
async fn listen<K: Talks>(sys: &Sys<'_>, heard: &Heard, trouble: &Trouble) -> Result<()> {
    let handles = learn_handles(sys).await?;
    let end = End::<K>::new(*sys, *handles.first().ok_or(Error::BadHandle)?);
    heard.set(hear_all(sys, &end, trouble).await);
    sys.send(SENDER, b"that was all").await
}

/// Prints what the server says until it closes.
async fn hear_all<K: Talks>(sys: &Sys<'_>, end: &End<'_, K>, trouble: &Trouble) -> Result<()> {
    let out = sys.open_write("stdout:").await?;
    let mut buffer = vec![0; LONGEST + 1];
    while let Some(heard) = K::hear(end, &mut buffer[..LONGEST]).await? {
        let mut count = heard.copied;
        if K::WHOLE {
            buffer[count] = b'\n';
            count += 1;
        }
        tell_of_the_rest(&heard);
        match out.write_all(&buffer[..count]).await {
            // Whether anybody reads it is not what this is about.
            Ok(_) | Err(Error::BrokenPipe) => {}
            Err(error) => *trouble.borrow_mut() = Some(output_failure(error)),
        }
    }
    Ok(())
}

async fn put(sys: &Sys<'_>, options: &Options) -> Result<()> {
    let queue = sys.open_sender(&options.name).await?;
    queue.send(options.priority.unwrap_or(0), options.text.join(" ").as_bytes()).await
}
