"""M/M/1 in SimPy 4, with a process for each customer: what engine.ts is compared with.

Usage: python mm1.py CUSTOMERS MEAN_ARRIVAL_MS MEAN_SERVICE_MS SEED
Prints {"events", "seconds", "meanWaitMs"}. A process event is one step of a process:
three for each customer (created, started, served), one more if it had to wait, and the
start of the source.
"""

import json
import random
import sys
import time

import simpy


def source(env, server, customers, arrival_ms, service_ms, waits):
    for _ in range(customers):
        yield env.timeout(random.expovariate(1 / arrival_ms))
        env.process(customer(env, server, service_ms, waits))


def customer(env, server, service_ms, waits):
    arrived = env.now
    with server.request() as turn:
        yield turn
        if env.now > arrived:
            waits.append(env.now - arrived)
        yield env.timeout(random.expovariate(1 / service_ms))


def main(customers, arrival_ms, service_ms, seed):
    random.seed(seed)
    env = simpy.Environment()
    server = simpy.Resource(env)
    waits = []
    env.process(source(env, server, customers, arrival_ms, service_ms, waits))
    start = time.perf_counter()
    env.run()
    seconds = time.perf_counter() - start
    print(json.dumps({
        "events": 1 + 3 * customers + len(waits),
        "seconds": seconds,
        "meanWaitMs": sum(waits) / customers,
    }))


main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
