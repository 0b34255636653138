//! Random cases with fixed seeds.

use super::repeatable::repeatable;
use fleetmix::simd::Isa;
use proptest::test_runner::{Config, RngSeed, TestRunner};

/// A runner of `cases` cases, of eight times as many if the longer tests are wanted.
pub fn runner(cases: u32, seed: u64) -> TestRunner {
    TestRunner::new(Config { rng_seed: RngSeed::Fixed(seed), max_shrink_iters: 2000, ..repeatable(cases) })
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
