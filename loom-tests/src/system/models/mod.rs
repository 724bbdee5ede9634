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

themes![cancel, close, give, kill, pipe, poll, request, timeout];

/// The model of this name.
pub fn named(name: &str) -> &'static Model {
    all().find(|model| model.name() == name).unwrap_or_else(|| panic!("there is no model {name}"))
}
