//! The laws of `docs/laws.md`, one named test each: `law_NN_what_it_promises`.

mod hand;

mod death;
mod handles;
mod mailbox;
mod page;
mod pipe;
mod poll;
mod request;
mod rights;
mod tasks;
mod waiting;
