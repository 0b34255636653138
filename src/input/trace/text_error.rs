//! What is wrong with a text that was to be a trace.

use crate::input::source::FileError;

/// Why a text cannot be read, and the line where that shows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TextError {
    /// Line, from 1; of a JSON text where the parser stopped.
    pub line: Option<u64>,
    /// What is wrong.
    pub message: String,
}

impl TextError {
    /// An error of the whole text.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { line: None, message: message.into() }
    }

    /// An error of a line.
    pub(super) fn at(line: u64, message: impl Into<String>) -> Self {
        Self { line: Some(line), ..Self::new(message) }
    }

    /// The same as an error of a file.
    pub(super) fn of(self, file: &str) -> FileError {
        FileError { file: file.to_string(), line: self.line, message: self.message }
    }
}
