//! How a command ends.

use crate::input::Diagnostic;
use std::io;

/// Everything was done; `compare` ends so too when no mix meets the objective.
pub(super) const DONE: u8 = 0;
/// A check was done and failed.
pub(super) const FAILED: u8 = 1;
/// Bad usage or bad input.
pub(super) const BAD_INPUT: u8 = 2;
/// Stopped by Ctrl-C: 128 and the number of the signal, as shells say it.
pub(super) const INTERRUPTED: u8 = 130;

/// Why a command stopped.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The input is wrong.
    #[error(transparent)]
    Input(#[from] Box<Diagnostic>),
    /// Something else, in a sentence.
    #[error("{message}")]
    Other {
        /// What happened.
        message: String,
        /// What to do about it, or empty.
        help: String,
    },
    /// Ctrl-C stopped it; what was kept, in a sentence.
    #[error("{0}")]
    Interrupted(String),
    /// Whoever reads the output has seen enough (`fleetmix … | head`): no failure.
    #[error("nobody reads the output")]
    ReaderGone,
}

impl Failure {
    /// A failure in a sentence, with advice.
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Other { message: message.into(), help: help.into() }
    }

    /// The exit code.
    pub(super) fn code(&self) -> u8 {
        match self {
            Self::Input(_) | Self::Other { .. } => BAD_INPUT,
            Self::Interrupted(_) => INTERRUPTED,
            Self::ReaderGone => DONE,
        }
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Input(Box::new(diagnostic))
    }
}

impl From<io::Error> for Failure {
    /// An error of writing to the standard output.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ReaderGone,
            _ => Self::new(format!("cannot write the output: {error}"), ""),
        }
    }
}
