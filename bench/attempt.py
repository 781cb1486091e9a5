"""One run of a contender, and whether it loaded what it should."""

import os
import tempfile

import contenders
import measure

ADMIN = os.environ["PRECEDENT_TEST_POSTGRES"]


def attempt(contender, helpdesk, truth, story_tickets=0):
    """Its figures; ends the program if the rows are not those of `truth`, ids of tickets."""
    if not contender.same_database:
        contenders.sql(ADMIN, "drop database if exists bench with (force)")
        contenders.sql(ADMIN, "create database bench")
    # What the one before left to be written later is not this one's.
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
    """How many tickets were loaded; a download stores none."""
    if rows is None:
        return len(truth)
    # The story's design stops early, after a whole page.
    expected = truth & set(rows) if name == "story" else truth
    if sorted(rows) != sorted(expected) or len(rows) < min(len(truth), story_tickets):
        raise SystemExit(f"error: {name} loaded {len(rows)} rows, which are not the {len(truth)} tickets")
    return len(rows)
