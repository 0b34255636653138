//! Deregistration: a target that gets no new requests and finishes what it has (RULES R81).

use crate::units::Duration;

/// How the deregistration of a target ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deregistration {
    /// Time until it is deregistered.
    pub after: Duration,
    /// Time for which it is shown as draining.
    pub shown_draining: Duration,
    /// Whether requests are cut off.
    pub cuts_off: bool,
}

/// The deregistration of a target whose last request ends after `last_request`: it is over when nothing is in flight, and after `delay`
/// whatever is, although the target is shown as draining until then.
pub fn deregistration(delay: Duration, last_request: Duration) -> Deregistration {
    Deregistration { after: delay.min(last_request), shown_draining: delay, cuts_off: last_request > delay }
}

/// When the drain of an instance ends, on which the cloud may have a claim: with its last request, at the end of the deregistration
/// delay, or when it is taken away, whichever comes first. A delay longer than the notice is of no use.
pub fn drain_ends(last_request: Duration, delay: Duration, notice: Option<Duration>) -> Duration {
    let limit = notice.map_or(delay, |notice| notice.min(delay));
    deregistration(limit, last_request).after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_cuts_a_longer_delay_short() {
        let seconds = Duration::from_secs;
        let ended = deregistration(seconds(300), seconds(40));
        assert_eq!((ended.after, ended.shown_draining, ended.cuts_off), (seconds(40), seconds(300), false));
        assert!(deregistration(seconds(30), seconds(40)).cuts_off);
        assert_eq!(drain_ends(seconds(200), seconds(300), Some(seconds(120))), seconds(120));
        assert_eq!(drain_ends(seconds(200), seconds(300), None), seconds(200));
    }
}
