//! Real clients and servers, where they are installed: what they print is read, and what is exported they accept.
//!
//! Each test that finds its program missing prints `skipped` and passes; `FLEETMIX_REQUIRE_CLIENTS=1` forbids that.

use assert_cmd::Command as Tested;
use serde_json::Value;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

const SHIPPED: &str = "scenarios/web-3-5-7/scenario.json";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Whether a program answers; says so if not.
fn is_there(program: &str, argument: &str) -> bool {
    let answered = Command::new(program).arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let there = answered.is_ok_and(|status| status.success());
    if !there {
        assert!(
            std::env::var_os("FLEETMIX_REQUIRE_CLIENTS").is_none_or(|value| value != "1"),
            "{program} is not installed"
        );
        println!("skipped: {program} is not installed");
    }
    there
}

fn fleetmix(arguments: &[&str]) -> String {
    let mut command = Tested::cargo_bin("fleetmix").expect("the binary");
    let done = command.current_dir(root()).args(arguments).assert().success();
    String::from_utf8_lossy(&done.get_output().stdout).into_owned()
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().expect("a plain path").to_string()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port").port()
}

/// A cloud on this machine, ended with the test.
struct Cloud {
    server: Child,
    endpoint: String,
}

impl Cloud {
    fn start() -> Option<Self> {
        if !(is_there("moto_server", "--help") && is_there("aws", "--version")) {
            return None;
        }
        let port = free_port();
        let server = Command::new("moto_server")
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let cloud = Self { server, endpoint: format!("http://127.0.0.1:{port}") };
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(cloud);
            }
            sleep(Duration::from_millis(100));
        }
        panic!("moto's server does not answer");
    }

    /// A command that meets this cloud and no other.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("NO_PROXY", "127.0.0.1");
        command
    }

    fn aws(&self, arguments: &[&str]) -> Value {
        let output = self.command("aws").args(arguments).args(["--output", "json"]).output().expect("it runs");
        assert!(output.status.success(), "aws {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[test]
fn cloudwatch_answers_are_read() {
    let Some(cloud) = Cloud::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let script = root().join("tests/clients/cloudwatch.py");
    let made = cloud.command("python3").arg(script).arg(&cloud.endpoint).arg(folder.path()).status().expect("python");
    assert!(made.success());
    let expected: Vec<(usize, f64)> =
        (0..180).filter(|minute| minute % 10 != 9).map(|minute| (minute, 100.0 + minute as f64)).collect();
    let pages = fs::read_to_string(folder.path().join("data-1.json")).unwrap()
        + &fs::read_to_string(folder.path().join("data-2.json")).unwrap();
    fs::write(folder.path().join("data.json"), pages).unwrap();
    // What the command-line client prints, which joins pages by itself.
    let span = ["--start-time", "2026-01-05T00:00:00Z", "--end-time", "2026-01-05T03:00:00Z"];
    let series = ["--namespace", "Test", "--metric-name", "RequestCount", "--period", "60", "--statistics", "Sum"];
    let printed = cloud.aws(&[&["cloudwatch", "get-metric-statistics"][..], &series, &span].concat());
    fs::write(folder.path().join("cli-statistics.json"), printed.to_string()).unwrap();
    let query = r#"[{"Id": "requests", "MetricStat": {"Metric": {"Namespace": "Test", "MetricName": "RequestCount"}, "Period": 60, "Stat": "Sum"}}]"#;
    let printed = cloud.aws(&[&["cloudwatch", "get-metric-data", "--metric-data-queries", query][..], &span].concat());
    fs::write(folder.path().join("cli-data.json"), printed.to_string()).unwrap();
    for (file, only) in [
        ("statistics.json", Some("statistic=Sum")),
        ("data.json", None),
        ("cli-statistics.json", None),
        ("cli-data.json", None),
    ] {
        let converted = path(folder.path(), "out.csv");
        let mut arguments =
            vec!["trace".to_string(), "convert".into(), path(folder.path(), file), "-o".into(), converted.clone()];
        arguments.extend(only.map(|only| ["--where".to_string(), only.to_string()]).into_iter().flatten());
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let said = fleetmix(&words);
        assert!(said.contains("every 1m") && said.contains("17 intervals have no value"), "{said}");
        let rows: Vec<(usize, f64)> = fs::read_to_string(&converted)
            .unwrap()
            .lines()
            .skip(1)
            .map(|line| {
                let (time, value) = line.split_once(',').unwrap();
                let minute = time[11..13].parse::<usize>().unwrap() * 60 + time[14..16].parse::<usize>().unwrap();
                (minute, value.parse().unwrap())
            })
            .collect();
        assert_eq!(rows, expected, "{file}");
    }
}

/// The server has one made-up price for each zone: enough to see that what the client prints is read.
#[test]
fn a_spot_price_history_is_read() {
    let Some(cloud) = Cloud::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let printed = cloud.aws(&["ec2", "describe-spot-price-history", "--instance-types", "m5.large"]);
    let zones = printed["SpotPriceHistory"].as_array().unwrap().len();
    assert!(zones > 1, "{printed:#}");
    fs::write(folder.path().join("prices.json"), printed.to_string()).unwrap();
    let said = fleetmix(&["trace", "inspect", &path(folder.path(), "prices.json")]);
    assert_eq!(said.matches("us-east-1").count(), zones, "{said}");
    assert!(said.contains("m5.large"), "{said}");
}

/// What the scripts in `tests/clients` wrote once, for machines without these programs.
#[test]
fn kept_answers_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let kept = |name: &str| root().join("tests/fixtures/metrics").join(name);
    let pages =
        ["cloudwatch-data-1.json", "cloudwatch-data-2.json"].map(|name| fs::read_to_string(kept(name)).unwrap());
    fs::write(folder.path().join("pages.json"), pages.concat()).unwrap();
    let out = path(folder.path(), "out.csv");
    let said = fleetmix(&["trace", "convert", &path(folder.path(), "pages.json"), "-o", &out]);
    assert!(said.contains("162 rows every 1m from 2026-01-05T00:00:00Z"), "{said}");
    let said = fleetmix(&["trace", "convert", kept("prometheus-range.json").to_str().unwrap(), "-o", &out]);
    assert!(said.contains("11 rows every 2s from 2026-11-23T06:01:22.087Z"), "{said}");
    let said = fleetmix(&["trace", "inspect", kept("prometheus-gauge.json").to_str().unwrap()]);
    assert!(said.contains("3 samples are no number") && said.contains("2 intervals without a value"), "{said}");
    // A scenario reads them as they are.
    let mut trace = serde_json::json!({
        "file": "pages.json", "format": { "cloudwatch": { "where": { "id": "requests" } } }, "gaps": "hold", "at_end": "error"
    });
    let scenario = |trace: &Value, value_is: &str| {
        let mut scenario: Value = serde_json::from_str(&fs::read_to_string(root().join(SHIPPED)).unwrap()).unwrap();
        scenario["demand"] = serde_json::json!({ "rate_trace": { "trace": trace, "value_is": { value_is: "1m" } } });
        scenario["clock"] = serde_json::json!({ "start": "2026-01-05T00:00:00Z", "horizon": "1h" });
        scenario["run"] = serde_json::json!({ "seed": 1, "replications": 2 });
        let market = &mut scenario["markets"]["use1b"]["price"];
        *market = serde_json::json!({ "constant": "0.2 USD/h" });
        fs::write(folder.path().join("scenario.json"), scenario.to_string()).unwrap();
        let options = fleetmix::input::LoadOptions::default();
        fleetmix::input::load(&folder.path().join("scenario.json"), &options)
    };
    let input = scenario(&trace, "count_per").unwrap_or_else(|problems| panic!("{problems}"));
    let rates = input.demand.rates().expect("rates");
    assert_eq!(&rates.per_second[..2], [100.0 / 60.0, 101.0 / 60.0]);
    assert_eq!(rates.per_second[9], rates.per_second[8], "a gap holds");
    trace["gaps"] = "error".into();
    let problem = scenario(&trace, "count_per").unwrap_err().to_string();
    assert!(problem.contains("a gap: 1 interval of 1m is missing"), "{problem}");
}

#[test]
fn prometheus_answers_are_read() {
    let prometheus = std::env::var("FLEETMIX_PROMETHEUS").unwrap_or("prometheus".to_string());
    if !(is_there(&prometheus, "--version") && is_there("python3", "--version")) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let script = root().join("tests/clients/prometheus.py");
    let made = Command::new("python3").arg(script).arg(&prometheus).arg(folder.path()).status().expect("python");
    assert!(made.success());
    let said =
        fleetmix(&["trace", "convert", &path(folder.path(), "range.json"), "-o", &path(folder.path(), "out.csv")]);
    assert!(said.contains("requests per second") && said.contains("every 2s"), "{said}");
    let rates: Vec<f64> = fs::read_to_string(folder.path().join("out.csv"))
        .unwrap()
        .lines()
        .skip(1)
        .map(|line| line.split_once(',').unwrap().1.parse().unwrap())
        .collect();
    // The first windows reach back before the first sample.
    let settled = &rates[rates.len() / 2..];
    assert!(settled.len() >= 3 && settled.iter().all(|rate| (15.0..25.0).contains(rate)), "{rates:?}");
    let refused = |name: &str, part: &str| {
        let mut command = Tested::cargo_bin("fleetmix").expect("the binary");
        let arguments = ["trace", "convert", &path(folder.path(), name), "-o", &path(folder.path(), "x.csv")];
        let done = command.args(arguments).assert().code(2);
        let error = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
        assert!(error.contains(part), "{name}: {error}");
    };
    refused("error.json", "bad_data");
    refused("counter.json", "only ever rises");
    let inspected = fleetmix(&["trace", "inspect", &path(folder.path(), "gauge.json")]);
    assert!(inspected.contains("busy_ratio"), "{inspected}");
}

#[test]
fn aws_accepts_each_file_and_reads_the_mix_back() {
    let Some(cloud) = Cloud::start() else { return };
    let subnets = cloud.aws(&["ec2", "describe-subnets", "--query", "Subnets[].SubnetId"]);
    let image = cloud.aws(&["ec2", "describe-images", "--query", "Images[0].ImageId"]);
    let folder = tempfile::tempdir().unwrap();
    fleetmix(&[
        "export",
        SHIPPED,
        "--mix",
        "3 reserved + 2 spot + on-demand",
        "--format",
        "aws",
        "--image",
        image.as_str().unwrap(),
        "--subnets",
        subnets[0].as_str().unwrap(),
        "--load-balancer",
        "app/web/50dc6c495c0c9188",
        "-o",
        folder.path().to_str().unwrap(),
    ]);
    apply(&cloud, folder.path());
    let groups = cloud.aws(&["autoscaling", "describe-auto-scaling-groups"]);
    let group = |name: &str| {
        let groups = groups["AutoScalingGroups"].as_array().unwrap();
        groups
            .iter()
            .find(|group| group["AutoScalingGroupName"] == name)
            .unwrap_or_else(|| panic!("{name}: {groups:#?}"))
    };
    let distribution = |name: &str| &group(name)["MixedInstancesPolicy"]["InstancesDistribution"];
    let (steady, spot) = ("web-3-5-7-steady", "web-3-5-7-spot");
    let reserved = distribution(steady)["OnDemandBaseCapacity"].as_u64().unwrap();
    assert_eq!(distribution(spot)["OnDemandPercentageAboveBaseCapacity"], 0);
    let on_demand = if group(steady)["MaxSize"].as_u64().unwrap() > reserved { " + on-demand" } else { "" };
    let read_back = format!("{reserved} reserved + {} spot{on_demand}", group(spot)["DesiredCapacity"]);
    assert_eq!(read_back, "3 reserved + 2 spot + on-demand");
    let alarms = cloud.aws(&["cloudwatch", "describe-alarms"]);
    let policies = cloud.aws(&["autoscaling", "describe-policies"]);
    let policies = policies["ScalingPolicies"].as_array().unwrap();
    assert_eq!(policies.len(), 3);
    let policy_of = |arn: &Value| {
        let policy = policies.iter().find(|policy| policy["PolicyARN"] == *arn);
        policy.unwrap_or_else(|| panic!("no policy is {arn}: {policies:#?}"))["PolicyName"].as_str().unwrap()
    };
    let mut started: Vec<(&str, &str)> = alarms["MetricAlarms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|alarm| {
            let actions = alarm["AlarmActions"].as_array().unwrap();
            assert_eq!(actions.len(), 1, "{alarm:#?}");
            (alarm["AlarmName"].as_str().unwrap(), policy_of(&actions[0]))
        })
        .collect();
    started.sort_unstable();
    assert_eq!(started, STARTED);
}

#[test]
fn aws_accepts_every_kind_of_policy() {
    let Some(cloud) = Cloud::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    exported("aws", folder.path(), "3 reserved + 2 spot + on-demand");
    let subnets = cloud.aws(&["ec2", "describe-subnets", "--query", "Subnets[].SubnetId"]);
    for name in ["group-steady.json", "group-spot.json"] {
        let file = folder.path().join(name);
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replace("subnet-00000000000000000", subnets[0].as_str().unwrap())).unwrap();
    }
    apply(&cloud, folder.path());
    let query = "sort_by(ScalingPolicies,&PolicyName)[].[PolicyName,PolicyType]";
    let kinds = cloud.aws(&["autoscaling", "describe-policies", "--query", query]);
    let wanted = serde_json::json!([
        ["ahead", "PredictiveScaling"],
        ["in-on-cpu", "SimpleScaling"],
        ["out-on-cpu", "StepScaling"],
        ["out-on-latency", "StepScaling"],
        ["track", "TargetTrackingScaling"]
    ]);
    assert_eq!(kinds, wanted);
    let actions = cloud.aws(&["autoscaling", "describe-scheduled-actions"]);
    let action = &actions["ScheduledUpdateGroupActions"][0];
    // Five in total, two of which are spot.
    assert_eq!((&action["MinSize"], &action["TimeZone"]), (&serde_json::json!(3), &serde_json::json!("Europe/Berlin")));
    assert_eq!(action["Recurrence"], "0 8 * * MON-FRI");
}

/// Runs the script that applies what was exported to a folder.
fn apply(cloud: &Cloud, folder: &Path) {
    let mut script = cloud.command("sh");
    script.arg("apply.sh").current_dir(folder).env("PATH", with_named_policies(folder));
    let applied = script.output().expect("sh");
    assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
}

/// Which policy each alarm of the shipped scenario starts.
const STARTED: [(&str, &str); 3] = [
    ("web-3-5-7-cpu-high", "out-on-cpu"),
    ("web-3-5-7-cpu-low", "in-on-cpu"),
    ("web-3-5-7-latency-high", "out-on-latency"),
];

/// A search path on which `aws` says the ARN of a policy that was put: the real client does, but moto's server answers without one and has it
/// only where policies are described.
fn with_named_policies(folder: &Path) -> std::ffi::OsString {
    let shim = folder.join("bin");
    fs::create_dir(&shim).unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let real = std::env::split_paths(&path).map(|folder| folder.join("aws")).find(|file| file.is_file()).expect("aws");
    let script = format!(
        "#!/bin/sh\nset -e\nif [ \"$2\" != put-scaling-policy ]; then exec {real} \"$@\"; fi\n{real} \"$@\" >/dev/null\n\
         name=$(sed -n 's/.*\"PolicyName\": \"\\(.*\\)\".*/\\1/p' \"${{4#file://}}\")\n\
         exec {real} autoscaling describe-policies --policy-names \"$name\" --query 'ScalingPolicies[0].PolicyARN' --output text\n",
        real = real.display()
    );
    let file = shim.join("aws");
    fs::write(&file, script).unwrap();
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    std::env::join_paths([shim].into_iter().chain(std::env::split_paths(&path))).unwrap()
}

/// Settings that bring every kind of policy into an export.
const EVERY_POLICY: [&str; 3] = [
    r#"/scaling/policies/track={"target_tracking":{"metric":{"cpu":"average"},"target":0.55}}"#,
    r#"/scaling/policies/mornings={"scheduled":{"cron":"0 8 * * MON-FRI","time_zone":"Europe/Berlin","min_total":5}}"#,
    r#"/scaling/policies/ahead={"predictive":{"target_cpu":0.6,"launch_ahead":"5m","above_max":0.1}}"#,
];

fn exported(format: &str, folder: &Path, mix: &str) {
    let mut arguments = vec!["export", SHIPPED, "--format", format, "--mix", mix, "-o", folder.to_str().unwrap()];
    EVERY_POLICY.iter().for_each(|setting| arguments.extend(["--set", setting]));
    fleetmix(&arguments);
}

#[test]
fn cfn_lint_has_nothing_to_say() {
    if !is_there("cfn-lint", "--version") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let accepted = || {
        let output = Command::new("cfn-lint").arg(folder.path().join("template.yaml")).output().expect("cfn-lint");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    };
    let fixed = "3 reserved + 2 spot";
    for mix in ["3 reserved + 2 spot + on-demand", "3 reserved + on-demand", "on-demand", fixed] {
        exported("cloudformation", folder.path(), mix);
        accepted();
    }
    // Scenarios of EC2 that are shipped, each with the first of its mixes.
    for name in ["interrupted-peak", "patch-wave", "microscaling", "microscaling-large", "llm-spot"] {
        let file = root().join("scenarios").join(name).join("scenario.json");
        let document = fleetmix::input::Document::read(&file).unwrap();
        let mix = document.tree["mixes"][0]["mix"].as_str().unwrap().to_string();
        let arguments = [
            "export",
            file.to_str().unwrap(),
            "--format",
            "cloudformation",
            "--mix",
            &mix,
            "-o",
            folder.path().to_str().unwrap(),
        ];
        fleetmix(&arguments);
        accepted();
    }
}

#[test]
fn terraform_finds_it_formatted_and_valid() {
    if !is_there("terraform", "version") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    exported("terraform", folder.path(), "3 reserved + 2 spot + on-demand");
    let terraform = |arguments: &[&str]| {
        let output = Command::new("terraform").args(arguments).current_dir(folder.path()).output().expect("terraform");
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert!(
            output.status.success(),
            "terraform {arguments:?}: {said}\n{}",
            fs::read_to_string(folder.path().join("main.tf")).unwrap()
        );
    };
    terraform(&["fmt", "-check", "-diff"]);
    // The provider has to be at hand: registries are not asked.
    let Some(plugins) = std::env::var_os("FLEETMIX_TERRAFORM_PLUGINS") else {
        println!("skipped: `terraform validate` needs the provider in FLEETMIX_TERRAFORM_PLUGINS");
        return;
    };
    terraform(&["init", "-input=false", &format!("-plugin-dir={}", plugins.to_str().unwrap())]);
    terraform(&["validate"]);
}

#[test]
fn the_manifests_of_clusters_are_valid() {
    let validator = std::env::var("FLEETMIX_KUBERNETES_VALIDATE").unwrap_or("kubernetes-validate".to_string());
    if is_there(&validator, "--help") {
        let manifest = root().join("docs/clusters/kubernetes.yaml");
        let output = Command::new(&validator).arg("--strict").arg(manifest).output().expect("it runs");
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert!(output.status.success() && said.contains("passed"), "{said}");
    }
    if is_there("aws", "--version") {
        for (command, file) in
            [("register-job-definition", "batch-job-definition.json"), ("submit-job", "batch-job.json")]
        {
            let input = format!("file://{}", root().join("docs/clusters").join(file).display());
            // The client holds the file against the service's model, and sends nothing.
            let output = Command::new("aws")
                .args(["batch", command, "--cli-input-json", &input, "--generate-cli-skeleton", "output"])
                .env("AWS_DEFAULT_REGION", "us-east-1")
                .output()
                .expect("aws");
            assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}
