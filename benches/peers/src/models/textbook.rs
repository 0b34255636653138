//! The event calendar of the textbooks on a `BinaryHeap`, without a framework.

use crate::system::{Draws, Measured, System, Tally};
use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};
use std::error::Error;
use std::time::Instant;

enum Event {
    Arrival,
    Departure,
}

struct Scheduled {
    time: f64,
    event: Event,
}

/// The earliest is the greatest: the heap gives the greatest first.
impl Ord for Scheduled {
    fn cmp(&self, other: &Self) -> Ordering {
        other.time.total_cmp(&self.time)
    }
}

impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Scheduled {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Scheduled {}

struct Station {
    calendar: BinaryHeap<Scheduled>,
    /// Arrival times of those who wait.
    queue: VecDeque<f64>,
    idle: u32,
    end: f64,
    draws: Draws,
    tally: Tally,
}

impl Station {
    fn schedule_arrival(&mut self, now: f64) {
        let time = now + self.draws.gap();
        if time < self.end {
            self.calendar.push(Scheduled { time, event: Event::Arrival });
        }
    }

    fn serve(&mut self, arrival: f64, now: f64) {
        let service = self.draws.service();
        self.tally.served(arrival, now, service);
        self.calendar.push(Scheduled { time: now + service, event: Event::Departure });
    }

    fn run(&mut self) {
        self.schedule_arrival(0.0);
        while let Some(Scheduled { time: now, event }) = self.calendar.pop() {
            match event {
                Event::Arrival => {
                    if self.idle > 0 {
                        self.idle -= 1;
                        self.serve(now, now);
                    } else {
                        self.queue.push_back(now);
                    }
                    self.schedule_arrival(now);
                }
                Event::Departure => match self.queue.pop_front() {
                    Some(arrival) => self.serve(arrival, now),
                    None => self.idle += 1,
                },
            }
        }
    }
}

pub fn simulate(system: &System) -> Result<Measured, Box<dyn Error>> {
    let mut station = Station {
        calendar: BinaryHeap::new(),
        queue: VecDeque::new(),
        idle: system.servers,
        end: system.end(),
        draws: Draws::new(system)?,
        tally: Tally::new(system),
    };
    let begin = Instant::now();
    station.run();
    Ok(Measured::new(&station.tally, begin.elapsed()))
}
