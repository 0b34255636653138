"""Ciw: a network of one node, with the warm-up and cool-down that its documentation advises."""

import ciw

import queue_model

# Ciw's sources do not end: what arrives while the last counted requests are served is simulated, but not counted.
COOL_DOWN = 20 * queue_model.MEAN_SERVICE


def simulate(system):
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=system.arrival_rate)],
        service_distributions=[ciw.dists.Exponential(rate=1 / queue_model.MEAN_SERVICE)],
        number_of_servers=[system.servers],
    )
    ciw.seed(system.seed)
    simulation = ciw.Simulation(network)
    seconds = queue_model.timed(lambda: simulation.simulate_until_max_time(system.end + COOL_DOWN))
    records = simulation.get_all_records()
    served = [(record.arrival_date, record.waiting_time, record.exit_date - record.arrival_date) for record in records]
    return simulation.nodes[0].number_of_individuals, seconds, served


if __name__ == "__main__":
    queue_model.main(simulate)
