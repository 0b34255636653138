//! JSON for `aws … --cli-input-json`, and the script that applies it in order.

use super::deployment::{SpotGroup, SteadyGroup};
use super::names::Names;
use super::policies::{AlarmOn, GroupAlarm, GroupPolicy};
use super::{Account, Deployment, ExportFile};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// What stands where only the account knows.
const IMAGE: &str = "ami-00000000000000000";
const SUBNETS: &str = "subnet-00000000000000000";
const LOAD_BALANCER: &str = "app/REPLACE-ME/0000000000000000";

/// What has to be filled in before the files can be applied.
pub(super) fn missing(deployment: &Deployment, account: &Account) -> Vec<String> {
    let latency = deployment.alarms.values().any(|alarm| alarm.metric != AlarmOn::Cpu);
    let open = [
        (account.image.is_none(), "--image", IMAGE),
        (account.subnets.is_empty(), "--subnets", SUBNETS),
        (latency && account.load_balancer.is_none(), "--load-balancer", LOAD_BALANCER),
    ];
    let said = open.into_iter().filter(|(open, ..)| *open);
    said.map(|(_, option, stand_in)| format!("{option} is not given: replace `{stand_in}` in the files")).collect()
}

/// All files, in the order in which they are applied.
pub(super) fn files(deployment: &Deployment, account: &Account, remarks: &[String]) -> Vec<ExportFile> {
    let name = &deployment.name;
    let (mut words, mut variables) = (Names::identifiers(), Names::variables());
    let mut files = Vec::new();
    let mut commands = String::new();
    let mut add = |file: String, body: Value, command: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(commands, "{}", command.replace("FILE", &format!("--cli-input-json file://{file}")));
        let text = serde_json::to_string_pretty(&body).unwrap_or_default() + "\n";
        files.push(ExportFile { name: file, text });
    };
    add("launch-template.json".into(), launch_template(deployment, account), "aws ec2 create-launch-template FILE");
    add(
        "group-steady.json".into(),
        steady_group(name, &deployment.steady, account),
        "aws autoscaling create-auto-scaling-group FILE",
    );
    if let Some((state, most)) = deployment.steady.warm_pool {
        let mut body = json!({ "AutoScalingGroupName": steady_name(name), "PoolState": state });
        if let Some(most) = most {
            body["MaxGroupPreparedCapacity"] = json!(most);
        }
        add("warm-pool.json".into(), body, "aws autoscaling put-warm-pool FILE");
    }
    if let Some(spot) = &deployment.spot {
        add(
            "group-spot.json".into(),
            spot_group(name, spot, account),
            "aws autoscaling create-auto-scaling-group FILE",
        );
    }
    for (policy, body) in &deployment.policies {
        let command = format!(
            "policy_{}=$(aws autoscaling put-scaling-policy FILE --query PolicyARN --output text)",
            variables.of(policy)
        );
        add(format!("policy-{}.json", words.of(policy)), scaling_policy(name, policy, body), &command);
    }
    for (alarm, body) in &deployment.alarms {
        let actions: String =
            body.triggers.iter().map(|policy| format!(" \"$policy_{}\"", variables.of(policy))).collect();
        let actions = if actions.is_empty() { actions } else { format!(" --alarm-actions{actions}") };
        let command = format!("aws cloudwatch put-metric-alarm FILE{actions}");
        add(format!("alarm-{}.json", words.of(alarm)), metric_alarm(name, alarm, body, account), &command);
    }
    for (schedule, action) in &deployment.schedules {
        let mut body = json!({
            "AutoScalingGroupName": steady_name(name), "ScheduledActionName": schedule,
            "Recurrence": action.cron, "TimeZone": action.time_zone
        });
        for (key, value) in [("MinSize", action.min), ("MaxSize", action.max), ("DesiredCapacity", action.desired)] {
            if let Some(value) = value {
                body[key] = json!(value);
            }
        }
        add(
            format!("schedule-{}.json", words.of(schedule)),
            body,
            "aws autoscaling put-scheduled-update-group-action FILE",
        );
    }
    let comments: String = remarks.iter().map(|remark| format!("# * {remark}\n")).collect();
    let script = format!(
        "#!/bin/sh\n# Applies the mix `{}` of {name}: run it in this folder, with the region and account of your choice.\n# Nothing is bought: \
         see purchases.md.\n#\n# What differs from the simulation, or is missing:\n{comments}set -eu\n{commands}",
        deployment.mix
    );
    files.push(ExportFile { name: "apply.sh".to_string(), text: script });
    files
}

pub(super) fn steady_name(name: &str) -> String {
    format!("{name}-steady")
}

pub(super) fn spot_name(name: &str) -> String {
    format!("{name}-spot")
}

fn launch_template(deployment: &Deployment, account: &Account) -> Value {
    json!({
        "LaunchTemplateName": deployment.name,
        "LaunchTemplateData": {
            "ImageId": account.image.as_deref().unwrap_or(IMAGE),
            "InstanceType": deployment.steady.instance_types[0]
        }
    })
}

fn mixed_instances(name: &str, types: &[String], distribution: Value) -> Value {
    let overrides: Vec<Value> = types.iter().map(|kind| json!({ "InstanceType": kind })).collect();
    json!({
        "LaunchTemplate": {
            "LaunchTemplateSpecification": { "LaunchTemplateName": name, "Version": "$Latest" },
            "Overrides": overrides
        },
        "InstancesDistribution": distribution
    })
}

fn group(group: String, policy: Value, sizes: [u32; 3], account: &Account) -> Value {
    let subnets = if account.subnets.is_empty() { SUBNETS.to_string() } else { account.subnets.join(",") };
    let mut body = json!({
        "AutoScalingGroupName": group,
        "MixedInstancesPolicy": policy,
        "MinSize": sizes[0], "MaxSize": sizes[1], "DesiredCapacity": sizes[2],
        "VPCZoneIdentifier": subnets
    });
    if let Some(target_group) = &account.target_group {
        body["TargetGroupARNs"] = json!([target_group]);
        body["HealthCheckType"] = json!("ELB");
        body["HealthCheckGracePeriod"] = json!(300);
    }
    body
}

fn steady_group(name: &str, steady: &SteadyGroup, account: &Account) -> Value {
    let distribution = steady_distribution(steady);
    let policy = mixed_instances(name, &steady.instance_types, distribution);
    let mut body = group(steady_name(name), policy, [steady.min, steady.max, steady.desired], account);
    body["DefaultInstanceWarmup"] = json!(steady.warm_up);
    body
}

/// The base, and on-demand alone above it.
pub(super) fn steady_distribution(steady: &SteadyGroup) -> Value {
    json!({
        "OnDemandAllocationStrategy": "prioritized",
        "OnDemandBaseCapacity": steady.base,
        "OnDemandPercentageAboveBaseCapacity": 100
    })
}

fn spot_group(name: &str, spot: &SpotGroup, account: &Account) -> Value {
    let policy = mixed_instances(name, &spot.instance_types, spot_distribution(spot));
    let mut body = group(spot_name(name), policy, [spot.size; 3], account);
    body["CapacityRebalance"] = json!(spot.rebalance);
    body
}

/// Spot alone.
pub(super) fn spot_distribution(spot: &SpotGroup) -> Value {
    let mut distribution = json!({
        "OnDemandBaseCapacity": 0,
        "OnDemandPercentageAboveBaseCapacity": 0,
        "SpotAllocationStrategy": spot.strategy
    });
    if let Some(pools) = spot.pools {
        distribution["SpotInstancePools"] = json!(pools);
    }
    if let Some(price) = &spot.max_price {
        distribution["SpotMaxPrice"] = json!(price);
    }
    distribution
}

fn scaling_policy(name: &str, policy: &str, body: &GroupPolicy) -> Value {
    let mut found = policy_body(body);
    found.insert("AutoScalingGroupName".to_string(), json!(steady_name(name)));
    found.insert("PolicyName".to_string(), json!(policy));
    Value::Object(found)
}

/// A policy without its names, as the API and CloudFormation have it.
pub(super) fn policy_body(policy: &GroupPolicy) -> Map<String, Value> {
    let adjustment = |percent: bool| if percent { "PercentChangeInCapacity" } else { "ChangeInCapacity" };
    let body = match policy {
        GroupPolicy::Step { percent, warm_up, steps } => {
            let steps: Vec<Value> = steps
                .iter()
                .map(|step| {
                    let mut found = json!({ "ScalingAdjustment": step.change });
                    for (key, bound) in
                        [("MetricIntervalLowerBound", step.lower), ("MetricIntervalUpperBound", step.upper)]
                    {
                        if let Some(bound) = bound {
                            found[key] = json!(bound);
                        }
                    }
                    found
                })
                .collect();
            json!({
                "PolicyType": "StepScaling", "AdjustmentType": adjustment(*percent), "StepAdjustments": steps,
                "EstimatedInstanceWarmup": warm_up, "MetricAggregationType": "Average"
            })
        }
        GroupPolicy::Simple { percent, change, cooldown } => json!({
            "PolicyType": "SimpleScaling", "AdjustmentType": adjustment(*percent), "ScalingAdjustment": change, "Cooldown": cooldown
        }),
        GroupPolicy::TargetTracking { target, scale_in, warm_up } => json!({
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingConfiguration": {
                "PredefinedMetricSpecification": { "PredefinedMetricType": "ASGAverageCPUUtilization" },
                "TargetValue": target,
                "DisableScaleIn": !scale_in
            },
            "EstimatedInstanceWarmup": warm_up
        }),
        GroupPolicy::Predictive { target, buffer, above_max } => {
            let mut configuration = json!({
                "MetricSpecifications": [{
                    "TargetValue": target,
                    "PredefinedMetricPairSpecification": { "PredefinedMetricType": "ASGCPUUtilization" }
                }],
                "Mode": "ForecastAndScale",
                "SchedulingBufferTime": buffer,
                "MaxCapacityBreachBehavior": if above_max.is_some() { "IncreaseMaxCapacity" } else { "HonorMaxCapacity" }
            });
            if let Some(buffer) = above_max {
                configuration["MaxCapacityBuffer"] = json!(*buffer as i64);
            }
            json!({ "PolicyType": "PredictiveScaling", "PredictiveScalingConfiguration": configuration })
        }
    };
    match body {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn metric_alarm(name: &str, alarm: &str, body: &GroupAlarm, account: &Account) -> Value {
    let balancer = account.load_balancer.as_deref().unwrap_or(LOAD_BALANCER);
    let mut found = alarm_body(body, json!(steady_name(name)), json!(balancer));
    found.insert("AlarmName".to_string(), json!(format!("{name}-{alarm}")));
    Value::Object(found)
}

/// An alarm without its name and actions, as the API and CloudFormation have it.
pub(super) fn alarm_body(alarm: &GroupAlarm, group: Value, balancer: Value) -> Map<String, Value> {
    let (namespace, metric, dimension) = match alarm.metric {
        AlarmOn::Cpu => ("AWS/EC2", "CPUUtilization", json!([{ "Name": "AutoScalingGroupName", "Value": group }])),
        AlarmOn::LatencyPercentile(_) => {
            ("AWS/ApplicationELB", "TargetResponseTime", json!([{ "Name": "LoadBalancer", "Value": balancer }]))
        }
    };
    let statistic = match alarm.metric {
        AlarmOn::Cpu => ("Statistic", json!("Average")),
        AlarmOn::LatencyPercentile(percentile) => ("ExtendedStatistic", json!(format!("p{percentile}"))),
    };
    let low_samples = alarm.low_samples.map(|rule| ("EvaluateLowSampleCountPercentile", json!(rule)));
    let fixed = [
        ("Namespace", json!(namespace)),
        ("MetricName", json!(metric)),
        ("Dimensions", dimension),
        ("Period", json!(alarm.period)),
        ("EvaluationPeriods", json!(alarm.evaluation_periods)),
        ("DatapointsToAlarm", json!(alarm.datapoints_to_alarm)),
        ("Threshold", json!(alarm.threshold)),
        ("ComparisonOperator", json!(if alarm.above { "GreaterThanThreshold" } else { "LessThanThreshold" })),
        ("TreatMissingData", json!(alarm.treat_missing_data)),
    ];
    fixed.into_iter().chain([statistic]).chain(low_samples).map(|(key, value)| (key.to_string(), value)).collect()
}
