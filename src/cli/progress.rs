//! Progress on the standard error, only where somebody sees it.

use crate::study;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
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
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}") {
            bar.set_style(style);
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

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
