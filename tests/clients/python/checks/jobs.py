"""google-cloud-bigquery: jobs that are found again, listed, cancelled and forgotten."""

import datetime
import gzip
import json
import time
import urllib.request

from google.api_core.exceptions import Conflict, GoogleAPICallError, NotFound
from google.cloud import bigquery

from .suite import Checks, equal, raises

check = Checks()
# Runs for minutes unless it is stopped.
ENDLESS = """
    SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 100000)) AS a, UNNEST(GENERATE_ARRAY(1, 100000)) AS b
    WHERE MOD(a * b, 7) = 3
"""


@check
def jobs_are_kept_and_found_again(run):
    job = run.client.query("SELECT 1 AS n", job_id_prefix="conformance-")
    equal([row["n"] for row in job.result()], [1])
    again = run.client.get_job(job.job_id, location=job.location)
    equal((again.state, again.statement_type, again.query), ("DONE", "SELECT", "SELECT 1 AS n"))
    equal([row["n"] for row in again.result()], [1])
    assert again.exists() and again.done() and again.etag and again.user_email and again.self_link
    raises(Conflict, lambda: run.client.query("SELECT 2", job_id=job.job_id, job_retry=None), "Already Exists: Job conformance:US.")
    raises(NotFound, lambda: run.client.get_job("no-such-job", location=job.location), "Not found: Job conformance:US.no-such-job")
    run.client.delete_job_metadata(job.job_id, location=job.location)
    raises(NotFound, lambda: run.client.get_job(job.job_id, location=job.location))


@check
def jobs_are_listed(run):
    begin = datetime.datetime.now(datetime.timezone.utc)
    config = bigquery.QueryJobConfig(labels={"of": "listing"})
    ids = []
    for n in range(5):
        job = run.client.query(f"SELECT {n} AS n", job_config=config)
        job.result()
        ids.append(job.job_id)
    listed = list(run.client.list_jobs(max_results=5, min_creation_time=begin - datetime.timedelta(seconds=1)))
    equal([job.job_id for job in listed], ids[::-1])
    equal([job.labels for job in listed], [{"of": "listing"}] * 5)
    pages = [[job.job_id for job in page] for page in run.client.list_jobs(page_size=2, max_results=4).pages]
    equal([len(page) for page in pages], [2, 2])
    assert ids[0] in [job.job_id for job in run.client.list_jobs(state_filter="done")]
    equal(list(run.client.list_jobs(parent_job=ids[0])), [])
    equal(list(run.client.list_jobs(max_creation_time=begin - datetime.timedelta(days=1))), [])


@check
def a_running_job_is_cancelled(run):
    job = run.client.query(ENDLESS)
    assert job.job_id in [found.job_id for found in run.client.list_jobs(state_filter="running")]
    assert job.cancel()
    limit = time.monotonic() + 30
    while not job.done(reload=True):
        assert time.monotonic() < limit, "the job did not stop"
    equal((job.state, job.error_result["reason"]), ("DONE", "stopped"))
    raises(GoogleAPICallError, lambda: job.result(), "Job execution was cancelled")
    done = run.client.query("SELECT 1")
    done.result()
    equal(run.client.cancel_job(done.job_id, location=done.location).state, "DONE")


@check
def a_job_stops_at_its_time(run):
    config = bigquery.QueryJobConfig(job_timeout_ms=300)
    raises(GoogleAPICallError, lambda: run.client.query(ENDLESS, job_config=config).result(job_retry=None), "timed out")


@check
def a_failed_job_says_why(run):
    job = run.client.query("SELECT 1 / 0")
    raises(GoogleAPICallError, lambda: job.result(), "division by zero")
    job.reload()
    equal((job.state, job.error_result["reason"], job.error_result["message"]), ("DONE", "invalidQuery", "division by zero: 1 / 0"))
    equal([error["reason"] for error in job.errors], ["invalidQuery"])


@check
def a_job_is_made_of_its_configuration(run):
    job = run.client.create_job({"query": {"query": "SELECT 7 AS n", "useLegacySql": False}, "labels": {"made": "so"}})
    equal(([row["n"] for row in job.result()], job.labels), ([7], {"made": "so"}))


@check
def a_request_may_be_gzipped(run):
    body = gzip.compress(json.dumps({"query": "SELECT 7 AS n", "useLegacySql": False}).encode())
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    for prefix in ("", "/bigquery/v2"):
        request = urllib.request.Request(f"{run.url}{prefix}/projects/{run.client.project}/queries", body, headers)
        with urllib.request.urlopen(request) as answer:
            equal(json.load(answer)["rows"], [{"f": [{"v": "7"}]}])
