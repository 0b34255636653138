//! Eight kernels in the lanes of vectors: their keys side by side, and the loop in the version that fits.

use super::exits::Exits;
use super::key::FIRST;
use super::sorted::{self, Limits, MOST};
use super::source::{Rows, Shared, Source};
use super::{FifoKernel, sorted::NUMBER};
use crate::simd::{Isa, Plain, Vector};
use crate::workload::{BLOCK, RequestBlock};
use std::array::from_fn;
use std::sync::Arc;

/// Kernels that are served together.
pub(in crate::engine) const LANES: usize = 8;

type Row = [f64; LANES];

/// Where the requests of the lanes are.
#[derive(Clone, Copy)]
enum Requests<'a> {
    /// The same for all lanes, with the same speeds.
    Shared { arrivals: &'a [f64], services: &'a [Vec<f64>], patiences: &'a [f64] },
    /// Side by side.
    Rows { arrivals: &'a [Row], services: [&'a [Row]; 2], patiences: &'a [Row] },
}

/// What eight kernels need while they are served together.
#[derive(Debug)]
#[repr(C, align(64))]
pub(in crate::engine) struct Lanes {
    keys: [Row; MOST],
    until: Row,
    timeouts: Row,
    /// Keys that each lane counts.
    counts: [usize; LANES],
    exits: [Option<Exits>; LANES],
    limited: bool,
    shared: bool,
    two_speeds: bool,
    end: usize,
    record: Vec<Row>,
    arrivals: Vec<Row>,
    services: [Vec<Row>; 2],
    patiences: Vec<Row>,
}

impl Default for Lanes {
    fn default() -> Self {
        Self {
            keys: [[f64::INFINITY; LANES]; MOST],
            until: [f64::INFINITY; LANES],
            timeouts: [f64::INFINITY; LANES],
            counts: [0; LANES],
            exits: [const { None }; LANES],
            limited: false,
            shared: false,
            two_speeds: false,
            end: 0,
            record: vec![[0.0; LANES]; BLOCK],
            arrivals: Vec::new(),
            services: [Vec::new(), Vec::new()],
            patiences: Vec::new(),
        }
    }
}

impl Lanes {
    /// Begins a block for the kernels of up to eight lanes, each of which has begun its own; returns how many requests they handle
    /// together.
    pub(in crate::engine) fn begin(&mut self, kernels: &mut [(&mut FifoKernel, &RequestBlock)]) -> usize {
        (0..LANES).for_each(|lane| self.vacate(lane));
        self.end = kernels.iter().map(|(_, block)| block.arrivals.len()).min().unwrap_or(0);
        self.record.resize(self.end.max(self.record.len()), [0.0; LANES]);
        self.limited = false;
        for (lane, (kernel, block)) in kernels.iter_mut().enumerate() {
            self.timeouts[lane] = kernel.timeout;
            self.exits[lane] = kernel.exits.take();
            self.limited |= kernel.limited || !block.patiences.is_empty();
        }
        let (first, block) = &kernels[0];
        self.shared = kernels
            .iter()
            .all(|(kernel, other)| std::ptr::eq(*block, *other) && Arc::ptr_eq(&kernel.requests, &first.requests));
        if !self.shared {
            self.put_side_by_side(kernels);
        }
        self.end
    }

    fn put_side_by_side(&mut self, kernels: &[(&mut FifoKernel, &RequestBlock)]) {
        let requests = |lane: usize| kernels.get(lane).map(|(kernel, _)| &*kernel.requests);
        let nothing: &[f64] = &[];
        let columns = from_fn(|lane| requests(lane).map_or(nothing, |requests| &requests.arrivals));
        side_by_side(&mut self.arrivals, self.end, [0.0; LANES], columns);
        self.two_speeds = kernels.iter().any(|(kernel, _)| kernel.seconds_per_work.len() > 1);
        for (speed, rows) in self.services.iter_mut().take(1 + usize::from(self.two_speeds)).enumerate() {
            let columns = from_fn(|lane| {
                requests(lane).map_or(nothing, |requests| &requests.services[speed.min(requests.services.len() - 1)])
            });
            side_by_side(rows, self.end, [0.0; LANES], columns);
        }
        let patient = kernels.iter().all(|(_, block)| block.patiences.is_empty());
        let columns = from_fn(|lane| kernels.get(lane).map_or(nothing, |(_, block)| &block.patiences));
        side_by_side(&mut self.patiences, if patient { 0 } else { self.end }, self.timeouts, columns);
    }

    /// Brings a kernel's slots into its lane, which stops at `until`; false if they are too many.
    pub(in crate::engine) fn enter(&mut self, lane: usize, kernel: &mut FifoKernel, until: f64) -> bool {
        let Some((keys, count)) = kernel.sorted() else { return false };
        for (row, key) in self.keys.iter_mut().zip(keys) {
            row[lane] = *key;
        }
        self.counts[lane] = count;
        self.until[lane] = until;
        true
    }

    /// Brings a lane back into its kernel: the slots, and the keys of requests from `from` to `to`.
    pub(in crate::engine) fn leave(&self, lane: usize, kernel: &mut FifoKernel, from: usize, to: usize) {
        if let Some((keys, _)) = kernel.sorted() {
            keys.iter_mut().zip(&self.keys).for_each(|(key, row)| *key = row[lane]);
        }
        let record = self.record[from..to].iter();
        kernel.record[from..to].iter_mut().zip(record).for_each(|(key, row)| *key = row[lane]);
    }

    /// Gives a kernel back what it lent, and lets its lane run empty.
    pub(in crate::engine) fn release(&mut self, lane: usize, kernel: &mut FifoKernel) {
        kernel.exits = self.exits[lane].take();
        self.vacate(lane);
    }

    /// A lane that serves requests of its own imagination and never stops.
    fn vacate(&mut self, lane: usize) {
        self.keys.iter_mut().for_each(|row| row[lane] = f64::INFINITY);
        self.keys[0][lane] = FIRST;
        self.counts[lane] = 1;
        self.until[lane] = f64::INFINITY;
        self.timeouts[lane] = f64::INFINITY;
        self.exits[lane] = None;
    }

    /// Serves requests from `from` on in all lanes until in one of them the next leaves the queue at the lane's control event or
    /// later; returns its index and the lanes that have to wait (bit by bit).
    ///
    /// `first` is the kernel of the first lane, which has the requests if all lanes share them.
    pub(in crate::engine) fn serve(
        &mut self,
        isa: Isa,
        first: &FifoKernel,
        block: &RequestBlock,
        from: usize,
    ) -> (usize, u32) {
        assert!(isa.is_available(), "this processor does not have {isa}");
        let requests = if self.shared {
            Requests::Shared {
                arrivals: &first.requests.arrivals[..self.end],
                services: &first.requests.services,
                patiences: &block.patiences,
            }
        } else {
            let [one, other] = &self.services;
            let other = if self.two_speeds { other } else { one };
            Requests::Rows { arrivals: &self.arrivals, services: [one, other], patiences: &self.patiences }
        };
        let mut call = Call {
            slots: self.counts.into_iter().max().unwrap_or(1),
            keys: &mut self.keys,
            requests,
            timeouts: &self.timeouts,
            from,
            until: &self.until,
            limits: self.limited.then(|| Limits { exits: self.exits.each_mut().map(Option::as_mut) }),
            record: &mut self.record,
        };
        match isa {
            Isa::Portable => call.run::<Plain<LANES>, false>(),
            #[cfg(target_arch = "x86_64")]
            Isa::Sse2 => call.run::<crate::simd::Sse2, false>(),
            // SAFETY: the processor has the instructions, as was just checked.
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => unsafe { call.run_avx2() },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => unsafe { call.run_avx512() },
            #[cfg(not(target_arch = "x86_64"))]
            _ => unreachable!("only the portable code is available"),
        }
    }
}

/// The first `end` numbers of each column, row by row; for a column without numbers those of `missing`.
fn side_by_side(rows: &mut Vec<Row>, end: usize, missing: Row, columns: [&[f64]; LANES]) {
    let padding: Vec<Vec<f64>> = columns
        .iter()
        .zip(missing)
        .map(|(column, x)| if column.len() < end { vec![x; end] } else { Vec::new() })
        .collect();
    let columns: [&[f64]; LANES] =
        from_fn(|lane| if columns[lane].len() < end { &padding[lane][..] } else { &columns[lane][..end] });
    rows.resize(end, [0.0; LANES]);
    for (j, row) in rows.iter_mut().enumerate() {
        for lane in 0..LANES {
            row[lane] = columns[lane][j];
        }
    }
}

/// One call of the loop.
struct Call<'a> {
    slots: usize,
    keys: &'a mut [Row; MOST],
    requests: Requests<'a>,
    timeouts: &'a Row,
    from: usize,
    until: &'a Row,
    limits: Option<Limits<'a, LANES>>,
    record: &'a mut [Row],
}

impl Call<'_> {
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn run_avx2(&mut self) -> (usize, u32) {
        self.run::<crate::simd::Avx2, true>()
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl")]
    fn run_avx512(&mut self) -> (usize, u32) {
        self.run::<crate::simd::Avx512, true>()
    }

    /// The loop for these requests; `FINE` if it is compiled for many numbers of slots, which costs code and saves time.
    #[inline(always)]
    fn run<V: Vector<Row = Row>, const FINE: bool>(&mut self) -> (usize, u32) {
        let timeout = V::load(self.timeouts);
        match self.requests {
            Requests::Shared { arrivals, services: [services], patiences } => {
                let services = [&services[..]; 2];
                self.run_on::<V, _, FINE>(&Shared::<V, false> { arrivals, services, patiences, timeout })
            }
            Requests::Shared { arrivals, services, patiences } => {
                let services = [&services[0][..], &services[1][..]];
                self.run_on::<V, _, FINE>(&Shared::<V, true> { arrivals, services, patiences, timeout })
            }
            Requests::Rows { arrivals, services, patiences } => {
                self.run_on::<V, _, FINE>(&Rows { arrivals, services, patiences, timeout })
            }
        }
    }

    #[inline(always)]
    fn run_on<V: Vector<Row = Row>, S: Source<V>, const FINE: bool>(&mut self, source: &S) -> (usize, u32) {
        match self.slots {
            0..=5 if FINE => self.serve::<V, S, 5>(source),
            0..=8 => self.serve::<V, S, 8>(source),
            9..=12 if FINE => self.serve::<V, S, 12>(source),
            9..=16 => self.serve::<V, S, 16>(source),
            17..=24 if FINE => self.serve::<V, S, 24>(source),
            _ => self.serve::<V, S, MOST>(source),
        }
    }

    #[inline(always)]
    fn serve<V: Vector<Row = Row>, S: Source<V>, const C: usize>(&mut self, source: &S) -> (usize, u32) {
        match &mut self.limits {
            Some(limits) => {
                sorted::serve::<V, S, C, LANES, true>(self.keys, source, self.from, self.until, limits, self.record)
            }
            None => {
                let mut none = Limits { exits: [const { None }; LANES] };
                sorted::serve::<V, S, C, LANES, false>(self.keys, source, self.from, self.until, &mut none, self.record)
            }
        }
    }
}

/// Keys hold the number of a slot in few bits: its lowest bit is its speed where there are two.
const _: () = assert!(NUMBER.mask() as usize + 1 == MOST);
