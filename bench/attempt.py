"""Runs one contender and checks the rows that it loaded."""

import os
import tempfile

import contenders
import measure

ADMIN = os.environ["PRECEDENT_TEST_POSTGRES"]


def attempt(contender, helpdesk, truth, story_tickets=0):
    """Returns the figures of one run. Exits with an error unless the rows have the ids in `truth`."""
    if not contender.same_database:
        contenders.sql(ADMIN, "drop database if exists bench with (force)")
        contenders.sql(ADMIN, "create database bench")
    # Flushes the writes of the previous contender, so that they do not count for this one.
    contenders.sql(ADMIN, "checkpoint")
    with tempfile.TemporaryDirectory() as scratch:
        url = ADMIN.rsplit("/", 1)[0] + "/bench"
        place = contenders.Place(helpdesk, url, scratch, truth, story_tickets)
        contender.prepare(place)
        helpdesk.forget_calls()
        cost = measure.run(contender.command(place), place.environment())
        calls, kinds = helpdesk.calls()
        rows = contenders.sql(url, contender.ids).split() if contender.ids else None
        tickets = check(contender.name, rows, truth, story_tickets)
        if contender.name == "precedent":
            contenders.export(place)
    return {
        "tickets": tickets,
        "tickets_a_second": tickets / cost.wall_seconds,
        "wall_seconds": cost.wall_seconds,
        "cpu_seconds": cost.cpu_seconds,
        "peak_mib": cost.peak_mib,
        "calls": calls,
        "calls_by_kind": kinds,
    }


def check(name, rows, truth, story_tickets):
    """Returns the number of loaded tickets. A download stores none and counts as complete."""
    if rows is None:
        return len(truth)
    # The story design stops early, after a whole page.
    expected = truth & set(rows) if name == "story" else truth
    if sorted(rows) != sorted(expected) or len(rows) < min(len(truth), story_tickets):
        raise SystemExit(f"error: {name} loaded {len(rows)} rows; expected the {len(truth)} tickets of the simulator")
    return len(rows)
