//! The same M/M/c queue in several simulators: `peers <program> <servers> <load> <requests> <seed>` simulates it with one of them and
//! prints what it measured as JSON. `peers.py` runs them all and makes the table.

mod models;
mod system;

use serde_json::json;
use std::error::Error;
use std::process::ExitCode;
use system::{Measured, System};

const USAGE: &str = "usage: peers <program> <servers> <load> <requests> <seed>";

type Model = fn(&System) -> Result<Measured, Box<dyn Error>>;

/// The programs by name.
const PROGRAMS: &[(&str, Model)] = &[
    ("fleetmix", models::fleetmix::simulate),
    ("textbook", models::textbook::simulate),
    #[cfg(feature = "desque")]
    ("desque", models::desque::simulate),
    #[cfg(feature = "nexosim")]
    ("nexosim", models::nexosim::simulate),
];

fn run(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let [program, servers, load, requests, seed] = arguments else { return Err(USAGE.into()) };
    let system =
        System { servers: servers.parse()?, load: load.parse()?, requests: requests.parse()?, seed: seed.parse()? };
    let Some((_, simulate)) = PROGRAMS.iter().find(|(name, _)| name == program) else {
        let names: Vec<&str> = PROGRAMS.iter().map(|(name, _)| *name).collect();
        return Err(format!("no program '{program}'; there are {}", names.join(", ")).into());
    };
    let measured = simulate(&system)?;
    let record = json!({
        "requests": measured.requests, "seconds": measured.seconds, "mean_wait": measured.mean_wait,
        "p95_sojourn": measured.p95_sojourn,
    });
    println!("{record}");
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("peers: {error}");
            ExitCode::from(2)
        }
    }
}
