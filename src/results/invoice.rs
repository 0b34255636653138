//! What a mix's named replication is billed, month by month and item by item.

use super::nano;
use crate::units::Money;
use serde::{Deserialize, Serialize};

/// The bill of a mix's named replication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MixInvoice {
    /// Name of the mix.
    pub mix: String,
    /// Index of the replication.
    pub replication: u32,
    /// Its lines by month, in the order in which items first appear.
    pub lines: Vec<InvoiceLine>,
}

/// An item in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceLine {
    /// The calendar month (UTC) in which the charges begin, as in `2016-03`.
    pub month: String,
    /// What is charged, in words.
    pub item: String,
    /// Why it is charged.
    pub option: ChargedAs,
    /// Belongs to a commitment that was owned before: beside the total.
    pub owned: bool,
    /// Billed hours, commitments or money, in 10⁻⁹ of `unit`; zero where nothing is counted.
    #[serde(with = "nano")]
    pub quantity: Money,
    /// What is counted; empty for money.
    pub unit: String,
    /// With upfront payments spread over their terms: what the results show.
    #[serde(with = "nano")]
    pub amortised: Money,
    /// As the cloud's invoice shows it: upfront payments in full, covered usage for nothing.
    #[serde(with = "nano")]
    pub billed: Money,
    /// The same usage at on-demand prices.
    #[serde(with = "nano")]
    pub list: Money,
}

/// The purchase option that a charge belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargedAs {
    /// A reservation.
    Reserved,
    /// A savings plan.
    SavingsPlan,
    /// Spot.
    Spot,
    /// On-demand, discounts for sustained use and unused reserved capacity included.
    OnDemand,
}

impl ChargedAs {
    /// In words, as tables say it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Reserved => "Reserved",
            Self::SavingsPlan => "Savings plan",
            Self::Spot => "Spot",
            Self::OnDemand => "On-demand",
        }
    }
}

impl MixInvoice {
    /// The sum of a column over the lines that are part of the total, or over those of owned commitments.
    pub fn sum(&self, owned: bool, column: fn(&InvoiceLine) -> Money) -> Money {
        self.lines.iter().filter(|line| line.owned == owned).map(column).sum()
    }

    /// The months, in order.
    pub fn months(&self) -> Vec<&str> {
        let mut months: Vec<&str> = self.lines.iter().map(|line| line.month.as_str()).collect();
        months.sort_unstable();
        months.dedup();
        months
    }
}
