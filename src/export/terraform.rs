//! Terraform, for the provider `hashicorp/aws`.

use super::aws::{spot_name, steady_name};
use super::deployment::{SpotGroup, SteadyGroup};
use super::hcl::{Block, text};
use super::names::Names;
use super::policies::{AlarmOn, GroupAlarm, GroupPolicy};
use super::{Account, Deployment, ExportFile};

/// The resources, their variables, and what they leave out.
pub(super) fn file(deployment: &Deployment, account: &Account) -> ExportFile {
    let mut names = Names::identifiers();
    let latency = deployment.alarms.values().any(|alarm| alarm.metric != AlarmOn::Cpu);
    let mut blocks = vec![
        Block::new("terraform", &[]).with_block(
            Block::new("required_providers", &[])
                .with("aws", "{\n      source  = \"hashicorp/aws\"\n      version = \">= 5.0\"\n    }"),
        ),
        variable("image_id", "Machine image", "string", account.image.as_deref().map(text)),
        variable("subnets", "Subnets of the instances", "list(string)", subnets(account)),
        variable("target_group_arns", "Target groups of the balancer", "list(string)", target_groups(account)),
    ];
    if latency {
        let default = account.load_balancer.as_deref().map(text);
        blocks.push(variable("load_balancer", "The balancer as its metrics name it", "string", default));
    }
    blocks.push(
        Block::new("resource", &["aws_launch_template", "this"])
            .with_text("name", &deployment.name)
            .with("image_id", "var.image_id")
            .with_text("instance_type", &deployment.steady.instance_types[0]),
    );
    blocks.push(steady_group(deployment, &deployment.steady));
    blocks.extend(deployment.spot.as_ref().map(|spot| spot_group(deployment, spot)));
    blocks.extend(
        deployment.policies.iter().map(|(name, policy)| scaling_policy(deployment, name, &names.of(name), policy)),
    );
    blocks.extend(deployment.alarms.iter().map(|(name, alarm)| metric_alarm(deployment, name, alarm, &mut names)));
    blocks.extend(deployment.schedules.iter().map(|(name, schedule)| {
        Block::new("resource", &["aws_autoscaling_schedule", &names.of(name)])
            .with("autoscaling_group_name", "aws_autoscaling_group.steady.name")
            .with_text("scheduled_action_name", name)
            .with_text("recurrence", &schedule.cron)
            .with_text("time_zone", &schedule.time_zone)
            // -1 leaves a size as it is.
            .with("min_size", schedule.min.map_or(-1, i64::from))
            .with("max_size", schedule.max.map_or(-1, i64::from))
            .with("desired_capacity", schedule.desired.map_or(-1, i64::from))
    }));
    let remarks: String = deployment.remarks.iter().map(|remark| format!("# * {remark}\n")).collect();
    let remarks = if remarks.is_empty() { remarks } else { format!("# What differs from the simulation:\n{remarks}") };
    let body: Vec<String> = blocks.iter().map(Block::text).collect();
    let head = format!("# The mix `{}`. Nothing is bought: see purchases.md.\n{remarks}\n", deployment.mix);
    ExportFile { name: "main.tf".to_string(), text: head + &body.join("\n") }
}

fn variable(name: &str, what: &str, kind: &str, default: Option<String>) -> Block {
    Block::new("variable", &[name]).with_text("description", what).with("type", kind).with_some("default", default)
}

fn subnets(account: &Account) -> Option<String> {
    let names: Vec<String> = account.subnets.iter().map(|subnet| text(subnet)).collect();
    (!names.is_empty()).then(|| format!("[{}]", names.join(", ")))
}

fn target_groups(account: &Account) -> Option<String> {
    Some(account.target_group.as_deref().map_or("[]".to_string(), |group| format!("[{}]", text(group))))
}

fn mixed_instances(types: &[String], distribution: Block) -> Block {
    let template = types.iter().fold(
        Block::new("launch_template", &[]).with_block(
            Block::new("launch_template_specification", &[])
                .with("launch_template_id", "aws_launch_template.this.id")
                .with_text("version", "$Latest"),
        ),
        |template, kind| template.with_block(Block::new("override", &[]).with_text("instance_type", kind)),
    );
    Block::new("mixed_instances_policy", &[]).with_block(distribution).with_block(template)
}

fn steady_group(deployment: &Deployment, steady: &SteadyGroup) -> Block {
    let distribution = Block::new("instances_distribution", &[])
        .with_text("on_demand_allocation_strategy", "prioritized")
        .with("on_demand_base_capacity", steady.base)
        .with("on_demand_percentage_above_base_capacity", 100);
    let group = Block::new("resource", &["aws_autoscaling_group", "steady"])
        .with_text("name", &steady_name(&deployment.name))
        .with("min_size", steady.min)
        .with("max_size", steady.max)
        .with("desired_capacity", steady.desired)
        .with("default_instance_warmup", steady.warm_up)
        .with("vpc_zone_identifier", "var.subnets")
        .with("target_group_arns", "var.target_group_arns")
        .with_block(mixed_instances(&steady.instance_types, distribution));
    let group = match steady.warm_pool {
        Some((state, most)) => group.with_block(
            Block::new("warm_pool", &[]).with_text("pool_state", state).with_some("max_group_prepared_capacity", most),
        ),
        None => group,
    };
    // Policies change the size; applying again must not set it back.
    group.with_block(Block::new("lifecycle", &[]).with("ignore_changes", "[desired_capacity]"))
}

fn spot_group(deployment: &Deployment, spot: &SpotGroup) -> Block {
    let distribution = Block::new("instances_distribution", &[])
        .with("on_demand_base_capacity", 0)
        .with("on_demand_percentage_above_base_capacity", 0)
        .with_text("spot_allocation_strategy", spot.strategy)
        .with_some("spot_instance_pools", spot.pools)
        .with_some("spot_max_price", spot.max_price.as_deref().map(text));
    Block::new("resource", &["aws_autoscaling_group", "spot"])
        .with_text("name", &spot_name(&deployment.name))
        .with("min_size", spot.size)
        .with("max_size", spot.size)
        .with("desired_capacity", spot.size)
        .with("capacity_rebalance", spot.rebalance)
        .with("vpc_zone_identifier", "var.subnets")
        .with("target_group_arns", "var.target_group_arns")
        .with_block(mixed_instances(&spot.instance_types, distribution))
}

fn scaling_policy(deployment: &Deployment, name: &str, label: &str, policy: &GroupPolicy) -> Block {
    let adjustment = |percent: bool| if percent { "PercentChangeInCapacity" } else { "ChangeInCapacity" };
    let block = Block::new("resource", &["aws_autoscaling_policy", label])
        .with_text("name", &format!("{}-{name}", deployment.name))
        .with("autoscaling_group_name", "aws_autoscaling_group.steady.name");
    match policy {
        GroupPolicy::Step { percent, warm_up, steps } => steps.iter().fold(
            block
                .with_text("policy_type", "StepScaling")
                .with_text("adjustment_type", adjustment(*percent))
                .with("estimated_instance_warmup", warm_up)
                .with_text("metric_aggregation_type", "Average"),
            |block, step| {
                block.with_block(
                    Block::new("step_adjustment", &[])
                        .with("scaling_adjustment", step.change)
                        .with_some("metric_interval_lower_bound", step.lower)
                        .with_some("metric_interval_upper_bound", step.upper),
                )
            },
        ),
        GroupPolicy::Simple { percent, change, cooldown } => block
            .with_text("policy_type", "SimpleScaling")
            .with_text("adjustment_type", adjustment(*percent))
            .with("scaling_adjustment", change)
            .with("cooldown", cooldown),
        GroupPolicy::TargetTracking { target, scale_in, warm_up } => block
            .with_text("policy_type", "TargetTrackingScaling")
            .with("estimated_instance_warmup", warm_up)
            .with_block(
                Block::new("target_tracking_configuration", &[])
                    .with("target_value", target)
                    .with("disable_scale_in", !scale_in)
                    .with_block(
                        Block::new("predefined_metric_specification", &[])
                            .with_text("predefined_metric_type", "ASGAverageCPUUtilization"),
                    ),
            ),
        GroupPolicy::Predictive { target, buffer, above_max } => {
            let behaviour = if above_max.is_some() { "IncreaseMaxCapacity" } else { "HonorMaxCapacity" };
            block.with_text("policy_type", "PredictiveScaling").with_block(
                Block::new("predictive_scaling_configuration", &[])
                    .with_text("mode", "ForecastAndScale")
                    .with("scheduling_buffer_time", buffer)
                    .with_text("max_capacity_breach_behavior", behaviour)
                    .with_some("max_capacity_buffer", *above_max)
                    .with_block(
                        Block::new("metric_specification", &[]).with("target_value", target).with_block(
                            Block::new("predefined_metric_pair_specification", &[])
                                .with_text("predefined_metric_type", "ASGCPUUtilization"),
                        ),
                    ),
            )
        }
    }
}

fn metric_alarm(deployment: &Deployment, name: &str, alarm: &GroupAlarm, names: &mut Names) -> Block {
    let (namespace, metric, dimension) = match alarm.metric {
        AlarmOn::Cpu => ("AWS/EC2", "CPUUtilization", "AutoScalingGroupName = aws_autoscaling_group.steady.name"),
        AlarmOn::LatencyPercentile(_) => {
            ("AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer = var.load_balancer")
        }
    };
    let actions: Vec<String> =
        alarm.triggers.iter().map(|policy| format!("aws_autoscaling_policy.{}.arn", names.of(policy))).collect();
    let block = Block::new("resource", &["aws_cloudwatch_metric_alarm", &names.of(name)])
        .with_text("alarm_name", &format!("{}-{name}", deployment.name))
        .with_text("namespace", namespace)
        .with_text("metric_name", metric)
        .with("dimensions", format!("{{ {dimension} }}"));
    let block = match alarm.metric {
        AlarmOn::Cpu => block.with_text("statistic", "Average"),
        AlarmOn::LatencyPercentile(percentile) => block.with_text("extended_statistic", &format!("p{percentile}")),
    };
    block
        .with("period", alarm.period)
        .with("evaluation_periods", alarm.evaluation_periods)
        .with("datapoints_to_alarm", alarm.datapoints_to_alarm)
        .with("threshold", alarm.threshold)
        .with_text("comparison_operator", if alarm.above { "GreaterThanThreshold" } else { "LessThanThreshold" })
        .with_text("treat_missing_data", alarm.treat_missing_data)
        .with_some("evaluate_low_sample_count_percentiles", alarm.low_samples.map(text))
        .with("alarm_actions", format!("[{}]", actions.join(", ")))
}
