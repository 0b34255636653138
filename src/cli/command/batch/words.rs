//! Jobs under each policy, for a terminal.

use crate::report::view::{NONE, count, decimal, money, money_estimate, plural, share};
use crate::report::{TableOptions, number_table};
use crate::results::{BatchRecord, JobPolicyRecord};

/// The table, what was assumed and what to be careful about.
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
    let headings = [
        "",
        "policy",
        "cost",
        "against\non-demand",
        "above\noptimum",
        "deadlines\nmissed",
        "taken away\na job",
        "work lost",
        "spot",
        "on-demand",
    ];
    let rows = record.policies.iter().enumerate().map(|(index, policy)| row(index, policy, record));
    text += &number_table(&headings, rows, options);
    text.push('\n');
    for words in &record.warnings {
        text += &format!("\nCareful: {words}\n");
    }
    for words in &record.assumptions {
        text += &format!("\n{words}\n");
    }
    text
}

fn row(index: usize, policy: &JobPolicyRecord, record: &BatchRecord) -> Vec<String> {
    let hours = |hours: f64| format!("{} h", decimal(hours));
    let signed = |value: f64| if value > 0.0 { format!("+{}", share(value)) } else { share(value).replace('-', "−") };
    vec![
        (index + 1).to_string(),
        policy.policy.clone(),
        money_estimate(&policy.cost, record.currency),
        signed(policy.against_on_demand.mean),
        policy.above_optimum.map_or(NONE.to_string(), |above| signed(above.mean)),
        share(policy.missed_share.mean),
        decimal(policy.interruptions_per_job.mean),
        hours(policy.lost_work_hours.mean),
        hours(policy.spot_hours.mean),
        hours(policy.on_demand_hours.mean),
    ]
}
