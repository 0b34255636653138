//! One after the other, with new targets coming in slowly (RULES R82).

use super::balancer::Balancer;
use super::client::Client;
use super::dispatch::Kernel;
use super::queues::Queues;
use super::router::Router;
use crate::fleet::target::slow_start_share;

/// Places in service in the order in which they entered it. A new one gets a share of its turns that grows over a time.
#[derive(Debug)]
pub(in crate::engine) struct SlowCircle {
    turns: Vec<Turn>,
    turn: usize,
    duration: f64,
    /// Who enters by this time, as the first fleet does, has its whole share at once.
    begin: f64,
}

#[derive(Debug)]
struct Turn {
    place: u32,
    /// When its share began to grow; minus infinity for a whole one.
    since: f64,
    /// Shares of turns that it has not used: with one it is sent a request.
    credit: f64,
}

impl SlowCircle {
    /// An empty circle; times are in seconds.
    pub(super) fn new(duration: f64, begin: f64) -> Self {
        Self { turns: Vec::new(), turn: 0, duration, begin }
    }

    fn share(&self, turn: &Turn, now: f64) -> f64 {
        slow_start_share(now - turn.since, self.duration)
    }

    /// Whose turn it is: of those that come next the first whose shares add up to a whole turn, else the one with the most.
    fn next(&mut self, now: f64) -> Option<u32> {
        for _ in 0..self.turns.len() {
            if self.turn >= self.turns.len() {
                self.turn = 0;
            }
            let index = self.turn;
            self.turn += 1;
            let share = self.share(&self.turns[index], now);
            let turn = &mut self.turns[index];
            turn.credit += share;
            if turn.credit >= 1.0 {
                turn.credit -= 1.0;
                return Some(turn.place);
            }
        }
        let turn = self.turns.iter_mut().max_by(|a, b| a.credit.total_cmp(&b.credit))?;
        turn.credit -= 1.0;
        Some(turn.place)
    }
}

impl Router for SlowCircle {
    const COUNTS: bool = false;

    fn kernel(fleet: Box<Balancer<Queues<Self>>>) -> Kernel {
        Kernel::SlowStart(fleet)
    }

    /// It comes in slowly, unless it is `whole` at once or nobody is there who has the whole share.
    fn enter(&mut self, place: u32, now: f64, whole: bool) {
        let others = self.turns.iter().any(|turn| self.share(turn, now) >= 1.0);
        let slowly = !whole && others && now > self.begin;
        self.turns.push(Turn { place, since: if slowly { now } else { f64::NEG_INFINITY }, credit: 0.0 });
    }

    fn leave(&mut self, place: u32, _load: u32) {
        if let Some(turn) = self.turns.iter().position(|turn| turn.place == place) {
            self.turns.remove(turn);
            self.turn -= usize::from(turn < self.turn);
        }
    }

    fn choose(&mut self, _client: &Client, now: f64, _load_of: impl FnMut(u32) -> u32) -> Option<u32> {
        self.next(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_place_gets_a_growing_part_of_its_turns() {
        let mut circle = SlowCircle::new(100.0, 0.0);
        circle.enter(0, 0.0, false);
        circle.enter(1, 10.0, false);
        let mut sent =
            |from: f64| (0..300).filter(|step| circle.next(from + f64::from(*step) / 100.0) == Some(1)).count();
        // Shares of about 1.5 %, 50 % and one: of 300 requests x / (1 + x) go there.
        assert!(sent(10.0) < 8);
        assert!((95..=107).contains(&sent(60.0)));
        assert_eq!(sent(110.0), 150);
    }

    #[test]
    fn the_first_fleet_and_who_is_alone_are_whole_at_once() {
        let mut circle = SlowCircle::new(100.0, 0.0);
        assert_eq!(circle.next(0.0), None);
        circle.enter(0, 0.0, false);
        circle.enter(1, 0.0, false);
        assert_eq!([0.0, 0.0, 0.0].map(|now| circle.next(now)), [Some(0), Some(1), Some(0)]);
        circle.leave(0, 0);
        circle.leave(1, 0);
        circle.enter(2, 50.0, false);
        circle.enter(3, 50.0, false);
        circle.leave(2, 0);
        assert_eq!(circle.next(50.0), Some(3), "requests go somewhere");
    }
}
