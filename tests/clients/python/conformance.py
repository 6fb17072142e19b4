"""Google's Python client against the embedded endpoint: `conformance.py http://HOST:PORT`.

Every check has a dataset of its own, made before and deleted after it, so that checks neither share state nor leave any.
"""

import datetime
import decimal
import io
import sys
import traceback
import uuid

from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import BadRequest, Conflict, NotFound, PreconditionFailed
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from google.cloud.bigquery import SchemaField

CHECKS = []
SONGS = [
    {"title": "Teardrop", "artist": "Massive Attack", "plays": 3, "released": "1998-04-27", "tags": ["trip-hop", "bristol"]},
    {"title": "Élan", "artist": "Air", "plays": None, "released": None, "tags": []},
    {"title": "Porcelain", "artist": "Moby", "plays": 12, "released": "2000-04-24", "tags": ["downtempo"]},
]
SCHEMA = [
    SchemaField("title", "STRING", mode="REQUIRED", description="The title"),
    SchemaField("artist", "STRING"),
    SchemaField("plays", "INT64"),
    SchemaField("released", "DATE"),
    SchemaField("tags", "STRING", mode="REPEATED"),
]


def check(function):
    CHECKS.append(function)
    return function


def raises(kind, call, *words):
    try:
        call()
    except kind as error:
        missing = [word for word in words if word not in str(error)]
        assert not missing, f"{missing} not in {error}"
        return error
    raise AssertionError(f"no {kind.__name__}")


class Run:
    def __init__(self, client):
        self.client = client
        self.dataset = client.create_dataset(f"conformance_{uuid.uuid4().hex[:12]}")

    def table(self, name):
        return f"{self.client.project}.{self.dataset.dataset_id}.{name}"

    def songs(self):
        config = bigquery.LoadJobConfig(schema=SCHEMA)
        self.client.load_table_from_json(SONGS, self.table("songs"), job_config=config).result()
        return self.table("songs")

    def rows(self, sql, *parameters):
        config = bigquery.QueryJobConfig(query_parameters=list(parameters))
        return [tuple(row.values()) for row in self.client.query(sql, job_config=config).result()]


@check
def a_query_gives_every_type(run):
    sql = """
        SELECT 1 AS i, 1.5 AS f, 'é' AS s, TRUE AS b, DATE '2024-03-01' AS d, TIMESTAMP '2024-03-01 12:34:56.5+00' AS t,
               DATETIME '2024-03-01 12:34:56' AS dt, TIME '12:34:56' AS tm, NUMERIC '1.25' AS n, b'\\x00\\xff' AS y,
               [1, 2] AS a, STRUCT('x' AS k, 2 AS v) AS r, CAST(NULL AS INT64) AS z
    """
    utc = datetime.timezone.utc
    expected = (
        1, 1.5, "é", True, datetime.date(2024, 3, 1), datetime.datetime(2024, 3, 1, 12, 34, 56, 500000, utc),
        datetime.datetime(2024, 3, 1, 12, 34, 56), datetime.time(12, 34, 56), decimal.Decimal("1.25"), b"\x00\xff",
        [1, 2], {"k": "x", "v": 2}, None,
    )
    assert run.rows(sql) == [expected], run.rows(sql)


@check
def query_and_wait_gives_rows_and_schema(run):
    songs = run.songs()
    rows = run.client.query_and_wait(f"SELECT title, plays FROM `{songs}` WHERE plays > 1 ORDER BY plays")
    assert [(field.name, field.field_type) for field in rows.schema] == [("title", "STRING"), ("plays", "INTEGER")], rows.schema
    assert rows.total_rows == 2
    assert [tuple(row.values()) for row in rows] == [("Teardrop", 3), ("Porcelain", 12)]


@check
def named_positional_and_array_parameters(run):
    songs = run.songs()
    named = run.rows(
        f"SELECT title FROM `{songs}` WHERE artist = @artist AND plays >= @least AND released < @before",
        bigquery.ScalarQueryParameter("artist", "STRING", "Massive Attack"),
        bigquery.ScalarQueryParameter("least", "INT64", 3),
        bigquery.ScalarQueryParameter("before", "DATE", datetime.date(1999, 1, 1)),
    )
    assert named == [("Teardrop",)], named
    positional = run.rows(
        f"SELECT title FROM `{songs}` WHERE plays > ? AND artist <> ?",
        bigquery.ScalarQueryParameter(None, "INT64", 1),
        bigquery.ScalarQueryParameter(None, "STRING", "Moby"),
    )
    assert positional == [("Teardrop",)], positional
    array = run.rows(
        f"SELECT title FROM `{songs}` WHERE artist IN UNNEST(@artists) ORDER BY title",
        bigquery.ArrayQueryParameter("artists", "STRING", ["Air", "Moby"]),
    )
    assert array == [("Porcelain",), ("Élan",)], array
    typed = run.rows(
        "SELECT @f, @b, @t, @n",
        bigquery.ScalarQueryParameter("f", "FLOAT64", 0.5),
        bigquery.ScalarQueryParameter("b", "BOOL", False),
        bigquery.ScalarQueryParameter("t", "TIMESTAMP", datetime.datetime(2024, 3, 1, tzinfo=datetime.timezone.utc)),
        bigquery.ScalarQueryParameter("n", "STRING", None),
    )
    assert typed == [(0.5, False, datetime.datetime(2024, 3, 1, tzinfo=datetime.timezone.utc), None)], typed


@check
def a_dry_run_estimates_and_runs_nothing(run):
    songs = run.songs()
    config = bigquery.QueryJobConfig(dry_run=True, use_query_cache=False)
    job = run.client.query(f"SELECT plays FROM `{songs}`", job_config=config)
    assert job.statement_type == "SELECT", job.statement_type
    assert job.total_bytes_processed == 16, job.total_bytes_processed  # two INT64 and a NULL
    assert [table.table_id for table in job.referenced_tables] == ["songs"], job.referenced_tables
    assert [field.name for field in job.schema] == ["plays"], job.schema
    raises(BadRequest, lambda: run.client.query("SELECT nothing FROM 1", job_config=config))


@check
def json_rows_load_with_and_without_a_schema(run):
    songs = run.songs()
    expected = [(s["title"], s["plays"], s["tags"]) for s in sorted(SONGS, key=lambda s: s["title"])]
    assert run.rows(f"SELECT title, plays, tags FROM `{songs}` ORDER BY title") == expected
    guessed = bigquery.LoadJobConfig(autodetect=True)
    job = run.client.load_table_from_json([{"n": 1, "x": 1.5, "ok": True, "at": "2024-03-01"}], run.table("guessed"), job_config=guessed)
    assert job.result().output_rows == 1
    types = [(field.name, field.field_type) for field in run.client.get_table(run.table("guessed")).schema]
    assert sorted(types) == [("at", "DATE"), ("n", "INTEGER"), ("ok", "BOOLEAN"), ("x", "FLOAT")], types


@check
def dispositions_append_replace_and_refuse(run):
    songs = run.songs()
    run.songs()
    assert run.rows(f"SELECT COUNT(*) FROM `{songs}`") == [(6,)]
    replace = bigquery.LoadJobConfig(schema=SCHEMA, write_disposition="WRITE_TRUNCATE")
    run.client.load_table_from_json(SONGS[:1], songs, job_config=replace).result()
    assert run.rows(f"SELECT COUNT(*) FROM `{songs}`") == [(1,)]
    refuse = bigquery.LoadJobConfig(schema=SCHEMA, write_disposition="WRITE_EMPTY")
    raises(Exception, lambda: run.client.load_table_from_json(SONGS, songs, job_config=refuse).result(), "Already Exists")
    assert run.rows(f"SELECT COUNT(*) FROM `{songs}`") == [(1,)]


@check
def a_csv_file_loads(run):
    config = bigquery.LoadJobConfig(
        source_format="CSV", skip_leading_rows=1, schema=[SchemaField("title", "STRING"), SchemaField("plays", "INT64")]
    )
    text = 'title,plays\n"a, ""b""",1\n"two\nlines",2\né,\n'
    run.client.load_table_from_file(io.BytesIO(text.encode()), run.table("csv"), job_config=config).result()
    rows = run.rows(f"SELECT title, plays FROM `{run.table('csv')}` ORDER BY plays NULLS LAST")
    assert rows == [('a, "b"', 1), ("two\nlines", 2), ("é", None)], rows


@check
def a_load_of_rows_that_do_not_fit_changes_nothing(run):
    songs = run.songs()
    config = bigquery.LoadJobConfig(schema=SCHEMA)
    wrong = [{"title": "x", "plays": 1}, {"title": "y", "plays": "many"}]
    raises(BadRequest, lambda: run.client.load_table_from_json(wrong, songs, job_config=config).result())
    assert run.rows(f"SELECT COUNT(*) FROM `{songs}`") == [(3,)]


@check
def streamed_rows_arrive_and_wrong_ones_are_named(run):
    songs = run.songs()
    assert run.client.insert_rows_json(songs, [{"title": "Alone", "plays": 1, "tags": ["x"]}]) == []
    assert run.rows(f"SELECT plays, tags FROM `{songs}` WHERE title = 'Alone'") == [(1, ["x"])]
    errors = run.client.insert_rows_json(songs, [{"title": "Good"}, {"title": "Bad", "plays": "not-a-number"}])
    reasons = {error["index"]: error["errors"][0]["reason"] for error in errors}
    assert reasons == {0: "stopped", 1: "invalid"}, errors
    assert run.rows(f"SELECT COUNT(*) FROM `{songs}` WHERE title IN ('Good', 'Bad')") == [(0,)]


@check
def many_rows_come_in_pages(run):
    count, table = 25_000, run.table("many")
    rows = [{"n": n, "text": f"row {n}"} for n in range(count)]
    config = bigquery.LoadJobConfig(schema=[SchemaField("n", "INT64"), SchemaField("text", "STRING")])
    assert run.client.load_table_from_json(rows, table, job_config=config).result().output_rows == count
    listed = run.client.list_rows(table, page_size=10_000)
    pages = [[row["n"] for row in page] for page in listed.pages]
    assert [len(page) for page in pages] == [10_000, 10_000, 5_000], [len(page) for page in pages]
    assert sorted(n for page in pages for n in page) == list(range(count))
    queried = run.client.query(f"SELECT n, text FROM `{table}` ORDER BY n").result(page_size=7_000)
    assert [tuple(row.values()) for row in queried] == [(row["n"], row["text"]) for row in rows]
    assert len(list(run.client.list_rows(table, start_index=24_990))) == 10
    assert len(list(run.client.list_rows(table, max_results=5))) == 5
    some = run.client.list_rows(table, selected_fields=[SchemaField("text", "STRING")], max_results=1)
    assert [list(row.keys()) for row in some] == [["text"]]


@check
def tables_are_made_changed_and_deleted(run):
    table = bigquery.Table(run.table("events"), schema=[SchemaField("at", "TIMESTAMP"), SchemaField("user", "INT64")])
    table.description = "What was heard"
    table.labels = {"source": "test"}
    table.time_partitioning = bigquery.TimePartitioning(field="at")
    table.clustering_fields = ["user"]
    run.client.create_table(table)
    raises(Conflict, lambda: run.client.create_table(table), "Already Exists")
    assert run.client.create_table(table, exists_ok=True).table_id == "events"
    got = run.client.get_table(table)
    seen = (got.description, got.labels, got.time_partitioning.field, got.clustering_fields, got.num_rows)
    assert seen == ("What was heard", {"source": "test"}, "at", ["user"], 0), seen
    stale = run.client.get_table(table)
    got.description = "Changed"
    got.schema = [*got.schema, SchemaField("track", "STRING")]
    changed = run.client.update_table(got, ["description", "schema"])
    assert (changed.description, len(changed.schema)) == ("Changed", 3)
    stale.description = "Too late"
    raises(PreconditionFailed, lambda: run.client.update_table(stale, ["description"]))
    assert [item.table_id for item in run.client.list_tables(run.dataset)] == ["events"]
    run.client.delete_table(table)
    raises(NotFound, lambda: run.client.get_table(table), "Not found: Table")
    raises(NotFound, lambda: run.client.delete_table(table))
    run.client.delete_table(table, not_found_ok=True)


@check
def datasets_are_made_changed_and_deleted(run):
    name = run.dataset.dataset_id
    raises(Conflict, lambda: run.client.create_dataset(name), "Already Exists")
    dataset = run.client.get_dataset(name)
    stale = run.client.get_dataset(name)
    dataset.description, dataset.labels = "For a test", {"kept": "no"}
    assert run.client.update_dataset(dataset, ["description", "labels"]).description == "For a test"
    stale.description = "Too late"
    raises(PreconditionFailed, lambda: run.client.update_dataset(stale, ["description"]))
    assert name in [item.dataset_id for item in run.client.list_datasets()]
    run.songs()
    raises(BadRequest, lambda: run.client.delete_dataset(name), "still in use")
    run.client.delete_dataset(name, delete_contents=True)
    raises(NotFound, lambda: run.client.get_dataset(name), "Not found: Dataset")


@check
def what_is_wrong_with_a_query_is_told_with_its_place(run):
    songs = run.songs()
    raises(BadRequest, lambda: run.rows("SLECT 1"), "[1:1]")
    raises(BadRequest, lambda: run.rows(f"SELECT title,\n  nothing\nFROM `{songs}`"), "nothing", "[2:3]")
    raises(NotFound, lambda: run.rows(f"SELECT 1 FROM `{run.table('missing')}`"), "Not found: Table")
    raises(NotFound, lambda: run.rows("SELECT 1 FROM no_such_dataset.t"), "Not found: Dataset")
    raises(BadRequest, lambda: run.rows("SELECT NO_SUCH_FUNCTION(1)"), "Function not found", "[1:8]")
    raises(BadRequest, lambda: run.rows("SELECT 1 / 0"), "division by zero")


@check
def a_query_fills_a_table(run):
    songs, target = run.songs(), run.table("hits")
    config = bigquery.QueryJobConfig(destination=target, write_disposition="WRITE_TRUNCATE")
    for _ in range(2):
        run.client.query(f"SELECT title, plays FROM `{songs}` WHERE plays > 5", job_config=config).result()
    assert [tuple(row.values()) for row in run.client.list_rows(target)] == [("Porcelain", 12)]


@check
def jobs_are_kept_and_found_again(run):
    job = run.client.query("SELECT 1 AS n", job_id_prefix="conformance-")
    assert [row["n"] for row in job.result()] == [1]
    again = run.client.get_job(job.job_id, location=job.location)
    assert (again.state, again.statement_type, again.query) == ("DONE", "SELECT", "SELECT 1 AS n")
    assert [row["n"] for row in again.result()] == [1]
    assert job.job_id in [listed.job_id for listed in run.client.list_jobs(max_results=50)]
    raises(Conflict, lambda: run.client.query("SELECT 2", job_id=job.job_id, job_retry=None), "Already Exists")
    raises(NotFound, lambda: run.client.get_job("no-such-job", location=job.location))
    run.client.cancel_job(job.job_id, location=job.location)


def main(url):
    client = bigquery.Client(project="conformance", credentials=AnonymousCredentials(), client_options=ClientOptions(api_endpoint=url))
    failed = 0
    for function in CHECKS:
        run = Run(client)
        try:
            function(run)
        except Exception:  # every check is run, whatever the one before it did
            failed += 1
            print(f"python {function.__name__}: FAILED")
            traceback.print_exc(limit=-3, file=sys.stdout)
        finally:
            client.delete_dataset(run.dataset, delete_contents=True, not_found_ok=True)
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
