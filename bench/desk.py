"""Starts the simulated helpdesk, and reads its tickets and its request log."""

import contextlib
import json
import os
import subprocess
import time
import urllib.parse
import urllib.request

DAY_MS = 86_400_000

BINARIES = os.environ.get("PRECEDENT_BINARIES", "target/release")


class Desk:
    def __init__(self, about, rows):
        self.rows = rows
        self.url = about["url"]
        self.key = about["credentials"]["api_key"]
        now_ms = int(time.time() * 1000)
        self.from_ms, self.to_ms = now_ms - 150 * DAY_MS, now_ms + 600_000

    def headers(self):
        return {
            "Authorization": f"Zoho-oauthtoken {self.key}",
            "Accept": "application/vnd.manageengine.sdp.v3+json",
        }

    def tickets(self):
        """Returns the simulator's record of each ticket."""
        with urllib.request.urlopen(f"{self.url}/_sim/truth") as answer:
            return [json.loads(line) for line in answer]

    def truth(self):
        """Returns the ids of the tickets that a contender must load."""
        return {ticket["id"] for ticket in self.tickets()}

    def forget_calls(self):
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/_sim/log", method="DELETE")).read()

    def calls(self):
        """Returns the number of requests, in total and by kind."""
        with urllib.request.urlopen(f"{self.url}/_sim/stats") as answer:
            stats = json.load(answer)
        kinds = {kind: sum(by_status.values()) for kind, by_status in stats["by_kind"].items()}
        return stats["calls"], kinds

    def page_url(self, start_index):
        """Returns the URL of one page, as the import requests it."""
        values = [str(self.from_ms), str(self.to_ms)]
        resolved = {"field": "resolved_time", "condition": "between", "values": values}
        completed = {"field": "completed_time", "condition": "between", "values": values, "logical_operator": "OR"}
        list_info = {
            "start_index": start_index,
            "row_count": 100,
            "get_total_count": True,
            "sort_field": "created_time",
            "sort_order": "asc",
            "search_criteria": [resolved, completed],
        }
        query = urllib.parse.urlencode({"input_data": json.dumps({"list_info": list_info})})
        return f"{self.url}/api/v3/requests?{query}"


@contextlib.contextmanager
def desk(tickets, rows):
    """Runs a helpdesk whose tickets are all closed and valid, without a request limit."""
    command = [f"{BINARIES}/servicedesk-sim", f"--tickets={tickets}", f"--rows={rows}", "--open-every=0", "--bad-every=0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield Desk(json.loads(process.stdout.readline()), rows)
    finally:
        process.terminate()
        process.wait()
