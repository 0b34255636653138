//! Random cases with fixed seeds.

use fleetmix::simd::Isa;
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

/// The instruction sets of this processor; says which it does not have.
pub fn instruction_sets() -> impl Iterator<Item = Isa> {
    Isa::ALL.into_iter().filter(|isa| {
        if !isa.is_available() {
            eprintln!("not tested: this processor does not have {isa}");
        }
        isa.is_available()
    })
}
