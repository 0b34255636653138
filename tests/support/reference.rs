//! A queue simulated event by event, for clarity and not for speed: what the engine's recursion is held against.
//!
//! At each instant: first completions, then changes of the fleet, then waiting requests start, then clients leave, then requests
//! arrive. The slot that has been idle longest starts first; of equals the one with the lowest number among those of its speed,
//! and of those the slowest. Requests start and are complete on the grid of request times, whatever the times of changes.

pub use super::literal::{Change, Client};
use fleetmix::units::{grid_at_or_after, grid_at_or_before, on_grid};
use std::collections::VecDeque;

/// What became of the requests.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tally {
    /// Latency of each served request, in order of completion.
    pub latencies: Vec<f64>,
    /// Turned away.
    pub rejected: u64,
    /// Left while waiting.
    pub timed_out: u64,
    /// Lost with their instance.
    pub lost: u64,
    /// Still waiting when nothing happens any more.
    pub waiting: u64,
    /// Busy slot-seconds between 0 and the horizon on instances that do not drain.
    pub busy: f64,
    /// Slot-seconds in service between 0 and the horizon.
    pub capacity: f64,
}

#[derive(Debug, Clone, Copy)]
struct Job {
    arrival: f64,
    start: f64,
    finish: f64,
}

#[derive(Debug, Clone, Copy)]
struct Server {
    number: u32,
    instance: u32,
    speed: f64,
    entered: f64,
    idle_since: f64,
    job: Option<Job>,
    drains_since: Option<f64>,
}

/// A queue before a fleet.
#[derive(Debug)]
struct Queue {
    limit: usize,
    horizon: f64,
    servers: Vec<Server>,
    waiting: VecDeque<Client>,
    tally: Tally,
}

/// Serves `clients` (in order of arrival) on the fleet that `changes` (in order of time) make.
pub fn serve(clients: &[Client], changes: &[(f64, Change)], queue_limit: Option<u32>, horizon: f64) -> Tally {
    let mut queue = Queue {
        limit: queue_limit.map_or(usize::MAX, |limit| limit as usize),
        horizon,
        servers: Vec::new(),
        waiting: VecDeque::new(),
        tally: Tally::default(),
    };
    let (mut clients, mut changes) = (clients.iter().peekable(), changes.iter().peekable());
    let mut last = f64::NEG_INFINITY;
    loop {
        let completion = queue.servers.iter().filter_map(|s| s.job.map(|job| job.finish)).fold(f64::INFINITY, f64::min);
        let change = changes.peek().map_or(f64::INFINITY, |(time, _)| *time);
        let leave = queue.waiting.iter().map(|c| c.arrival + c.patience).fold(f64::INFINITY, f64::min);
        let arrival = clients.peek().map_or(f64::INFINITY, |client| client.arrival);
        // A new instance takes requests from the first time of the grid on.
        let ready = queue.servers.iter().map(|s| s.idle_since).filter(|since| *since > last);
        let ready = ready.fold(f64::INFINITY, f64::min);
        let now = completion.min(change).min(leave).min(arrival).min(ready);
        if now == f64::INFINITY {
            break;
        }
        last = now;
        queue.complete(now);
        while let Some((_, change)) = changes.next_if(|(time, _)| *time <= now) {
            queue.change(now, *change);
        }
        queue.start_waiting(now);
        if leave <= now {
            queue.leave(now);
        }
        while let Some(client) = clients.next_if(|client| client.arrival <= now) {
            queue.arrive(now, *client);
        }
    }
    queue.finish()
}

impl Queue {
    fn complete(&mut self, now: f64) {
        for index in 0..self.servers.len() {
            let server = self.servers[index];
            let Some(job) = server.job.filter(|job| job.finish <= now) else { continue };
            self.book_busy(&server, job.finish);
            self.servers[index].job = None;
            self.servers[index].idle_since = job.finish;
            if job.arrival >= 0.0 {
                self.tally.latencies.push(job.finish - job.arrival);
            }
        }
    }

    fn change(&mut self, now: f64, change: Change) {
        match change {
            Change::Enter { instance, slots, speed } => {
                for _ in 0..slots {
                    let taken = |number: &u32| self.servers.iter().any(|s| s.speed == speed && s.number == *number);
                    let number = (0..).find(|number| !taken(number)).expect("there are numbers enough");
                    self.servers.push(Server {
                        number,
                        instance,
                        speed,
                        entered: now,
                        idle_since: grid_at_or_after(now),
                        job: None,
                        drains_since: None,
                    });
                }
            }
            Change::Drain { instance } => {
                for index in 0..self.servers.len() {
                    let server = self.servers[index];
                    if server.instance == instance {
                        self.book_capacity(&server, now);
                        self.servers[index].drains_since = Some(now);
                    }
                }
            }
            Change::Gone { instance } => {
                let (gone, stay) = self.servers.iter().copied().partition(|server| server.instance == instance);
                self.servers = stay;
                for server in gone {
                    self.book_busy(&server, grid_at_or_before(now));
                    if server.drains_since.is_none() {
                        self.book_capacity(&server, now);
                    }
                    if server.job.is_some_and(|job| job.arrival >= 0.0) {
                        self.tally.lost += 1;
                    }
                }
            }
        }
    }

    fn idle(&self, now: f64) -> Option<usize> {
        let idle = |s: &Server| s.job.is_none() && s.drains_since.is_none() && s.idle_since <= now;
        let order = |s: &Server| (s.idle_since, s.number, s.speed);
        (0..self.servers.len())
            .filter(|&i| idle(&self.servers[i]))
            .min_by(|&a, &b| order(&self.servers[a]).partial_cmp(&order(&self.servers[b])).expect("times are numbers"))
    }

    fn start(&mut self, server: usize, client: Client, now: f64) {
        let server = &mut self.servers[server];
        let start = server.idle_since.max(now);
        let finish = start + on_grid(client.work * (1.0 / server.speed));
        if finish > start {
            server.job = Some(Job { arrival: client.arrival, start, finish });
            return;
        }
        // A service of no time at all leaves its slot free at the same instant.
        server.idle_since = finish;
        if client.arrival >= 0.0 {
            self.tally.latencies.push(finish - client.arrival);
        }
    }

    fn start_waiting(&mut self, now: f64) {
        while !self.waiting.is_empty()
            && let Some(server) = self.idle(now)
        {
            let client = self.waiting.pop_front().expect("somebody waits");
            self.start(server, client, now);
        }
    }

    fn leave(&mut self, now: f64) {
        let tally = &mut self.tally;
        self.waiting.retain(|client| {
            let leaves = client.arrival + client.patience <= now;
            tally.timed_out += u64::from(leaves && client.arrival >= 0.0);
            !leaves
        });
    }

    fn arrive(&mut self, now: f64, client: Client) {
        match self.idle(now).filter(|_| self.waiting.is_empty()) {
            Some(server) => self.start(server, client, now),
            None if self.waiting.len() >= self.limit => self.tally.rejected += u64::from(client.arrival >= 0.0),
            None => self.waiting.push_back(client),
        }
    }

    /// Busy time of a server's job that ends or breaks off at `end`.
    fn book_busy(&mut self, server: &Server, end: f64) {
        let Some(job) = server.job else { return };
        let end = end.min(server.drains_since.map_or(f64::INFINITY, grid_at_or_before)).min(self.horizon);
        self.tally.busy += (end - job.start.max(0.0)).max(0.0);
    }

    fn book_capacity(&mut self, server: &Server, end: f64) {
        self.tally.capacity += (end.min(self.horizon) - server.entered.max(0.0)).max(0.0);
    }

    fn finish(mut self) -> Tally {
        for server in std::mem::take(&mut self.servers) {
            if server.drains_since.is_none() {
                self.book_capacity(&server, f64::INFINITY);
            }
        }
        self.tally.waiting = self.waiting.iter().filter(|client| client.arrival >= 0.0).count() as u64;
        self.tally
    }
}
