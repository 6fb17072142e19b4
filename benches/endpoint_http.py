"""A process of `quaver emulator` and calls to it, for benches that measure or break the endpoint: the standard library alone."""

import datetime
import decimal
import http.client
import json
import os
import subprocess
import time

PROJECT = "quaver-local"


class Failed(Exception):
    """The endpoint said no, with BigQuery's words."""


class Client:
    """One connection that is kept, as a client library keeps it."""

    def __init__(self, address, dataset=None, timeout=600):
        self.connection = http.client.HTTPConnection(address, timeout=timeout)
        self.dataset = dataset

    def call(self, method, path, body=None, headers=None):
        """Status, headers and decoded body of one request."""
        if body is not None and not hasattr(body, "read") and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.connection.request(method, path, body, {"Content-Type": "application/json", **(headers or {})})
        response = self.connection.getresponse()
        text = response.read()
        return response.status, response.headers, json.loads(text) if text else None

    def ok(self, method, path, body=None, headers=None):
        status, _, answer = self.call(method, path, body, headers)
        if not 200 <= status < 300:
            raise Failed(f"{method} {path}: {status} {answer}")
        return answer

    def _query(self, sql, **more):
        body = {"query": sql, "useLegacySql": False, "useQueryCache": False, "timeoutMs": 200_000, "formatOptions": {"useInt64Timestamp": True}, **more}
        if self.dataset:
            body["defaultDataset"] = {"projectId": PROJECT, "datasetId": self.dataset}
        return self.ok("POST", f"/bigquery/v2/projects/{PROJECT}/queries", body)

    def query(self, sql):
        """Seconds from the request to the last byte, and the answer."""
        begun = time.perf_counter()
        answer = self._query(sql)
        took = time.perf_counter() - begun
        if not answer["jobComplete"]:
            raise Failed(f"not done in time: {sql}")
        return took, answer

    def dry_run(self, sql):
        return int(self._query(sql, dryRun=True)["totalBytesProcessed"])

    def close(self):
        self.connection.close()


class Endpoint:
    """The process, from its start to the end of the `with`."""

    now = staticmethod(time.perf_counter)

    def __init__(self, binary, data_dir, environment=None):
        command = [str(binary), "emulator", "--listen", "127.0.0.1:0", "--project", PROJECT, "--data-dir", str(data_dir)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, **(environment or {})})
        self.address = None
        for line in self.process.stdout:
            if line.startswith("listening on http://"):
                self.address = line.split("//")[1].strip()
                break
        if self.address is None:
            raise Failed(f"{binary} ended with {self.process.wait()} before it answered")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def client(self, dataset=None):
        return Client(self.address, dataset)

    def dataset(self, name):
        client = self.client()
        client.ok("POST", f"/bigquery/v2/projects/{PROJECT}/datasets", {"datasetReference": {"projectId": PROJECT, "datasetId": name}})
        client.close()

    def load(self, dataset, table, path, **configuration):
        """Loads a Parquet file by a resumable upload, to the end of its job; seconds."""
        begun = time.perf_counter()
        client = self.client()
        table = {"projectId": PROJECT, "datasetId": dataset, "tableId": table}
        load = {"destinationTable": table, "sourceFormat": "PARQUET", "writeDisposition": "WRITE_TRUNCATE", **configuration}
        upload = f"/upload/bigquery/v2/projects/{PROJECT}/jobs?uploadType=resumable"
        status, headers, answer = client.call("POST", upload, {"configuration": {"load": load}})
        if status != 200:
            raise Failed(f"{upload}: {status} {answer}")
        location = headers["location"].split(self.address, 1)[1]
        with open(path, "rb") as file:
            job = client.ok("PUT", location, file, {"Content-Type": "application/octet-stream", "Content-Length": str(os.path.getsize(path))})
        client.close()
        self.finished(job["jobReference"]["jobId"])
        return time.perf_counter() - begun

    def finished(self, job):
        """Waits for the end of a job and gives its resource."""
        client, pause = self.client(), 0.01
        while True:
            resource = client.ok("GET", f"/bigquery/v2/projects/{PROJECT}/jobs/{job}")
            if resource["status"]["state"] == "DONE":
                client.close()
                if "errorResult" in resource["status"]:
                    raise Failed(resource["status"]["errorResult"]["message"])
                return resource
            time.sleep(pause)
            pause = min(0.2, pause * 1.5)

    def resident_mib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) / 1024
        raise Failed("the process has no VmRSS")


def _cell(field, cell):
    if cell is None:
        return None
    if field["type"] in ("INTEGER", "TIMESTAMP"):
        return int(cell)
    if field["type"] in ("FLOAT", "NUMERIC", "BIGNUMERIC"):
        return float(cell)
    if field["type"] == "BOOLEAN":
        return cell == "true"
    return cell


def cells(answer):
    """The rows of an answer as Python's values; a TIMESTAMP in microseconds."""
    fields = answer["schema"]["fields"]
    return [[_cell(field, cell["v"]) for field, cell in zip(fields, row["f"])] for row in answer.get("rows", [])]


def _plain(value):
    if isinstance(value, datetime.datetime):
        whole = value - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
        return (whole.days * 86_400 + whole.seconds) * 1_000_000 + whole.microseconds
    if isinstance(value, datetime.date):
        return value.isoformat()
    return float(value) if isinstance(value, decimal.Decimal) else value


def agree(ours, theirs):
    """What differs between the endpoint's rows and DuckDB's, in words; None where nothing does."""
    if len(ours) != len(theirs):
        return f"{len(ours)} rows, DuckDB has {len(theirs)}"
    for number, (own, other) in enumerate(zip(ours, theirs)):
        for left, right in zip(own, map(_plain, other), strict=True):
            if isinstance(left, float) and isinstance(right, (int, float)):
                same = abs(left - right) <= 1e-9 * max(1.0, abs(left), abs(right))
            else:
                same = left == right
            if not same:
                return f"row {number}: {own} where DuckDB has {[_plain(v) for v in other]}"
    return None
