//! The usage of a bill, from the arguments.

use super::check_usage;
use crate::cli::args::CommitArguments;
use crate::cli::exit::Failure;
use crate::input::{BillSelection, BilledHours, read_prices};
use crate::plan::commitment::Settings;
use crate::scenario::{InlinePrices, PlanCoverage, PriceListFormat, PriceListRef, SavingsPlan};
use crate::study::{PurchaseStudy, purchase_of_bill};
use crate::units::{Currency, HourlyPrice, Rate, Term};
use std::path::Path;

/// What a bill is called, and its currency.
pub(super) struct BillName {
    pub(super) name: String,
    pub(super) currency: Currency,
}

/// Reads a bill and a price list, and gathers what can be bought for it.
pub(super) fn study(
    file: &Path,
    arguments: &CommitArguments,
    settings: Settings,
) -> Result<(PurchaseStudy, BillName), Failure> {
    let given = [
        ("--seed", arguments.study.seed.is_some()),
        ("--replications", arguments.study.replications.is_some()),
        ("--set", !arguments.study.set.is_empty()),
    ];
    if let Some((name, _)) = given.iter().find(|(_, given)| *given) {
        return Err(Failure::new(format!("{name} is for scenarios: a bill is not simulated"), "leave it out"));
    }
    let Some(list) = &arguments.prices else {
        return Err(Failure::new("--usage needs a price list", "give --prices FILE, as in scenarios/prices"));
    };
    let selection = BillSelection { mix: arguments.mix.clone(), region: arguments.region.clone() };
    let hours = BilledHours::read(file, &selection, arguments.include_covered)?;
    let prices = price_list(list, hours.bill.currency)?;
    let plans: Vec<SavingsPlan> = arguments.savings_plans.iter().map(|plan| plan.offer(hours.bill.currency)).collect();
    let study = purchase_of_bill(&hours, &prices, &plans, settings)
        .map_err(|message| Failure::new(message, "the list needs the types of the bill, in its currency"))?;
    check_usage(&study)?;
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or("bill");
    let name = name.split('.').next().filter(|name| !name.is_empty()).unwrap_or("bill").to_string();
    Ok((study, BillName { name, currency: hours.bill.currency }))
}

/// A list of one's own: JSON, or a CSV in the currency of the bill.
fn price_list(file: &Path, currency: Currency) -> Result<InlinePrices, Failure> {
    let is_json = file.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
    let format = if is_json { PriceListFormat::Json {} } else { PriceListFormat::Csv {} };
    let name = file.to_string_lossy().into_owned();
    let list = PriceListRef { file: name.clone(), format, currency, source: name };
    read_prices(Path::new(""), &list).map_err(|problem| {
        Failure::new(
            problem.message,
            "scenarios/prices/README.md has the columns; a name that ends in .json is read as JSON",
        )
    })
}

/// A savings plan that is offered: `RATES:COVERS:TERM[:UPFRONT]`.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::cli) struct OfferedPlan {
    rates: String,
    covers: PlanCoverage,
    term: Term,
    upfront_share: f64,
}

impl OfferedPlan {
    fn offer(&self, currency: Currency) -> SavingsPlan {
        SavingsPlan {
            covers: self.covers.clone(),
            rates: self.rates.clone(),
            commitment: HourlyPrice { rate: Rate::ZERO, currency },
            term: self.term,
            upfront_share: self.upfront_share,
        }
    }
}

impl std::str::FromStr for OfferedPlan {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = "write the name of its rates in the price list, what it covers (`compute` or a family), `1y` or `3y`, and the share \
                      that is paid upfront if any, as in compute-1y:compute:1y or m5-3y:m5:3y:0.5";
        let parts: Vec<&str> = text.split(':').map(str::trim).collect();
        let (rates, covers, term, upfront) = match parts[..] {
            [rates, covers, term] => (rates, covers, term, "0"),
            [rates, covers, term, upfront] => (rates, covers, term, upfront),
            _ => return Err(wanted.to_string()),
        };
        let covers = match covers {
            "compute" => PlanCoverage::Compute,
            family => PlanCoverage::InstanceFamily(family.to_string()),
        };
        let upfront_share = upfront.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
        match (term.parse(), upfront_share) {
            (Ok(term), Some(upfront_share)) if !rates.is_empty() => {
                Ok(Self { rates: rates.to_string(), covers, term, upfront_share })
            }
            _ => Err(wanted.to_string()),
        }
    }
}
