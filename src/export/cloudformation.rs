//! A CloudFormation template.

use super::aws::{alarm_body, policy_body, spot_distribution, steady_distribution};
use super::names::Names;
use super::policies::{AlarmOn, GroupPolicy};
use super::{Account, Deployment, ExportFile, yaml};
use serde_json::{Map, Value, json};

/// The template.
pub(super) fn file(deployment: &Deployment, account: &Account) -> ExportFile {
    let latency = deployment.alarms.values().any(|alarm| alarm.metric != AlarmOn::Cpu);
    let mut parameters = Map::new();
    let mut parameter = |name: &str, kind: &str, what: &str, default: Option<String>| {
        let mut found = json!({ "Type": kind, "Description": what });
        if let Some(default) = default {
            found["Default"] = json!(default);
        }
        parameters.insert(name.to_string(), found);
    };
    parameter("ImageId", "AWS::EC2::Image::Id", "Machine image", account.image.clone());
    let subnets = (!account.subnets.is_empty()).then(|| account.subnets.join(","));
    parameter("Subnets", "List<AWS::EC2::Subnet::Id>", "Subnets of the instances", subnets);
    parameter("TargetGroup", "String", "ARN of the balancer's target group", account.target_group.clone());
    if latency {
        parameter("LoadBalancer", "String", "The balancer as its metrics name it", account.load_balancer.clone());
    }
    let mut names = Names::logical();
    let resources = resources(deployment, &mut names);
    let template = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": format!("{}: {}", deployment.name, deployment.mix),
        "Parameters": parameters,
        "Resources": resources
    });
    let remarks: String = deployment.remarks.iter().map(|remark| format!("# * {remark}\n")).collect();
    let remarks = if remarks.is_empty() { remarks } else { format!("# What differs from the simulation:\n{remarks}") };
    let text = format!(
        "# The mix `{}`. Nothing is bought: see purchases.md.\n{remarks}{}",
        deployment.mix,
        yaml::block(&template, 0)
    );
    ExportFile { name: "template.yaml".to_string(), text }
}

fn resource(kind: &str, properties: Value) -> Value {
    json!({ "Type": kind, "Properties": properties })
}

fn resources(deployment: &Deployment, names: &mut Names) -> Map<String, Value> {
    let steady = &deployment.steady;
    let mut found = Map::new();
    found.insert(
        "LaunchTemplate".to_string(),
        resource(
            "AWS::EC2::LaunchTemplate",
            json!({ "LaunchTemplateData": { "ImageId": { "Ref": "ImageId" }, "InstanceType": steady.instance_types[0] } }),
        ),
    );
    let mut group =
        group(&steady.instance_types, steady_distribution(steady), [steady.min, steady.max, steady.desired]);
    group["DefaultInstanceWarmup"] = json!(steady.warm_up);
    found.insert("SteadyGroup".to_string(), resource("AWS::AutoScaling::AutoScalingGroup", group));
    if let Some((state, most)) = steady.warm_pool {
        let mut pool = json!({ "AutoScalingGroupName": { "Ref": "SteadyGroup" }, "PoolState": state });
        if let Some(most) = most {
            pool["MaxGroupPreparedCapacity"] = json!(most);
        }
        found.insert("WarmPool".to_string(), resource("AWS::AutoScaling::WarmPool", pool));
    }
    if let Some(spot) = &deployment.spot {
        let mut group = self::group(&spot.instance_types, spot_distribution(spot), [spot.size; 3]);
        group["CapacityRebalance"] = json!(spot.rebalance);
        found.insert("SpotGroup".to_string(), resource("AWS::AutoScaling::AutoScalingGroup", group));
    }
    for (name, policy) in &deployment.policies {
        let mut body = policy_body(policy);
        body.insert("AutoScalingGroupName".to_string(), json!({ "Ref": "SteadyGroup" }));
        if let GroupPolicy::Simple { cooldown, .. } = policy {
            body.insert("Cooldown".to_string(), json!(cooldown.to_string()));
        }
        found.insert(
            names.of(&format!("Policy {name}")),
            resource("AWS::AutoScaling::ScalingPolicy", Value::Object(body)),
        );
    }
    for (name, alarm) in &deployment.alarms {
        let mut body = alarm_body(alarm, json!({ "Ref": "SteadyGroup" }), json!({ "Ref": "LoadBalancer" }));
        let actions: Vec<Value> =
            alarm.triggers.iter().map(|policy| json!({ "Ref": names.of(&format!("Policy {policy}")) })).collect();
        body.insert("AlarmActions".to_string(), json!(actions));
        found.insert(names.of(&format!("Alarm {name}")), resource("AWS::CloudWatch::Alarm", Value::Object(body)));
    }
    for (name, schedule) in &deployment.schedules {
        let mut body = json!({
            "AutoScalingGroupName": { "Ref": "SteadyGroup" }, "Recurrence": schedule.cron, "TimeZone": schedule.time_zone
        });
        for (key, value) in
            [("MinSize", schedule.min), ("MaxSize", schedule.max), ("DesiredCapacity", schedule.desired)]
        {
            if let Some(value) = value {
                body[key] = json!(value);
            }
        }
        found.insert(names.of(&format!("Schedule {name}")), resource("AWS::AutoScaling::ScheduledAction", body));
    }
    found
}

fn group(types: &[String], distribution: Value, [min, max, desired]: [u32; 3]) -> Value {
    let overrides: Vec<Value> = types.iter().map(|kind| json!({ "InstanceType": kind })).collect();
    json!({
        "MixedInstancesPolicy": {
            "LaunchTemplate": {
                "LaunchTemplateSpecification": {
                    "LaunchTemplateId": { "Ref": "LaunchTemplate" },
                    "Version": { "Fn::GetAtt": ["LaunchTemplate", "LatestVersionNumber"] }
                },
                "Overrides": overrides
            },
            "InstancesDistribution": distribution
        },
        "MinSize": min.to_string(), "MaxSize": max.to_string(), "DesiredCapacity": desired.to_string(),
        "VPCZoneIdentifier": { "Ref": "Subnets" },
        "TargetGroupARNs": [{ "Ref": "TargetGroup" }],
        "HealthCheckType": "ELB",
        "HealthCheckGracePeriod": 300
    })
}
