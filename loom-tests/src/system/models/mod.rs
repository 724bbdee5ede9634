//! The models, a file for each theme.

use crate::explore::Model;

macro_rules! themes {
    ($($theme:ident),* $(,)?) => {
        $(pub mod $theme;)*

        /// All of them.
        pub fn all() -> impl Iterator<Item = &'static Model> {
            [$($theme::MODELS),*].into_iter().flatten()
        }
    };
}

themes![
    cancel,
    close,
    connect,
    conservation,
    datagram,
    give,
    interrupt,
    kill,
    lock,
    mailbox,
    order,
    pipe,
    poll,
    queue,
    request,
    ring,
    runner,
    stream,
    timeout,
];

/// The model of this name.
pub fn named(name: &str) -> &'static Model {
    all().find(|model| model.name() == name).unwrap_or_else(|| panic!("there is no model {name}"))
}
