//! desque: events are types, the state is shared, as in its examples `mm1_queue` and `crn_queues`.
//!
//! A service event carries nothing, since what there is to note of a request is known when its service begins; its box then
//! allocates nothing.

use crate::system::{Draws, Measured, System, Tally};
use desque::serial::{Event, Simulation};
use desque::{SimState, SimTime};
use std::cmp::Ordering;
use std::collections::VecDeque;
use std::error::Error;
use std::time::Instant;

/// Seconds.
#[derive(Debug, Clone, Copy)]
struct Time(f64);

impl Ord for Time {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Time {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Time {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Time {}

impl SimTime for Time {}

struct Station {
    /// Arrival times of those who wait.
    queue: VecDeque<f64>,
    idle: u32,
    end: f64,
    draws: Draws,
    tally: Tally,
}

impl SimState<Time> for Station {}

#[derive(Debug)]
struct Arrival;

impl Arrival {
    fn schedule(simulation: &mut Simulation<Station, Time>) -> desque::Result {
        let time = simulation.current_time().0 + simulation.state_mut().draws.gap();
        if time < simulation.state().end {
            simulation.schedule(Self, Time(time))?;
        }
        Ok(())
    }
}

impl Event<Station, Time> for Arrival {
    fn execute(&mut self, simulation: &mut Simulation<Station, Time>) -> desque::Result {
        let now = simulation.current_time().0;
        let station = simulation.state_mut();
        if station.idle > 0 {
            station.idle -= 1;
            Departure::schedule(now, simulation)?;
        } else {
            station.queue.push_back(now);
        }
        Self::schedule(simulation)
    }
}

#[derive(Debug)]
struct Departure;

impl Departure {
    /// Serves the request that came at `arrival`.
    fn schedule(arrival: f64, simulation: &mut Simulation<Station, Time>) -> desque::Result {
        let now = simulation.current_time().0;
        let station = simulation.state_mut();
        let service = station.draws.service();
        station.tally.served(arrival, now, service);
        simulation.schedule(Self, Time(now + service))
    }
}

impl Event<Station, Time> for Departure {
    fn execute(&mut self, simulation: &mut Simulation<Station, Time>) -> desque::Result {
        let station = simulation.state_mut();
        match station.queue.pop_front() {
            Some(arrival) => Self::schedule(arrival, simulation)?,
            None => station.idle += 1,
        }
        Ok(())
    }
}

pub fn simulate(system: &System) -> Result<Measured, Box<dyn Error>> {
    let station = Station {
        queue: VecDeque::new(),
        idle: system.servers,
        end: system.end(),
        draws: Draws::new(system)?,
        tally: Tally::new(system),
    };
    let begin = Instant::now();
    let mut simulation = Simulation::new(station, Time(0.0));
    Arrival::schedule(&mut simulation)?;
    simulation.run()?;
    Ok(Measured::new(&simulation.state().tally, begin.elapsed()))
}
