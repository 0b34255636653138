"""SimPy: a process for each request and a Resource, as in its bank and carwash examples."""

import random

import simpy

import queue_model


def request(env, servers, served):
    arrival = env.now
    with servers.request() as turn:
        yield turn
        start = env.now
        yield env.timeout(random.expovariate(1 / queue_model.MEAN_SERVICE))
    served.append((arrival, start - arrival, env.now - arrival))


def source(env, system, served):
    servers = simpy.Resource(env, capacity=system.servers)
    while True:
        yield env.timeout(random.expovariate(system.arrival_rate))
        if env.now >= system.end:
            return
        env.process(request(env, servers, served))


def simulate(system):
    random.seed(system.seed)
    served = []
    env = simpy.Environment()
    env.process(source(env, system, served))
    seconds = queue_model.timed(env.run)
    return len(served), seconds, served


if __name__ == "__main__":
    queue_model.main(simulate)
