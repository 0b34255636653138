"""Exact figures of the M/M/c queue, first come first served (Erlang C)."""

import math


def probability_of_waiting(servers, offered):
    """Erlang C for an offered load in Erlang, by the recursion of Erlang B."""
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = offered * blocked / (k + offered * blocked)
    return blocked / (1 - offered / servers * (1 - blocked))


def mean_wait(servers, load, mean_service):
    return probability_of_waiting(servers, load * servers) * mean_service / (servers * (1 - load))


def sojourn_percentile(servers, load, mean_service, share):
    """The time within which `share` of the requests are served: a service, and for those who wait an exponential time before it."""
    waiting = probability_of_waiting(servers, load * servers)
    drain = servers * (1 - load)  # rate of the wait of those who wait, in services

    def later_than(t):  # in services
        if math.isclose(drain, 1):
            both = (1 + t) * math.exp(-t)
        else:
            both = (drain * math.exp(-t) - math.exp(-drain * t)) / (drain - 1)
        return (1 - waiting) * math.exp(-t) + waiting * both

    low, high = 0.0, 1.0
    while later_than(high) > 1 - share:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if later_than(middle) > 1 - share else (low, middle)
    return high * mean_service
