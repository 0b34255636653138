use super::*;
use crate::scenario::Scenario;
use serde_json::{Value, json};

fn scenario() -> Scenario {
    let text = include_str!("../../scenarios/web-3-5-7/scenario.json");
    serde_json::from_str(text).unwrap()
}

fn exported(scenario: &Scenario, mix: &str, format: ExportFormat) -> (Vec<ExportFile>, Vec<String>) {
    let crate::scenario::Prices::Inline(prices) = &scenario.prices else { panic!("prices are inline") };
    export(scenario, &mix.parse().unwrap(), prices, format, &Account::default())
}

fn json_of(files: &[ExportFile], name: &str) -> Value {
    let file = files.iter().find(|file| file.name == name).unwrap_or_else(|| panic!("{name} is missing"));
    serde_json::from_str(&file.text).unwrap()
}

#[test]
fn a_mix_is_two_groups() {
    let (files, remarks) = exported(&scenario(), "3 reserved + 2 spot + on-demand", ExportFormat::Aws);
    let steady = json_of(&files, "group-steady.json");
    // At least three of five in total, two of which are spot; at most seven.
    assert_eq!([&steady["MinSize"], &steady["MaxSize"]], [&json!(3), &json!(5)]);
    let distribution = &steady["MixedInstancesPolicy"]["InstancesDistribution"];
    assert_eq!(distribution["OnDemandBaseCapacity"], 3);
    assert_eq!(distribution["OnDemandPercentageAboveBaseCapacity"], 100);
    let spot = json_of(&files, "group-spot.json");
    assert_eq!([&spot["MinSize"], &spot["MaxSize"], &spot["DesiredCapacity"]], [&json!(2), &json!(2), &json!(2)]);
    let distribution = &spot["MixedInstancesPolicy"]["InstancesDistribution"];
    assert_eq!(
        (&distribution["SpotMaxPrice"], &distribution["OnDemandPercentageAboveBaseCapacity"]),
        (&json!("0.958"), &json!(0))
    );
    assert!(remarks.iter().any(|remark| remark.contains("frees room")));
    assert!(remarks.iter().any(|remark| remark.contains("cannot drive a group")), "{remarks:#?}");
    assert!(remarks.iter().any(|remark| remark.contains("--image is not given")));
    let script = &files.iter().find(|file| file.name == "apply.sh").unwrap().text;
    assert!(remarks.iter().all(|remark| script.contains(remark)), "the file says what the screen says");
}

#[test]
fn alarms_and_steps_are_in_the_units_of_aws() {
    let (files, _) = exported(&scenario(), "3 reserved + on-demand", ExportFormat::Aws);
    assert!(files.iter().all(|file| file.name != "group-spot.json"));
    let alarm = json_of(&files, "alarm-cpu-high.json");
    assert_eq!((&alarm["Threshold"], &alarm["ComparisonOperator"]), (&json!(70.0), &json!("GreaterThanThreshold")));
    let latency = json_of(&files, "alarm-latency-high.json");
    assert_eq!((&latency["Threshold"], &latency["ExtendedStatistic"]), (&json!(0.8), &json!("p95")));
    let policy = json_of(&files, "policy-out-on-cpu.json");
    let steps = json!([
        { "ScalingAdjustment": 1, "MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 15.0 },
        { "ScalingAdjustment": 2, "MetricIntervalLowerBound": 15.0 }
    ]);
    assert_eq!(policy["StepAdjustments"], steps);
    let purchases = &files.iter().find(|file| file.name == "purchases.md").unwrap().text;
    assert!(
        purchases.contains("| 3 | standard reserved instances m4.4xlarge for 1y, `1y-no-upfront`, regional |"),
        "{purchases}"
    );
}

#[test]
fn a_policy_that_no_group_has_is_said_in_every_format() {
    let mut scenario = scenario();
    scenario.pools.spot.as_mut().unwrap().on_loss = crate::scenario::OnLoss::OnNotice;
    for format in [ExportFormat::Aws, ExportFormat::Terraform, ExportFormat::CloudFormation] {
        let (files, remarks) = exported(&scenario, "3 reserved + 2 spot + on-demand", format);
        let part = "no auto-scaling group does this by itself";
        assert!(remarks.iter().any(|remark| remark.contains(part)));
        assert!(files.iter().any(|file| file.name != "purchases.md" && file.text.contains(part)), "{format:?}");
    }
}

#[test]
fn a_group_of_a_fixed_size_has_nothing_that_scales_it() {
    let mix = "3 reserved + 2 spot";
    for format in [ExportFormat::Aws, ExportFormat::Terraform, ExportFormat::CloudFormation] {
        let (files, remarks) = exported(&scenario(), mix, format);
        assert!(files.iter().all(|file| !file.name.starts_with("alarm-") && !file.name.starts_with("policy-")));
        assert!(
            files
                .iter()
                .all(|file| !file.text.contains("ScalingPolicy") && !file.text.contains("aws_autoscaling_policy"))
        );
        let said = remarks.iter().find(|remark| remark.contains("3 instances whatever happens")).expect("a remark");
        assert!(said.contains("`cpu-high`") && said.contains("`out-on-cpu`"), "{said}");
        assert!(remarks.iter().all(|remark| !remark.contains("alarms start on-demand")), "{remarks:#?}");
    }
}

#[test]
fn a_type_of_another_cloud_is_said() {
    let mut scenario = scenario();
    scenario.pools.on_demand.instance_type = "n2-standard-4".into();
    let (_, remarks) = exported(&scenario, "on-demand", ExportFormat::Terraform);
    assert!(remarks.iter().any(|remark| remark.starts_with("`n2-standard-4` is no instance type")), "{remarks:#?}");
    let (_, remarks) = exported(&self::scenario(), "on-demand", ExportFormat::Terraform);
    assert!(remarks.iter().all(|remark| !remark.contains("no instance type")), "{remarks:#?}");
}
