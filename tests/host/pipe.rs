//! Pipes that have names.

use postroom::{Error, Rights, Sizes, Ticks};

use crate::on_both;

#[test]
fn law_30_bytes_come_out_as_they_went_in_and_then_the_end_of_file() {
    on_both(|tasks| {
        tasks.spawn("writer", async |sys| {
            let out = sys.open_write("pipe:bytes").await?;
            let bytes: Vec<u8> = (0..200_000u32).map(|i| (i % 251) as u8).collect();
            assert_eq!(out.write(&bytes).await, Ok(bytes.len()));
            Ok(())
        });
        tasks.spawn("reader", async |sys| {
            let input = sys.open_read("pipe:bytes").await?;
            let mut bytes = vec![0; 300_000];
            assert_eq!(input.read_full(&mut bytes).await, Ok(200_000));
            let right = |(i, &byte): (usize, &u8)| byte == (i % 251) as u8;
            assert!(bytes[..200_000].iter().enumerate().all(right));
            assert_eq!(input.read(&mut bytes).await, Ok(0));
            assert_eq!(input.read(&mut bytes).await, Ok(0));
            Ok(())
        });
    });
}

#[test]
fn law_34_there_is_no_end_of_file_before_the_first_writer() {
    on_both(|tasks| {
        tasks.spawn("task", async |sys| {
            let input = sys.open_read("pipe:bytes").await?;
            assert_eq!(input.read(&mut [0]).try_now().await, Err(Error::WouldBlock));
            assert_eq!(input.read(&mut [0]).within(Ticks(2)).await, Err(Error::TimedOut));
            let (out, other) =
                (sys.open_write("pipe:bytes").await?, sys.open_write("pipe:bytes").await?);
            out.close().await?;
            assert_eq!(input.read(&mut [0]).try_now().await, Err(Error::WouldBlock));
            other.write_all(b"!").await?;
            other.close().await?;
            assert_eq!(input.read(&mut [0]).await, Ok(1));
            assert_eq!(input.read(&mut [0]).await, Ok(0));
            assert!(input.readiness().await?.hung_up);
            // Whoever comes again opens it again.
            let out = sys.open_write("pipe:bytes").await?;
            assert_eq!(input.read(&mut [0]).try_now().await, Err(Error::WouldBlock));
            drop(out);
            Ok(())
        });
    });
}

#[test]
fn law_35_a_write_is_broken_once_the_last_reader_has_gone_and_not_before_one_came() {
    on_both(|tasks| {
        tasks.spawn("task", async |sys| {
            let out = sys.open_write("pipe:bytes").await?;
            assert_eq!(out.write(b"early").await, Ok(5));
            let input = sys.open_read("pipe:bytes").await?;
            let mut buffer = [0; 8];
            assert_eq!(input.read(&mut buffer).await, Ok(5));
            input.close().await?;
            assert_eq!(out.write(b"late").await, Err(Error::BrokenPipe));
            assert!(out.readiness().await?.error);
            // One more writer is let in, to the same.
            let other = sys.open_write("pipe:bytes").await?;
            assert_eq!(other.write(b"late").await, Err(Error::BrokenPipe));
            Ok(())
        });
    });
}

#[test]
fn what_a_writer_leaves_is_kept_for_the_first_reader() {
    on_both(|tasks| {
        tasks.spawn("task", async |sys| {
            sys.open_write("pipe:bytes").await?.write_all(b"kept").await?;
            let mut buffer = [0; 8];
            let input = sys.open_read("pipe:bytes").await?;
            assert_eq!(input.read_full(&mut buffer).await, Ok(4));
            drop(input);
            // Both sides have come and gone: this is another pipe.
            let input = sys.open_read("pipe:bytes").await?;
            assert_eq!(input.read(&mut buffer).try_now().await, Err(Error::WouldBlock));
            Ok(())
        });
    });
}

#[test]
fn law_38_differs_room_is_counted_in_pages() {
    on_both(|tasks| {
        tasks.spawn("task", async |sys| {
            let out = sys.open_write("pipe:page").create_new(Sizes::Bytes(1)).await?;
            let input = sys.open_read("pipe:page").await?;
            let mut page = vec![0; 4096];
            assert_eq!(out.write(&page).try_now().await, Ok(4096), "a page at least");
            assert_eq!(input.read(&mut page[..4095]).await, Ok(4095));
            assert_eq!(out.write(b"!").try_now().await, Err(Error::WouldBlock));
            assert_eq!(input.read(&mut page).await, Ok(1));
            assert_eq!(out.write(b"!").try_now().await, Ok(1));
            Ok(())
        });
    });
}

#[test]
fn law_39_a_pipe_can_be_made_once_and_is_a_pipe() {
    on_both(|tasks| {
        tasks.spawn("task", async |sys| {
            let size = Sizes::Bytes(100_000);
            let _out = sys.open_write("pipe:new").create_new(size).await?;
            let again = sys.open_write("pipe:new").create_new(size).await;
            assert_eq!(again.err(), Some(Error::NameTaken));
            assert!(sys.open_read("pipe:new").or_create(size).await.is_ok());
            let messages = Sizes::Messages { most: 1, longest: 1 };
            let queue = sys.open_sender("pipe:new").or_create(messages).await;
            assert_eq!(queue.err(), Some(Error::WrongKind));
            let huge = sys.open_write("pipe:huge").create_new(Sizes::Bytes(usize::MAX)).await;
            assert_eq!(huge.err(), Some(Error::BadArgument));
            Ok(())
        });
    });
}

#[test]
fn law_43_an_unlinked_name_is_free_and_its_pipe_stays_for_those_who_have_it() {
    on_both(|tasks| {
        tasks.spawn("task", async |sys| {
            let (out, input) = (sys.open_write("pipe:x").await?, sys.open_read("pipe:x").await?);
            sys.unlink("pipe:x").await?;
            assert_eq!(sys.unlink("pipe:x").await, Err(Error::NoSuchName));
            let _another = sys.open_write("pipe:x").create_new(Sizes::Bytes(1)).await?;
            out.write_all(b"!").await?;
            drop(out);
            let mut buffer = [0; 4];
            assert_eq!(input.read_full(&mut buffer).await, Ok(1));
            Ok(())
        });
    });
}

#[test]
fn law_64_an_end_is_handed_to_another_task() {
    on_both(|tasks| {
        tasks.spawn("giver", async |sys| {
            let out = sys.open_write("pipe:x").await?;
            let handle = out.give("taker").await?;
            let parts = [&handle.slot().to_le_bytes()[..], &handle.serial().to_le_bytes()];
            sys.send("taker", &parts.concat()).await?;
            let mut buffer = [0; 16];
            let input = sys.open_read("pipe:x").await?;
            assert_eq!(input.read_full(&mut buffer).await, Ok(5));
            Ok(())
        });
        tasks.spawn("taker", async |sys| {
            let mut buffer = [0; 10];
            sys.receive(&mut buffer).await?;
            let slot = u16::from_le_bytes(buffer[..2].try_into().unwrap());
            let serial = u64::from_le_bytes(buffer[2..].try_into().unwrap());
            let handle = postroom::Handle::from_parts(slot, serial);
            let out = postroom::WriteEnd::new(sys, handle);
            out.write_all(b"given").await?;
            let read = postroom::ReadEnd::new(sys, out.duplicate().await?.handle());
            assert!(matches!(read.read(&mut [0]).await, Err(Error::BadHandle | Error::NoRight)));
            core::mem::forget(read);
            assert_eq!(out.share("giver", Rights::READ).await, Err(Error::NoRight));
            Ok(())
        });
    });
}
