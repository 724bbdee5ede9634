//! The laws of `docs/laws.md`, one named test each: `law_NN_what_it_promises`.

mod hand;
mod program;

mod corners;
mod datagram;
mod death;
mod handles;
mod mailbox;
mod page;
mod pipe;
mod poll;
mod queue;
mod request;
mod rights;
mod several;
mod stream;
mod tasks;
mod waiting;
