//! The AWS Cost and Usage Report, both editions.
//!
//! Amortised: what commitments cover has its effective cost, their fees the part that covered nothing, and payments in advance nothing.

use super::cells::{Cells, Columns, type_of_usage};
use super::{Charge, Found, Notation, Paid};
use crate::input::trace::Zone;
use crate::units::Money;

pub(super) struct Cur {
    pub(super) zone: Zone,
}

const NEEDED: [&str; 7] = [
    "line_item_usage_start_date",
    "line_item_usage_end_date",
    "line_item_line_item_type",
    "line_item_usage_type",
    "line_item_usage_amount",
    "line_item_unblended_cost",
    "line_item_currency_code",
];

pub(super) fn check(columns: &Columns) -> Result<(), String> {
    columns.check(&NEEDED, "a Cost and Usage Report")
}

impl Notation for Cur {
    fn row(&self, cells: &Cells) -> Result<Option<Found>, String> {
        let usage = cells.text("line_item_usage_type")?;
        let Some((paid, cost)) = paid_and_cost(cells, usage)? else { return Ok(None) };
        let runs = !matches!(paid, Paid::UnusedCommitment | Paid::UnusedCapacity | Paid::Other);
        let named = cells.text("product_instance_type")?;
        let instance_type = if named.is_empty() { type_of_usage(usage).unwrap_or_default() } else { named };
        let region = cells.first(&["product_region_code", "product_region"])?;
        let charge = Charge {
            start: cells.instant("line_item_usage_start_date", &self.zone)?,
            end: cells.instant("line_item_usage_end_date", &self.zone)?,
            paid,
            hours: if runs { cells.number("line_item_usage_amount")? } else { 0.0 },
            instance_type: if runs { instance_type.to_string() } else { String::new() },
            zone: cells.first(&["line_item_availability_zone", "product_region_code", "product_region"])?.to_string(),
            cost,
        };
        let currency = cells.text("line_item_currency_code")?.to_string();
        Ok(Some(Found { charge, currency, region: region.to_string(), mix: String::new() }))
    }
}

/// How a row was paid and its amortised cost; nothing for what is not about instances, or is in other rows.
fn paid_and_cost(cells: &Cells, usage: &str) -> Result<Option<(Paid, Money)>, String> {
    let unblended = || cells.money("line_item_unblended_cost");
    let instances = type_of_usage(usage).is_some();
    let of_ec2 = matches!(cells.text("line_item_product_code")?, "" | "AmazonEC2");
    Ok(match cells.text("line_item_line_item_type")? {
        "Usage" if instances && usage.contains("SpotUsage") => Some((Paid::Spot, unblended()?)),
        "Usage" if instances && usage.contains("Unused") => Some((Paid::UnusedCapacity, unblended()?)),
        "Usage" if instances => Some((Paid::OnDemand, unblended()?)),
        "DiscountedUsage" if instances => Some((Paid::Reserved, cells.money("reservation_effective_cost")?)),
        "SavingsPlanCoveredUsage" if instances => {
            Some((Paid::SavingsPlan, cells.money("savings_plan_savings_plan_effective_cost")?))
        }
        "RIFee" if of_ec2 => {
            let upfront = cells.money("reservation_unused_amortized_upfront_fee_for_billing_period")?;
            Some((Paid::UnusedCommitment, upfront + cells.money("reservation_unused_recurring_fee")?))
        }
        "SavingsPlanRecurringFee" => {
            let committed = cells.money("savings_plan_total_commitment_to_date")?;
            Some((Paid::UnusedCommitment, committed - cells.money("savings_plan_used_commitment")?))
        }
        "Usage"
        | "DiscountedUsage"
        | "SavingsPlanCoveredUsage"
        | "SavingsPlanNegation"
        | "SavingsPlanUpfrontFee"
        | "RIFee" => None,
        // A payment in advance for reservations names them.
        "Fee" if !cells.first(&["reservation_reservation_arn", "reservation_reservation_a_r_n"])?.is_empty() => None,
        _ if of_ec2 && !cells.text("line_item_product_code")?.is_empty() => {
            Some((Paid::Other, unblended()?)).filter(|(_, cost)| cost.nano() != 0)
        }
        _ => None,
    })
}
