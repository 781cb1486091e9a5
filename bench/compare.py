"""Loads the same tickets with the import, its peers and its limits, in turn, and reports the cost of each."""

import argparse
import collections

import report
from attempt import attempt
from contenders import CONTENDERS
from desk import desk


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", choices=["full", "thin"], default="full")
    parser.add_argument("--story-tickets", type=int, default=5_000, help="number of tickets for the story design, which is too slow for all")
    parser.add_argument("--only", help="names of the contenders to run, separated by ; (default: all)")
    parser.add_argument("--write", default="bench/results", help="path of the files to write, without the extension")
    arguments = parser.parse_args()
    names = arguments.only.split(";") if arguments.only else [each.name for each in CONTENDERS]
    chosen = [each for each in CONTENDERS if each.name in names]
    results = collections.defaultdict(list)
    with desk(arguments.tickets, arguments.rows) as helpdesk:
        truth = helpdesk.truth()
        for number in range(arguments.rounds):
            for contender in chosen:
                result = attempt(contender, helpdesk, truth, arguments.story_tickets)
                results[contender.name].append(result)
                rate = result["tickets_a_second"]
                print(f"round {number + 1}: {contender.name}: {rate:,.0f} tickets a second", flush=True)
    report.write(arguments, results)


main()
