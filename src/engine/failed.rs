//! What a load balancer does not know: instances that have failed and still get requests, and requests that are cut off.

use super::Simulation;
use super::calendar::Control;
use super::event::What;
use super::kernel::SlotClass;
use crate::fleet::{Instance, State};
use crate::rng::{Purpose, Stream};
use crate::units::Duration;

/// The speed of what a failed instance still gets: it is never complete before the balancer learns of the failure.
pub(super) const SPEED: f64 = 1e-6;

impl Simulation<'_> {
    /// An instance fails in the middle of its work, and the balancer does not know: requests go on to it until enough checks have failed
    /// (RULES R80), and are lost with it then. In its place stands an instance that completes nothing. Returns the time until then.
    pub(super) fn fail(&mut self, number: u32) -> Duration {
        let check = self.plan.balancer.health_check.expect("only checks leave a failure unknown");
        let slots = self.kind_of(number).slots;
        self.stop_serving(number, || "failed without notice".to_string());
        let now = self.now.as_secs_f64();
        let lost = self.kernel.remove(number, now, &mut self.meter);
        let failed = self.fleet.len() as u32;
        self.fleet.push(Instance { state: State::Terminated, ..self.fleet[number as usize].clone() });
        self.kernel.add(failed, slots, SPEED, SlotClass::Draining, now);
        self.failed.push(failed);
        // Checks come at their interval, whenever the instance fails.
        let u = Stream::new(self.plan.seed, Purpose::HealthCheck).uniform(self.replication, u64::from(number), 0);
        let first = Duration::from_secs_f64_rounded_to_millis(u * check.interval.as_secs_f64());
        let found = first + check.detection();
        self.log(What::Failed, Some(number), || {
            format!("{lost} requests in flight are lost; found by health checks after {found}")
        });
        self.calendar.schedule(self.now + found, Control::FoundFailed(failed));
        found
    }

    /// The balancer finds that an instance has failed and sends it nothing more, unless it has no other: then it fails open, and what
    /// it sends is lost.
    pub(super) fn found_failed(&mut self, failed: u32) {
        let in_service: u32 = self.meter.in_service.instances.iter().sum();
        if let (0, Some(check)) = (in_service, self.plan.balancer.health_check) {
            self.calendar.schedule(self.now + check.interval, Control::FoundFailed(failed));
        }
        let now = self.now.as_secs_f64();
        let lost = self.kernel.remove(failed, now, &mut self.meter);
        if lost > 0 {
            self.log(What::RequestsLost, Some(failed), || format!("{lost} sent to a failed instance"));
        }
        if in_service == 0 {
            let slots = self.kind_of(failed).slots;
            self.kernel.add(failed, slots, SPEED, SlotClass::Draining, now);
        } else {
            self.failed.retain(|other| *other != failed);
        }
    }

    /// An instance that leaves within `notice` is deregistered before, if the delay is shorter.
    pub(super) fn deregister_within(&mut self, number: u32, notice: Duration) {
        if let Some(delay) = self.plan.balancer.deregistration_delay.filter(|delay| *delay < notice) {
            self.calendar.schedule(self.now + delay, Control::Deregistered(number));
        }
    }

    /// The deregistration delay is over: requests that are still in flight are cut off, although the instance runs on.
    pub(super) fn deregistered(&mut self, number: u32) {
        if self.fleet[number as usize].state != State::Draining {
            return;
        }
        let lost = self.cut_off(number);
        if lost > 0 {
            self.log(What::RequestsLost, Some(number), || format!("{lost} in flight when deregistered"));
        }
    }
}
