"""Compares today's ratios with those that are stored: machines differ, ratios in one run hardly do."""

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

# A ratio may fall to this part of what is stored, and is measured so often before that is believed: whatever else the
# machine does makes it smaller, never larger.
ALLOWED = 0.5
TRIES = 3


def ratios():
    """Of the import and the search to COPY of the same rows into the same table; the first round warms up."""
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
        print(f"{name}: {now[name]} of COPY's pace, stored {stored[name]}")
    if slower:
        print(
            f"error: {', '.join(slower)}: less than half of the stored ratio; find what made it slow (docs: bench/README.md), "
            "or store the new one with `bench/check --store` and say why",
            file=sys.stderr,
        )
        raise SystemExit(1)


main()
