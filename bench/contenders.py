"""The contenders: preparation, command, and the query for the loaded ids."""

import dataclasses
import json
import os
import subprocess
import typing

from desk import BINARIES

PYTHON = "target/bench/python/bin/python"
SINGER = "target/bench/singer/bin"

# Columns that COPY can write. The database generates the others.
COLUMNS = "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute \
where attrelid = 'ticket_history'::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attidentity = ''"

# Concurrent requests of the plain client, the maximum of the import.
CONNECTIONS = 8


@dataclasses.dataclass
class Contender:
    name: str
    command: typing.Callable
    ids: str = None
    prepare: typing.Callable = lambda place: None
    # Whether it uses the database of the previous contender.
    same_database: bool = False


@dataclasses.dataclass
class Place:
    """Environment of one run."""

    desk: typing.Any
    database_url: str
    scratch: str
    truth: set
    story_tickets: int

    def environment(self):
        return {
            "DATABASE_URL": self.database_url,
            "DESK_URL": self.desk.url,
            "DESK_HEADERS": json.dumps(self.desk.headers()),
            "PAGE_URL": self.desk.page_url("START_INDEX").replace("%22START_INDEX%22", "START_INDEX"),
            "SCRATCH": self.scratch,
            "STORY_TICKETS": str(self.story_tickets),
            "HOME": self.scratch,
            "PRECEDENT_MASTER_KEY": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=",
            "RUNTIME__DLTHUB_TELEMETRY": "false",
            "DLT_DATA_DIR": self.scratch,
        }


def sql(database_url, statement):
    command = ["psql", database_url, "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", statement]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def precedent(place, *arguments):
    environment = {**os.environ, **place.environment()}
    command = [f"{BINARIES}/precedent", "--log-level=warn", *arguments]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


def migrated(place):
    precedent(place, "db", "migrate")


def with_tenant(place):
    migrated(place)
    credentials = f"{place.scratch}/credentials.json"
    with open(credentials, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        json.dump({"api_key": place.desk.key}, file)
    tenant = ["--tenant-id=bench", "--name=Bench", "--edition=cloud", "--requests-per-minute=0"]
    reached = [f"--url={place.desk.url}", "--allow-loopback", f"--credentials-file={credentials}"]
    precedent(place, "tenant", "add", *tenant, *reached)


def imported(_):
    return [f"{BINARIES}/precedent", "--log-level=warn", "import", "--tenant-id=bench", "--days=150"]


def export(place):
    """Exports the imported rows, for COPY to load."""
    columns = sql(place.database_url, COLUMNS).strip()
    with open("target/bench/columns", "w") as file:
        file.write(columns)
    sql(place.database_url, f"\\copy (select {columns} from ticket_history) to 'target/bench/rows'")


def copied(place):
    with open("target/bench/columns") as file:
        columns = file.read()
    statement = f"\\copy ticket_history ({columns}) from 'target/bench/rows'"
    return ["psql", place.database_url, "-qX", "-v", "ON_ERROR_STOP=1", "-c", statement]


def list_pages(place):
    with open(f"{place.scratch}/pages", "w") as file:
        for name, value in place.desk.headers().items():
            file.write(f'header = "{name}: {value}"\n')
        urls = [place.desk.page_url(start) for start in range(1, len(place.truth) + 1, 100)]
        if place.desk.rows == "thin":
            urls += [f"{place.desk.url}/api/v3/requests/{ticket}" for ticket in place.truth]
        for url in urls:
            file.write(f'url = "{url}"\noutput = "/dev/null"\n')


def downloaded(place):
    return ["curl", "-sfZ", "--parallel-max", str(CONNECTIONS), "--config", f"{place.scratch}/pages"]


def configure_singer(place):
    target = {
        "sqlalchemy_url": place.database_url.replace("postgres://", "postgresql+psycopg2://"),
        "default_target_schema": "bench",
        "batch_size_rows": 10_000,
    }
    for name, settings in {"tap": {}, "target": target}.items():
        with open(f"{place.scratch}/{name}.json", "w") as file:
            json.dump(settings, file)


def singer(place):
    tap = f"{SINGER}/python bench/peers/singer_tap.py --config {place.scratch}/tap.json"
    return ["bash", "-o", "pipefail", "-c", f"{tap} | {SINGER}/target-postgres --config {place.scratch}/target.json"]


CONTENDERS = [
    Contender("precedent", imported, "select ticket_id from ticket_history", with_tenant),
    Contender("precedent, again", imported, "select ticket_id from ticket_history", same_database=True),
    Contender("limit: COPY", copied, "select ticket_id from ticket_history", migrated),
    Contender("limit: download", downloaded, prepare=list_pages),
    Contender("dlt merge", lambda _: [PYTHON, "bench/peers/dlt_load.py", "merge"], "select id from bench.requests"),
    Contender("dlt append", lambda _: [PYTHON, "bench/peers/dlt_load.py", "append"], "select id from bench.requests"),
    Contender("singer", singer, "select id from bench.requests", configure_singer),
    Contender("story", lambda _: [PYTHON, "bench/peers/story.py"], "select ticket_id from ticket_history"),
]
