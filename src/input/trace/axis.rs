//! The scenario's time axis, and where traces lie on it.

use crate::input::source::FileError;
use crate::scenario::{AtEnd, Clock, TraceRef};
use crate::trace::AfterEnd;
use crate::units::{Duration, Instant, SimTime};

/// The scenario's time axis.
#[derive(Debug, Clone, Copy)]
pub(in crate::input) struct Axis {
    start: Instant,
    horizon: Duration,
}

impl Axis {
    pub(in crate::input) fn new(clock: &Clock) -> Self {
        Self { start: clock.start, horizon: clock.horizon }
    }

    /// The end of the horizon.
    pub(in crate::input) fn horizon_end(&self) -> SimTime {
        SimTime::START + self.horizon
    }

    /// The scenario's time of a trace's instant; `None` when they are more than 70 years apart.
    pub(in crate::input) fn place(&self, unix_nanos: i64, trace: &TraceRef) -> Option<SimTime> {
        const LIMIT: i128 = 70 * 366 * 86_400 * 1_000_000_000;
        let shift = trace.place.map_or(0, |place| place.at.unix_nanos() - place.trace_time.unix_nanos());
        let offset = i128::from(unix_nanos) + shift - self.start.unix_nanos();
        (offset.abs() < LIMIT).then_some(SimTime::from_nanos(offset as i64))
    }

    /// [`Axis::place`] with the error that a reader needs.
    pub(super) fn placed(&self, unix_nanos: i64, trace: &TraceRef, line: u64) -> Result<SimTime, FileError> {
        self.place(unix_nanos, trace).ok_or_else(|| {
            let message = format!(
                "the trace's {} lies more than 70 years from the scenario's start {}; place it with `place`",
                super::stamp::name(unix_nanos),
                self.start
            );
            FileError::at_line(&trace.file, line, message)
        })
    }

    /// Whether a trace from `first` to `end` covers what is simulated, and what follows its end.
    pub(super) fn check_coverage(&self, first: SimTime, end: SimTime, trace: &TraceRef) -> Result<AfterEnd, FileError> {
        let instant = |time: SimTime| self.start + time.since_start();
        let fail = |message: String| Err(FileError::new(&trace.file, message));
        if first > SimTime::START {
            return fail(format!(
                "the trace begins at {} in the scenario's time, after the scenario's start {}; place it with `place` or \
                 start later",
                instant(first),
                self.start
            ));
        }
        let horizon_end = self.horizon_end();
        match trace.at_end {
            AtEnd::Error if end < horizon_end => fail(format!(
                "the horizon is longer than the trace: the trace ends at {} in the scenario's time, the horizon at {}; \
                 shorten the horizon, or set `at_end` to \"hold\" or \"repeat\"",
                instant(end),
                instant(horizon_end)
            )),
            AtEnd::Hold if end < SimTime::START => fail(format!(
                "the whole trace lies before the scenario's start {}: it ends at {}; place it with `place`",
                self.start,
                instant(end)
            )),
            AtEnd::Repeat if end <= first => fail("a trace of one instant cannot be repeated".to_string()),
            AtEnd::Error => Ok(AfterEnd::Undefined),
            AtEnd::Hold => Ok(AfterEnd::Hold),
            AtEnd::Repeat => Ok(AfterEnd::Repeat),
        }
    }
}
