//! `fleetmix schema`: the JSON Schema of a file format.

use crate::check::{CheckRecord, Limits};
use crate::cli::args::{SchemaArguments, SchemaOf};
use crate::cli::exit::Failure;
use crate::difference::Difference;
use crate::report::replay::ReplayRecord;
use crate::results::{BacktestRecord, BatchRecord, PlanRecord, Results, SensitivityRecord, SweepRecord};
use crate::scenario::Scenario;
use crate::study::{CommitRecord, Reconciliation};
use std::io::{Write, stdout};

/// Prints the schema.
pub(in crate::cli) fn run(arguments: &SchemaArguments) -> Result<(), Failure> {
    let schema = match arguments.of {
        SchemaOf::Scenario => schemars::schema_for!(Scenario),
        SchemaOf::Results => schemars::schema_for!(Results),
        SchemaOf::Commit => schemars::schema_for!(CommitRecord),
        SchemaOf::Check => schemars::schema_for!(CheckRecord),
        SchemaOf::Sweep => schemars::schema_for!(SweepRecord),
        SchemaOf::Plan => schemars::schema_for!(PlanRecord),
        SchemaOf::Backtest => schemars::schema_for!(BacktestRecord),
        SchemaOf::Sensitivity => schemars::schema_for!(SensitivityRecord),
        SchemaOf::Diff => schemars::schema_for!(Difference),
        SchemaOf::Batch => schemars::schema_for!(BatchRecord),
        SchemaOf::Reconcile => schemars::schema_for!(Reconciliation),
        SchemaOf::Replay => schemars::schema_for!(ReplayRecord),
        SchemaOf::Limits => schemars::schema_for!(Limits),
    };
    let text = serde_json::to_string_pretty(&schema).map_err(|error| Failure::new(error.to_string(), ""))?;
    let mut output = stdout().lock();
    writeln!(output, "{text}")?;
    output.flush()?;
    Ok(())
}
