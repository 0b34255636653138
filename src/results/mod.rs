//! The record of a study: what `results.json` holds, and the time lines drawn beside it.
//!
//! A record can be stored, read again another day and drawn without simulating. Names of fields are a contract;
//! `SCHEMA_VERSION` rises when one changes its meaning.

mod background;
mod backtest;
mod batch;
mod causes;
mod choice;
mod invoice;
mod nano;
mod patch_wave;
mod plan;
mod record;
mod replications;
mod sensitivity;
mod store;
mod stored_report;
mod sweep;
mod timeline;

pub use background::BackgroundRecord;
pub use backtest::{BACKTEST_SCHEMA_VERSION, BacktestRecord, Contender, Fared, Period, Rule};
pub use batch::{
    BATCH_SCHEMA_VERSION, BatchRecord, BoughtReserved, CheapestReserved, ErlangRecord, IdleReserved, JobPolicyRecord,
    ReservedPoint, ReservedSearch,
};
pub use causes::{CauseSplit, CausesRecord};
pub use choice::{chosen, distance, named, nearest};
pub use invoice::{ChargedAs, InvoiceLine, MixInvoice};
pub use patch_wave::PatchWaveRecord;
pub use plan::{
    CandidateCounts, PLAN_SCHEMA_VERSION, PlanBound, PlanRecord, PlannedMix, RacedMix, ReplicationCounts, ScreenedMix,
    ScreeningError,
};
pub use record::{
    CommitmentRecord, Comparison, Cost, Estimate, InstanceCounts, InstanceHours, Latency, MixRecord, NamedReplication,
    ObjectiveMet, ObjectiveRecord, PoolRecord, Requests, Results, SCHEMA_VERSION, ScenarioRecord, SourceRecord,
};
pub use replications::ReplicationValues;
pub use sensitivity::{
    CommitmentBreakEven, Factor, FactorRecord, InterruptionBreakEven, InterruptionPoint, Reaction,
    SENSITIVITY_SCHEMA_VERSION, SensitivityRecord, Turn, Variation,
};
pub use store::{
    StoreError, charges_header, charges_rows, mixes_csv, read_plan, read_record, read_results, records_csv,
    timeline_csv, write_study,
};
pub use stored_report::{STORED_REPORT_VERSION, StoredReport};
pub use sweep::{MergeError, SWEEP_SCHEMA_VERSION, SweepPart, SweepPoint, SweepRecord, merge};
pub use timeline::{CostByDay, Incidents, InterruptionMark, MarketLine, Timeline, TimelinePoint};
