//! One instance and where it stands in its life.

use crate::units::SimTime;

/// How an instance is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PurchaseOption {
    /// Base instances, covered by commitments.
    Reserved,
    /// The spot market.
    Spot,
    /// Full price, any time.
    OnDemand,
}

impl PurchaseOption {
    /// All options, in the order of reports.
    pub const ALL: [PurchaseOption; 3] = [PurchaseOption::Reserved, PurchaseOption::Spot, PurchaseOption::OnDemand];

    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            PurchaseOption::Reserved => "reserved",
            PurchaseOption::Spot => "spot",
            PurchaseOption::OnDemand => "on_demand",
        }
    }
}

/// Where an instance stands: pending -> booting -> in service -> draining -> terminated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Requested, not running yet, not billed.
    Pending,
    /// Running and billed, not serving yet.
    Booting,
    /// Serving.
    InService,
    /// Running, finishing what it has, taking no new requests.
    Draining,
    /// Booted before it is needed: in the warm pool.
    Waiting,
    /// Gone.
    Terminated,
}

/// One instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// How it is paid for.
    pub option: PurchaseOption,
    /// Slot of the spot pool, for spot; none once another is asked for in its place.
    pub spot_slot: Option<u32>,
    /// Index of its market, for spot.
    pub market: Option<usize>,
    /// Address of its random boot.
    pub launch: u64,
    /// Where it stands.
    pub state: State,
    /// Since when it runs (and is billed), once it does.
    pub running_since: Option<SimTime>,
    /// Whether it has a notice: the cloud will take it away.
    pub has_notice: bool,
    /// Whether another has been asked for in its place: it does not count toward the size of the group (RULES R59).
    pub replaced: bool,
    /// Whether its warm-up is over: only then it counts in the CPU metric and as warm capacity.
    pub warm: bool,
    /// Whether it has the updates that a patch wave brings: launched when they were known.
    pub patched: bool,
    /// Whether it belongs to the warm pool.
    pub in_pool: bool,
    /// Whether it comes from the warm pool: it only has to start and to pass its health check.
    pub prepared: bool,
}

impl Instance {
    /// A requested instance.
    pub fn pending(option: PurchaseOption, spot_slot: Option<u32>, market: Option<usize>) -> Self {
        Self {
            option,
            spot_slot,
            market,
            launch: 0,
            state: State::Pending,
            running_since: None,
            has_notice: false,
            replaced: false,
            warm: false,
            patched: false,
            in_pool: false,
            prepared: false,
        }
    }

    /// Whether it counts toward the size of the group: requested, booting or serving, and not about to be taken away.
    pub fn counts_in_group(&self) -> bool {
        !self.has_notice
            && !self.replaced
            && !self.in_pool
            && matches!(self.state, State::Pending | State::Booting | State::InService)
    }
}
