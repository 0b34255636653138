//! Simulations that advance together come to what each comes to alone, bit by bit, on every path of the code.

mod support;

use fleetmix::engine::{Lockstep, RunRecord};
use fleetmix::workload::RequestBlock;
use proptest::prelude::*;
use serde_json::{Value, json};
use support::random::{instruction_sets, runner};
use support::small::{Small, on_whole_seconds, scenario};

const LANES: u32 = 8;

/// A scenario whose instances have `speeds` speeds, and more slots and requests.
fn widened(mut tree: Value, speeds: usize, factor: u64) -> Value {
    for (name, speed) in
        ["base", "spot", "more"].into_iter().zip([[1.0; 3], [1.0, 1.7, 1.0], [1.0, 1.7, 0.6]][speeds - 1])
    {
        let kind = &mut tree["instance_types"][name];
        kind["speed"] = json!(speed);
        kind["slots"] = json!(kind["slots"].as_u64().unwrap() * factor);
    }
    for step in tree["demand"]["steps"]["steps"].as_array_mut().unwrap() {
        step["per_second"] = json!(step["per_second"].as_f64().unwrap() * factor.min(6) as f64);
    }
    tree
}

/// Everything that a replication leaves behind; numbers are written so that different ones look different.
fn words(record: &RunRecord) -> String {
    format!("{record:?}")
}

/// A scenario, its number of speeds and by what its slots are multiplied: few slots, as many as lanes just hold, many.
fn system() -> impl Strategy<Value = Value> {
    let factor = prop::sample::select(vec![1u64, 1, 4, 8, 30]);
    (scenario(), 1..4usize, factor).prop_map(|(tree, speeds, factor)| widened(tree, speeds, factor))
}

#[test]
fn replications_together_are_as_alone() {
    let outcome = runner(6, 1).run(&system(), |tree| {
        let small = Small::new(&tree);
        let rates = small.rates();
        let alone: Vec<String> = (0..LANES).map(|replication| words(&small.run(replication).record)).collect();
        for isa in instruction_sets() {
            let mut streams: Vec<_> = (0..LANES).map(|replication| small.requests(&rates, replication)).collect();
            let mut blocks = vec![RequestBlock::default(); streams.len()];
            let mut together = Lockstep::with_isa((0..LANES).map(|r| small.simulation(r)).collect(), isa);
            loop {
                let more = streams
                    .iter_mut()
                    .zip(&mut blocks)
                    .fold(false, |more, (stream, block)| stream.next_block(block) | more);
                if !more {
                    break;
                }
                together.feed_each(&blocks.iter().collect::<Vec<_>>());
            }
            let records = together.into_simulations().into_iter().zip(&streams);
            for (index, (simulation, stream)) in records.enumerate() {
                let record = simulation.finish(stream.offered_by_minute());
                prop_assert_eq!(&words(&record), &alone[index], "replication {} with {}", index, isa);
            }
        }
        Ok(())
    });
    outcome.unwrap();
}

/// Mixes that differ in their instances, some in their timeout.
fn mixes_of(tree: &Value, mixes: usize) -> Vec<Small> {
    let mix = |number: usize| {
        let mut tree = tree.clone();
        tree["mixes"][0]["mix"] = json!(format!("{} reserved + {} spot + 1..3 on-demand", number % 4, number / 4));
        if number.is_multiple_of(3) {
            tree["service"].as_object_mut().unwrap().remove("timeout");
        }
        Small::new(&tree)
    };
    (0..mixes).map(mix).collect()
}

/// Those of a replication share their requests; what is left over of several replications goes together.
#[test]
fn several_replications_of_mixes_are_as_alone() {
    let outcome = runner(6, 4).run(&(system(), 1..14usize, 2..5u32), |(tree, count, replications)| {
        let mixes = mixes_of(&tree, count);
        let rates = mixes[0].rates();
        let mut streams: Vec<_> = (0..replications).map(|replication| mixes[0].requests(&rates, replication)).collect();
        let mut blocks = vec![RequestBlock::default(); streams.len()];
        let members: Vec<(usize, &Small)> =
            (0..streams.len()).flat_map(|r| mixes.iter().map(move |mix| (r, mix))).collect();
        let mut together = Lockstep::new(members.iter().map(|(r, mix)| mix.simulation(*r as u32)).collect());
        while streams.iter_mut().zip(&mut blocks).fold(false, |more, (stream, block)| stream.next_block(block) | more) {
            together.feed_each(&members.iter().map(|(r, _)| &blocks[*r]).collect::<Vec<_>>());
        }
        for ((r, mix), simulation) in members.iter().zip(together.into_simulations()) {
            let record = simulation.finish(streams[*r].offered_by_minute());
            prop_assert_eq!(words(&record), words(&mix.run(*r as u32).record), "replication {}", r);
        }
        Ok(())
    });
    outcome.unwrap();
}

fn mixes_are_as_alone(tree: &Value, mixes: usize) -> Result<(), TestCaseError> {
    let mixes = mixes_of(tree, mixes);
    let alone: Vec<String> = mixes.iter().map(|mix| words(&mix.run(1).record)).collect();
    let rates = mixes[0].rates();
    for isa in instruction_sets() {
        let mut stream = mixes[0].requests(&rates, 1);
        let mut together = Lockstep::with_isa(mixes.iter().map(|mix| mix.simulation(1)).collect(), isa);
        let mut block = RequestBlock::default();
        while stream.next_block(&mut block) {
            together.feed(&block);
        }
        for (index, simulation) in together.into_simulations().into_iter().enumerate() {
            let record = simulation.finish(stream.offered_by_minute());
            prop_assert_eq!(&words(&record), &alone[index], "mix {} of {} with {}", index, mixes.len(), isa);
        }
    }
    Ok(())
}

#[test]
fn mixes_on_the_same_requests_are_as_alone() {
    runner(8, 2).run(&(system(), 3..14usize), |(tree, mixes)| mixes_are_as_alone(&tree, mixes)).unwrap();
}

/// Control events of all lanes at once, at arrivals, starts, deadlines and completions; often without any slot.
#[test]
fn what_falls_on_the_same_instant_is_as_alone() {
    let outcome = runner(10, 3)
        .run(&(scenario(), 3..14usize), |(tree, mixes)| mixes_are_as_alone(&on_whole_seconds(tree), mixes));
    outcome.unwrap();
}
