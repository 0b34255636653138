//! Jobs under each policy, for a terminal.

use crate::report::view::{NONE, count, decimal, duration, money, money_estimate, plural, share, signed_money};
use crate::report::{TableOptions, number_table};
use crate::results::{BatchRecord, JobPolicyRecord, ReservedSearch};

/// Most rows of the numbers that were tried: the others stand in the record.
const MOST_ROWS: usize = 21;

/// The tables, what was assumed and what to be careful about.
pub(super) fn text(record: &BatchRecord, options: TableOptions) -> String {
    let mut text = format!(
        "{} · {} of {} hours in all · {} · {}\n\n",
        record.scenario,
        plural(record.jobs.mean.round() as u64, "job"),
        count(record.work_hours.mean),
        plural(u64::from(record.replications), "replication"),
        match record.optimum {
            Some(optimum) => format!("whoever knew all would pay {}", money(optimum.mean, record.currency)),
            None => "no optimum".to_string(),
        }
    );
    let with_reserved = record.idle_reserved.is_some() || record.bought_reserved.is_some();
    let mut headings = vec![
        "",
        "policy",
        "cost",
        "against\non-demand",
        "saved by\nwaiting",
        "above\noptimum",
        "deadlines\nmissed",
        "delay\na job",
        "losses\na job",
        "work\nlost",
        "spot",
        "on-\ndemand",
    ];
    if with_reserved {
        headings.insert(10, "reserved");
    }
    let rows = record.policies.iter().enumerate().map(|(index, policy)| row(index, policy, record, with_reserved));
    text += &number_table(&headings, rows, options);
    text.push('\n');
    if let Some(idle) = &record.idle_reserved {
        text += &format!(
            "\nOf {} owned {} of {} the mix {} leaves {} instance-hours idle.\n",
            idle.owned,
            if idle.owned == 1 { "reservation" } else { "reservations" },
            idle.instance_type,
            idle.mix,
            count(idle.idle_hours.mean)
        );
    }
    if let Some(bought) = &record.bought_reserved {
        text += &format!(
            "\n{} {} bought for the jobs ({}) cost {} besides, used or not:\n",
            count(f64::from(bought.instances)),
            bought.instance_type,
            bought.commitment,
            money(bought.cost, record.currency)
        );
        for policy in &record.policies {
            text += &format!("  {}: {}\n", policy.policy, per_work_hour(policy.per_work_hour.mean, record));
        }
    }
    if let Some(search) = &record.reserved_search {
        text += &searched(search, record, options);
    }
    for words in &record.warnings {
        text += &format!("\nCareful: {words}\n");
    }
    for words in &record.assumptions {
        text += &format!("\n{words}\n");
    }
    text
}

/// What each number of reserved instances comes to.
fn searched(search: &ReservedSearch, record: &BatchRecord, options: TableOptions) -> String {
    let mut text = String::from("\nReserved instances for the jobs: what an hour of work costs with them\n\n");
    let names: Vec<&str> = search.cheapest.iter().map(|best| best.policy.as_str()).collect();
    let headings: Vec<&str> = ["reserved"].into_iter().chain(names.iter().copied()).collect();
    let tried: Vec<&[_]> = search.points.chunks(names.len().max(1)).collect();
    let apart = tried.len().div_ceil(MOST_ROWS);
    let is_best = |instances: u32| search.cheapest.iter().any(|best| best.instances == instances);
    let shown = tried.iter().enumerate().filter(|(index, points)| index % apart == 0 || is_best(points[0].instances));
    let rows = shown.map(|(_, points)| {
        let cells = points.iter().map(|point| grain(point.per_work_hour.mean));
        [points[0].instances.to_string()].into_iter().chain(cells).collect()
    });
    text += &number_table(&headings, rows, options);
    text.push('\n');
    for best in &search.cheapest {
        let price = per_work_hour(best.per_work_hour.mean, record);
        text += &format!("\n{}: {} is cheapest, {price}.", best.policy, count(f64::from(best.instances)));
    }
    if let Some(formula) = &search.formula {
        text += &format!(
            "\nErlang's formula for jobs that do not wait: {} at a load of {}, {} of the work on on-demand, {}.",
            count(f64::from(formula.instances)),
            decimal(formula.load),
            share(formula.on_demand_share),
            per_work_hour(formula.per_work_hour, record)
        );
    }
    text + "\n"
}

fn per_work_hour(price: f64, record: &BatchRecord) -> String {
    format!("{} {} for an hour of work", grain(price), record.currency)
}

/// A price of an hour: neighbouring numbers of instances differ little.
fn grain(price: f64) -> String {
    format!("{price:.4}")
}

fn row(index: usize, policy: &JobPolicyRecord, record: &BatchRecord, with_reserved: bool) -> Vec<String> {
    let hours = |hours: f64| format!("{} h", decimal(hours));
    let signed = |value: f64| if value > 0.0 { format!("+{}", share(value)) } else { share(value).replace('-', "−") };
    let saved = policy.saved_by_waiting.mean;
    let mut cells = vec![
        (index + 1).to_string(),
        policy.policy.clone(),
        money_estimate(&policy.cost, record.currency),
        signed(policy.against_on_demand.mean),
        if saved == 0.0 { NONE.to_string() } else { signed_money(saved, record.currency) },
        policy.above_optimum.map_or(NONE.to_string(), |above| signed(above.mean)),
        share(policy.missed_share.mean),
        duration(policy.delay_seconds.mean),
        decimal(policy.interruptions_per_job.mean),
        hours(policy.lost_work_hours.mean),
        hours(policy.spot_hours.mean),
        hours(policy.on_demand_hours.mean),
    ];
    if with_reserved {
        cells.insert(10, hours(policy.reserved_hours.mean));
    }
    cells
}
