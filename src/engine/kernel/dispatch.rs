//! Which kernel serves a mix.

use super::{
    Balancer, Booking, Choice, FifoKernel, LeastOutstanding, PowerOf, Queues, RoundRobin, Router, Rules, Settings,
    SharedKernel, Sharing, SlotClass, SlowCircle,
};
use crate::engine::MixPlan;
use crate::engine::interval::IntervalKernel;
use crate::scenario::Discipline;
use crate::units::SimTime;
use crate::workload::RequestBlock;

/// The kernel of a discipline.
#[derive(Debug)]
pub(in crate::engine) enum Kernel {
    /// First come, first served, as a recursion.
    Fifo(Box<FifoKernel>),
    /// The same with a queue, which can do more.
    Shared(Box<SharedKernel>),
    /// A queue at each instance, of which the one with the fewest requests gets the next.
    LeastOutstanding(Box<Balancer<Queues<LeastOutstanding>>>),
    /// A queue at each instance, one after the other.
    RoundRobin(Box<Balancer<Queues<RoundRobin>>>),
    /// The same, with new instances coming in slowly.
    SlowStart(Box<Balancer<Queues<SlowCircle>>>),
    /// A queue at each instance, the shortest of some that are drawn.
    PowerOf(Box<Balancer<Queues<PowerOf>>>),
    /// Processor sharing.
    Sharing(Box<Balancer<Sharing>>),
    /// Tables in place of requests.
    Interval(Box<IntervalKernel>),
}

/// The same call, whichever kernel it is.
macro_rules! each {
    ($kernel:expr, $name:ident => $call:expr) => {
        match $kernel {
            Kernel::Fifo($name) => $call,
            Kernel::Shared($name) => $call,
            Kernel::LeastOutstanding($name) => $call,
            Kernel::RoundRobin($name) => $call,
            Kernel::SlowStart($name) => $call,
            Kernel::PowerOf($name) => $call,
            Kernel::Sharing($name) => $call,
            Kernel::Interval($name) => $call,
        }
    };
}

impl Kernel {
    /// The kernel for a mix.
    pub(in crate::engine) fn new(plan: &MixPlan, replication: u32) -> Self {
        let speeds = plan.speeds();
        let rules = Rules::new(plan.queue_limit, plan.timeout, plan.retry);
        let shared = |choice| Kernel::Shared(Box::new(SharedKernel::new(rules, choice, &speeds)));
        // Who comes again is not in order of arrival, and who leaves a limited queue early makes room: both need a queue.
        // Containers are started for requests that wait, so these have to be known.
        let needs_queue = plan.retry || plan.random_patience && plan.queue_limit.is_some() || plan.background.is_some();
        match plan.discipline {
            Discipline::Fifo if needs_queue => shared(Choice::LongestIdle),
            Discipline::FifoFastest if needs_queue || speeds.len() > 1 => shared(Choice::Fastest),
            Discipline::Fifo | Discipline::FifoFastest => Kernel::Fifo(Box::new(FifoKernel::new(&Settings {
                speeds,
                queue_limit: plan.queue_limit,
                timeout: plan.timeout,
                begin: (SimTime::START - plan.warm_up).as_secs_f64(),
            }))),
            Discipline::LeastOutstanding => Self::queues(rules, LeastOutstanding::default()),
            Discipline::RoundRobin => match plan.balancer.slow_start {
                None => Self::queues(rules, RoundRobin::default()),
                Some(duration) => {
                    let begin = SimTime::START - plan.warm_up;
                    Self::queues(rules, SlowCircle::new(duration.as_secs_f64(), begin.as_secs_f64()))
                }
            },
            Discipline::PowerOf { choices } => Self::queues(rules, PowerOf::new(choices, plan.seed, replication)),
            Discipline::ProcessorSharing => Self::sharing(rules),
        }
    }

    /// A queue at each instance.
    pub(super) fn queues<R: Router>(rules: Rules, router: R) -> Self {
        R::kernel(Box::new(Balancer::new(rules, Queues::new(rules, router))))
    }

    /// Processor sharing.
    pub(super) fn sharing(rules: Rules) -> Self {
        Kernel::Sharing(Box::new(Balancer::new(rules, Sharing::new(rules))))
    }

    /// The recursion, if that is what serves.
    pub(in crate::engine) fn fifo(&mut self) -> Option<&mut FifoKernel> {
        match self {
            Kernel::Fifo(kernel) => Some(kernel),
            _ => None,
        }
    }

    /// Requests in service and waiting at `now`, up to which everything is settled; of the shared queue only.
    pub(in crate::engine) fn in_system(&self, now: f64) -> Option<[u32; 2]> {
        match self {
            Kernel::Shared(kernel) => Some(kernel.in_system(now)),
            _ => None,
        }
    }

    /// Takes requests from index `from` on, in order of arrival, until one has to wait for the control event at `until` (infinite:
    /// none); returns its index.
    pub(in crate::engine) fn take(
        &mut self,
        block: &RequestBlock,
        from: usize,
        until: f64,
        book: &mut impl Booking,
    ) -> usize {
        each!(self, kernel => kernel.take(block, from, until, book))
    }

    /// An instance enters service.
    pub(in crate::engine) fn add(&mut self, instance: u32, slots: u32, speed: f64, class: SlotClass, now: f64) {
        each!(self, kernel => kernel.add(instance, slots, speed, class, now));
    }

    /// Books what is complete by `now` and busy time up to `now`.
    pub(in crate::engine) fn settle(&mut self, now: f64, book: &mut impl Booking) {
        each!(self, kernel => kernel.settle(now, book));
    }

    /// Changes what an instance's busy time counts for, from `now` on.
    pub(in crate::engine) fn reclassify(&mut self, instance: u32, class: SlotClass, now: f64, book: &mut impl Booking) {
        each!(self, kernel => kernel.reclassify(instance, class, now, book));
    }

    /// No new requests for an instance; returns when its last will be complete.
    pub(in crate::engine) fn retire(&mut self, instance: u32, now: f64, book: &mut impl Booking) -> f64 {
        each!(self, kernel => kernel.retire(instance, now, book))
    }

    /// Takes an instance away; what it has not completed is lost, or sent again. Returns how many requests that were.
    pub(in crate::engine) fn remove(&mut self, instance: u32, now: f64, book: &mut impl Booking) -> u32 {
        each!(self, kernel => kernel.remove(instance, now, book))
    }

    /// [`Kernel::remove`] for several that go as one, as the containers of a host do.
    pub(in crate::engine) fn remove_together(&mut self, instances: &[u32], now: f64, book: &mut impl Booking) -> u32 {
        match self {
            Kernel::Shared(kernel) => kernel.remove_together(instances, now, book),
            _ => instances.iter().map(|instance| self.remove(*instance, now, book)).sum(),
        }
    }

    /// No control event comes any more: everything is served or waits for ever.
    pub(in crate::engine) fn finish(&mut self, book: &mut impl Booking) {
        each!(self, kernel => kernel.finish(book));
    }
}
