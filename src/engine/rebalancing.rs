//! Capacity rebalancing: another spot instance is asked for before the one at risk is gone (RULES R58).
//!
//! A slot of the pool holds the instance that was asked for last. The one that it replaces holds no slot any more, but serves on: until its
//! successor is in service, or until the cloud takes it.

use super::Simulation;
use super::event::What;
use super::spot::Holding;
use crate::billing::EndedBy;
use crate::fleet::State;
use crate::scaling::group::{ends_replaced, launches_replacement, within_rebalancing_margin};

/// An instance that is being replaced.
#[derive(Debug, Clone, Copy)]
pub(super) struct Replaced {
    pub(super) number: u32,
    /// The slot that it held.
    pub(super) slot: u32,
}

impl Simulation<'_> {
    /// An instance is at risk or has its notice: another is asked for in its place, if the pool's rule wants that.
    pub(super) fn rebalance(&mut self, number: u32) {
        let plan = self.spot_plan();
        let instance = &self.fleet[number as usize];
        let Some(slot) = instance.spot_slot else { return };
        let (has_notice, market) = (instance.has_notice, instance.market);
        let except = market.filter(|_| !has_notice);
        let elsewhere = self.choose_market(except).is_some();
        if !launches_replacement(plan.rebalancing, has_notice, elsewhere)
            || !within_rebalancing_margin(plan.count, self.spot.held())
        {
            return;
        }
        self.fleet[number as usize].spot_slot = None;
        self.fleet[number as usize].replaced = true;
        self.spot.replaced.push(Replaced { number, slot });
        self.spot.slots[slot as usize] = Holding::Empty { refused: false };
        self.log(What::Replaced, Some(number), || {
            let why = if has_notice { "it has its notice" } else { "it is at risk and another market accepts" };
            format!("another is asked for in its place: {why}")
        });
        self.spot_request(slot, except);
    }

    /// The successor of replaced instances is in service: they leave, if the rule ends them.
    pub(super) fn let_replaced_go(&mut self, slot: u32) {
        if !ends_replaced(self.spot_plan().rebalancing) {
            return;
        }
        let of_slot: Vec<u32> = self.spot.replaced_of(slot).collect();
        for number in of_slot {
            let why = "its replacement is in service";
            match self.fleet[number as usize].state {
                State::InService => self.drain(number, why),
                State::Pending | State::Booting => self.terminate(number, EndedBy::Owner, why),
                State::Draining | State::Waiting | State::Terminated => {}
            }
        }
    }

    /// The slot that an instance holds, or has held before it was replaced.
    pub(super) fn slot_of(&self, number: u32) -> Option<u32> {
        let replaced = self.spot.replaced.iter().find(|replaced| replaced.number == number);
        self.fleet[number as usize].spot_slot.or_else(|| replaced.map(|replaced| replaced.slot))
    }

    /// Whether anything of a slot is in service: its instance, or one that it replaces.
    pub(super) fn slot_serves(&self, slot: u32) -> bool {
        let serves = |number: u32| self.fleet[number as usize].state == State::InService;
        let holder = match self.spot.slots[slot as usize] {
            Holding::Instance(number) => serves(number),
            Holding::Empty { .. } | Holding::Accepted { .. } => false,
        };
        holder || self.spot.replaced_of(slot).any(serves)
    }
}
