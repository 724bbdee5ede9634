//! D. Pipe: bytes, one way.

use postroom::{
    Call, Error, Executor, Handle, Kernel, Kind, Lock, Outcome, Policy, Priority, Readiness,
    Rights, Stop, TaskId, Value, Wait, param::PIPE_BUF,
};

use crate::hand::{Hand, counted, refused};

/// A pipe by hand: one task writes into it, another one reads out of it.
struct Pipe {
    hand: Hand,
    writer: TaskId,
    into: Handle,
    reader: TaskId,
    out: Handle,
}

impl Pipe {
    fn new(capacity: usize) -> Self {
        let mut hand = Hand::new();
        hand.kernel.create_pipe("pipe", capacity).unwrap();
        let [writer, reader] = [hand.task("writer"), hand.task("reader")];
        let into = hand.open(writer, "pipe", Rights::WRITE);
        let out = hand.open(reader, "pipe", Rights::READ);
        Self { hand, writer, into, reader, out }
    }

    fn write(&mut self, bytes: &[u8], wait: Wait) -> Outcome {
        self.hand.write(self.writer, self.into, bytes, wait)
    }

    fn read(&mut self, length: usize, wait: Wait) -> (Outcome, Vec<u8>) {
        self.hand.read(self.reader, self.out, length, wait)
    }

    fn close_write_end(&mut self) {
        self.hand.close(self.writer, self.into);
    }

    fn close_read_end(&mut self) {
        self.hand.close(self.reader, self.out);
    }

    /// What the write end would meet.
    fn write_end(&mut self) -> Readiness {
        readiness(&mut self.hand, self.writer, self.into)
    }

    /// What the read end would meet.
    fn read_end(&mut self) -> Readiness {
        readiness(&mut self.hand, self.reader, self.out)
    }

    fn stored(&self) -> Vec<u8> {
        let pipe = self.hand.kernel.channels().find(|channel| channel.kind == Kind::Pipe);
        self.hand.kernel.bytes_in(pipe.unwrap().id).collect()
    }
}

fn readiness(hand: &mut Hand, task: TaskId, handle: Handle) -> Readiness {
    match hand.answer(task, Call::Readiness { handle }) {
        Ok(Value::Readiness(readiness)) => readiness,
        other => panic!("{other:?}"),
    }
}

fn duplicate(hand: &mut Hand, task: TaskId, handle: Handle) -> Handle {
    match hand.answer(task, Call::Duplicate { handle }) {
        Ok(Value::Handle(handle)) => handle,
        other => panic!("{other:?}"),
    }
}

/// What a read returns that got these bytes.
fn got(bytes: &[u8]) -> (Outcome, Vec<u8>) {
    (counted(bytes.len()), bytes.to_vec())
}

/// What a read returns that got none, for another reason than the end of file.
const fn nothing(outcome: Outcome) -> (Outcome, Vec<u8>) {
    (outcome, Vec::new())
}

/// Bytes from one running counter, so that what is lost, doubled or moved shows.
fn numbered(count: usize) -> Vec<u8> {
    (0..251).cycle().take(count).collect()
}

const END_OF_FILE: Outcome = counted(0);

#[test]
fn law_30_bytes_come_out_in_the_order_and_number_they_went_in() {
    let kernel = Lock::new(Kernel::<2, 8, 64>::new());
    kernel.with(|kernel| kernel.create_pipe("pipe", 7)).unwrap();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("writer", Priority::NORMAL, async |sys| {
            let pipe = sys.open_write("pipe").await?;
            for piece in numbered(1000).chunks(3) {
                pipe.write_all(piece).await?;
            }
            Ok(())
        })
        .unwrap();
    executor
        .spawn("reader", Priority::NORMAL, async |sys| {
            let pipe = sys.open_read("pipe").await?;
            let [mut all, mut buffer] = [vec![], vec![0; 5]];
            while let count @ 1.. = pipe.read(&mut buffer).await? {
                all.extend(&buffer[..count]);
                // Some bytes stay, so that the ring turns: an empty one starts afresh.
                sys.yield_now().await?;
            }
            assert_eq!(all, numbered(1000));
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_30_a_read_may_span_writes_and_the_wrap_of_the_ring() {
    let mut pipe = Pipe::new(5);
    assert_eq!(pipe.write(b"abc", Wait::Try), counted(3));
    assert_eq!(pipe.read(2, Wait::Try), got(b"ab"));
    assert_eq!(pipe.write(b"de", Wait::Try), counted(2));
    assert_eq!(pipe.write(b"fg", Wait::Try), counted(2));
    assert_eq!(pipe.read(9, Wait::Try), got(b"cdefg"));
}

#[test]
fn law_31_trying_a_short_write_is_all_or_nothing() {
    let mut pipe = Pipe::new(PIPE_BUF + 100);
    let record = numbered(PIPE_BUF);
    assert_eq!(pipe.write(&[0; 101], Wait::Try), counted(101));

    assert_eq!(pipe.write(&record, Wait::Try), refused(Error::WouldBlock));
    assert_eq!(pipe.stored(), [0; 101]);

    assert_eq!(pipe.read(1, Wait::Try), got(&[0]));
    assert_eq!(pipe.write(&record, Wait::Try), counted(PIPE_BUF));
    assert_eq!(pipe.stored()[100..], record);
}

#[test]
fn law_31_a_blocking_short_write_waits_until_all_of_it_fits() {
    let mut pipe = Pipe::new(PIPE_BUF + 100);
    let record = numbered(PIPE_BUF);
    assert_eq!(pipe.write(&[0; 102], Wait::Try), counted(102));

    assert_eq!(pipe.write(&record, Wait::Forever), Outcome::Blocked);
    assert_eq!(pipe.read(1, Wait::Try), got(&[0]));
    assert!(pipe.hand.is_blocked(pipe.writer));
    assert_eq!(pipe.stored(), [0; 101]);

    assert_eq!(pipe.read(1, Wait::Try), got(&[0]));
    assert!(pipe.hand.is_ready(pipe.writer));
    assert_eq!(pipe.write(&record, Wait::Forever), counted(PIPE_BUF));
    assert_eq!(pipe.stored()[100..], record);
}

#[test]
fn law_31_a_pipe_smaller_than_pipe_buf_is_all_or_nothing_up_to_its_capacity() {
    let mut pipe = Pipe::new(3);
    assert_eq!(pipe.write(b"a", Wait::Try), counted(1));
    assert_eq!(pipe.write(b"bcd", Wait::Try), refused(Error::WouldBlock));
    assert_eq!(pipe.stored(), b"a");
    assert_eq!(pipe.write(b"bcde", Wait::Try), counted(2));
    assert_eq!(pipe.stored(), b"abc");
}

#[test]
fn law_31_the_border_is_the_capacity_below_pipe_buf_and_pipe_buf_above() {
    assert_eq!(longest_atomic_write(1), 1);
    assert_eq!(longest_atomic_write(2), 2);
    assert_eq!(longest_atomic_write(3), 3);
    assert_eq!(longest_atomic_write(511), 511);
    assert_eq!(longest_atomic_write(512), 512);
    assert_eq!(longest_atomic_write(513), 512);
    assert_eq!(longest_atomic_write(1024), 512);
}

/// The longest write that a pipe of this capacity refuses, when it has room for one byte less.
fn longest_atomic_write(capacity: usize) -> usize {
    let refuses = |length: usize| {
        let mut pipe = Pipe::new(capacity);
        pipe.hand.write(pipe.writer, pipe.into, &vec![0; capacity + 1 - length], Wait::Try)
            == counted(capacity + 1 - length)
            && pipe.write(&vec![1; length], Wait::Try) == refused(Error::WouldBlock)
    };
    (1..=capacity).rev().find(|&length| refuses(length)).unwrap()
}

#[test]
fn law_31_the_records_of_several_writers_stay_whole() {
    let kernel = Lock::new(Kernel::<3, 8, 1024>::new());
    kernel.with(|kernel| {
        kernel.create_pipe("pipe", 700).unwrap();
        kernel.set_policy(Policy::Random(31));
    });
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("ones", Priority::NORMAL, async |sys| {
            let pipe = sys.open_write("pipe").await?;
            for _ in 0..20 {
                assert_eq!(pipe.write(&[1; 300]).await, Ok(300));
            }
            Ok(())
        })
        .unwrap();
    executor
        .spawn("twos", Priority::NORMAL, async |sys| {
            let pipe = sys.open_write("pipe").await?;
            for _ in 0..20 {
                assert_eq!(pipe.write(&[2; 300]).await, Ok(300));
            }
            Ok(())
        })
        .unwrap();
    executor
        .spawn("reader", Priority::NORMAL, async |sys| {
            let pipe = sys.open_read("pipe").await?;
            let mut record = [0; 300];
            for _ in 0..40 {
                assert_eq!(pipe.read_full(&mut record).await, Ok(300));
                assert!(record == [1; 300] || record == [2; 300]);
            }
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_32_a_long_write_returns_when_all_of_it_is_written() {
    let kernel = Lock::new(Kernel::<2, 8, 1024>::new());
    kernel.with(|kernel| kernel.create_pipe("pipe", 600)).unwrap();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("writer", Priority::NORMAL, async |sys| {
            let pipe = sys.open_write("pipe").await?;
            assert_eq!(pipe.write(&numbered(5000)).await, Ok(5000));
            Ok(())
        })
        .unwrap();
    executor
        .spawn("reader", Priority::NORMAL, async |sys| {
            let pipe = sys.open_read("pipe").await?;
            let mut buffer = [0; 6000];
            assert_eq!(pipe.read_full(&mut buffer).await, Ok(5000));
            assert_eq!(buffer[..5000], numbered(5000));
            Ok(())
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_32_trying_a_long_write_puts_in_what_fits() {
    let mut pipe = Pipe::new(600);
    assert_eq!(pipe.write(&numbered(590), Wait::Try), counted(590));
    assert_eq!(pipe.write(&[7; PIPE_BUF + 1], Wait::Try), counted(10));
    assert_eq!(pipe.stored(), [numbered(590), vec![7; 10]].concat());
    assert_eq!(pipe.write(&[8; PIPE_BUF + 1], Wait::Try), refused(Error::WouldBlock));
}

#[test]
fn law_32_a_long_write_goes_on_with_the_first_free_byte() {
    let mut pipe = Pipe::new(600);
    assert_eq!(pipe.write(&[0; 600], Wait::Try), counted(600));
    assert_eq!(pipe.write(&[7; PIPE_BUF + 1], Wait::Forever), Outcome::Blocked);
    assert_eq!(pipe.read(1, Wait::Try), got(&[0]));
    assert!(pipe.hand.is_ready(pipe.writer));
    assert_eq!(pipe.write(&[7; PIPE_BUF + 1], Wait::Forever), counted(1));
}

#[test]
fn law_33_a_read_returns_as_soon_as_there_is_a_byte() {
    let mut pipe = Pipe::new(8);
    assert_eq!(pipe.read(5, Wait::Try), nothing(refused(Error::WouldBlock)));
    assert_eq!(pipe.read(5, Wait::Forever), nothing(Outcome::Blocked));

    assert_eq!(pipe.write(b"a", Wait::Try), counted(1));
    assert!(pipe.hand.is_ready(pipe.reader));
    assert_eq!(pipe.read(5, Wait::Forever), got(b"a"));

    assert_eq!(pipe.write(b"bcdefg", Wait::Try), counted(6));
    assert_eq!(pipe.read(5, Wait::Forever), got(b"bcdef"));
    assert_eq!(pipe.read(5, Wait::Forever), got(b"g"));
}

#[test]
fn law_34_end_of_file_comes_after_the_data_and_stays() {
    let mut pipe = Pipe::new(8);
    assert_eq!(pipe.write(b"abc", Wait::Try), counted(3));
    pipe.close_write_end();
    assert_eq!(pipe.read(2, Wait::Try), got(b"ab"));
    assert_eq!(pipe.read(2, Wait::Try), got(b"c"));
    assert_eq!(pipe.read(2, Wait::Try), nothing(END_OF_FILE));
    assert_eq!(pipe.read(2, Wait::Forever), nothing(END_OF_FILE));
}

#[test]
fn law_34_an_empty_pipe_with_a_write_end_is_not_at_its_end() {
    let mut pipe = Pipe::new(8);
    let another = pipe.hand.open(pipe.reader, "pipe", Rights::WRITE);
    pipe.close_write_end();
    assert_eq!(pipe.read(2, Wait::Try), nothing(refused(Error::WouldBlock)));
    pipe.hand.close(pipe.reader, another);
    assert_eq!(pipe.read(2, Wait::Try), nothing(END_OF_FILE));
}

#[test]
fn law_35_a_write_without_a_read_end_is_a_broken_pipe() {
    let mut pipe = Pipe::new(8);
    assert_eq!(pipe.write(b"abc", Wait::Try), counted(3));
    pipe.close_read_end();
    assert_eq!(pipe.write(b"d", Wait::Try), refused(Error::BrokenPipe));
    assert_eq!(pipe.write(b"d", Wait::Forever), refused(Error::BrokenPipe));
    assert_eq!(pipe.write(&[0; 9], Wait::Forever), refused(Error::BrokenPipe));
    assert_eq!(pipe.stored(), b"abc");
}

#[test]
fn law_35_a_write_whose_last_reader_leaves_returns_the_count_so_far() {
    let kernel = Lock::new(Kernel::<2, 3, 1024>::new());
    kernel.with(|kernel| kernel.create_pipe("pipe", 600)).unwrap();
    let mut executor = Executor::new(&kernel);
    executor
        .spawn("writer", Priority::NORMAL, async |sys| {
            let pipe = sys.open_write("pipe").await?;
            assert_eq!(pipe.write(&[7; 1000]).await, Ok(600));
            assert_eq!(pipe.write(&[7; 1000]).await, Err(Error::BrokenPipe));
            Ok(())
        })
        .unwrap();
    executor
        .spawn("reader", Priority::NORMAL, async |sys| {
            let pipe = sys.open_read("pipe").await?;
            assert_eq!(pipe.read(&mut [0; 10]).await, Ok(10));
            pipe.close().await
        })
        .unwrap();
    assert!(matches!(executor.run(), Stop::Done));
}

#[test]
fn law_36_only_the_last_write_end_to_close_wakes_the_reader() {
    let mut pipe = Pipe::new(8);
    let duplicate = duplicate(&mut pipe.hand, pipe.writer, pipe.into);
    assert_eq!(pipe.read(1, Wait::Forever), nothing(Outcome::Blocked));

    pipe.close_write_end();
    assert!(pipe.hand.is_blocked(pipe.reader));
    pipe.hand.close(pipe.writer, duplicate);
    assert!(pipe.hand.is_ready(pipe.reader));
    assert_eq!(pipe.read(1, Wait::Forever), nothing(END_OF_FILE));
}

#[test]
fn law_36_only_the_last_read_end_to_close_wakes_the_writer() {
    let mut pipe = Pipe::new(8);
    let duplicate = duplicate(&mut pipe.hand, pipe.reader, pipe.out);
    assert_eq!(pipe.write(&[0; 8], Wait::Try), counted(8));
    assert_eq!(pipe.write(b"a", Wait::Forever), Outcome::Blocked);

    pipe.close_read_end();
    assert!(pipe.hand.is_blocked(pipe.writer));
    pipe.hand.close(pipe.reader, duplicate);
    assert!(pipe.hand.is_ready(pipe.writer));
    assert_eq!(pipe.write(b"a", Wait::Forever), refused(Error::BrokenPipe));
}

#[test]
fn law_36_an_end_that_reads_and_writes_counts_on_both_sides() {
    let mut pipe = Pipe::new(8);
    let both = pipe.hand.open(pipe.reader, "pipe", Rights::READ | Rights::WRITE);
    pipe.close_write_end();
    assert_eq!(pipe.read(1, Wait::Forever), nothing(Outcome::Blocked));
    pipe.hand.close(pipe.reader, both);
    assert_eq!(pipe.read(1, Wait::Forever), nothing(END_OF_FILE));
}

#[test]
fn law_37_ready_to_read_with_data_or_at_the_end_of_file() {
    let mut pipe = Pipe::new(8);
    assert_eq!(pipe.read_end(), Readiness::default());

    assert_eq!(pipe.write(b"a", Wait::Try), counted(1));
    assert_eq!(pipe.read_end(), Readiness { readable: true, ..Readiness::default() });

    // Hung up, and what is in there can still be read.
    pipe.close_write_end();
    let at_end = Readiness { readable: true, hung_up: true, ..Readiness::default() };
    assert_eq!(pipe.read_end(), at_end);
    assert_eq!(pipe.read(1, Wait::Try), got(b"a"));
    assert_eq!(pipe.read_end(), at_end);
}

#[test]
fn law_37_ready_to_write_with_room_for_all_that_is_atomic() {
    let mut pipe = Pipe::new(PIPE_BUF + 1);
    assert_eq!(pipe.write(b"a", Wait::Try), counted(1));
    assert_eq!(pipe.write_end(), Readiness { writable: true, ..Readiness::default() });
    assert_eq!(pipe.write(b"b", Wait::Try), counted(1));
    assert_eq!(pipe.write_end(), Readiness::default());

    // A small pipe has to be empty.
    let mut pipe = Pipe::new(3);
    assert_eq!(pipe.write_end(), Readiness { writable: true, ..Readiness::default() });
    assert_eq!(pipe.write(b"a", Wait::Try), counted(1));
    assert_eq!(pipe.write_end(), Readiness::default());
}

#[test]
fn law_37_error_without_a_read_end() {
    let mut pipe = Pipe::new(8);
    assert_eq!(pipe.write(b"a", Wait::Try), counted(1));
    pipe.close_read_end();
    assert_eq!(pipe.write_end(), Readiness { error: true, ..Readiness::default() });
}

#[test]
fn law_38_all_bytes_of_the_ring_are_usable_whatever_its_capacity() {
    fill_and_turn(1);
    fill_and_turn(2);
    fill_and_turn(3);
    fill_and_turn(511);
    fill_and_turn(512);
    fill_and_turn(513);
    fill_and_turn(1023);
    fill_and_turn(1024);
    fill_and_turn(1280);
}

/// Fills a pipe to its last byte, and goes once around the ring: out with one byte, in with one.
fn fill_and_turn(capacity: usize) {
    let mut pipe = Pipe::new(capacity);
    let bytes = numbered(2 * capacity);
    let (first, second) = bytes.split_at(capacity);
    assert_eq!(pipe.write(first, Wait::Try), counted(capacity));
    for (&old, &new) in first.iter().zip(second) {
        assert_eq!(pipe.write(&[new], Wait::Try), refused(Error::WouldBlock));
        assert_eq!(pipe.read(1, Wait::Try), got(&[old]));
        assert_eq!(pipe.write(&[new], Wait::Try), counted(1));
    }
    assert_eq!(pipe.read(capacity + 1, Wait::Try), got(second));
    assert_eq!(pipe.read(1, Wait::Try), nothing(refused(Error::WouldBlock)));
}

#[test]
fn law_38_a_capacity_is_one_byte_to_the_whole_ring() {
    let mut kernel = Kernel::<1, 2, 64>::new();
    assert_eq!(kernel.create_pipe("pipe", 0), Err(Error::BadArgument));
    assert_eq!(kernel.create_pipe("pipe", 65), Err(Error::BadArgument));
    assert!(kernel.create_pipe("pipe", 64).is_ok());
}

#[test]
fn a_pipe_made_for_others_is_not_at_its_end_before_the_first_writer() {
    let mut hand = Hand::new();
    hand.kernel.create_pipe("pipe", 8).unwrap();
    let [writer, reader] = [hand.task("writer"), hand.task("reader")];
    let out = hand.open(reader, "pipe", Rights::READ);
    assert_eq!(readiness(&mut hand, reader, out), Readiness::default());
    assert_eq!(hand.read(reader, out, 1, Wait::Forever).0, Outcome::Blocked);

    let into = hand.open(writer, "pipe", Rights::WRITE);
    assert!(hand.is_blocked(reader));
    hand.close(writer, into);
    assert!(hand.is_ready(reader));
    assert_eq!(hand.read(reader, out, 1, Wait::Forever).0, END_OF_FILE);
}

#[test]
fn a_pipe_made_for_others_is_not_broken_before_the_first_reader() {
    let mut hand = Hand::new();
    hand.kernel.create_pipe("pipe", 1).unwrap();
    let [writer, reader] = [hand.task("writer"), hand.task("reader")];
    let into = hand.open(writer, "pipe", Rights::WRITE);
    assert_eq!(hand.write(writer, into, b"a", Wait::Forever), counted(1));
    assert_eq!(hand.write(writer, into, b"b", Wait::Forever), Outcome::Blocked);

    let out = hand.open(reader, "pipe", Rights::READ);
    assert!(hand.is_blocked(writer));
    hand.close(reader, out);
    assert!(hand.is_ready(writer));
    assert_eq!(hand.write(writer, into, b"b", Wait::Forever), refused(Error::BrokenPipe));
}

#[test]
fn a_pipe_made_for_others_keeps_its_bytes_for_a_reader_who_comes_late() {
    let mut hand = Hand::new();
    hand.kernel.create_pipe("pipe", 8).unwrap();
    let [writer, reader] = [hand.task("writer"), hand.task("reader")];
    let into = hand.open(writer, "pipe", Rights::WRITE);
    assert_eq!(hand.write(writer, into, b"abc", Wait::Try), counted(3));
    hand.close(writer, into);

    let out = hand.open(reader, "pipe", Rights::READ);
    assert_eq!(hand.read(reader, out, 8, Wait::Forever), got(b"abc"));
    assert_eq!(hand.read(reader, out, 8, Wait::Forever).0, END_OF_FILE);
    assert!(hand.kernel.channels().any(|channel| channel.kind == Kind::Pipe));

    // It stays until its name is unlinked, whoever comes and goes.
    hand.close(reader, out);
    let again = hand.open(writer, "pipe", Rights::WRITE);
    assert_eq!(hand.answer(reader, Call::Unlink { name: "pipe" }), Ok(Value::Unit));
    assert!(hand.kernel.channels().any(|channel| channel.kind == Kind::Pipe));
    hand.close(writer, again);
    assert!(!hand.kernel.channels().any(|channel| channel.kind == Kind::Pipe));
}
