//! nexosim: a model that schedules its own events, on one thread.
//!
//! One model holds both the source and the servers: two models joined by a port are the finer picture, but each message between them costs
//! time that this queue does not need to spend. Random numbers and the tally are the model's environment, as its state can be saved.

use crate::system::{Draws, Measured, System, Tally};
use nexosim::model::{BuildContext, Context, Model, ProtoModel, schedulable};
use nexosim::ports::QuerySource;
use nexosim::simulation::{Mailbox, SchedulingError, SimInit};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::error::Error;
use std::time::{Duration, Instant};

/// Simulated time begins here.
const BEGIN: MonotonicTime = MonotonicTime::EPOCH;

/// The shortest time between two events: nexosim schedules for the future only, in whole nanoseconds.
const SHORTEST: Duration = Duration::from_nanos(1);

fn seconds_since_begin(time: MonotonicTime) -> f64 {
    time.duration_since(BEGIN).as_secs_f64()
}

#[derive(Serialize, Deserialize)]
struct Station {
    /// Arrival times of those who wait, in seconds.
    queue: VecDeque<f64>,
    idle: u32,
    end: f64,
}

struct Environment {
    draws: Draws,
    tally: Tally,
}

#[Model(type Env = Environment)]
impl Station {
    #[nexosim(init)]
    async fn init(&mut self, context: &Context<Self>, environment: &mut Environment) {
        self.schedule_arrival(context, environment);
    }

    #[nexosim(schedulable)]
    fn arrive(&mut self, _: (), context: &Context<Self>, environment: &mut Environment) {
        let now = seconds_since_begin(context.time());
        if self.idle > 0 {
            self.idle -= 1;
            self.serve(now, now, context, environment);
        } else {
            self.queue.push_back(now);
        }
        self.schedule_arrival(context, environment);
    }

    #[nexosim(schedulable)]
    fn depart(&mut self, _: (), context: &Context<Self>, environment: &mut Environment) {
        match self.queue.pop_front() {
            Some(arrival) => self.serve(arrival, seconds_since_begin(context.time()), context, environment),
            None => self.idle += 1,
        }
    }

    async fn tally(&mut self, _: (), _: &Context<Self>, environment: &mut Environment) -> Tally {
        std::mem::take(&mut environment.tally)
    }
}

impl Station {
    fn schedule_arrival(&mut self, context: &Context<Self>, environment: &mut Environment) {
        let gap = Duration::from_secs_f64(environment.draws.gap()).max(SHORTEST);
        if seconds_since_begin(context.time() + gap) < self.end {
            note(context.schedule_event(gap, schedulable!(Self::arrive), ()));
        }
    }

    fn serve(&mut self, arrival: f64, now: f64, context: &Context<Self>, environment: &mut Environment) {
        let service = environment.draws.service();
        environment.tally.served(arrival, now, service);
        let service = Duration::from_secs_f64(service).max(SHORTEST);
        note(context.schedule_event(service, schedulable!(Self::depart), ()));
    }
}

/// Scheduling fails for times that are not in the future.
fn note(scheduled: Result<(), SchedulingError>) {
    scheduled.expect("times between events are at least a nanosecond");
}

struct Prototype {
    station: Station,
    environment: Environment,
}

impl ProtoModel for Prototype {
    type Model = Station;

    fn build(self, _: &mut BuildContext<Self>) -> (Station, Environment) {
        (self.station, self.environment)
    }
}

pub fn simulate(system: &System) -> Result<Measured, Box<dyn Error>> {
    let prototype = Prototype {
        station: Station { queue: VecDeque::new(), idle: system.servers, end: system.end() },
        environment: Environment { draws: Draws::new(system)?, tally: Tally::new(system) },
    };
    let mailbox = Mailbox::new();
    let mut bench = SimInit::with_num_threads(1);
    let tally = QuerySource::new().connect(Station::tally, &mailbox).register(&mut bench);
    let mut simulation = bench.add_model(prototype, mailbox, "station").init(BEGIN)?;
    let begin = Instant::now();
    simulation.run()?;
    let took = begin.elapsed();
    Ok(Measured::new(&simulation.process_query(&tally, ())?, took))
}
