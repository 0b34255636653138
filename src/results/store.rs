//! Writing and reading the files of a study.

use super::{
    BackgroundRecord, Estimate, MixRecord, PLAN_SCHEMA_VERSION, PlanRecord, Results, SCHEMA_VERSION, Timeline,
    TimelinePoint,
};
use serde::de::DeserializeOwned;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Why a study could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system refused.
    #[error("cannot {action} {}: {source}", .path.display())]
    Io {
        /// `write`, `create` or `read`.
        action: &'static str,
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not a record of this version.
    #[error("{} is not a fleetmix results file: {message}", .path.display())]
    NotResults {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
}

/// The estimates of a mix, each under the name of its field.
type Column = (&'static str, fn(&MixRecord) -> Estimate);

const ESTIMATES: [Column; 38] = [
    ("cost_total", |mix| mix.cost.total),
    ("cost_reserved", |mix| mix.cost.reserved),
    ("cost_spot", |mix| mix.cost.spot),
    ("cost_on_demand", |mix| mix.cost.on_demand),
    ("cost_savings_plan", |mix| mix.cost.savings_plan),
    ("cost_other", |mix| mix.cost.other),
    ("cost_unused_commitment", |mix| mix.cost.unused_commitment),
    ("cost_sunk_commitment", |mix| mix.cost.sunk_commitment),
    ("cost_cash", |mix| mix.cost.cash),
    ("cost_per_month", |mix| mix.cost.per_month),
    ("requests_offered", |mix| mix.requests.offered),
    ("requests_served", |mix| mix.requests.served),
    ("requests_rejected", |mix| mix.requests.rejected),
    ("requests_timed_out", |mix| mix.requests.timed_out),
    ("requests_lost", |mix| mix.requests.lost),
    ("requests_in_system_at_end", |mix| mix.requests.in_system_at_end),
    ("latency_mean", |mix| mix.latency_seconds.mean),
    ("latency_p50", |mix| mix.latency_seconds.p50),
    ("latency_p90", |mix| mix.latency_seconds.p90),
    ("latency_p95", |mix| mix.latency_seconds.p95),
    ("latency_p99", |mix| mix.latency_seconds.p99),
    ("latency_p999", |mix| mix.latency_seconds.p999),
    ("latency_max", |mix| mix.latency_seconds.max),
    ("late_share", |mix| mix.late_share),
    ("error_share", |mix| mix.error_share),
    ("attainment", |mix| mix.attainment),
    ("attainment_by_requests", |mix| mix.attainment_by_requests),
    ("cpu_utilization", |mix| mix.cpu_utilization),
    ("hours_reserved", |mix| mix.instances.hours.reserved),
    ("hours_spot", |mix| mix.instances.hours.spot),
    ("hours_on_demand", |mix| mix.instances.hours.on_demand),
    ("launches", |mix| mix.instances.launches),
    ("launch_failures", |mix| mix.instances.launch_failures),
    ("interruptions", |mix| mix.instances.interruptions),
    ("scale_outs", |mix| mix.instances.scale_outs),
    ("scale_ins", |mix| mix.instances.scale_ins),
    ("peak_instances", |mix| mix.instances.peak),
    ("replications", |mix| Estimate { mean: f64::from(mix.cost.total.n), ci95: None, n: mix.cost.total.n }),
];

/// The estimates of background work, for studies that have some.
type BackgroundColumn = (&'static str, fn(&BackgroundRecord) -> Option<Estimate>);

const BACKGROUND: [BackgroundColumn; 10] = [
    ("background_work_done_seconds", |work| Some(work.work_done_seconds)),
    ("background_work_lost_seconds", |work| Some(work.work_lost_seconds)),
    ("background_starting_seconds", |work| Some(work.starting_seconds)),
    ("background_tasks_done", |work| Some(work.tasks_done)),
    ("background_containers_killed", |work| Some(work.containers_killed)),
    ("background_containers_started_for_requests", |work| Some(work.containers_started_for_requests)),
    ("background_work_per_hour", |work| Some(work.work_per_hour)),
    ("background_host_utilization", |work| Some(work.host_utilization)),
    ("background_cost_elsewhere", |work| work.cost_elsewhere),
    ("background_cost_per_useful_hour", |work| Some(work.cost_per_useful_hour)),
];

/// `mixes.csv`: one row a mix.
///
/// Each estimate has three columns: its mean under its name, and the ends of its 95 % interval with `_low` and `_high`,
/// empty where there is none. Those of background work follow if a mix has some. Money is in the study's currency over the horizon, latencies are in seconds.
pub fn mixes_csv(results: &Results) -> String {
    records_csv(&results.mixes.iter().collect::<Vec<_>>())
}

/// The same of records from anywhere, in their order.
pub fn records_csv(mixes: &[&MixRecord]) -> String {
    let mut table = Csv::default();
    let mut header: Vec<String> = ["name", "mix", "objective_met"].map(String::from).into();
    let background: &[BackgroundColumn] =
        if mixes.iter().any(|mix| mix.background.is_some()) { &BACKGROUND } else { &[] };
    for name in ESTIMATES.iter().map(|(name, _)| name).chain(background.iter().map(|(name, _)| name)) {
        header.extend([name.to_string(), format!("{name}_low"), format!("{name}_high")]);
    }
    table.row(header);
    for mix in mixes {
        let met = match mix.objective_met {
            super::ObjectiveMet::Met => "met",
            super::ObjectiveMet::Missed => "missed",
            super::ObjectiveMet::Unclear => "unclear",
        };
        let mut row = vec![guarded(&mix.name), guarded(&mix.mix), met.to_string()];
        let of_background = background.iter().map(|(_, pick)| mix.background.as_ref().and_then(pick));
        for estimate in ESTIMATES.iter().map(|(_, pick)| Some(pick(mix))).chain(of_background) {
            let [low, high] = estimate.and_then(|estimate| estimate.ci95).unwrap_or([f64::NAN, f64::NAN]);
            row.extend([estimate.map_or(f64::NAN, |estimate| estimate.mean), low, high].map(number));
        }
        table.row(row);
    }
    table.text()
}

/// `timeline.csv`: one row an interval and mix, times in UTC; a cell without a number is empty.
pub fn timeline_csv(results: &Results, timelines: &[Timeline]) -> String {
    let mut table = Csv::default();
    table.row(
        [
            "mix",
            "replication",
            "start",
            "end",
            "offered",
            "late",
            "failed",
            "p50",
            "p95",
            "p99",
            "cpu",
            "reserved",
            "spot",
            "on_demand",
        ]
        .map(String::from),
    );
    for timeline in timelines {
        let mix = guarded(&timeline.mix);
        for point in &timeline.points {
            let head = [mix.clone(), timeline.replication.to_string()];
            table.row(head.into_iter().chain(cells(results, point)));
        }
    }
    table.text()
}

/// The header of `charges.csv`; columns are given with whether they hold names that a user chose.
pub fn charges_header(columns: &[(&str, bool)]) -> String {
    let mut table = Csv::default();
    table.row(columns.iter().map(|(name, _)| (*name).to_string()));
    table.text()
}

/// Rows of `charges.csv` from their cells, in the columns of the header.
pub fn charges_rows<Row>(columns: &[(&str, bool)], rows: impl IntoIterator<Item = Row>) -> String
where
    Row: IntoIterator<Item = String>,
{
    let mut table = Csv::default();
    for row in rows {
        let cells = row.into_iter().zip(columns);
        table.row(cells.map(|(cell, (_, named))| if *named { guarded(&cell) } else { cell }));
    }
    table.text()
}

fn cells(results: &Results, point: &TimelinePoint) -> impl Iterator<Item = String> {
    let instant = |time: crate::units::SimTime| (results.scenario.start + time.since_start()).to_string();
    let counts = [point.offered, point.late, point.failed].map(|count| count.to_string());
    let numbers = [point.p50, point.p95, point.p99, point.cpu, point.reserved, point.spot, point.on_demand].map(number);
    [instant(point.start), instant(point.end)].into_iter().chain(counts).chain(numbers)
}

/// Rows of text, quoted where it must be.
#[derive(Default)]
struct Csv {
    writer: Option<csv::Writer<Vec<u8>>>,
}

impl Csv {
    fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let writer = self.writer.get_or_insert_with(|| csv::Writer::from_writer(Vec::new()));
        writer.write_record(cells).expect("rows of equal length are written into memory");
    }

    fn text(self) -> String {
        let bytes = self.writer.and_then(|writer| writer.into_inner().ok()).unwrap_or_default();
        String::from_utf8(bytes).expect("cells are text")
    }
}

/// The shortest decimal that reads back as the same number; nothing where there is no number.
fn number(value: f64) -> String {
    if value.is_finite() { value.to_string() } else { String::new() }
}

/// A name that a spreadsheet would take for a formula gets a quote before it.
fn guarded(name: &str) -> String {
    if name.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{name}") } else { name.to_string() }
}

/// Writes files beside their final names and renames them when all are complete, so that no report is half new.
///
/// The folder is created. When something fails nothing is renamed, and what was begun is removed.
pub fn write_study(folder: &Path, files: &[(&str, &[u8])]) -> Result<(), StoreError> {
    let failed = |action, path: &Path| {
        let path = path.to_path_buf();
        move |source| StoreError::Io { action, path, source }
    };
    fs::create_dir_all(folder).map_err(failed("create", folder))?;
    let names: Vec<(PathBuf, PathBuf)> = files
        .iter()
        .map(|(name, _)| (folder.join(format!(".{name}.{}.partial", std::process::id())), folder.join(name)))
        .collect();
    let written = files.iter().zip(&names).try_for_each(|((_, bytes), (partial, target))| {
        // A device, a pipe or a link would be replaced by the renaming.
        if fs::symlink_metadata(target).is_ok_and(|found| !found.is_file()) {
            return Err(failed("write", target)(std::io::Error::other("it exists and is not a regular file")));
        }
        write_synced(partial, bytes).map_err(failed("write", target))
    });
    let renamed = written.and_then(|()| {
        names.iter().try_for_each(|(partial, target)| fs::rename(partial, target).map_err(failed("write", target)))
    });
    if renamed.is_err() {
        for (partial, _) in &names {
            // What is already renamed or was never written is not there; nothing else can be done about the rest.
            let _ = fs::remove_file(partial);
        }
    }
    renamed
}

fn write_synced(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Reads `results.json` again.
pub fn read_results(path: &Path) -> Result<Results, StoreError> {
    let results: Results = read_record(path)?;
    if results.schema_version != SCHEMA_VERSION {
        return Err(other_version(path, results.schema_version, SCHEMA_VERSION));
    }
    Ok(results)
}

/// Reads a stored plan.
///
/// # Errors
/// If the file cannot be read, or is of another version.
pub fn read_plan(path: &Path) -> Result<PlanRecord, StoreError> {
    let plan: PlanRecord = read_record(path)?;
    if plan.schema_version != PLAN_SCHEMA_VERSION {
        return Err(other_version(path, plan.schema_version, PLAN_SCHEMA_VERSION));
    }
    Ok(plan)
}

/// Reads a stored record.
pub fn read_record<Record: DeserializeOwned>(path: &Path) -> Result<Record, StoreError> {
    let bytes = fs::read(path).map_err(|source| StoreError::Io { action: "read", path: path.into(), source })?;
    serde_json::from_slice(&bytes).map_err(|e| StoreError::NotResults { path: path.into(), message: e.to_string() })
}

/// A record of a shape that this version does not know.
pub(super) fn other_version(path: &Path, found: u32, known: u32) -> StoreError {
    let message = format!("it is of schema version {found}, and this fleetmix reads version {known}");
    StoreError::NotResults { path: path.into(), message }
}
