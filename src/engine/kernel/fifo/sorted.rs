//! The heart: first come, first served on a few slots, for one replication or for eight in step.
//!
//! The keys of the slots stand in a sorted list. A request starts when it arrives or when the first of them is free, whichever is
//! later, and the end of its service takes the first one's place: `f[k] = max(f[k], min(key, f[k + 1]))` puts it where it belongs
//! without a branch. A request that is not served writes a key that is smaller than all others, which changes nothing.
//!
//! Eight lanes go through the requests by index: step `j` handles request `j` of every lane, whatever its time. As soon as one
//! lane has to wait for a control event the loop returns before anything of this step is done.

use super::exits::Exits;
use super::key::{NumberBits, REJECTED, TIMED_OUT};
use super::source::Source;
use crate::simd::Vector;

/// Slots that the loop can handle.
pub(super) const MOST: usize = 32;
/// The bits of a slot's number.
pub(super) const NUMBER: NumberBits = NumberBits(5);

/// What may keep requests from being served.
pub(super) struct Limits<'a, const N: usize> {
    /// For each lane, what a limited queue remembers.
    pub(super) exits: [Option<&'a mut Exits>; N],
}

/// Serves requests from `from` on in all lanes until in one of them the next leaves the queue at `until` or later.
///
/// `keys` holds each lane's keys in increasing order, the first `C` of which count; the key of each request is written to `record`.
/// Returns the index of the first request that was not handled, and the lanes that have to wait (bit by bit).
#[inline(always)]
pub(super) fn serve<V, S, const C: usize, const N: usize, const LIMITED: bool>(
    keys: &mut [V::Row; MOST],
    source: &S,
    from: usize,
    until: &V::Row,
    limits: &mut Limits<'_, N>,
    record: &mut [V::Row],
) -> (usize, u32)
where
    V: Vector<Row = [f64; N]>,
    S: Source<V>,
{
    let mut f: [V; C] = std::array::from_fn(|k| V::load(&keys[k]));
    let number = V::splat(f64::from_bits(NUMBER.mask()));
    let until = V::load(until);
    let all = (1u32 << N) - 1;
    let end = source.len();
    let record = &mut record[..end];
    let (mut j, mut waiting) = (from, 0);
    while j < end {
        let arrival = source.arrival(j);
        let start = f[0].and_not(number).max(arrival);
        let mut key = start.plus(source.service(j, f[0])).or(f[0].and(number));
        if LIMITED {
            let deadline = source.deadline(j, arrival);
            let exit = start.min(deadline);
            waiting = all & !exit.less(until).bits();
            if waiting != 0 {
                break;
            }
            key = deadline.less(start).choose(V::splat(TIMED_OUT), key);
            key = finds_no_room(arrival, exit, limits).choose(V::splat(REJECTED), key);
        } else {
            waiting = all & !start.less(until).bits();
            if waiting != 0 {
                break;
            }
        }
        key.store(&mut record[j]);
        for k in 0..C - 1 {
            f[k] = key.min(f[k + 1]).max(f[k]);
        }
        f[C - 1] = key.max(f[C - 1]);
        j += 1;
    }
    for k in 0..C {
        f[k].store(&mut keys[k]);
    }
    (j, waiting)
}

/// All bits where a request that arrives at `arrival` and would leave the queue at `exit` finds it full.
#[inline(always)]
fn finds_no_room<V: Vector<Row = [f64; N]>, const N: usize>(arrival: V, exit: V, limits: &mut Limits<'_, N>) -> V {
    let (mut exits, mut room_from) = ([0.0; N], [0.0; N]);
    exit.store(&mut exits);
    for lane in 0..N {
        if let Some(queue) = &mut limits.exits[lane] {
            room_from[lane] = queue.offer(exits[lane]);
        }
    }
    let full = arrival.less(V::load(&room_from));
    let bits = full.bits();
    for lane in 0..N {
        if let Some(queue) = &mut limits.exits[lane] {
            queue.accept(bits >> lane & 1 == 0);
        }
    }
    full
}
