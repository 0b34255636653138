//! Work that can wait: its tasks, what containers have done of them, and what was lost.

use crate::rng::{Purpose, Sampler, Stream};
use crate::units::{Duration, SimTime};
use std::collections::VecDeque;

/// The shortest task, so that time goes on.
const SHORTEST: Duration = Duration::from_millis(1);

/// A task, or what is left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Task {
    /// Work that is left, on an instance of speed 1.
    pub left: Duration,
}

/// The tasks that wait.
#[derive(Debug, Clone)]
pub struct Backlog {
    sizes: Sampler,
    numbers: Stream,
    replication: u32,
    /// Tasks that have never been begun.
    fresh: u64,
    drawn: u64,
    /// Tasks whose containers were killed.
    returned: VecDeque<Task>,
}

impl Backlog {
    /// `tasks` tasks (`None`: endless) whose work is drawn from `sizes`, the same in every mix.
    pub fn new(sizes: Sampler, tasks: Option<u64>, seed: u32, replication: u32) -> Self {
        Self {
            sizes,
            numbers: Stream::new(seed, Purpose::BackgroundTask),
            replication,
            fresh: tasks.unwrap_or(u64::MAX),
            drawn: 0,
            returned: VecDeque::new(),
        }
    }

    /// How many tasks wait.
    pub fn waiting(&self) -> u64 {
        self.fresh.saturating_add(self.returned.len() as u64)
    }

    /// Takes the next task: first those that were begun before.
    pub fn take(&mut self) -> Option<Task> {
        if let Some(task) = self.returned.pop_front() {
            return Some(task);
        }
        self.fresh = self.fresh.checked_sub(1)?;
        let seconds = self.sizes.draw(self.numbers.uniform(self.replication, self.drawn, 0));
        self.drawn += 1;
        Some(Task { left: Duration::from_secs_f64_rounded_to_millis(seconds).max(SHORTEST) })
    }

    /// Puts back what is left of a task.
    pub fn put_back(&mut self, task: Task) {
        self.returned.push_back(task);
    }
}

/// What came of the containers with work that can wait, from the start of the horizon on. Times are sums of nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BackgroundTally {
    /// Work that was done and kept, on an instance of speed 1.
    pub done: i128,
    /// Work that was done and lost.
    pub lost: i128,
    /// Time of containers that worked.
    pub working: i128,
    /// Time of containers until they worked.
    pub starting: i128,
    /// Tasks that were completed.
    pub tasks: u64,
    /// Containers that were killed or lost with their host.
    pub killed: u64,
}

impl BackgroundTally {
    /// Adds another tally.
    pub fn add(&mut self, other: &Self) {
        self.done += other.done;
        self.lost += other.lost;
        self.working += other.working;
        self.starting += other.starting;
        self.tasks += other.tasks;
        self.killed += other.killed;
    }
}

/// A container with a task.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Worker {
    task: Task,
    speed: f64,
    checkpoint_every: Option<Duration>,
    /// Since when its time is not counted: since it was started, or since it began this task.
    since: SimTime,
    /// When it works on this task, or will.
    works_from: SimTime,
}

impl Worker {
    /// A container that is started at `now` and works from `works_from` on, at `speed`.
    pub fn new(task: Task, speed: f64, checkpoint_every: Option<Duration>, now: SimTime, works_from: SimTime) -> Self {
        Self { task, speed, checkpoint_every, since: now, works_from }
    }

    /// When its task will be complete.
    pub fn completes_at(&self) -> SimTime {
        let nanos = (self.task.left.nanos() as f64 / self.speed).ceil();
        SimTime::from_nanos(self.works_from.nanos().saturating_add(nanos as i64))
    }

    /// Work done within a time.
    fn work_in(&self, time: Duration) -> Duration {
        Duration::from_nanos((time.nanos() as f64 * self.speed).round() as i64)
    }

    /// How long it has worked since it saved; zero before it works.
    pub fn unsaved(&self, now: SimTime) -> Duration {
        let worked = (now - self.works_from).max(Duration::ZERO);
        let Some(every) = self.checkpoint_every else { return worked };
        let between = Duration::from_nanos((every.nanos() as f64 / self.speed).ceil().max(1.0) as i64);
        Duration::from_nanos(worked.nanos() % between.nanos())
    }

    /// Its time from the start of the horizon until `now`, of which the work since `saved` is lost.
    fn tally(&self, saved: SimTime, now: SimTime) -> BackgroundTally {
        let within = |from: SimTime, until: SimTime| {
            (until.min(now).max(SimTime::START) - from.min(now).max(SimTime::START)).max(Duration::ZERO)
        };
        BackgroundTally {
            done: self.work_in(within(self.works_from, saved)).nanos().into(),
            lost: self.work_in(within(saved.max(self.works_from), now)).nanos().into(),
            working: within(self.works_from, now).nanos().into(),
            starting: within(self.since, self.works_from).nanos().into(),
            tasks: 0,
            killed: 0,
        }
    }

    /// Its task is complete: it goes on with the next without a new start, or ends.
    pub fn complete(&mut self, now: SimTime, next: Option<Task>) -> BackgroundTally {
        let tally = BackgroundTally { tasks: u64::from(now >= SimTime::START), ..self.tally(now, now) };
        (self.since, self.works_from) = (now, now);
        self.task = next.unwrap_or(Task { left: Duration::ZERO });
        tally
    }

    /// It is killed; what is left of its task goes back.
    pub fn kill(self, now: SimTime) -> (BackgroundTally, Task) {
        let saved = now.max(self.works_from) - self.unsaved(now);
        let kept = self.work_in((saved - self.works_from).max(Duration::ZERO));
        // A task that is complete at this very instant is still its container's.
        let left = (self.task.left - kept).max(SHORTEST);
        let tally = BackgroundTally { killed: u64::from(now >= SimTime::START), ..self.tally(saved, now) };
        (tally, Task { left })
    }

    /// Simulated time ends: what it has done is kept.
    pub fn end(self, now: SimTime) -> BackgroundTally {
        self.tally(now, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: i64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn nanos(of: i64) -> i128 {
        seconds(of).nanos().into()
    }

    fn worker(speed: f64, checkpoint_every: Option<i64>) -> Worker {
        let at = SimTime::from_secs;
        Worker::new(Task { left: seconds(1000) }, speed, checkpoint_every.map(seconds), at(-20), at(-10))
    }

    #[test]
    fn a_killed_container_loses_what_it_did_since_it_saved() {
        // 110 s of work at double speed are 220 s, of which 200 are saved after 100 s, at second 90.
        let (tally, task) = worker(2.0, Some(100)).kill(SimTime::from_secs(100));
        assert_eq!((tally.done, tally.lost, tally.killed), (nanos(180), nanos(20), 1));
        assert_eq!((tally.working, tally.starting), (nanos(100), 0), "before the start nothing counts");
        assert_eq!(task.left, seconds(800));
        let (tally, task) = worker(1.0, None).kill(SimTime::from_secs(100));
        assert_eq!((tally.done, tally.lost, task.left), (0, nanos(100), seconds(1000)));
    }

    #[test]
    fn a_container_that_does_not_work_yet_loses_its_start_only() {
        let at = SimTime::from_secs;
        let worker = Worker::new(Task { left: seconds(50) }, 1.0, None, at(10), at(25));
        let (tally, task) = worker.kill(at(20));
        assert_eq!((tally.lost, tally.starting, task.left), (0, nanos(10), seconds(50)));
        assert_eq!(worker.end(at(30)).done, nanos(5));
    }

    #[test]
    fn a_completed_task_is_followed_by_the_next() {
        let mut worker = worker(1.0, None);
        assert_eq!(worker.completes_at(), SimTime::from_secs(990));
        let tally = worker.complete(SimTime::from_secs(990), Some(Task { left: seconds(5) }));
        assert_eq!((tally.done, tally.tasks), (nanos(990), 1));
        assert_eq!(worker.completes_at(), SimTime::from_secs(995));
        assert_eq!(
            worker.end(SimTime::from_secs(993)),
            BackgroundTally { done: nanos(3), working: nanos(3), ..BackgroundTally::default() }
        );
    }

    #[test]
    fn a_backlog_ends_and_begun_tasks_come_first() {
        let mut backlog = Backlog::new(Sampler::Constant(30.0), Some(2), 1, 0);
        assert_eq!((backlog.waiting(), backlog.take()), (2, Some(Task { left: seconds(30) })));
        backlog.put_back(Task { left: seconds(7) });
        assert_eq!((backlog.take(), backlog.waiting()), (Some(Task { left: seconds(7) }), 1));
        assert!(backlog.take().is_some() && backlog.take().is_none());
        assert_eq!(Backlog::new(Sampler::Constant(1.0), None, 1, 0).waiting(), u64::MAX);
    }
}
