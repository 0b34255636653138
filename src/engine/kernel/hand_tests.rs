//! Each discipline on a few requests, worked out by hand.

use super::literal_tests::Diary;
use super::literal_tests::literal::Fate::{self, Lost, Rejected, Served, TimedOut, Waiting};
use super::{Choice, Kernel, LeastOutstanding, PowerOf, RoundRobin, Rules, SharedKernel, SlotClass};
use crate::workload::RequestBlock;

const FOREVER: f64 = f64::INFINITY;

fn shared(rules: Rules, choice: Choice) -> Kernel {
    Kernel::Shared(Box::new(SharedKernel::new(rules, choice, &[1.0, 2.0])))
}

/// Requests that arrive at these times with this much work.
fn block(requests: &[(f64, f64)]) -> RequestBlock {
    let (arrivals, works) = requests.iter().copied().unzip();
    RequestBlock { arrivals, works, patiences: Vec::new() }
}

fn fates(diary: &Diary, block: &RequestBlock) -> Vec<Fate> {
    block.arrivals.iter().map(|arrival| diary.fates[&arrival.to_bits()]).collect()
}

/// Serves requests to the end on instances of one slot with these speeds.
fn serve(mut kernel: Kernel, speeds: &[f64], requests: &[(f64, f64)]) -> (Vec<Fate>, f64) {
    let (mut diary, block) = (Diary::default(), block(requests));
    for (instance, speed) in (0..).zip(speeds) {
        kernel.add(instance, 1, *speed, SlotClass::Warm, 0.0);
    }
    assert_eq!(kernel.take(&block, 0, FOREVER, &mut diary), requests.len());
    kernel.finish(&mut diary);
    (fates(&diary, &block), diary.busy)
}

#[test]
fn the_fastest_idle_slot_serves() {
    let requests = [(1.0, 4.0), (2.0, 4.0), (2.5, 2.0), (4.5, 2.0)];
    let rules = Rules::new(None, FOREVER, false);
    // The third waits for the fast one; when the fourth comes, that has been idle for less time than anybody.
    let (fates, busy) = serve(shared(rules, Choice::Fastest), &[1.0, 2.0], &requests);
    assert_eq!(fates, [Served(3.0), Served(6.0), Served(4.0), Served(5.5)]);
    assert_eq!(busy, 2.0 + 4.0 + 1.0 + 1.0);
    // All slots have been idle since 0: the slow one has the lower number.
    let (fates, _) = serve(shared(rules, Choice::LongestIdle), &[1.0, 2.0], &requests);
    assert_eq!(fates, [Served(5.0), Served(4.0), Served(5.0), Served(7.0)]);
}

#[test]
fn a_request_that_comes_again_joins_the_end_with_all_of_its_work() {
    let (mut kernel, mut diary) = (shared(Rules::new(None, 3.0, true), Choice::LongestIdle), Diary::default());
    let block = block(&[(0.0, 10.0), (0.5, 5.0), (3.0, 1.0)]);
    kernel.add(0, 1, 1.0, SlotClass::Warm, 0.0);
    kernel.add(1, 1, 1.0, SlotClass::Warm, 0.0);
    assert_eq!(kernel.take(&block, 0, 4.0, &mut diary), 3);
    assert_eq!(kernel.remove(0, 4.0, &mut diary), 1);
    kernel.finish(&mut diary);
    // The second is complete at 5.5, then the third is served, then the first, whose patience counts from 4.
    assert_eq!(fates(&diary, &block), [Served(16.5), Served(5.5), Served(6.5)]);
    assert_eq!(diary.busy, 4.0 + 5.0 + 1.0 + 10.0);
}

#[test]
fn round_robin_does_not_look() {
    let (mut kernel, mut diary) =
        (Kernel::queues(Rules::new(None, FOREVER, false), RoundRobin::default()), Diary::default());
    let block = block(&[(0.0, 3.0), (0.25, 1.0), (0.5, 1.0), (1.0, 2.0)]);
    kernel.add(7, 1, 1.0, SlotClass::Warm, 0.0);
    kernel.add(9, 1, 2.0, SlotClass::Warm, 0.0);
    assert_eq!(kernel.take(&block, 0, 1.5, &mut diary), 4);
    assert_eq!(kernel.retire(7, 1.5, &mut diary), 4.0);
    assert_eq!(kernel.remove(7, 3.5, &mut diary), 1);
    kernel.finish(&mut diary);
    assert_eq!(fates(&diary, &block), [Served(3.0), Served(0.75), Lost, Served(2.0)]);
    // Busy time counts until the first was retired.
    assert_eq!(diary.busy, 1.5 + 0.5 + 1.0);
}

#[test]
fn the_instance_with_the_fewest_requests_gets_the_next() {
    let requests = [(0.0, 9.0), (0.5, 1.0), (1.0, 9.0), (1.25, 1.0), (1.75, 1.0), (9.5, 1.0)];
    let kernel = Kernel::queues(Rules::new(Some(1), FOREVER, false), LeastOutstanding::default());
    // The third finds one request at each place and waits at the lower, the fourth waits at the other, where the fifth comes
    // after the second is complete.
    let (fates, _) = serve(kernel, &[1.0, 1.0], &requests);
    assert_eq!(fates, [Served(9.0), Served(1.5), Served(18.0), Served(2.5), Served(3.5), Served(10.5)]);
    let kernel = Kernel::queues(Rules::new(Some(0), FOREVER, false), LeastOutstanding::default());
    let (fates, _) = serve(kernel, &[1.0, 1.0], &requests);
    assert_eq!(fates, [Served(9.0), Served(1.5), Rejected, Rejected, Served(2.75), Served(10.5)]);
}

#[test]
fn one_choice_of_one_instance_is_a_queue() {
    let kernel = Kernel::queues(Rules::new(None, 1.0, false), PowerOf::new(1, 1, 0));
    let (fates, _) = serve(kernel, &[2.0], &[(0.0, 2.0), (0.25, 2.0), (0.5, 2.0)]);
    // The third would start at 2, half a second after it has left.
    assert_eq!(fates, [Served(1.0), Served(2.0), TimedOut]);
}

#[test]
fn requests_share_the_speed_of_their_instance() {
    // Alone until 1, with another until 3.
    let (fates, busy) = serve(Kernel::sharing(Rules::new(None, FOREVER, false)), &[1.0], &[(0.0, 2.0), (1.0, 2.0)]);
    assert_eq!((fates, busy), (vec![Served(3.0), Served(4.0)], 4.0));
    // The first gives up at 2.5 and the second at 3.5, with which the third has shared since 3.
    let requests = [(0.0, 2.0), (1.0, 2.5), (3.0, 1.0)];
    let (fates, busy) = serve(Kernel::sharing(Rules::new(None, 2.5, false)), &[1.0], &requests);
    assert_eq!((fates, busy), (vec![TimedOut, TimedOut, Served(4.25)], 4.25));
    // One more than the slot has room; the larger of two empty instances comes first.
    let requests = [(0.0, 4.0), (0.5, 2.0), (0.75, 2.0)];
    let (fates, _) = serve(Kernel::sharing(Rules::new(Some(0), FOREVER, false)), &[1.0, 2.0], &requests);
    assert_eq!(fates, [Served(2.0), Served(2.5), Rejected]);
}

#[test]
fn without_instances_requests_wait_at_the_balancer() {
    let block = block(&[(0.0, 1.0), (1.0, 1.0), (2.0, 1.0), (3.0, 1.0)]);
    let rules = Rules::new(Some(2), 4.5, false);
    // Who shares waits for the whole answer, which comes at 6.
    for (mut kernel, second) in
        [(Kernel::queues(rules, RoundRobin::default()), Served(6.0)), (Kernel::sharing(rules), TimedOut)]
    {
        let mut diary = Diary::default();
        assert_eq!(kernel.take(&block, 0, 5.0, &mut diary), 4);
        kernel.add(0, 1, 1.0, SlotClass::Warm, 5.0);
        kernel.settle(8.0, &mut diary);
        kernel.finish(&mut diary);
        assert_eq!(fates(&diary, &block), [TimedOut, second, Rejected, Rejected]);
    }
    let mut kernel = Kernel::queues(Rules::new(None, FOREVER, false), LeastOutstanding::default());
    let mut diary = Diary::default();
    kernel.take(&block, 0, 5.0, &mut diary);
    kernel.finish(&mut diary);
    assert_eq!(fates(&diary, &block), [Waiting; 4]);
}
