use super::*;

#[derive(Default)]
struct Diary {
    completed: Vec<(f64, f64)>,
    lost: Vec<f64>,
    rejected: Vec<f64>,
    timed_out: Vec<f64>,
    waiting: Vec<f64>,
    busy: [f64; 3],
}

impl Booking for Diary {
    fn completed(&mut self, arrival: f64, finish: f64) {
        self.completed.push((arrival, finish));
    }
    fn lost(&mut self, arrival: f64) {
        self.lost.push(arrival);
    }
    fn rejected(&mut self, arrival: f64) {
        self.rejected.push(arrival);
    }
    fn timed_out(&mut self, arrival: f64) {
        self.timed_out.push(arrival);
    }
    fn in_system_at_end(&mut self, arrival: f64) {
        self.waiting.push(arrival);
    }
    fn busy(&mut self, class: SlotClass, seconds: f64) {
        self.busy[class as usize] += seconds;
    }
}

fn kernel(speeds: &[f64], queue_limit: Option<u32>, timeout: f64) -> FifoKernel {
    FifoKernel::new(&Settings { speeds: speeds.to_vec(), queue_limit, timeout, begin: -10.0 })
}

fn block(requests: &[(f64, f64)]) -> RequestBlock {
    let (arrivals, works) = requests.iter().copied().unzip();
    RequestBlock { arrivals, works, patiences: Vec::new() }
}

#[test]
fn the_longest_idle_slot_serves_and_speeds_count() {
    let (mut kernel, mut diary) = (kernel(&[1.0, 2.0], None, f64::INFINITY), Diary::default());
    kernel.add(0, 1, 2.0, SlotClass::Warm, 0.0);
    kernel.add(1, 1, 1.0, SlotClass::Warm, 1.0);
    // The fast slot, idle since 0, until 3; then the slow one until 6.
    assert_eq!(kernel.take(&block(&[(1.0, 4.0), (2.0, 4.0)]), 0, 5.0, &mut diary), 2);
    assert_eq!(kernel.next_free(), 3.0);
    kernel.settle(5.0, &mut diary);
    assert_eq!(diary.completed, [(1.0, 3.0)]);
    assert_eq!(diary.busy, [0.0, 0.0, 2.0 + 3.0]);
    kernel.settle(6.0, &mut diary);
    assert_eq!(diary.busy[2], 6.0);
}

#[test]
fn retired_slots_finish_and_removed_ones_lose() {
    let (mut kernel, mut diary) = (kernel(&[1.0], None, f64::INFINITY), Diary::default());
    kernel.add(7, 3, 1.0, SlotClass::Warm, 0.0);
    assert_eq!(kernel.take(&block(&[(0.0, 1.0), (0.0, 5.0), (0.0, 9.0)]), 0, 2.0, &mut diary), 3);
    assert_eq!(kernel.retire(7, 2.0, &mut diary), 9.0);
    assert_eq!(kernel.next_free(), f64::INFINITY);
    assert_eq!(kernel.remove(7, 5.0, &mut diary), 1);
    assert_eq!(diary.completed, [(0.0, 1.0), (0.0, 5.0)]);
    assert_eq!(diary.lost, [0.0]);
    // Busy time counts until the slots were retired.
    assert_eq!(diary.busy, [3.0 + 3.0, 0.0, 1.0 + 2.0 + 2.0]);
    // The numbers are used again.
    kernel.add(8, 2, 1.0, SlotClass::Warm, 6.0);
    assert_eq!((kernel.slots.len(), kernel.unused[0].0.len()), (3, 1));
}

#[test]
fn requests_wait_for_control_events_and_leave_by_queue_limit_or_timeout() {
    let (mut kernel, mut diary) = (kernel(&[1.0], Some(2), 3.0), Diary::default());
    kernel.add(0, 1, 1.0, SlotClass::Warm, 0.0);
    // The first is served until 10; the next two wait, the fourth finds the queue full; both leave after 3 s.
    let requests = block(&[(0.0, 10.0), (1.0, 1.0), (2.0, 1.0), (3.0, 1.0), (4.5, 1.0)]);
    assert_eq!(kernel.take(&requests, 0, 4.0, &mut diary), 1, "what happens at 4 s comes first");
    // The fourth, if it found room, would leave at 6 s.
    assert_eq!(kernel.take(&requests, 1, 5.5, &mut diary), 3);
    assert_eq!((&diary.timed_out[..], &diary.rejected[..]), (&[1.0, 2.0][..], &[][..]));
    assert_eq!(kernel.take(&requests, 3, f64::INFINITY, &mut diary), 5);
    assert_eq!((&diary.timed_out[..], &diary.rejected[..]), (&[1.0, 2.0, 4.5][..], &[3.0][..]));
    kernel.finish(&mut diary);
    assert_eq!(diary.completed, [(0.0, 10.0)]);
}

#[test]
fn without_slots_requests_wait_for_ever() {
    let (mut kernel, mut diary) = (kernel(&[1.0], Some(1), f64::INFINITY), Diary::default());
    assert_eq!(kernel.take(&block(&[(0.0, 1.0), (1.0, 1.0)]), 0, f64::INFINITY, &mut diary), 2);
    assert_eq!((diary.waiting, diary.rejected), (vec![0.0], vec![1.0]));
}

/// The forms of the free slots give the same, whatever the number of slots and the times.
#[test]
fn every_form_serves_alike() {
    for (slots, shift) in [(3, 0.0), (8, 0.0), (12, 1e6), (30, 0.0), (100, 3e7)] {
        let numbers = crate::rng::Stream::new(5, crate::rng::Purpose::Boot);
        let mut arrival = shift;
        let requests: Vec<(f64, f64)> = (0..4000)
            .map(|i| {
                let [u, v] = numbers.uniforms(slots, i, 0);
                arrival += u * 2.0 / f64::from(slots);
                (on_grid(arrival), on_grid(v * 2.3))
            })
            .collect();
        let outcome = |form: usize| {
            let (mut kernel, mut diary) = (kernel(&[1.0], Some(20), 1.5), Diary::default());
            kernel.add(0, slots, 1.0, SlotClass::Warm, shift);
            for part in requests.chunks(1000) {
                match form {
                    1 => kernel.free.make_tree(),
                    2 => drop(kernel.free.make_wide()),
                    _ => {}
                }
                assert_eq!(kernel.take(&block(part), 0, f64::INFINITY, &mut diary), part.len());
            }
            kernel.finish(&mut diary);
            diary.completed.sort_by(|a, b| a.0.total_cmp(&b.0));
            (diary.completed, diary.rejected, diary.timed_out, diary.busy)
        };
        let expected = outcome(2);
        assert!(expected.0.len() > 3000 && !expected.1.is_empty() | !expected.2.is_empty(), "{slots} slots");
        assert_eq!(outcome(0), expected);
        assert_eq!(outcome(1), expected);
    }
}
