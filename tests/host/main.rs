//! The host's objects as devices: each test is a program of tasks that runs twice, on the executor
//! and on threads, with real pipes, sockets and queues, and beside it plain code of the standard
//! library in a thread of its own. No test depends on how long anything takes.
//!
//! Where the host differs from the laws, a test says how (law 66); none of these is a surprise that
//! the adapter could hide:
//!
//! | law | on the host | test |
//! |---|---|---|
//! | 5, 17 | each opening of a name is a line of its own, as is each socket that connects: who waits in several lines is woken together, and served as they come | `differs::law_05_differs_each_opening_is_a_line_of_its_own` |
//! | 11 | a connection over TCP that was given up goes on, and is asked for again | `stream::law_11_differs_a_connection_over_tcp_that_was_given_up_goes_on` |
//! | 15, 19 | what a call changes outside is heard of before the next dispatch; nobody whom that wakes runs earlier | `differs::law_15_differs_no_switch_follows_what_is_heard_later` |
//! | 18 | a task that waits for a device is never in a deadlock: someone outside may write | `waiting::law_18_differs_who_waits_for_a_device_is_in_no_deadlock` |
//! | 31 | writes of up to 4096 bytes are whole, not of up to 512 | `differs::law_31_differs_longer_writes_are_whole` |
//! | 34, 64 | an end that was opened to read and to write is a writer until it is closed, whichever right is kept | `differs::law_34_differs_an_end_that_could_write_is_a_writer` |
//! | 37, 60 | a stream that was shut down stays writable instead of having an error; the write says it | `stream::law_37_differs_a_stream_that_was_shut_down_stays_writable` |
//! | 37 | one's own shutdown to read is a hang-up too | `differs::law_37_differs_ones_own_shutdown_is_a_hang_up` |
//! | 38 | room in a pipe is counted in pages: one is free only when all of it has been read | `pipe::law_38_differs_room_is_counted_in_pages` |
//! | 39, 41 | the system says how many messages a queue may hold, how long they may be, and that none may be of 0 bytes | `differs::law_39_differs_the_system_limits_a_queue` |
//! | 40, 54 | no message says which task sent it: the sender is nobody | `differs::law_54_differs_no_task_is_named` |
//! | 43 | a message queue outlives its last handle, until it is unlinked or the host is dropped | `queue::law_43_differs_a_queue_stays_without_handles` |
//! | 44 | a message queue has no end of file | `queue::law_44_differs_there_is_no_end_of_file` |
//! | 45 | nobody is told that a queue is no longer empty: unsupported | `queue::law_45_differs_nobody_is_notified` |
//! | 46 | a port that nobody listens on is refused; that nothing has it cannot be told | `stream::law_46_differs_a_port_without_listener_is_refused` |
//! | 46 | an accepted socket has a name, its listener's; over IP everyone who is connected has one | `differs::law_46_differs_an_accepted_socket_has_a_name` |
//! | 46 | two sockets of TCP can have one name before anyone listens, and one can be connected to itself | `differs::law_46_differs_two_sockets_of_tcp_are_bound_before_anyone_listens` |
//! | 47, 50, 55, 56 | the sizes of sockets are the system's, whatever they are made with | `differs::law_55_differs_sockets_have_the_sizes_of_the_system` |
//! | 50 | TCP does not tell a writer that its peer shut down reading | `stream::law_50_differs_tcp_does_not_tell_who_writes` |
//! | 51 | a sequenced peer's reset comes before the messages that it left | `sequenced::law_51_differs_a_reset_comes_before_what_was_sent` |
//! | 51 | a sequenced peer's reset is told to whoever sends, if that comes first; unread empty messages make none | `differs::law_51_differs_a_sequenced_sender_is_told_of_the_reset` |
//! | 51 | over TCP no reset comes after the end that a shutdown made; after a reset there is no connection to shut down, and what the system holds back can be overtaken by one, or miss it | `differs::law_51_differs_tcp_has_no_reset_after_the_end` |
//! | 53, 55 | UDP loses what is too much for its receiver; the sender does not wait | `datagram::law_55_differs_udp_loses_what_is_too_much` |
//! | 54 | over UDP every sender has a name; it is given one when it first sends | `datagram::law_54_differs_over_udp_everyone_has_a_name` |
//! | 54 | a datagram's sender has the name that it has when the datagram is received | `differs::law_54_differs_the_name_is_the_one_at_the_end` |
//! | 54 | a sequenced message does not say who sent it | `differs::law_54_differs_a_sequenced_message_has_no_sender` |
//! | 57 | of a port that is gone UDP learns with a later call | `datagram::law_57_differs_udp_learns_late_that_nobody_is_there` |
//! | 57 | over UDP a peer is whoever has its name | `differs::law_57_differs_over_udp_a_peer_is_who_has_its_name` |
//! | 57 | a socket with another peer refuses to be connected to, not only to be sent to | `differs::law_57_differs_a_socket_with_another_peer_refuses_the_connection` |
//! | 57 | a peer whose words are dropped when one turns to another is told once that it was reset | `differs::law_57_differs_whose_words_are_dropped_is_told` |
//! | 57 | who connects anew, or is refused by a peer that is gone, loses what it has not read; the latter also its peer | the same, and `datagram::law_57_a_peer_that_has_gone_refuses` |
//! | 60 | a datagram socket is ready to write though the receiver that is meant may be full | `datagram::law_60_differs_a_full_receiver_is_found_by_trying` |
//! | 60 | who polls a stream to write is not woken by the peer's end of writing, but sees it | `waiting::law_60_differs_who_waits_to_write_is_not_woken_by_the_end_of_what_it_could_read` |
//! | 61 | a socket that is connected takes one place in what a task can wait for, not two | `differs::law_61_differs_a_connection_takes_one_place` |
//! | 65 | the host knows no tasks: nobody can be named who alone may open something | `names::law_65_differs_nobody_can_be_named` |

#![cfg(target_os = "linux")]

mod agrees;
mod datagram;
mod descriptor;
mod differs;
mod names;
mod pipe;
mod queue;
mod sequenced;
mod stream;
mod waiting;

use std::net::{TcpListener, UdpSocket};
use std::path::PathBuf;
use std::thread::JoinHandle;

use postroom::{
    Executor, Host, Kernel, Lock, Priority, Result, Stop, Sys, TaskId, ThreadDoor, Threads,
};
use tempfile::TempDir;

pub(crate) type HostKernel = Lock<Kernel<8, 64, 1280, Host>>;

pub(crate) fn kernel() -> HostKernel {
    Lock::new(Kernel::with(Host::new().unwrap(), ()))
}

/// Where the tasks of a test run, and what runs beside them.
pub(crate) struct Tasks<'r, 't> {
    runner: Runner<'r, 't>,
    outside: Vec<JoinHandle<()>>,
    dir: TempDir,
}

enum Runner<'r, 't> {
    Executor(&'r mut Executor<'t, HostKernel, 8>),
    Threads(&'r mut Threads<'t, HostKernel>),
}

impl<'t> Tasks<'_, 't> {
    pub(crate) fn spawn<F>(
        &mut self,
        name: &str,
        body: impl FnOnce(Sys<'t>) -> F + Send + 't,
    ) -> TaskId
    where
        F: Future<Output = Result<()>> + 't,
    {
        match &mut self.runner {
            Runner::Executor(executor) => executor.spawn(name, Priority::NORMAL, body).unwrap(),
            Runner::Threads(threads) => threads.spawn(name, Priority::NORMAL, body).unwrap(),
        }
    }

    /// Has plain code run beside the tasks.
    pub(crate) fn outside(&mut self, work: impl FnOnce() + Send + 'static) {
        self.outside.push(std::thread::spawn(work));
    }

    /// A path in a directory that has to be empty when everything has ended.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.dir.path().join(file)
    }

    /// A name with this scheme for that path.
    pub(crate) fn name(&self, scheme: &str, file: &str) -> &'static str {
        leak(format!("{scheme}:{}", self.path(file).display()))
    }
}

/// Task bodies keep names for as long as anyone likes.
pub(crate) fn leak(name: String) -> &'static str {
    Box::leak(name.into_boxed_str())
}

/// A port that is free now.
pub(crate) fn tcp(host: &str) -> &'static str {
    let address = TcpListener::bind((host, 0)).unwrap().local_addr().unwrap();
    leak(format!("tcp:{address}"))
}

pub(crate) fn udp(host: &str) -> &'static str {
    let address = UdpSocket::bind((host, 0)).unwrap().local_addr().unwrap();
    leak(format!("udp:{address}"))
}

/// A name that is unlike those of other tests and other runs.
pub(crate) fn queue_name() -> &'static str {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Relaxed);
    leak(format!("mq:/pr-{}-{next}", std::process::id()))
}

/// A directory whose paths are short enough for the names of senders.
pub(crate) fn dir() -> TempDir {
    tempfile::Builder::new().prefix("").rand_bytes(2).tempdir_in("/tmp").unwrap()
}

/// Runs a program on the executor and on threads, and sees that it ends well and leaves nothing.
pub(crate) fn on_both(start: impl for<'t> Fn(&mut Tasks<'_, 't>)) {
    for with_threads in [false, true] {
        let kernel = kernel();
        let (outside, dir) = if with_threads {
            let door = ThreadDoor::new(&kernel);
            let mut threads = Threads::new(&door);
            let runner = Runner::Threads(&mut threads);
            let mut tasks = Tasks { runner, outside: Vec::new(), dir: dir() };
            start(&mut tasks);
            let Tasks { outside, dir, .. } = tasks;
            let stop = threads.run();
            assert!(matches!(stop, Stop::Done), "on threads: {stop:?}");
            (outside, dir)
        } else {
            let mut executor = Executor::new(&kernel);
            let runner = Runner::Executor(&mut executor);
            let mut tasks = Tasks { runner, outside: Vec::new(), dir: dir() };
            start(&mut tasks);
            let Tasks { outside, dir, .. } = tasks;
            let stop = executor.run();
            match stop {
                Stop::Done => {}
                Stop::Failed(failure) => panic!("on the executor: {failure}"),
                Stop::Deadlock(graph) => panic!("on the executor: {graph}"),
            }
            (outside, dir)
        };
        outside.into_iter().for_each(|thread| thread.join().unwrap());
        kernel.with(|kernel| {
            assert_eq!(kernel.check(), Ok(()));
            assert_eq!((kernel.tasks().count(), kernel.channels().count()), (0, 0));
        });
        drop(kernel);
        assert_eq!(dir.path().read_dir().unwrap().count(), 0, "something was left");
    }
}
