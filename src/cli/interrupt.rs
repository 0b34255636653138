//! Ctrl-C: the first asks for a clean stop, the second ends the process.

use super::exit::{Failure, INTERRUPTED};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Takes over Ctrl-C for the rest of the process. The flag is set by the first.
pub(super) fn watch() -> Result<Arc<AtomicBool>, Failure> {
    let asked = Arc::new(AtomicBool::new(false));
    let flag = asked.clone();
    let on_signal = move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(INTERRUPTED));
        }
    };
    ctrlc::set_handler(on_signal).map_err(|error| Failure::new(format!("cannot watch for Ctrl-C: {error}"), ""))?;
    Ok(asked)
}
