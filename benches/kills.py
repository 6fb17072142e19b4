#!/usr/bin/env python3
"""Kills the embedded endpoint with SIGKILL at random moments of loads, changes and CREATE TABLE AS, and looks what is left.

Every round starts the process on what the last kill left, looks at every table, then has four clients at work on tables of their own and
kills the process at a moment drawn beforehand. What was acknowledged has to be there, what was under way as a whole or not at all, and
nothing else. All draws follow from the seed, which is printed; the moment at which the process is caught does not.

    python3 benches/kills.py                                         # builds target/release/quaver first; 200 kills
    python3 benches/kills.py --binary target/debug/quaver --kills 20 --seed 7
"""

import argparse
import collections
import http.client
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benches"))
from endpoint_http import PROJECT, Endpoint, Failed  # noqa: E402

# Rows of one statement or load: enough for several pages of Parquet, few enough for many statements a second.
ROWS = 2_000
GONE = (http.client.HTTPException, ConnectionError, TimeoutError, OSError)


class Table:
    """What a table has to hold: batches of ROWS rows, of each the batch's number."""

    def __init__(self, name):
        self.name = name
        self.batches = collections.Counter()
        # The batches that it has instead if the statement under way was done; None where none is.
        self.instead = None

    def expect(self, batches):
        self.instead = collections.Counter(batches)

    def done(self):
        self.batches, self.instead = self.instead, None

    def look(self, client):
        """What is wrong with the table, in words; takes over what a statement under way has left."""
        try:
            _, answer = client.query(f"SELECT batch, COUNT(*), COUNT(DISTINCT n), MIN(n), MAX(n) FROM {self.name} GROUP BY batch ORDER BY batch")
            rows = [[int(cell["v"]) for cell in row["f"]] for row in answer.get("rows", [])]
        except Failed as error:
            if "notFound" not in str(error):
                raise
            rows = []
        halves = [row for row in rows if row[1] % ROWS or row[2:] != [ROWS, 0, ROWS - 1]]
        if halves:
            return f"{self.name}: half of a batch (batch, rows, distinct, least, most): {halves}"
        found = collections.Counter({row[0]: row[1] // ROWS for row in rows})
        allowed = [self.batches] + ([self.instead] if self.instead is not None else [])
        if found not in allowed:
            return f"{self.name}: has {dict(found)}, should have one of {[dict(batches) for batches in allowed]}"
        self.batches, self.instead = found, None
        return None


def rows_of(batch):
    return f"SELECT {batch} AS batch, n FROM UNNEST(GENERATE_ARRAY(0, {ROWS - 1})) AS n"


class Worker:
    """One client with tables of its own, whose statements follow each other."""

    def __init__(self, number, seed):
        self.draw = random.Random(f"{seed}-{number}")
        self.tables = {kind: Table(f"{kind}_{number}") for kind in ("appended", "replaced", "changed", "merged", "made")}
        self.batch = 0
        self.counts = collections.Counter()

    def load(self, endpoint, client, table, disposition):
        text = "".join(f'{{"batch":{self.batch},"n":{n}}}\n' for n in range(ROWS)).encode()
        fields = [{"name": "batch", "type": "INTEGER"}, {"name": "n", "type": "INTEGER"}]
        reference = {"projectId": PROJECT, "datasetId": "d", "tableId": table.name}
        load = {"destinationTable": reference, "sourceFormat": "NEWLINE_DELIMITED_JSON", "schema": {"fields": fields}, "writeDisposition": disposition}
        head = json.dumps({"configuration": {"load": load}})
        body = f"--x\r\nContent-Type: application/json\r\n\r\n{head}\r\n--x\r\nContent-Type: */*\r\n\r\n".encode() + text + b"\r\n--x--"
        upload = f"/upload/bigquery/v2/projects/{PROJECT}/jobs?uploadType=multipart"
        job = client.ok("POST", upload, body, {"Content-Type": "multipart/related; boundary=x"})
        endpoint.finished(job["jobReference"]["jobId"])

    def step(self, endpoint, client):
        """One statement or load, and what it has to leave."""
        self.batch += 1
        kind = self.draw.choice(list(self.tables))
        table, batch = self.tables[kind], self.batch
        had = collections.Counter(table.batches)
        old = self.draw.choice(list(had)) if had else None
        if kind == "appended":
            table.expect(had + collections.Counter([batch]))
            self.load(endpoint, client, table, "WRITE_APPEND")
        elif kind == "replaced":
            table.expect([batch])
            self.load(endpoint, client, table, "WRITE_TRUNCATE")
        elif kind == "made":
            table.expect([batch])
            client.query(f"CREATE OR REPLACE TABLE {table.name} AS {rows_of(batch)}")
        elif old is None:
            table.expect([batch])
            client.query(f"CREATE TABLE {table.name} AS {rows_of(batch)}")
        elif kind == "merged":
            rest = collections.Counter({b: n for b, n in had.items() if b != old})
            table.expect(rest + collections.Counter({batch: had[old]}) + collections.Counter([-batch]))
            source = f"SELECT {old} AS batch, n FROM UNNEST(GENERATE_ARRAY(0, {ROWS - 1})) AS n UNION ALL {rows_of(-batch)}"
            client.query(
                f"MERGE {table.name} AS t USING ({source}) AS s ON t.batch = s.batch AND t.n = s.n "
                f"WHEN MATCHED THEN UPDATE SET batch = {batch} WHEN NOT MATCHED THEN INSERT (batch, n) VALUES (s.batch, s.n)"
            )
        else:
            statement = self.draw.choice(["insert", "update", "delete"]) if len(had) > 1 else "insert"
            rest = collections.Counter({b: n for b, n in had.items() if b != old})
            if statement == "insert":
                table.expect(had + collections.Counter([batch]))
                client.query(f"INSERT INTO {table.name} (batch, n) {rows_of(batch)}")
            elif statement == "update":
                table.expect(rest + collections.Counter({batch: had[old]}))
                client.query(f"UPDATE {table.name} SET batch = {batch} WHERE batch = {old}")
            else:
                table.expect(rest)
                client.query(f"DELETE FROM {table.name} WHERE batch = {old}")
            kind = statement
        table.done()
        self.counts[kind] += 1
        # A table that has grown long is begun anew, so that rounds stay alike.
        if sum(table.batches.values()) > 12:
            table.expect([])
            client.query(f"DROP TABLE {table.name}")
            table.done()

    def run(self, endpoint, failures):
        client = endpoint.client("d")
        try:
            while True:
                self.step(endpoint, client)
        except GONE:
            pass
        except Failed as error:
            failures.append(repr(error))
        finally:
            client.close()


def leftovers(data_dir):
    """Files that no table names and what is left of work aside; the process that runs has a folder for what does not fit memory."""
    aside = sorted(str(path) for path in (data_dir / "tmp").iterdir())
    found = [path for path in aside if "/datafusion-" not in path] + [path for path in aside if "/datafusion-" in path][1:]
    for metadata in (data_dir / "datasets").glob("*/*/table.json"):
        named = {"table.json", *(file["name"] for file in json.loads(metadata.read_text())["files"])}
        found += [str(path) for path in metadata.parent.iterdir() if path.name not in named]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--binary", help="program to kill; else target/release/quaver, built first")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--within", type=float, default=1.5, help="seconds of work within which a kill comes")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--work", help="folder for the data while it runs; it is emptied afterwards")
    options = parser.parse_args()
    if options.binary is None:
        target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
        subprocess.run(["cargo", "build", "--release", "--locked", "-p", "quaver", "--bin", "quaver"], check=True, cwd=ROOT)
        options.binary = target / "release" / "quaver"
    binary = pathlib.Path(options.binary).resolve()
    print(f"seed {options.seed}: {options.kills} kills within {options.within} s of work by {options.clients} clients", flush=True)
    draw = random.Random(options.seed)
    workers = [Worker(number, options.seed) for number in range(options.clients)]
    caught, wrong, begun = 0, [], time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="quaver-kills-", dir=options.work) as work:
        data_dir = pathlib.Path(work) / "data"
        for kill in range(options.kills + 1):
            endpoint = Endpoint(binary, data_dir)
            try:
                if kill == 0:
                    endpoint.dataset("d")
                client = endpoint.client("d")
                under_way = [t.name for w in workers for t in w.tables.values() if t.instead is not None]
                caught += len(under_way)
                wrong += [f"after kill {kill}: {found}" for w in workers for t in w.tables.values() if (found := t.look(client))]
                wrong += [f"after kill {kill}: left over {path}" for path in leftovers(data_dir)]
                client.close()
                if wrong or kill == options.kills:
                    break
                failures = []
                threads = [threading.Thread(target=worker.run, args=(endpoint, failures)) for worker in workers]
                for thread in threads:
                    thread.start()
                time.sleep(draw.random() * options.within)
                endpoint.kill()
                for thread in threads:
                    thread.join()
                wrong += [f"before kill {kill + 1}: {failure}" for failure in failures]
            finally:
                endpoint.kill()
    counts = sum((worker.counts for worker in workers), collections.Counter())
    print(f"{kill} kills in {time.perf_counter() - begun:.0f} s; acknowledged: {', '.join(f'{n} {kind}' for kind, n in sorted(counts.items()))}")
    print(f"{caught} statements and loads were under way at a kill; {len(wrong)} things wrong")
    for line in wrong[:20]:
        print(f"WRONG {line}")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
