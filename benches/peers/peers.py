#!/usr/bin/env python3
"""Simulates the same M/M/c queues with fleetmix and its peers, in turns, and prints one table (README.md says what is in it)."""

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys

import erlang
from queue_model import MEAN_SERVICE

HERE = pathlib.Path(__file__).resolve().parent
ENVIRONMENT = HERE / "target" / "python"

QUEUES = [(5, 0.8), (100, 0.95), (1000, 0.98)]

# Requests of each queue. The compiled programs take about a second for them. In Python the queue of 1000 servers takes longer:
# with fewer requests it would still be filling when counting begins.
REQUESTS = {
    "fleetmix": (20_000_000, 20_000_000, 20_000_000),
    "textbook": (8_000_000, 5_000_000, 4_000_000),
    "desque": (6_000_000, 4_000_000, 3_000_000),
    "nexosim": (1_000_000, 1_000_000, 1_000_000),
    "SimPy": (60_000, 60_000, 200_000),
    "Ciw": (40_000, 30_000, 100_000),
}
IN_RUST = ["fleetmix", "textbook", "desque", "nexosim"]
IN_PYTHON = {"SimPy": ("simpy_model.py", "simpy"), "Ciw": ("ciw_model.py", "ciw")}


class Unavailable(Exception):
    """Something that cannot be built or installed, with the reason."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def prepare(*command):
    """Runs a command that builds or installs something."""
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=HERE)
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise Unavailable(next((line for line in lines if line.lower().startswith("error")), lines[-1] if lines else "failed"))


def cargo_versions():
    """The version of each package in the lock file."""
    return dict(re.findall(r'name = "(.+)"\nversion = "(.+)"', (HERE / "Cargo.lock").read_text()))


def build(skipped):
    """The commands of the programs in Rust, with their titles."""
    say("building the programs in Rust")
    names = IN_RUST
    try:
        prepare("cargo", "build", "--release")
    except Unavailable as reason:
        say("building them without desque and nexosim")
        prepare("cargo", "build", "--release", "--no-default-features")
        names = ["fleetmix", "textbook"]
        skipped.update(desque=reason, nexosim=reason)
    versions = cargo_versions()
    titles = {name: f"{name} {versions[name]} (Rust)" for name in names if name in versions}
    titles["textbook"] = "textbook: calendar on a `BinaryHeap` (Rust)"
    return {name: (titles[name], [str(HERE / "target" / "release" / "peers"), name]) for name in names}


def install(skipped):
    """The commands of the programs in Python, with their titles."""
    say("installing the programs in Python")
    python = str(ENVIRONMENT / "bin" / "python")
    try:
        prepare(sys.executable, "-m", "venv", str(ENVIRONMENT))
        prepare(python, "-m", "pip", "install", "--requirement", "requirements.txt")
    except Unavailable as reason:
        skipped.update(dict.fromkeys(IN_PYTHON, reason))
        return {}
    pinned = dict(line.split("==") for line in (HERE / "requirements.txt").read_text().split())
    return {
        name: (f"{name} {pinned[package]} (Python)", [python, str(HERE / script)])
        for name, (script, package) in IN_PYTHON.items()
    }


def measure(programs, rounds):
    """What each program says of each queue in each round. Rounds differ in their random numbers."""
    said = {(name, queue): [] for name in programs for queue in QUEUES}
    for number in range(1, rounds + 1):
        for i, queue in enumerate(QUEUES):
            say(f"round {number} of {rounds}: {queue[0]} servers")
            for name, (_, command) in programs.items():
                arguments = [*queue, REQUESTS[name][i], number]
                out = subprocess.run([*command, *map(str, arguments)], check=True, capture_output=True, text=True).stdout
                said[name, queue].append(json.loads(out))
    return said


def per_request(record):
    return record["seconds"] / record["requests"] * 1e9


def errors(records, key, exact):
    """The mean's difference from the exact value and its standard error over rounds, both in percent."""
    values = [100 * (record[key] / exact - 1) for record in records]
    return statistics.fmean(values), statistics.stdev(values) / len(values) ** 0.5


def figures(nanoseconds):
    """Three figures."""
    return f"{nanoseconds:,.0f}" if nanoseconds >= 100 else f"{nanoseconds:.1f}"


def cells(records, baseline, queue):
    """Nanoseconds, ratio and error of one program and queue."""
    nanoseconds = [per_request(record) for record in records]
    ratio = statistics.median(own / per_request(other) for own, other in zip(nanoseconds, baseline))
    error, spread = errors(records, "mean_wait", erlang.mean_wait(*queue, MEAN_SERVICE))
    return [figures(statistics.median(nanoseconds)), figures(ratio) + "×", f"{error:+.1f} ± {spread:.1f}".replace("-", "−")]


def table(programs, said):
    heads = ["program"] + [head for c, load in QUEUES for head in (f"c = {c}, ρ = {load}: ns", "ratio", "error, %")]
    rows = [heads, ["---"] + ["---:"] * (len(heads) - 1)]
    for name, (title, _) in programs.items():
        row = [title]
        for queue in QUEUES:
            row += cells(said[name, queue], said["fleetmix", queue], queue)
        rows.append(row)
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def largest_p95_error(programs, said):
    def error(pair):
        name, queue = pair
        return errors(said[pair], "p95_sojourn", erlang.sojourn_percentile(*queue, MEAN_SERVICE, 0.95))[0]

    worst = max(said, key=lambda pair: abs(error(pair)))
    return f"{error(worst):+.1f} % ({worst[0]}, c = {worst[1][0]})".replace("-", "−")


def processor():
    info = pathlib.Path("/proc/cpuinfo")
    model = re.search(r"model name\s*: (.+)", info.read_text()) if info.exists() else None
    return f"{os.cpu_count()} cores of {model[1].strip() if model else platform.processor() or platform.machine()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="rounds over all programs and queues (7)")
    rounds = parser.parse_args().rounds
    if rounds < 2:
        parser.error("standard errors need two rounds at least")
    skipped = {}
    programs = {**build(skipped), **install(skipped)}
    said = measure(programs, rounds)
    rust = subprocess.run(["rustc", "--version"], check=True, capture_output=True, text=True).stdout.split()[1]
    print(f"{datetime.date.today()}, {processor()}, Rust {rust}, Python {platform.python_version()}; medians of {rounds} rounds.\n")
    print(table(programs, said))
    print(f"\nLargest difference of the sojourn's 95th percentile from the exact value: {largest_p95_error(programs, said)}.")
    for name, reason in skipped.items():
        print(f"\nSkipped: {name} ({reason}).")


if __name__ == "__main__":
    try:
        main()
    except Unavailable as reason:
        sys.exit(f"peers.py: {reason}")
