//! The record of a study: what `results.json` holds, and the time lines drawn beside it.
//!
//! A record can be stored, read again another day and drawn without simulating. Names of fields are a contract;
//! `SCHEMA_VERSION` rises when one changes its meaning.

mod patch_wave;
mod plan;
mod record;
mod store;
mod sweep;
mod timeline;

pub use patch_wave::PatchWaveRecord;
pub use plan::{
    CandidateCounts, PLAN_SCHEMA_VERSION, PlanBound, PlanRecord, PlannedMix, RacedMix, ReplicationCounts, ScreenedMix,
    ScreeningError,
};
pub use record::{
    CommitmentRecord, Comparison, Cost, Estimate, InstanceCounts, InstanceHours, Latency, MixRecord, NamedReplication,
    ObjectiveMet, ObjectiveRecord, PoolRecord, ReplicationFigures, Requests, Results, SCHEMA_VERSION, ScenarioRecord,
    SourceRecord,
};
pub use store::{
    StoreError, charges_header, charges_rows, mixes_csv, read_results, records_csv, timeline_csv, write_study,
};
pub use sweep::{MergeError, SWEEP_SCHEMA_VERSION, SweepPart, SweepPoint, SweepRecord, merge};
pub use timeline::{CostByDay, InterruptionMark, MarketLine, Timeline, TimelinePoint};
