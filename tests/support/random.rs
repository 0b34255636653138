//! Random cases with fixed seeds.

use proptest::test_runner::{Config, RngSeed, TestRunner};

/// Whether the longer tests are wanted.
pub fn long() -> bool {
    std::env::var_os("FLEETMIX_LONG_TESTS").is_some_and(|value| value == "1")
}

/// A runner of `cases` cases, of twenty times as many if the longer tests are wanted.
pub fn runner(cases: u32, seed: u64) -> TestRunner {
    let cases = if long() { 20 * cases } else { cases };
    TestRunner::new(Config {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 2000,
        ..Config::default()
    })
}
