"""Measures the cost of an import by history size, for thin and full rows, first and second run."""

import pathlib
import sys

import matplotlib

from attempt import attempt
from contenders import CONTENDERS
from desk import desk

matplotlib.use("svg")
from matplotlib import pyplot  # imported after the backend is chosen

RUNS = ["precedent", "precedent, again"]
NAMES = {"precedent": "first run", "precedent, again": "second run"}


def measure(sizes):
    """Returns the results by kind of rows, run and size."""
    results = {}
    for rows in ["full", "thin"]:
        for size in sizes:
            with desk(size, rows) as helpdesk:
                truth = helpdesk.truth()
                for contender in (each for each in CONTENDERS if each.name in RUNS):
                    results[rows, contender.name, size] = attempt(contender, helpdesk, truth)
                    print(rows, contender.name, size, results[rows, contender.name, size], flush=True)
    return results


def table(results):
    lines = [
        "# Costs",
        "",
        "Written by `bench/costs`: one run each, client, simulator and PostgreSQL on the same machine.",
        "",
        "![time and memory](../docs/images/costs.svg)",
        "",
        "| rows | run | tickets | s | tickets a second | CPU s | peak MiB | calls |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for (rows, run, size), result in results.items():
        lines.append(
            f"| {rows} | {NAMES[run]} | {size:,} | {result['wall_seconds']:.1f} | {result['tickets_a_second']:,.0f} "
            f"| {result['cpu_seconds']:.1f} | {result['peak_mib']:.0f} | {result['calls']:,} |"
        )
    return "\n".join([*lines, ""])


def draw(results, sizes):
    figure, (time, memory) = pyplot.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
    for rows in ["full", "thin"]:
        for run, style in zip(RUNS, ["-o", "--o"]):
            of_size = [results[rows, run, size] for size in sizes]
            label = f"{rows} rows, {NAMES[run]}"
            time.plot(sizes, [each["wall_seconds"] for each in of_size], style, label=label)
            memory.plot(sizes, [each["peak_mib"] for each in of_size], style, label=label)
    time.set(xscale="log", yscale="log", xlabel="tickets", ylabel="seconds", title="Time")
    memory.set(xscale="log", ylim=(0, None), xlabel="tickets", ylabel="MiB", title="Peak memory")
    time.legend(fontsize="small")
    pathlib.Path("docs/images").mkdir(parents=True, exist_ok=True)
    for ending in ["svg", "png"]:
        # Without the date the same figures produce the same file.
        figure.savefig(f"docs/images/costs.{ending}", metadata={"Date": None} if ending == "svg" else None)


def main():
    sizes = [int(size) for size in sys.argv[1:]] or [10_000, 100_000, 1_000_000]
    results = measure(sizes)
    pathlib.Path("bench/costs.md").write_text(table(results))
    draw(results, sizes)


main()
