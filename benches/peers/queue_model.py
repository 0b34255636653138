"""The queue that all programs simulate, as src/system.rs describes it, for the programs in Python."""

import json
import sys
import time

MEAN_SERVICE = 0.01
WARM_UP_SHARE = 0.2


class System:
    """An M/M/c queue, first come first served, from empty until the last request that arrived in time is served; times in seconds."""

    def __init__(self, servers, load, requests, seed):
        self.servers = servers
        self.arrival_rate = load * servers / MEAN_SERVICE
        self.end = requests / self.arrival_rate
        self.warm_up = WARM_UP_SHARE * self.end
        self.seed = seed


def main(simulate):
    """Runs `simulate`, which gives the number of requests it simulated, its seconds, and arrival, wait and sojourn of each request."""
    servers, load, requests, seed = sys.argv[1:]
    system = System(int(servers), float(load), int(requests), int(seed))
    simulated, seconds, served = simulate(system)
    counted = [(wait, sojourn) for arrival, wait, sojourn in served if system.warm_up <= arrival < system.end]
    sojourns = sorted(sojourn for _, sojourn in counted)
    print(json.dumps({
        "requests": simulated,
        "seconds": seconds,
        "mean_wait": sum(wait for wait, _ in counted) / len(counted),
        "p95_sojourn": sojourns[int(0.95 * len(sojourns))],
    }))


def timed(run):
    """Seconds that `run` takes."""
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin
