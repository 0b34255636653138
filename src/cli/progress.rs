//! Progress on the standard error, only where somebody sees it.

use crate::study::{self, Checkpoint};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::io::{IsTerminal, stderr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A bar on a terminal, nothing elsewhere; and whether the work shall stop.
pub(super) struct Progress {
    bar: ProgressBar,
    cancelled: Arc<AtomicBool>,
}

impl Progress {
    /// A bar of `steps` steps, hidden if `quiet`; the work stops when `cancelled` becomes true.
    pub(super) fn new(steps: u64, quiet: bool, cancelled: Arc<AtomicBool>) -> Self {
        let visible = !quiet && stderr().is_terminal();
        let target = if visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(steps), target);
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} · {rate} · {eta} left") {
            let rate = |state: &ProgressState, words: &mut dyn Write| {
                let _ = write!(words, "{:.1}/s", state.per_sec());
            };
            bar.set_style(style.with_key("rate", rate));
        }
        bar.set_message("simulating");
        Self { bar, cancelled }
    }
}

impl study::Progress for Progress {
    fn advance(&self, finished: u64) {
        self.bar.inc(finished);
    }

    fn cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// A stage more lengthens the bar.
impl study::Watcher for Progress {
    fn stage(&self, words: &str, steps: u64) {
        self.bar.inc_length(steps);
        self.bar.set_message(words.to_string());
    }
}

/// Bars of the stages of a plan, and what is kept in between.
pub(super) struct Stages<'a> {
    progress: Progress,
    keep: &'a (dyn Fn(&Checkpoint) + Sync),
}

impl<'a> Stages<'a> {
    /// Hidden if `quiet`; the work stops when `cancelled` becomes true; `keep` writes a checkpoint.
    pub(super) fn new(quiet: bool, cancelled: Arc<AtomicBool>, keep: &'a (dyn Fn(&Checkpoint) + Sync)) -> Self {
        Self { progress: Progress::new(0, quiet, cancelled), keep }
    }
}

impl study::Progress for Stages<'_> {
    fn advance(&self, finished: u64) {
        self.progress.bar.inc(finished);
    }

    fn cancelled(&self) -> bool {
        self.progress.cancelled.load(Ordering::Relaxed)
    }
}

impl study::Watcher for Stages<'_> {
    fn stage(&self, words: &str, steps: u64) {
        self.progress.bar.set_message(words.to_string());
        self.progress.bar.set_length(steps);
        self.progress.bar.reset();
    }

    fn keep(&self, checkpoint: &Checkpoint) {
        (self.keep)(checkpoint);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
