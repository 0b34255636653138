//! Topics and the functions that compute them, one file per family.

mod catalogue;
mod clouds;
mod commitments;
mod finance;
mod focus;
mod instances;
mod plans;
mod race;
mod reservations;
mod spot;

use super::{Case, NoModel};
use serde_json::{Map, Value};

/// Inputs to outputs, by the functions of the domain.
type Model = fn(&Map<String, Value>) -> Result<Value, NoModel>;

/// Every topic that is computed: its name, the model where a topic has several (empty where the cases name none), the function.
const MODELS: &[(&str, &str, Model)] = &[
    ("C3 racing", "", race::thresholds),
    ("CVaR", "", commitments::worst_cases),
    ("azure.reservation", "az_flex", clouds::azure_sizes),
    ("azure.reservation", "az_ri", clouds::azure_hours),
    ("billing.per_hour", "bill_runs", instances::runs),
    ("billing.per_second", "bill_runs", instances::runs),
    ("billing.states", "bill_states", instances::states),
    ("capacity_reservation", "odcr_hours", instances::capacity_hours),
    ("capacity_reservation", "odcr_unused", instances::capacity_unused),
    ("distribution-free feasibility", "", race::certificate),
    ("finance", "", finance::equivalent_monthly),
    ("focus.amortise", "focus_amort", focus::amortise),
    ("focus.flex", "focus_flex", focus::sizes),
    ("focus.purchase", "focus_buy", focus::purchase),
    ("focus.usage", "focus_use", focus::usage),
    ("gcp.sud", "sud", clouds::sustained_use),
    ("gcp.sud", "sud_rates", clouds::sustained_use_rates),
    ("mean-CVaR reserve", "", commitments::careful),
    ("online reserve", "", commitments::online),
    ("overlapping terms", "", commitments::overlapping),
    ("reserved count", "", commitments::count),
    ("ri.amortisation", "ri_amort", catalogue::amortisation),
    ("ri.application", "ri_apply", reservations::application),
    ("ri.blended", "ri_blend", catalogue::blended),
    ("ri.clock_hour", "ri_hour", reservations::clock_hour),
    ("ri.exchange_quote", "ri_quote", catalogue::exchange_quote),
    ("ri.footprint", "ri_units", catalogue::footprint),
    ("ri.list_value", "ri_list", catalogue::list_value),
    ("ri.modify", "floor_hour", catalogue::effective_from),
    ("ri.modify", "ri_modify", catalogue::modification),
    ("ri.monthly_fee", "ri_fee", catalogue::monthly_fee),
    ("ri.term", "term", catalogue::term),
    ("ri.volume_discount", "ri_tier", catalogue::volume_discount),
    ("savings_plan", "sp_apply", plans::apply),
    ("savings_plan.coverage", "sp_cover", plans::instances_covered),
    ("savings_plan.coverage", "sp_partial", plans::partly_covered),
    ("several reserved kinds", "", commitments::kinds),
    ("spot.bid_market_2015", "spot_billed", spot::bid_billed),
    ("spot.bid_market_2015", "spot_cost", spot::bid_cost),
    ("spot.hourly_price_lock", "spot_cost", spot::cost),
    ("spot.interruption_billing", "spot_billed", spot::billed),
    ("spot.interruption_billing", "spot_cost", spot::cost),
    ("spot.price_history", "spot_segments", spot::history),
    ("two-stage reserve", "", commitments::two_stages),
];

/// What comes out of a case.
pub(super) fn compute(case: &Case) -> Result<Value, NoModel> {
    let of_topic = || MODELS.iter().filter(|(topic, ..)| *topic == case.topic);
    if of_topic().next().is_none() {
        return Err(NoModel(format!("no model for the topic `{}`", case.topic)));
    }
    match of_topic().find(|(_, model, _)| *model == case.model) {
        Some((_, _, compute)) => compute(&case.inputs),
        None => Err(NoModel(format!("no model `{}` for the topic `{}`", case.model, case.topic))),
    }
}
