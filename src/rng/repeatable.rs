//! Random tests that are the same every time.

use proptest::test_runner::{Config, RngSeed};

/// Whether the longer tests are wanted.
pub fn long() -> bool {
    std::env::var_os("FLEETMIX_LONG_TESTS").is_some_and(|value| value == "1")
}

/// So many cases from one seed, eight times as many if the longer tests are wanted. A case that fails comes again by itself, so none is
/// written down.
pub fn repeatable(cases: u32) -> Config {
    Config {
        cases: if long() { 8 * cases } else { cases },
        rng_seed: RngSeed::Fixed(20_160_307),
        failure_persistence: None,
        ..Config::default()
    }
}
