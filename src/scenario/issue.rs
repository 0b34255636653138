//! Problems found in a scenario, each with its place.

/// Something that is wrong in a scenario, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// JSON pointer of the value (`/markets/use1b/max_price`); empty for the whole document.
    pub pointer: String,
    /// What is wrong, what was found and what would be right, as a sentence without a full stop.
    pub message: String,
}

impl Issue {
    /// A problem at `pointer`.
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into() }
    }
}

/// The JSON pointer of the member `key` of the value at `parent`.
pub fn pointer_child(parent: &str, key: &str) -> String {
    format!("{parent}/{}", key.replace('~', "~0").replace('/', "~1"))
}
