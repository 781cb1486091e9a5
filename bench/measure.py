"""Measures the cost of a command."""

import dataclasses
import json
import os
import statistics
import subprocess
import sys
import time


@dataclasses.dataclass
class Cost:
    """Cost of one run. The memory is that of its largest process."""

    wall_seconds: float
    cpu_seconds: float
    peak_mib: float


def run(command, environment=None):
    """Runs a command to its end and returns its cost. The output goes to a file: a pipe would need a reader.

    A small intermediate process starts the command, because the peak memory of a process includes the memory that it had
    before it became the command.
    """
    os.makedirs("target/bench", exist_ok=True)
    log = f"target/bench/{os.path.basename(command[0])}.log"
    costs = "target/bench/cost.json"
    with open(log, "w") as output:
        starter = [sys.executable, __file__, costs, *command]
        status = subprocess.run(starter, env={**os.environ, **(environment or {})}, stdout=output, stderr=output)
    if status.returncode != 0:
        raise SystemExit(f"error: {command} failed with exit code {status.returncode}; see {log}")
    with open(costs) as file:
        return Cost(**json.load(file))


def start(costs, command):
    started = time.monotonic()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    with open(costs, "w") as file:
        cost = Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
        json.dump(dataclasses.asdict(cost), file)
    sys.exit(os.waitstatus_to_exitcode(status))


def middle(figures):
    """Returns the median, and the range as text."""
    figures = sorted(figures)
    return statistics.median(figures), f"{figures[0]:,.0f} to {figures[-1]:,.0f}"


if __name__ == "__main__":
    start(sys.argv[1], sys.argv[2:])
