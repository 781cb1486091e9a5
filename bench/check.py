"""Compares the current ratios with the stored ones. Times differ between machines; ratios within one run hardly do."""

import json
import statistics
import sys

from attempt import attempt
from contenders import CONTENDERS
from desk import desk
from search import evaluate

TICKETS = 10_000
ROUNDS = 3
STORED = "bench/ratios.json"

# Lowest permitted part of a stored ratio.
ALLOWED = 0.5

# Measurements before a low ratio counts. The best one decides: other load on the machine only lowers a ratio.
TRIES = 3


def ratios():
    """Returns the ratios of import and search to COPY of the same rows into the same table. The first round warms up."""
    names = ["precedent", "precedent, again", "limit: COPY"]
    rates = {name: [] for name in names}
    with desk(TICKETS, "full") as helpdesk:
        truth = helpdesk.truth()
        for _ in range(1 + ROUNDS):
            for contender in (each for each in CONTENDERS if each.name in names):
                rates[contender.name].append(attempt(contender, helpdesk, truth)["tickets_a_second"])
    first, again, copy = (statistics.median(rates[name][1:]) for name in names)
    found = evaluate(TICKETS)
    figures = {
        "import": first / copy,
        "import again": again / copy,
        "index build": TICKETS / found["build_ms"] * 1000 / copy,
        "searches": 1000 / found["latency_ms"]["p50"] / copy,
    }
    return {name: float(f"{ratio:.3g}") for name, ratio in figures.items()}


def below(now, stored):
    return [name for name in now if now[name] < stored[name] * ALLOWED]


def main():
    now = ratios()
    if "--store" in sys.argv:
        with open(STORED, "w") as file:
            json.dump(now, file, indent=1)
            file.write("\n")
        return
    with open(STORED) as file:
        stored = json.load(file)
    slower = below(now, stored)
    for _ in range(1, TRIES):
        if slower:
            again = ratios()
            now = {name: max(now[name], again[name]) for name in now}
            slower = below(now, stored)
    for name in now:
        print(f"{name}: {now[name]} of COPY's rate (stored: {stored[name]})")
    if slower:
        print(
            f"error: {', '.join(slower)}: below half of the stored ratio\n\nhint: find the cause (see bench/README.md), or store "
            "the new ratios with `bench/check --store` and give the reason in the commit",
            file=sys.stderr,
        )
        raise SystemExit(1)


main()
