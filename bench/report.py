"""Writes the table of a comparison and its ratios."""

import json
import os
import platform
import subprocess

import measure

LIMITS = ["limit: COPY", "limit: download"]


def write(arguments, results):
    """Writes the report. `results` maps the name of a contender to its runs."""
    rates = {name: measure.middle([run["tickets_a_second"] for run in runs]) for name, runs in results.items()}
    lines = [
        f"# {arguments.tickets:,} tickets, {arguments.rows} rows",
        "",
        f"Medians of {arguments.rounds} rounds, each contender in turn, client, simulator and PostgreSQL on the same machine:",
        f"{machine()}. Written by `bench/run`; CPU and memory are the client's, the memory that of its largest process.",
        "",
        "| | tickets a second | range | wall s | CPU s | peak MiB | calls | rows right |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, runs in results.items():
        middle = {key: measure.middle([run[key] for run in runs])[0] for key in ["wall_seconds", "cpu_seconds", "peak_mib"]}
        rate, spread = rates[name]
        lines.append(
            f"| {name} | {rate:,.0f} | {spread} | {middle['wall_seconds']:.1f} | {middle['cpu_seconds']:.1f} "
            f"| {middle['peak_mib']:.0f} | {runs[-1]['calls']:,} | {'-' if name == LIMITS[1] else format(runs[-1]['tickets'], ',')} |"
        )
    lines += ["", *ratios({name: rate for name, (rate, _) in rates.items()}), ""]
    with open(f"{arguments.write}.md", "w") as file:
        file.write("\n".join(lines))
    with open(f"{arguments.write}.json", "w") as file:
        json.dump(results, file, indent=1)
        file.write("\n")


def ratios(rates):
    """Returns the speed relative to each peer and to the slower limit, as lines."""
    ours = rates.get("precedent")
    if not ours:
        return []
    peers = [name for name in rates if not name.startswith(("precedent", "limit"))]
    lines = [f"- {ours / rates[name]:.1f} times {name}" for name in peers]
    limits = {name: rates[name] for name in LIMITS if name in rates}
    if limits:
        slower = min(limits, key=limits.get)
        lines.append(f"- {ours / limits[slower]:.0%} of the slower limit ({slower.removeprefix('limit: ')})")
    if "precedent, again" in rates:
        lines.append(f"- a second run, with nothing changed: {rates['precedent, again'] / ours:.1f} times the first")
    return lines


def machine():
    postgres = subprocess.run(["psql", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]
    return f"{os.cpu_count()} cores, PostgreSQL {postgres}, Python {platform.python_version()}"
