//! Descriptors that the program has open, and those that the host opens.

use std::fs::File;
use std::io::{Read, Write, pipe};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::channel;

use postroom::{Error, Executor, Priority, Stop};
use rustix::fs::{Mode, OFlags, fcntl_getfl, open};
use rustix::io::{FdFlags, fcntl_getfd};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

use crate::{dir, kernel, leak, on_both, queue_name, tcp, udp};

fn name(fd: &impl AsFd) -> &'static str {
    leak(format!("fd:{}", fd.as_fd().as_raw_fd()))
}

fn waits(fd: &impl AsFd) -> bool {
    !fcntl_getfl(fd).unwrap().contains(OFlags::NONBLOCK)
}

#[test]
fn a_pipe_that_was_given_is_used_and_stays_as_it_was() {
    on_both(|tasks| {
        let ((mut input, output), (back, mut result)) = (pipe().unwrap(), pipe().unwrap());
        let (from, to) = (name(&back), name(&output));
        let given = (back, output);
        tasks.spawn("copier", async move |sys| {
            let (from, to) = (sys.open_read(from).await?, sys.open_write(to).await?);
            let mut buffer = [0; 16];
            loop {
                match from.read(&mut buffer).await? {
                    0 => break,
                    count => to.write_all(&buffer[..count]).await?,
                }
            }
            assert!(waits(&given.0) && waits(&given.1));
            assert_eq!(from.read(&mut buffer).await, Ok(0));
            drop(given);
            Ok(())
        });
        tasks.outside(move || {
            result.write_all(b"there and back").unwrap();
            drop(result);
            let mut text = String::new();
            input.read_to_string(&mut text).unwrap();
            assert_eq!(text, "there and back");
        });
    });
}

#[test]
fn a_socket_and_a_file_that_were_given_are_used() {
    on_both(|tasks| {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"before ").unwrap();
        let (socket, on_disk) = (name(&ours), name(&file));
        tasks.spawn("task", async move |sys| {
            let (input, output) = (sys.open_read(socket).await?, sys.open_write(on_disk).await?);
            let mut buffer = [0; 16];
            let mut set = [output.entry()];
            assert_eq!(sys.poll(&mut set).await, Ok(1));
            let count = input.read_full(&mut buffer).await?;
            output.write_all(&buffer[..count]).await?;
            let socket = sys.open_write(socket).await?;
            assert_eq!(socket.write(b"!").await, Err(Error::BrokenPipe));
            // It goes on where it stood.
            let mut text = String::new();
            std::io::Seek::rewind(&mut file).unwrap();
            file.read_to_string(&mut text).unwrap();
            assert_eq!(text, "before after");
            assert!(waits(&ours));
            Ok(())
        });
        tasks.outside(move || theirs.write_all(b"after").unwrap());
    });
}

/// Both sides of a pseudoterminal that changes no byte.
fn pseudoterminal() -> (OwnedFd, File) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let path = ptsname(&master, Vec::new()).unwrap();
    let how = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let slave = open(path.as_c_str(), how, Mode::empty()).unwrap();
    let mut raw = tcgetattr(&slave).unwrap();
    raw.make_raw();
    tcsetattr(&slave, OptionalActions::Now, &raw).unwrap();
    (master, File::from(slave))
}

#[test]
fn either_side_of_a_pseudoterminal_is_itself_and_stays_as_it_was() {
    on_both(|tasks| {
        let (master, mut slave) = pseudoterminal();
        let number = name(&master);
        let (ready, wait) = channel();
        tasks.spawn("master", async move |sys| {
            let (output, input) = (sys.open_write(number).await?, sys.open_read(number).await?);
            output.write_all(b"to the slave").await?;
            // Of two that use it, the first one that goes leaves it to the other one as it is.
            output.close().await?;
            assert!(!waits(&master));
            let mut buffer = [0; 13];
            assert_eq!(input.read(&mut buffer).try_now().await, Err(Error::WouldBlock));
            ready.send(()).unwrap();
            assert_eq!(input.read_full(&mut buffer).await?, 13);
            assert_eq!(&buffer, b"to the master");
            input.close().await?;
            assert!(waits(&master));
            Ok(())
        });
        tasks.outside(move || {
            let mut buffer = [0; 12];
            slave.read_exact(&mut buffer).unwrap();
            assert_eq!(&buffer, b"to the slave");
            wait.recv().unwrap();
            slave.write_all(b"to the master").unwrap();
        });
    });
    on_both(|tasks| {
        let (master, slave) = pseudoterminal();
        let (mut master, number) = (File::from(master), name(&slave));
        let (done, wait) = channel();
        tasks.spawn("slave", async move |sys| {
            let (input, output) = (sys.open_read(number).await?, sys.open_write(number).await?);
            assert!(waits(&slave), "whoever shares it notices nothing");
            output.write_all(b"to the master").await?;
            let mut buffer = [0; 12];
            assert_eq!(input.read_full(&mut buffer).await?, 12);
            assert_eq!(&buffer, b"to the slave");
            done.send(()).unwrap();
            Ok(())
        });
        tasks.outside(move || {
            let mut buffer = [0; 13];
            master.read_exact(&mut buffer).unwrap();
            assert_eq!(&buffer, b"to the master");
            master.write_all(b"to the slave").unwrap();
            // A slave without its master has hung up.
            wait.recv().unwrap();
        });
    });
}

#[test]
fn what_is_not_open_or_not_for_this_is_refused() {
    on_both(|tasks| {
        let (input, _output) = pipe().unwrap();
        let name = name(&input);
        tasks.spawn("task", async move |sys| {
            assert_eq!(sys.open_write(name).await.err(), Some(Error::NoRight));
            assert_eq!(sys.open_read("fd:1000000").await.err(), Some(Error::NoSuchName));
            assert_eq!(sys.open_read("fd:-1").await.err(), Some(Error::BadName));
            assert_eq!(sys.open_receiver(name).await.map(drop), Ok(()), "a handle is a claim");
            drop(input);
            Ok(())
        });
    });
}

/// The descriptors of this process by number, with what they are.
fn descriptors() -> Vec<(i32, String)> {
    let all = std::fs::read_dir("/proc/self/fd").unwrap();
    let target = |it: &std::fs::DirEntry| std::fs::read_link(it.path()).ok();
    all.flatten()
        .filter_map(|it| {
            let what = target(&it)?.to_string_lossy().into_owned();
            Some((it.file_name().to_str()?.parse().ok()?, what))
        })
        .collect()
}

#[test]
fn law_67_all_descriptors_are_closed_on_exec_and_none_waits() {
    // In a process of its own: other tests open descriptors too.
    if std::env::var_os("ALONE").is_none() {
        let test = "descriptor::law_67_all_descriptors_are_closed_on_exec_and_none_waits";
        let mut alone = std::process::Command::new(std::env::current_exe().unwrap());
        let output = alone.args(["--exact", test]).env("ALONE", "1").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        return;
    }
    let before = descriptors();
    let dir = dir();
    let unix = |scheme: &str| leak(format!("{scheme}:{}/{scheme}", dir.path().display()));
    let kernel = kernel();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("task", Priority::NORMAL, async |sys| {
            let _pipe = (sys.open_read("pipe:x").await?, sys.open_write("pipe:x").await?);
            let queue = queue_name();
            let sizes = postroom::Sizes::Messages { most: 2, longest: 8 };
            let _queue = sys.open_sender(queue).create_new(sizes).await?;
            let _datagram = (sys.datagram(1, 8).await?, sys.datagram(1, 8).await?);
            _datagram.0.bind(unix("unix-datagram")).await?;
            _datagram.1.bind(udp("127.0.0.1")).await?;
            let mut kept = Vec::new();
            for name in [unix("unix"), tcp("127.0.0.1")] {
                let listener = sys.stream(8).await?;
                listener.bind(name).await?;
                let listener = listener.listen(1).await?;
                let client = sys.stream(8).await?;
                client.connect(name).await?;
                kept.push((listener.accept().await?, client));
                core::mem::forget(listener);
            }
            let mut count = 0;
            for (number, what) in descriptors() {
                if before.iter().any(|(known, _)| *known == number) || what.contains("/proc/") {
                    continue;
                }
                // SAFETY: it was open a moment ago, and nobody else runs.
                let fd = unsafe { BorrowedFd::borrow_raw(number) };
                assert!(fcntl_getfd(fd).unwrap().contains(FdFlags::CLOEXEC), "{number} {what}");
                let flags = fcntl_getfl(fd).unwrap();
                let never_read = what.contains("eventpoll") || flags.contains(OFlags::PATH);
                assert!(never_read || flags.contains(OFlags::NONBLOCK), "{number} {what}");
                count += 1;
            }
            assert!(count >= 14, "{count}");
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
    drop(executor);
    drop(kernel);
    assert_eq!(descriptors().len(), before.len());
    assert_eq!(dir.path().read_dir().unwrap().count(), 0);
}

#[test]
fn a_host_without_descriptors_says_so_and_goes_on_when_it_has_some() {
    if std::env::var_os("FEW").is_none() {
        let test = "descriptor::a_host_without_descriptors_says_so_and_goes_on_when_it_has_some";
        let mut few = std::process::Command::new("sh");
        few.args(["-c", "ulimit -n 20; exec \"$0\" --exact \"$1\""]);
        few.arg(std::env::current_exe().unwrap()).arg(test).env("FEW", "1");
        let output = few.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        return;
    }
    on_both(|tasks| {
        tasks.spawn("task", async |sys| {
            let mut pipes = Vec::new();
            let error = loop {
                match sys.open_read(leak(format!("pipe:{}", pipes.len()))).await {
                    Ok(pipe) => pipes.push(pipe),
                    Err(error) => break error,
                }
            };
            assert_eq!(error, Error::HandlesFull);
            assert!(pipes.len() < 8, "the system has refused, not the kernel");
            let error = sys.datagram(1, 8).await?.send_to("udp:127.0.0.1:9", b"").await;
            assert!(matches!(error, Err(Error::HandlesFull) | Ok(())), "{error:?}");
            for at in 0..pipes.len() {
                sys.unlink(leak(format!("pipe:{at}"))).await?;
            }
            drop(pipes);
            sys.open_read("pipe:more").await?.close().await?;
            sys.unlink("pipe:more").await
        });
    });
}

#[test]
fn stdin_and_stdout_are_bytes() {
    // In a process of its own, which has other ones.
    if std::env::var_os("COPY").is_none() {
        let test = "descriptor::stdin_and_stdout_are_bytes";
        let dir = tempfile::tempdir().unwrap();
        let (input, output) = (dir.path().join("input"), dir.path().join("output"));
        std::fs::write(&input, "Hello World!").unwrap();
        let status = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env("COPY", "1")
            .stdin(File::open(&input).unwrap())
            .stdout(File::create(&output).unwrap())
            .status()
            .unwrap();
        assert!(status.success());
        let output = std::fs::read_to_string(output).unwrap();
        assert!(output.contains("Hello World!"), "{output}");
        return;
    }
    let kernel = kernel();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("task", Priority::NORMAL, async |sys| {
            assert_eq!(sys.open_write("stdin:").await.err(), Some(Error::NoRight));
            let (input, output) =
                (sys.open_read("stdin:").await?, sys.open_write("stdout:").await?);
            let mut buffer = [0; 64];
            let count = input.read_full(&mut buffer).await?;
            output.write_all(&buffer[..count]).await
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}
