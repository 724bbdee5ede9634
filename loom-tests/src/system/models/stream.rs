//! A stream is two pipes, and neither feels the other (law 50).

use super::super::kernel::{Kind, Sizes};
use super::super::machine::Machine;
use super::super::user::Stream;
use crate::models;

models! {
    bytes_arrive_with_room_for_one: 2 threads, every order, at least 100;
    bytes_arrive_with_room_for_two: 2 threads, every order, at least 260;
    bytes_cross_on_their_way_with_room_for_one: 2 threads, every order, at least 20;
    bytes_cross_on_their_way_with_room_for_two: 2 threads, every order, at least 20;
    a_byte_goes_to_and_fro: 2 threads, every order, at least 10;
    a_full_direction_does_not_stop_the_other: 2 threads, every order, at least 610;
    three_bytes_pass_through_room_for_one: 2 threads, every order, at least 2_800;
    a_byte_goes_to_and_fro_twice: 2 threads, every order, at least 480;
}

fn bytes_arrive_with_room_for_one() {
    bytes_arrive(1, b"ab");
}

fn bytes_arrive_with_room_for_two() {
    bytes_arrive(2, b"abc");
}

fn three_bytes_pass_through_room_for_one() {
    bytes_arrive(1, b"abc");
}

fn bytes_arrive(capacity: usize, bytes: &'static [u8]) {
    let machine = Machine::<64>::new();
    let (left, right) = (machine.task("left"), machine.task("right"));
    let [mine, yours] = machine.pair(left, right, Kind::Stream, Sizes::Bytes(capacity));
    let other = machine.spawn_alive(left, async move |sys| {
        let stream = Stream::new(sys, mine);
        for byte in bytes {
            stream.write_all(&[*byte]).await?;
        }
        core::mem::forget(stream);
        Ok(())
    });
    machine.run_alive(right, async move |sys| {
        let stream = Stream::new(sys, yours);
        let mut buffer = vec![0; bytes.len()];
        assert_eq!(stream.read_full(&mut buffer).await, Ok(bytes.len()));
        assert_eq!(buffer, bytes);
        core::mem::forget(stream);
        Ok(())
    });
    other.join().unwrap();
    machine.check();
}

fn bytes_cross_on_their_way_with_room_for_one() {
    bytes_cross(1, [b"a", b"b"]);
}

fn bytes_cross_on_their_way_with_room_for_two() {
    bytes_cross(2, [b"ab", b"cd"]);
}

/// Each side writes, then reads what the other one writes.
fn bytes_cross(capacity: usize, [to, fro]: [&'static [u8]; 2]) {
    let machine = Machine::<64>::new();
    let (left, right) = (machine.task("left"), machine.task("right"));
    let [mine, yours] = machine.pair(left, right, Kind::Stream, Sizes::Bytes(capacity));
    let other = machine.spawn_alive(left, async move |sys| {
        let stream = Stream::new(sys, mine);
        stream.write_all(to).await?;
        let mut buffer = vec![0; fro.len()];
        assert_eq!(stream.read_full(&mut buffer).await, Ok(fro.len()));
        assert_eq!(buffer, fro);
        core::mem::forget(stream);
        Ok(())
    });
    machine.run_alive(right, async move |sys| {
        let stream = Stream::new(sys, yours);
        stream.write_all(fro).await?;
        let mut buffer = vec![0; to.len()];
        assert_eq!(stream.read_full(&mut buffer).await, Ok(to.len()));
        assert_eq!(buffer, to);
        core::mem::forget(stream);
        Ok(())
    });
    other.join().unwrap();
    machine.check();
}

fn a_byte_goes_to_and_fro() {
    to_and_fro(1);
}

fn a_byte_goes_to_and_fro_twice() {
    to_and_fro(2);
}

fn to_and_fro(times: u8) {
    let machine = Machine::<64>::new();
    let (left, right) = (machine.task("left"), machine.task("right"));
    let [mine, yours] = machine.pair(left, right, Kind::Stream, Sizes::Bytes(1));
    let other = machine.spawn_alive(left, async move |sys| {
        let stream = Stream::new(sys, mine);
        for time in 0..times {
            stream.write_all(&[time]).await?;
            let mut byte = [0];
            assert_eq!(stream.read(&mut byte).await, Ok(1));
            assert_eq!(byte, [time]);
        }
        core::mem::forget(stream);
        Ok(())
    });
    machine.run_alive(right, async move |sys| {
        let stream = Stream::new(sys, yours);
        for _ in 0..times {
            let mut byte = [0];
            assert_eq!(stream.read(&mut byte).await, Ok(1));
            stream.write_all(&byte).await?;
        }
        core::mem::forget(stream);
        Ok(())
    });
    other.join().unwrap();
    machine.check();
}

fn a_full_direction_does_not_stop_the_other() {
    let machine = Machine::<64>::new();
    let (left, right) = (machine.task("left"), machine.task("right"));
    let [mine, yours] = machine.pair(left, right, Kind::Stream, Sizes::Bytes(1));
    let other = machine.spawn_alive(left, async move |sys| {
        let stream = Stream::new(sys, mine);
        // The second one waits until the other side has written and begins to read.
        stream.write_all(b"a").await?;
        stream.write_all(b"b").await?;
        assert_eq!(stream.read(&mut [0]).await, Ok(1));
        core::mem::forget(stream);
        Ok(())
    });
    machine.run_alive(right, async move |sys| {
        let stream = Stream::new(sys, yours);
        stream.write_all(b"c").await?;
        assert_eq!(stream.read_full(&mut [0; 2]).await, Ok(2));
        core::mem::forget(stream);
        Ok(())
    });
    other.join().unwrap();
    machine.check();
}
