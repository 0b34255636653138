//! Topics and the functions that compute them, one file per family.

mod alarms;
mod balancer;
mod bounds;
mod catalogue;
mod clouds;
mod commitments;
mod finance;
mod focus;
mod groups;
mod instances;
mod markets;
mod numbers;
mod plans;
mod queueing;
mod race;
mod reservations;
mod scaling;
mod spot;
mod waiting;

use super::wanted::Wanted;
use super::{Case, NoModel};
use serde_json::{Map, Value};

/// Inputs to outputs, by the functions of the domain.
type Model = fn(&Map<String, Value>) -> Result<Value, NoModel>;

/// Every topic that is computed: its name, the model where a topic has several (empty where the cases name none), the function.
const MODELS: &[(&str, &str, Model)] = &[
    ("C3 racing", "", race::thresholds),
    ("CVaR", "", commitments::worst_cases),
    ("Halfin-Whitt", "", queueing::halfin_whitt),
    ("M/M/1 transient", "", queueing::from_empty),
    ("MSER-5", "", numbers::mser_5),
    ("Mt/M/st screening", "", queueing::screening),
    ("Mt/M/st transient", "", queueing::changing),
    ("R&S constants", "dudewicz-dalal", race::dudewicz_dalal),
    ("R&S constants", "rinott", race::rinott),
    ("asg.adjustment", "adjust", scaling::adjustment),
    ("asg.adjustment_rounding", "adj_round", scaling::rounding),
    ("asg.az_rebalance", "azreb", groups::zone_margin),
    ("asg.instance_refresh", "refresh", groups::refresh),
    ("asg.lifecycle_hook", "hook", groups::hook),
    ("asg.limits", "clamp", scaling::limits),
    ("asg.limits_weighted", "clamp_w", groups::weighted_limits),
    ("asg.maintenance_policy", "maint", groups::maintenance),
    ("asg.mixed_instances", "mix", groups::mixed),
    ("asg.multi_policy", "maxcap", scaling::largest),
    ("asg.predictive", "pred", scaling::predicted_maximum),
    ("asg.predictive", "pred_hour", scaling::predicted_hour),
    ("asg.step_bounds", "step_bound", scaling::step_bound),
    ("asg.step_scaling", "step_seq", scaling::step_sequence),
    ("asg.target_tracking", "tt_round", scaling::tracking_delta),
    ("asg.target_tracking", "tt_sqs", scaling::tracking_backlog),
    ("asg.target_tracking_alarms", "tt_alarm", scaling::tracking_alarms),
    ("asg.warm_pool", "warm", groups::warm_pool),
    ("asg.weights", "ceil_div", groups::instances_for),
    ("asg.weights", "overage", groups::instances_for),
    ("asg.weights", "unit_price", groups::unit_price),
    ("azure.reservation", "az_flex", clouds::azure_sizes),
    ("azure.reservation", "az_ri", clouds::azure_hours),
    ("billing.per_hour", "bill_runs", instances::runs),
    ("billing.per_second", "bill_runs", instances::runs),
    ("billing.states", "bill_states", instances::states),
    ("capacity_reservation", "odcr_hours", instances::capacity_hours),
    ("capacity_reservation", "odcr_unused", instances::capacity_unused),
    ("cloudwatch.alarm_3of3", "alarm_seq", alarms::sequence),
    ("cloudwatch.get_metric_statistics", "cw_stats", alarms::statistics),
    ("cloudwatch.interval", "mul", alarms::interval),
    ("cloudwatch.low_samples", "lowsamp", alarms::low_samples),
    ("cloudwatch.missing_data", "alarm", alarms::missing_data),
    ("cloudwatch.missing_data", "alarm_not", alarms::not_alarm),
    ("cloudwatch.start_time_rounding", "cw_round", alarms::rounded_start),
    ("cloudwatch.threshold", "alarm_vals", alarms::threshold),
    ("cloudwatch.timestamps", "stamp", alarms::period_stamp),
    ("cloudwatch.window", "alarm_win", alarms::sliding_window),
    ("counter-based RNG", "", numbers::philox),
    ("distribution-free feasibility", "", race::certificate),
    ("elb.cross_zone", "elb_share", balancer::shares),
    ("elb.deregistration", "drain", balancer::drain),
    ("elb.health_check", "elb_hc", balancer::health_check),
    ("elb.slow_start", "slow", balancer::slow_start),
    ("elb.target_group_health", "elb_tg", balancer::zones),
    ("finance", "", finance::equivalent_monthly),
    ("fleet.allocation", "rank", groups::allocation),
    ("fleet.capacity_rebalance", "rebal_scale", groups::rebalanced),
    ("fleet.diversified", "fleet_div", groups::diversified),
    ("fleet.diversified", "fleet_units", groups::units),
    ("fleet.lowest_price", "ceil_div", groups::instances_for),
    ("fleet.max_total_price", "fleet_cap", groups::total_price),
    ("fleet.on_demand_part", "fleet_od", groups::spot_part),
    ("fleet.weights", "ceil_div", groups::instances_for),
    ("fleet.weights", "unit_price", groups::unit_price),
    ("fluid Mt/G/st", "", queueing::fluid),
    ("focus.amortise", "focus_amort", focus::amortise),
    ("focus.flex", "focus_flex", focus::sizes),
    ("focus.purchase", "focus_buy", focus::purchase),
    ("focus.usage", "focus_use", focus::usage),
    ("gcp.sud", "sud", clouds::sustained_use),
    ("gcp.sud", "sud_rates", clouds::sustained_use_rates),
    ("lower bound B1", "", bounds::week),
    ("lower bound B2-E", "", bounds::stationary_slots),
    ("lower bound", "", bounds::naive),
    ("mean-CVaR reserve", "", commitments::careful),
    ("mean-reverting price", "", markets::mean_reversion),
    ("multi-fidelity MC", "", numbers::cheap_model),
    ("online reserve", "", commitments::online),
    ("order statistics", "", numbers::order_statistics),
    ("overlapping terms", "", commitments::overlapping),
    ("prometheus.query_range", "prom", alarms::query_range),
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
    ("spot bid", "", markets::one_time_bid),
    ("spot pools", "", markets::pools),
    ("spot.bid_market_2015", "spot_billed", spot::bid_billed),
    ("spot.bid_market_2015", "spot_cost", spot::bid_cost),
    ("spot.hourly_price_lock", "spot_cost", spot::cost),
    ("spot.interruption_billing", "spot_billed", spot::billed),
    ("spot.interruption_billing", "spot_cost", spot::cost),
    ("spot.price_history", "spot_segments", spot::history),
    ("square-root staffing", "", queueing::square_root),
    ("two-stage reserve", "", commitments::two_stages),
    ("waiting", "all_wait", waiting::all_wait),
    ("waiting", "nobody_waits", waiting::nobody_waits),
];

/// The same, with the names of the outputs that are expected.
type NamedModel = fn(&Map<String, Value>, &Wanted) -> Result<Value, NoModel>;

/// Topics with one model whose outputs may carry a number in their name, or no name.
const NAMED: &[(&str, NamedModel)] = &[
    ("Erlang B/C", queueing::erlang),
    ("Erlang C numerics", queueing::erlang),
    ("G/G/1 approximation", queueing::any_gaps),
    ("G/G/c approximations", queueing::any_gaps_and_servers),
    ("M/D/1", queueing::single_constant_service),
    ("M/D/c", queueing::constant_service),
    ("M/G/1", queueing::any_service),
    ("M/G/c tail", queueing::tail_decay),
    ("M/M/1", queueing::exponential),
    ("M/M/1-PS", queueing::shared),
    ("M/M/c", queueing::exponential),
    ("M/M/c sojourn", queueing::exponential),
    ("M/M/c+M", queueing::impatient),
    ("M/M/c-PS (per-job rate min(1,c/n))", queueing::shared),
    ("M/M/c/K", queueing::limited_room),
    ("M/PH/c exact", queueing::phases),
    ("boot delay", queueing::setup),
    ("heterogeneous: adding a slow server hurts", queueing::two_speeds),
    ("interruptions", queueing::interruptions),
    ("power of d choices", queueing::choices),
];

/// What comes out of a case.
pub(super) fn compute(case: &Case) -> Result<Value, NoModel> {
    let no_such_model = || NoModel(format!("no model `{}` for the topic `{}`", case.model, case.topic));
    if let Some((_, compute)) = NAMED.iter().find(|(topic, _)| *topic == case.topic) {
        return if case.model.is_empty() {
            compute(&case.inputs, &Wanted::of(&case.expected))
        } else {
            Err(no_such_model())
        };
    }
    let of_topic = || MODELS.iter().filter(|(topic, ..)| *topic == case.topic);
    if of_topic().next().is_none() {
        return Err(NoModel(format!("no model for the topic `{}`", case.topic)));
    }
    // Constants are named by the case itself where it names no model: `rinott-h`.
    let named =
        |model: &str| model == case.model || case.model.is_empty() && !model.is_empty() && case.id.starts_with(model);
    match of_topic().find(|(_, model, _)| named(model)) {
        Some((_, _, compute)) => compute(&case.inputs),
        None => Err(no_such_model()),
    }
}
