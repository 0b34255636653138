//! One replication in both fidelities: minutes by tables, and every request within some spans of time.

use super::interval::IntervalKernel;
use super::kernel::Kernel;
use super::{MinuteLoads, MixPlan, RunRecord, Simulation, Tables};
use crate::fleet::State;
use crate::market::MarketPath;
use crate::units::{Duration, SimTime};
use crate::workload::RequestBlock;
use std::sync::Arc;

/// A simulation whose control plane goes through the whole horizon, and whose requests are simulated within spans of time only.
///
/// At the beginning of a span a kernel with empty queues takes the place of the tables; at its end what it still has is completed by the servers
/// that there are, and the tables go on without a backlog. So a span has to begin a while before what is to be read off it, and what follows it is
/// not to be read at all. Fleet, alarms and markets are the same throughout.
#[derive(Debug)]
pub struct Segmented<'a> {
    simulation: Simulation<'a>,
    loads: Arc<MinuteLoads>,
    tables: Arc<Tables>,
    /// Seconds since the start: from, until.
    spans: Vec<(f64, f64)>,
    /// The span that is next, or in which requests are simulated.
    current: usize,
    inside: bool,
}

impl<'a> Segmented<'a> {
    /// A replication of `plan` that simulates the requests of `spans`, which do not meet and are in order of time.
    pub fn new(
        plan: &'a MixPlan,
        markets: &'a [MarketPath],
        replication: u32,
        loads: Arc<MinuteLoads>,
        tables: Arc<Tables>,
        spans: Vec<(SimTime, SimTime)>,
    ) -> Self {
        let simulation = Simulation::by_interval(plan, markets, replication, loads.clone(), tables.clone());
        let spans = spans.into_iter().map(|(from, until)| (from.as_secs_f64(), until.as_secs_f64())).collect();
        Self { simulation, loads, tables, spans, current: 0, inside: false }
    }

    /// Takes the next requests, in order of arrival; those outside the spans are passed over.
    pub fn feed(&mut self, block: &RequestBlock) {
        let mut from = 0;
        while let Some(&(begin, end)) = self.spans.get(self.current) {
            if !self.inside {
                from += block.arrivals[from..].partition_point(|arrival| *arrival < begin);
                if from == block.arrivals.len() {
                    return;
                }
                self.enter(begin);
            }
            let to = from + block.arrivals[from..].partition_point(|arrival| *arrival < end);
            if from == 0 && to == block.arrivals.len() {
                self.simulation.feed(block);
                return;
            }
            if from < to {
                self.simulation.feed(&part(block, from, to));
            }
            if to == block.arrivals.len() {
                return;
            }
            self.leave(end);
            from = to;
        }
    }

    /// [`Simulation::finish`].
    pub fn finish(mut self, offered_by_minute: &[u32]) -> RunRecord {
        if self.inside {
            self.leave(self.spans[self.current].1);
        }
        self.simulation.finish(offered_by_minute)
    }

    /// Requests are simulated from `time` on.
    fn enter(&mut self, time: f64) {
        self.control_until(time);
        // Its clock begins here, so that keys of times are as fine as those of a short run.
        let warm_up = Duration::ZERO - Duration::from_nanos((time.floor() * 1e9) as i64);
        let plan = MixPlan { warm_up, ..self.simulation.plan.clone() };
        let kernel = Kernel::new(&plan, self.simulation.replication);
        self.serve_by(kernel, time);
        self.inside = true;
    }

    /// Tables serve from `time` on, or from when the last request of the span has begun.
    fn leave(&mut self, time: f64) {
        self.control_until(time);
        let now = time.max(self.simulation.now.as_secs_f64());
        self.simulation.kernel.settle(now, &mut self.simulation.meter);
        self.simulation.kernel.finish(&mut self.simulation.meter);
        let (tables, loads) = (self.tables.clone(), self.loads.clone());
        let kernel = IntervalKernel::new(self.simulation.plan, tables, loads).beginning_at(now);
        self.serve_by(Kernel::Interval(Box::new(kernel)), now);
        self.inside = false;
        self.current += 1;
    }

    fn control_until(&mut self, time: f64) {
        while self.simulation.next_control <= time {
            self.simulation.handle_control();
        }
    }

    /// Another kernel takes over the instances that serve, those that drain included.
    fn serve_by(&mut self, mut kernel: Kernel, now: f64) {
        let simulation = &mut self.simulation;
        simulation.kernel.settle(now, &mut simulation.meter);
        for number in simulation.alive.clone() {
            let instance = &simulation.fleet[number as usize];
            let (state, kind, class) = (instance.state, simulation.kind_of(number), simulation.class_of(number));
            if matches!(state, State::InService | State::Draining) {
                kernel.add(number, kind.slots, kind.speed, class, now);
            }
            if state == State::Draining {
                kernel.retire(number, now, &mut simulation.meter);
            }
        }
        simulation.kernel = kernel;
    }
}

/// Requests `from..to` of a block.
fn part(block: &RequestBlock, from: usize, to: usize) -> RequestBlock {
    RequestBlock {
        arrivals: block.arrivals[from..to].to_vec(),
        works: block.works[from..to].to_vec(),
        patiences: block.patiences.get(from..to).unwrap_or_default().to_vec(),
    }
}
