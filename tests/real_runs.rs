//! Whole runs on real traces, their money and behaviour computed again from the raw files and the events.

mod support;

use fleetmix::engine::{Event, What};
use fleetmix::fleet::PurchaseOption;
use fleetmix::results::MixRecord;
use fleetmix::study::{Study, run};
use fleetmix::units::SimTime;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use support::real_scenarios::{load_balancer_on_2021_spot, loaded, world_cup_on_2016_spot};

const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;
/// Time from a notice to the end of an instance.
const NOTICE: f64 = 120.0;
/// The shortest boot of the scenarios: provisioning 6 s, system 10 s, configuration 30 s, health check 0 s.
const SHORTEST_BOOT: f64 = 46.0;

/// A price as its file has it: (seconds since the scenario's start, price), in order of time.
type RawPrices = Vec<(f64, f64)>;

fn raw_prices(file: &Path, start: &str, wanted: impl Fn(&BTreeMap<String, String>) -> bool) -> RawPrices {
    let start = support::instant(start).unix_seconds();
    let step = |row: &BTreeMap<String, String>| {
        let time = support::instant(&row["timestamp"]).unix_seconds() - start;
        (time as f64, row["price_usd_per_hour"].parse().unwrap())
    };
    support::rows(file).iter().filter(|row| wanted(row)).map(step).collect()
}

/// The last price at or before a time, looked up row by row.
fn price_at(prices: &RawPrices, time: f64) -> f64 {
    prices.iter().take_while(|(from, _)| *from <= time).last().unwrap().1
}

fn list_price(file: &Path, instance_type: &str, column: &str) -> f64 {
    let rows = support::rows(file);
    let wanted = |row: &&BTreeMap<String, String>| {
        row["instance_type"] == instance_type && row["region"] == "us-east-1" && row["os"] == "linux"
    };
    rows.iter().find(wanted).unwrap()[column].parse().unwrap()
}

fn mix<'a>(study: &'a Study, name: &str) -> (&'a MixRecord, &'a [Event]) {
    let index = study.results.mixes.iter().position(|mix| mix.name == name).unwrap();
    assert_eq!(study.events[index].mix, name);
    (&study.results.mixes[index], &study.events[index].events)
}

/// What became of an instance, from the events alone. Times in seconds; infinite if they never came.
struct Life {
    option: PurchaseOption,
    requested: f64,
    running: f64,
    in_service: f64,
    out_of_service: f64,
    notice: f64,
    gone: f64,
    /// Why it was requested.
    why: String,
}

fn lives(events: &[Event]) -> Vec<Life> {
    let mut lives: BTreeMap<u32, Life> = BTreeMap::new();
    for event in events {
        let Some(number) = event.instance else { continue };
        let never = f64::INFINITY;
        let life = lives.entry(number).or_insert_with(|| Life {
            option: event.pool.unwrap(),
            requested: never,
            running: never,
            in_service: never,
            out_of_service: never,
            notice: never,
            gone: never,
            why: event.why.clone(),
        });
        let time = event.time.as_secs_f64();
        match event.what {
            What::Requested => life.requested = time,
            What::Running => life.running = time,
            What::InService => {
                life.in_service = time;
                // The initial fleet is in service at once.
                life.requested = life.requested.min(time);
                life.running = life.running.min(time);
            }
            What::Draining => life.out_of_service = life.out_of_service.min(time),
            What::Notice => life.notice = time,
            What::Terminated => {
                life.out_of_service = life.out_of_service.min(time);
                life.gone = time;
            }
            _ => {}
        }
    }
    lives.into_values().collect()
}

impl Life {
    /// The billed part of the run: from, until, and whether the cloud ended it.
    fn billed(&self, horizon: f64) -> Option<(f64, f64, bool)> {
        let (from, until) = (self.running.max(0.0), self.gone.min(horizon));
        (from < until).then_some((from, until, self.notice.is_finite() && self.gone <= horizon))
    }
}

fn of(lives: &[Life], option: PurchaseOption) -> impl Iterator<Item = &Life> {
    lives.iter().filter(move |life| life.option == option)
}

fn assert_close(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() < 1e-6, "{what}: found {found}, expected {expected}");
}

fn assert_conserved(study: &Study) {
    for mix in &study.results.mixes {
        let r = &mix.requests;
        let parts = [r.served, r.rejected, r.timed_out, r.lost, r.in_system_at_end];
        let sum: f64 = parts.iter().map(|part| part.mean).sum();
        assert!(r.offered.mean > 1e5 && (r.offered.mean - sum).abs() < 1e-3, "{}: {r:?}", mix.name);
        let c = &mix.cost;
        assert_close(c.total.mean, c.reserved.mean + c.spot.mean + c.on_demand.mean, &mix.name);
    }
}

/// Every scale-out follows from an alarm that is raised then (or from a fleet below the minimum); nothing serves earlier than
/// it can have booted.
fn assert_scaling_has_its_causes(events: &[Event]) -> u32 {
    let mut raised: BTreeSet<&str> = BTreeSet::new();
    let mut by_alarm = 0;
    for event in events {
        let alarm = ["cpu-high", "latency-high", "cpu-low"].into_iter().find(|name| event.why.contains(name));
        match event.what {
            What::AlarmRaised => drop(raised.insert(alarm.unwrap())),
            What::AlarmCleared | What::AlarmWithoutData => drop(raised.remove(alarm.unwrap())),
            What::ScaleOut if !event.why.contains("minimum") => {
                assert!(raised.contains("cpu-high") || raised.contains("latency-high"), "{event:?}");
                by_alarm += 1;
            }
            What::ScaleIn => {
                assert!(raised.contains("cpu-low") && !raised.contains("latency-high"), "{event:?}");
            }
            _ => {}
        }
    }
    for life in lives(events).iter().filter(|life| life.requested != life.in_service && life.in_service.is_finite()) {
        assert!(life.in_service - life.requested >= SHORTEST_BOOT);
        assert!((6.0..=18.0).contains(&(life.running - life.requested)));
    }
    by_alarm
}

#[test]
fn world_cup_demand_on_2016_spot_costs_and_behaves_as_the_files_say() {
    let Some(data) = support::real_data() else { return };
    let horizon = 14.0 * DAY;
    let list = data.join("prices/aws_ec2_ri_2015_2016/ec2_prices_2016-04-18.csv");
    let on_demand = list_price(&list, "m4.4xlarge", "on_demand");
    let reserved = list_price(&list, "m4.4xlarge", "std_1y_noUpfront");
    assert_eq!((on_demand, reserved), (0.958, 0.658));
    let prices = data.join("spot_price/aws_2016_us-east-1/m4.4xlarge_us-east-1b_linux.csv");
    let prices = raw_prices(&prices, "2016-04-04T00:00:00Z", |_| true);
    let mut scenario = world_cup_on_2016_spot(&data);
    // With one replication its figures are the means.
    scenario["run"]["replications"] = json!(1);
    let study = run(&loaded(&scenario), true, &()).unwrap();
    assert_conserved(&study);

    let (seven, _) = mix(&study, "7 reserved");
    assert_close(seven.cost.total.mean, 7.0 * 336.0 * reserved, "7 reserved");
    for (name, count) in [("3 reserved + 2 spot + on-demand", 3.0), ("5 reserved + on-demand", 5.0)] {
        assert_close(mix(&study, name).0.cost.reserved.mean, count * 336.0 * reserved, name);
    }
    // On-demand: every started hour of every run.
    for name in ["3 reserved + 2 spot + on-demand", "5 reserved + on-demand", "on-demand only"] {
        let (record, events) = mix(&study, name);
        let lives = lives(events);
        let runs = of(&lives, PurchaseOption::OnDemand).filter_map(|life| life.billed(horizon));
        let hours: f64 = runs.map(|(from, until, _)| ((until - from) / HOUR).ceil()).sum();
        assert!(hours > 1.0, "{name}");
        assert_close(record.cost.on_demand.mean, hours * on_demand, name);
        assert!(assert_scaling_has_its_causes(events) > 0, "{name} never scaled out");
    }
    assert_flash_crowd_is_met(&study);

    // Spot: whole hours at the price of each hour's beginning; the hour that the cloud breaks is free.
    let (record, events) = mix(&study, "3 reserved + 2 spot + on-demand");
    let lives = lives(events);
    let mut money = 0.0;
    for (from, until, by_cloud) in of(&lives, PurchaseOption::Spot).filter_map(|life| life.billed(horizon)) {
        let mut hour = from;
        while hour + HOUR <= until || (hour < until && !by_cloud) {
            money += price_at(&prices, hour);
            hour += HOUR;
        }
    }
    assert_close(record.cost.spot.mean, money, "spot");
    assert_interrupted_by_the_price_alone(record, &lives, &prices, on_demand, horizon);
}

/// The flash crowd of the second day passes what five servers can do: within 20 minutes the mix has begun to scale out and its
/// on-demand instances serve.
fn assert_flash_crowd_is_met(study: &Study) {
    let (_, events) = mix(study, "5 reserved + on-demand");
    let points =
        &study.timelines[study.results.mixes.iter().position(|m| m.name == "5 reserved + on-demand").unwrap()].points;
    // Five servers have 20 slots and serve 62.5 requests/s.
    let crowd =
        points.iter().find(|p| p.offered as f64 > 62.5 * 900.0 && p.start >= SimTime::from_secs(86_400)).unwrap();
    let begin = crowd.start.as_secs_f64();
    assert!(begin < 2.0 * DAY, "the crowd comes on the second day, not at {begin}");
    let until = begin + 900.0 + 300.0;
    let serving = |event: &&Event| (begin - 900.0..until).contains(&event.time.as_secs_f64());
    assert!(events.iter().filter(serving).any(|e| e.what == What::ScaleOut), "no scale-out at the flash crowd");
    assert!(events.iter().filter(serving).any(|e| e.what == What::InService && e.in_service[2] > 0));
    assert!(events.iter().all(|e| e.in_service[0] == 5 || e.time < SimTime::START), "reserved instances never leave");
}

fn assert_interrupted_by_the_price_alone(
    record: &MixRecord,
    lives: &[Life],
    prices: &RawPrices,
    maximum: f64,
    horizon: f64,
) {
    let spot: Vec<&Life> = of(lives, PurchaseOption::Spot).collect();
    let crossings: Vec<f64> =
        prices.windows(2).filter(|pair| pair[0].1 <= maximum && pair[1].1 > maximum).map(|pair| pair[1].0).collect();
    let mut interruptions = 0;
    for &crossing in crossings.iter().filter(|time| (0.0..horizon).contains(*time)) {
        let open = |life: &&&Life| life.requested < crossing && life.gone >= crossing && life.notice >= crossing;
        let hit: Vec<_> = spot.iter().filter(open).collect();
        assert!(hit.iter().all(|life| life.notice == crossing), "an instance outlived the price at {crossing}");
        let running = hit.iter().filter(|life| life.running <= crossing);
        interruptions += running.clone().count();
        // What runs is gone two minutes later, unless simulated time ends first; it does not serve meanwhile.
        for life in running {
            assert!(life.gone == crossing + NOTICE || crossing + NOTICE > horizon);
            assert!(life.out_of_service == crossing || life.in_service.is_infinite());
        }
    }
    assert!(interruptions >= 2, "{interruptions}");
    assert_eq!(record.instances.interruptions.mean, interruptions as f64);
    // Nothing else interrupts.
    assert!(spot.iter().all(|life| life.notice.is_infinite() || crossings.contains(&life.notice)));

    let ends = prices.iter().skip(1).map(|(time, _)| *time).chain([f64::INFINITY]);
    let mut within_since: f64 = prices[0].0;
    for ((from, price), to) in prices.iter().zip(ends) {
        if *price > maximum && *from < horizon {
            for life in &spot {
                assert!(
                    life.in_service >= to || life.out_of_service <= *from,
                    "spot serves above the maximum at {from}"
                );
                assert!(!(*from..to).contains(&life.requested), "spot was launched above the maximum at {from}");
            }
            within_since = to;
        } else {
            // After the price has fallen, a slot waits for its end (120 s) or its next try (60 s), then for fulfilment (300 s).
            let back = within_since + NOTICE + 300.0;
            if (from.max(0.0)..to.min(horizon)).contains(&back) {
                let there = spot.iter().filter(|life| life.requested <= back && life.gone > back).count();
                assert_eq!(there, 2, "spot has not come back at {back}");
            }
        }
    }
}

const ZONES: [&str; 3] = ["us-east-1a", "us-east-1d", "us-east-1e"];

fn prices_2021(data: &Path) -> Vec<RawPrices> {
    let file = data.join("spot_price/aws_2021_us-east-1/m4.large_linux.csv");
    let of_zone = |zone| {
        raw_prices(&file, "2021-03-05T00:00:00Z", |row| {
            row["availability_zone"] == zone && row["product"] == "Linux/UNIX"
        })
    };
    ZONES.into_iter().map(of_zone).collect()
}

fn on_demand_2019(data: &Path) -> f64 {
    list_price(&data.join("prices/aws_ec2_ri_2017_2019/core_types_2019-04-05.csv"), "m4.large", "on_demand")
}

/// The market of each spot run: named by its request; the initial fleet is spread by price, the cheapest zone first.
fn zone_of(life: &Life, earlier_initial: &mut usize, prices: &[RawPrices]) -> usize {
    if let Some(zone) = ["use1a", "use1d", "use1e"].iter().position(|name| life.why.contains(name)) {
        return zone;
    }
    let mut by_price = [0, 1, 2];
    by_price.sort_by(|a, b| price_at(&prices[*a], -HOUR).total_cmp(&price_at(&prices[*b], -HOUR)));
    *earlier_initial += 1;
    by_price[(*earlier_initial - 1) % 3]
}

/// Money per second: at least a minute; spot at the price of each instance-hour's beginning, free if the cloud ends the first.
fn assert_paid_per_second(study: &Study, data: &Path, horizon: f64) {
    let (prices, on_demand) = (prices_2021(data), on_demand_2019(data));
    for (record, events) in study.results.mixes.iter().zip(&study.events) {
        let lives = lives(&events.events);
        let seconds = |from: f64, until: f64| ((until - from) - 1e-7).ceil().max(60.0);
        let runs = of(&lives, PurchaseOption::OnDemand).filter_map(|life| life.billed(horizon));
        let paid: f64 = runs.map(|(from, until, _)| seconds(from, until)).sum();
        assert_close(record.cost.on_demand.mean, paid / HOUR * on_demand, &record.name);

        let (mut money, mut paid, mut initial) = (0.0, 0.0, 0);
        for life in of(&lives, PurchaseOption::Spot) {
            let zone = zone_of(life, &mut initial, &prices);
            let Some((from, until, by_cloud)) = life.billed(horizon) else { continue };
            if by_cloud && until - from < HOUR {
                continue;
            }
            let mut left = seconds(from, until);
            paid += left;
            let mut hour = from;
            while left > 0.0 {
                money += price_at(&prices[zone], hour) * left.min(HOUR) / HOUR;
                left -= HOUR;
                hour += HOUR;
            }
        }
        assert_close(record.cost.spot.mean, money, &record.name);
        assert!(record.cost.spot.mean <= paid / HOUR * on_demand);
    }
}

#[test]
fn load_balancer_demand_on_2021_spot_is_paid_per_second() {
    let Some(data) = support::real_data() else { return };
    let mut scenario = load_balancer_on_2021_spot(&data);
    scenario["run"]["replications"] = json!(1);
    let study = run(&loaded(&scenario), true, &()).unwrap();
    assert_conserved(&study);
    assert_paid_per_second(&study, &data, 13.0 * DAY);
    let list = data.join("prices/aws_ec2_ri_2017_2019/core_types_2019-04-05.csv");
    let reserved = list_price(&list, "m4.large", "std_1y_noUpfront");
    assert_close(mix(&study, "8 reserved").0.cost.total.mean, 8.0 * 312.0 * reserved, "8 reserved");
    for name in ["2 reserved + 3 spot + on-demand", "6 spot + on-demand", "on-demand only"] {
        assert_scaling_has_its_causes(mix(&study, name).1);
    }
}

/// The scenario of 2021 with one mix, little demand and another hazard.
fn six_spot(data: &Path, replications: u32, hazard: Value) -> Value {
    let mut scenario = load_balancer_on_2021_spot(data);
    scenario["run"]["replications"] = json!(replications);
    scenario["demand"]["rate_trace"]["transform"] = json!([{ "scale_to_mean": 1.0 }]);
    for market in ["use1a", "use1d", "use1e"] {
        scenario["markets"][market]["interruptions"]["hazard"] = hazard.clone();
    }
    scenario["mixes"] = json!([{ "mix": "6 spot + on-demand" }]);
    scenario["baseline"] = json!("6 spot + on-demand");
    scenario
}

#[test]
fn prices_of_2021_alone_interrupt_nothing() {
    let Some(data) = support::real_data() else { return };
    let on_demand = on_demand_2019(&data);
    assert!(prices_2021(&data).iter().flatten().all(|(_, price)| *price <= on_demand));
    let study = run(&loaded(&six_spot(&data, 2, json!({ "monthly_share": 1e-9 }))), true, &()).unwrap();
    let instances = &study.results.mixes[0].instances;
    assert_eq!(instances.interruptions.mean, 0.0);
    assert_close(instances.hours.spot.mean, 6.0 * 312.0, "hours");
}

#[test]
fn the_hazard_interrupts_at_its_rate_and_the_first_hour_is_free() {
    let Some(data) = support::real_data() else { return };
    let hazard = json!({ "monthly_share": 0.9 });
    let study = run(&loaded(&six_spot(&data, 40, hazard.clone())), false, &()).unwrap();
    let instances = &study.results.mixes[0].instances;
    let found = 40.0 * instances.interruptions.mean;
    let expected = 40.0 * instances.hours.spot.mean * 10f64.ln() / 730.0;
    // 3.89 standard deviations: 99.99 %.
    assert!(expected > 200.0 && (found - expected).abs() < 3.89 * expected.sqrt(), "{found}, expected {expected}");

    // So frequent (34.5 a month and instance, one in 21 hours) that some come in an instance's first hour.
    let study =
        run(&loaded(&six_spot(&data, 1, json!({ "monthly_share": 0.999_999_999_999_999, "shared": 0.5 }))), true, &())
            .unwrap();
    let lives = lives(&study.events[0].events);
    let free = of(&lives, PurchaseOption::Spot).filter_map(|life| life.billed(13.0 * DAY));
    let free = free.filter(|(from, until, by_cloud)| *by_cloud && until - from < HOUR).count();
    assert!(free > 0, "no run was free");
    assert_conserved(&study);
    assert_paid_per_second(&study, &data, 13.0 * DAY);
}
