//! The laws of `docs/laws.md`, one named test each: `law_NN_what_it_promises`.

mod hand;

// mod handles;
// mod mailbox;
// mod page;
// mod pipe;
// mod tasks;
// mod waiting;
mod datagram;
mod program;
mod queue;
mod stream;
