//! The models, a file for each theme.

pub mod cancel;
pub mod close;
pub mod connect;
pub mod conservation;
pub mod datagram;
pub mod give;
pub mod interrupt;
pub mod kill;
pub mod lock;
pub mod mailbox;
pub mod order;
pub mod pipe;
pub mod poll;
pub mod queue;
pub mod request;
pub mod ring;
pub mod runner;
pub mod stream;
pub mod timeout;

use crate::explore::Model;

/// The models of each theme.
const THEMES: &[&[Model]] = &[
    cancel::MODELS,
    close::MODELS,
    connect::MODELS,
    conservation::MODELS,
    datagram::MODELS,
    give::MODELS,
    interrupt::MODELS,
    kill::MODELS,
    lock::MODELS,
    mailbox::MODELS,
    order::MODELS,
    pipe::MODELS,
    poll::MODELS,
    queue::MODELS,
    request::MODELS,
    ring::MODELS,
    runner::MODELS,
    stream::MODELS,
    timeout::MODELS,
];

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Model> {
    THEMES.iter().copied().flatten()
}

/// The model of this name.
pub fn named(name: &str) -> Option<&'static Model> {
    all().find(|model| model.name() == name)
}
