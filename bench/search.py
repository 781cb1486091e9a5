"""Measures the search: building its index, and answering queries."""

import json
import os
import subprocess
import tempfile

from desk import BINARIES, desk

# Number of invented texts. A larger corpus is filled with varied copies.
TEXTS = 10_000


def evaluate(tickets):
    """Returns the figures of `precedent eval` for this number of tickets. Every tenth text is a query for itself."""
    texts = min(tickets, TEXTS)
    with desk(texts, "full") as helpdesk, tempfile.TemporaryDirectory() as scratch:
        corpus, queries = f"{scratch}/corpus.jsonl", f"{scratch}/queries.jsonl"
        with open(corpus, "w") as corpus_file, open(queries, "w") as queries_file:
            for number, ticket in enumerate(helpdesk.tickets()):
                text = {"description": ticket["words"], "resolution_text": ticket["resolution_words"]}
                print(json.dumps({"id": ticket["id"], "subject": ticket["subject"], **text}), file=corpus_file)
                if number % 10 == 0:
                    query = {"qid": ticket["id"], "text": ticket["words"], "relevant": [ticket["id"]]}
                    print(json.dumps(query), file=queries_file)
        command = [f"{BINARIES}/precedent", "--log-level=warn", "--json", "eval", f"--tickets={tickets}"]
        command += [f"--corpus={corpus}", f"--queries={queries}"]
        environment = {**os.environ, "HOME": scratch}
        output = subprocess.run(command, check=True, env=environment, capture_output=True, text=True).stdout
    return json.loads(output)


def main():
    lines = [
        "# Search",
        "",
        "Written by `bench/search`: one process, invented texts, every query on its own.",
        "",
        "| tickets | built in s | tickets a second | bytes a ticket | p50 ms | p95 ms | p99 ms |",
        "|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for tickets in [10_000, 100_000]:
        found = evaluate(tickets)
        seconds, latency = found["build_ms"] / 1000, found["latency_ms"]
        lines.append(
            f"| {tickets:,} | {seconds:.1f} | {tickets / seconds:,.0f} | {found['index_bytes'] / tickets:.0f} "
            f"| {latency['p50']:.2f} | {latency['p95']:.2f} | {latency['p99']:.2f} |"
        )
    text = "\n".join([*lines, ""])
    with open("bench/search.md", "w") as file:
        file.write(text)
    print(text)


if __name__ == "__main__":
    main()
