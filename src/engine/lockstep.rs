//! Several simulations that advance together.
//!
//! One simulation waits for the result of each step before it can take the next. Eight of them, replications or mixes, go through
//! their requests index by index in the lanes of vectors, each with its own clock, fleet and control events; those with many slots
//! go a few at a time through trees. What comes out is what each of them would have come to alone, bit by bit: a lane that has to
//! wait for a control event stops all of them before anything of that step is done, and the event is handled by its simulation.
//!
//! Simulations that neither can serve (another discipline, times beyond what keys hold) are fed alone, and so is one that stops
//! fitting in the middle of a block.

use super::Simulation;
use super::kernel::fifo::lanes::{LANES, Lanes};
use super::kernel::fifo::tree;
use super::kernel::{FifoKernel, Kernel};
use crate::simd::Isa;
use crate::workload::RequestBlock;

/// With fewer simulations than these vectors are not worth their width.
const FEWEST_IN_LANES: usize = 3;
/// Trees that are served side by side.
const TREES: usize = 4;

/// Simulations that are fed together.
#[derive(Debug)]
pub struct Lockstep<'a> {
    simulations: Vec<Simulation<'a>>,
    lanes: Box<Lanes>,
    isa: Isa,
}

/// A simulation and the requests it gets.
struct Member<'m, 'a> {
    simulation: &'m mut Simulation<'a>,
    block: &'m RequestBlock,
    /// Requests before this one are booked.
    booked: usize,
}

impl<'a> Lockstep<'a> {
    /// Puts simulations together that have not been fed yet.
    pub fn new(simulations: Vec<Simulation<'a>>) -> Self {
        Self::with_isa(simulations, Isa::best())
    }

    /// The same with a given instruction set.
    ///
    /// # Panics
    /// When fed, if the processor does not have it.
    pub fn with_isa(simulations: Vec<Simulation<'a>>, isa: Isa) -> Self {
        Self { simulations, lanes: Box::default(), isa }
    }

    /// The simulations, to be finished.
    pub fn into_simulations(self) -> Vec<Simulation<'a>> {
        self.simulations
    }

    /// Feeds the same requests, in order of arrival, to all.
    pub fn feed(&mut self, block: &RequestBlock) {
        let members = self.simulations.iter_mut().map(|simulation| Member { simulation, block, booked: 0 });
        feed(members.collect(), &mut self.lanes, self.isa);
    }

    /// Feeds each simulation its own requests, or those of some others; an empty block where there are no more.
    ///
    /// # Panics
    /// If there are not as many blocks as simulations.
    pub fn feed_each(&mut self, blocks: &[&RequestBlock]) {
        assert_eq!(blocks.len(), self.simulations.len(), "each simulation gets a block");
        let members = self.simulations.iter_mut().zip(blocks.iter().copied());
        let members = members.map(|(simulation, block)| Member { simulation, block, booked: 0 });
        feed(members.collect(), &mut self.lanes, self.isa);
    }
}

fn feed(mut members: Vec<Member>, lanes: &mut Lanes, isa: Isa) {
    let (mut narrow, mut wide, mut alone) = (Vec::new(), Vec::new(), Vec::new());
    for index in 0..members.len() {
        let (before, rest) = members.split_at_mut(index);
        let member = &mut rest[0];
        let Some(kernel) = member.simulation.kernel.fifo() else {
            alone.push(index);
            continue;
        };
        let first = before.iter_mut().find(|other| std::ptr::eq(other.block, member.block));
        let first = first.and_then(|other| other.simulation.kernel.fifo());
        if !first.is_some_and(|first| kernel.begin_block_like(first, member.block)) {
            kernel.begin_block(member.block);
        }
        if kernel.fits_lanes() {
            narrow.push(index);
        } else if kernel.fits_trees() {
            wide.push(index);
        } else {
            alone.push(index);
        }
    }
    // Similar numbers of slots together: the largest of a group decides for all. First those who share their requests, which is faster.
    narrow.sort_by_key(|index| members[*index].fifo().slots_in_service());
    let mut others: Vec<usize> = Vec::new();
    while let Some(first) = narrow.first() {
        let block: *const RequestBlock = members[*first].block;
        let (sharing, rest) =
            narrow.into_iter().partition::<Vec<_>, _>(|index| std::ptr::eq(members[*index].block, block));
        let groups = sharing.chunks_exact(LANES);
        others.extend(groups.remainder());
        groups.for_each(|group| serve_in_lanes(&mut pick(&mut members, group), lanes, isa));
        narrow = rest;
    }
    others.sort_by_key(|index| members[*index].fifo().slots_in_service());
    for group in others.chunks(LANES) {
        if group.len() < FEWEST_IN_LANES {
            alone.extend(group);
        } else {
            serve_in_lanes(&mut pick(&mut members, group), lanes, isa);
        }
    }
    for group in wide.chunks(TREES) {
        if group.len() < TREES {
            alone.extend(group);
        } else {
            serve_in_trees(&mut pick(&mut members, group), isa);
        }
    }
    alone.into_iter().for_each(|index| members[index].finish_alone());
}

/// The members with these indices.
fn pick<'p, 'm, 'a>(members: &'p mut [Member<'m, 'a>], indices: &[usize]) -> Vec<&'p mut Member<'m, 'a>> {
    let mut picked: Vec<(usize, &mut Member)> =
        members.iter_mut().enumerate().filter(|(index, _)| indices.contains(index)).collect();
    picked.sort_by_key(|(index, _)| indices.iter().position(|other| other == index));
    picked.into_iter().map(|(_, member)| member).collect()
}

fn serve_in_lanes(members: &mut [&mut Member], lanes: &mut Lanes, isa: Isa) {
    let mut kernels: Vec<_> = members.iter_mut().map(|m| (fifo(&mut m.simulation.kernel), m.block)).collect();
    let end = lanes.begin(&mut kernels);
    let mut active = 0u32;
    for (lane, member) in members.iter_mut().enumerate() {
        if member.enter(lanes, lane) {
            active |= 1 << lane;
        } else {
            lanes.release(lane, member.fifo());
        }
    }
    let mut next = 0;
    while active != 0 && next < end {
        let first = &mut members[0];
        let (reached, waiting) = lanes.serve(isa, fifo(&mut first.simulation.kernel), first.block, next);
        next = reached;
        for (lane, member) in members.iter_mut().enumerate() {
            if waiting >> lane & 1 == 1 {
                member.leave(lanes, lane, next);
                if !(member.handle_control() && member.enter(lanes, lane)) {
                    active &= !(1 << lane);
                    lanes.release(lane, member.fifo());
                }
            }
        }
    }
    for (lane, member) in members.iter_mut().enumerate() {
        if active >> lane & 1 == 1 {
            member.leave(lanes, lane, next);
            lanes.release(lane, member.fifo());
        }
    }
    members.iter_mut().for_each(|member| member.finish_alone());
}

fn serve_in_trees(members: &mut [&mut Member], isa: Isa) {
    let end = members.iter().map(|member| member.block.arrivals.len()).min().unwrap_or(0);
    let (mut next, mut together) = (0, true);
    while together && next < end {
        let lanes: Vec<tree::Lane> = members.iter_mut().filter_map(|member| member.tree_lane()).collect();
        let Ok(mut lanes) = <[tree::Lane; TREES]>::try_from(lanes) else { break };
        let (reached, waiting) = tree::serve_lanes(isa, &mut lanes, next, end);
        next = reached;
        for (lane, member) in members.iter_mut().enumerate() {
            if waiting >> lane & 1 == 1 {
                member.book(next);
                together &= member.handle_control();
            }
        }
    }
    for member in members.iter_mut() {
        member.book(next);
        member.finish_alone();
    }
}

/// The kernel of a simulation in lanes or trees.
fn fifo(kernel: &mut Kernel) -> &mut FifoKernel {
    kernel.fifo().expect("simulations of other disciplines are fed alone")
}

impl Member<'_, '_> {
    fn fifo(&mut self) -> &mut FifoKernel {
        fifo(&mut self.simulation.kernel)
    }

    /// Up to when its kernel can serve, and whether times end there rather than a control event comes.
    fn bound(&mut self) -> (f64, bool) {
        let until = self.simulation.next_control;
        self.fifo().bound(until)
    }

    /// Enters a lane; false if its kernel has too many slots for it.
    fn enter(&mut self, lanes: &mut Lanes, lane: usize) -> bool {
        let bound = self.bound().0;
        lanes.enter(lane, self.fifo(), bound)
    }

    /// Takes back what a lane has done up to request `to`.
    fn leave(&mut self, lanes: &mut Lanes, lane: usize, to: usize) {
        lanes.leave(lane, fifo(&mut self.simulation.kernel), self.booked, to);
        self.book(to);
    }

    /// What serves it among trees, if its kernel has the form of one.
    fn tree_lane(&mut self) -> Option<tree::Lane<'_>> {
        let bound = self.bound().0;
        fifo(&mut self.simulation.kernel).tree_lane(self.block, bound)
    }

    /// Books what has been served up to request `to`.
    fn book(&mut self, to: usize) {
        let simulation = &mut *self.simulation;
        fifo(&mut simulation.kernel).book(self.block, self.booked..to, simulation.next_control, &mut simulation.meter);
        self.booked = to;
    }

    /// Handles the control event that the simulation waits for; false if it does not wait for one but has to be fed alone.
    fn handle_control(&mut self) -> bool {
        let (_, too_late) = self.bound();
        if !too_late {
            self.simulation.handle_control();
        }
        !too_late
    }

    /// Serves the rest of the block.
    fn finish_alone(&mut self) {
        if self.booked < self.block.arrivals.len() {
            self.simulation.feed_from(self.block, self.booked);
            self.booked = self.block.arrivals.len();
        }
    }
}
