"""Google's own Python client against an endpoint: python conformance.py http://127.0.0.1:PORT [PROJECT]

Exits with 1 when a check fails. Needs requirements.txt and nothing else: no credentials, no network but the endpoint.
"""

import datetime
import decimal
import io
import sys
import traceback

from google.api_core import exceptions
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

UTC = datetime.timezone.utc
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def rows(result):
    return [tuple(row.values()) for row in result]


@check
def datasets(client, dataset):
    client.create_dataset(dataset, exists_ok=True)
    found = client.get_dataset(dataset)
    found.description = "described"
    found.labels = {"env": "test"}
    client.update_dataset(found, ["description", "labels"])
    assert client.get_dataset(dataset).labels == {"env": "test"}
    assert dataset.dataset_id in [d.dataset_id for d in client.list_datasets(filter="labels.env:test")]
    found._properties["etag"] = "stale"
    try:
        client.update_dataset(found, ["labels"])
        raise AssertionError("a stale etag was taken")
    except exceptions.PreconditionFailed:
        pass
    assert [p.project_id for p in client.list_projects()] == [client.project]
    assert "@" in client.get_service_account_email()


@check
def every_type_comes_back(client, dataset):
    sql = """SELECT 1 AS i, 1.5 AS f, TRUE AS b, 'é"' AS s, b'hi' AS y, NUMERIC '1.25' AS n,
                    DATE '2024-03-01' AS d, TIME '12:34:56.5' AS t, DATETIME '2024-03-01 12:34:56' AS dt,
                    TIMESTAMP '2024-03-01 12:34:56.5+00' AS ts, [1, 2] AS a, STRUCT(1 AS x, 'y' AS z) AS r,
                    CAST(NULL AS STRING) AS nothing"""
    expected = (
        1, 1.5, True, 'é"', b"hi", decimal.Decimal("1.25"), datetime.date(2024, 3, 1),
        datetime.time(12, 34, 56, 500000), datetime.datetime(2024, 3, 1, 12, 34, 56),
        datetime.datetime(2024, 3, 1, 12, 34, 56, 500000, UTC), [1, 2], {"x": 1, "z": "y"}, None,
    )
    assert rows(client.query(sql).result()) == [expected]
    assert rows(client.query_and_wait(sql)) == [expected]


@check
def parameters(client, dataset):
    config = bigquery.QueryJobConfig(query_parameters=[
        bigquery.ScalarQueryParameter("n", "INT64", 41),
        bigquery.ScalarQueryParameter("at", "TIMESTAMP", datetime.datetime(2024, 3, 1, tzinfo=UTC)),
        bigquery.ScalarQueryParameter("day", "DATE", datetime.date(2024, 3, 1)),
        bigquery.ArrayQueryParameter("names", "STRING", ["a", "b"]),
        bigquery.StructQueryParameter("s", bigquery.ScalarQueryParameter("x", "FLOAT64", 0.5)),
    ])
    sql = "SELECT @n + 1, @at, @day, 'b' IN UNNEST(@names), @s.x"
    expected = (42, datetime.datetime(2024, 3, 1, tzinfo=UTC), datetime.date(2024, 3, 1), True, 0.5)
    assert rows(client.query(sql, job_config=config).result()) == [expected]
    config = bigquery.QueryJobConfig(query_parameters=[bigquery.ScalarQueryParameter(None, "STRING", "o'k")])
    assert rows(client.query_and_wait("SELECT ?", job_config=config)) == [("o'k",)]


@check
def paging(client, dataset):
    sql = "SELECT n FROM UNNEST(GENERATE_ARRAY(1, 25000)) AS n ORDER BY n"
    result = client.query(sql).result(page_size=7000)
    assert result.total_rows == 25000
    assert [row[0] for row in result] == list(range(1, 25001))
    assert len(list(client.query_and_wait(sql, page_size=9999))) == 25000


@check
def dry_run(client, dataset):
    table = f"{dataset.dataset_id}.dry"
    client.query(f"CREATE OR REPLACE TABLE {table} AS SELECT n, 'x' AS s FROM UNNEST([1, 2, 3]) AS n").result()
    config = bigquery.QueryJobConfig(dry_run=True, use_query_cache=False)
    job = client.query(f"SELECT n FROM {table}", job_config=config)
    assert job.total_bytes_processed == 24, job.total_bytes_processed
    assert job.statement_type == "SELECT"
    assert [t.table_id for t in job.referenced_tables] == ["dry"]
    assert [f.name for f in job.schema] == ["n"]
    config = bigquery.QueryJobConfig(maximum_bytes_billed=1000)
    try:
        client.query(f"SELECT n FROM {table}", job_config=config).result(retry=None, job_retry=None)
        raise AssertionError("the cap on bytes billed was ignored")
    except exceptions.GoogleAPICallError as error:
        assert "bytes billed" in str(error)


@check
def loads(client, dataset):
    table = dataset.table("loaded")
    data = [{"name": "a", "plays": 1, "tags": ["x"], "at": "2024-03-01T00:00:00Z"}, {"name": "b", "plays": 2, "tags": []}]
    schema = [
        bigquery.SchemaField("name", "STRING", mode="REQUIRED"),
        bigquery.SchemaField("plays", "INTEGER"),
        bigquery.SchemaField("tags", "STRING", mode="REPEATED"),
        bigquery.SchemaField("at", "TIMESTAMP"),
    ]
    config = bigquery.LoadJobConfig(schema=schema, write_disposition="WRITE_TRUNCATE", clustering_fields=["name"])
    job = client.load_table_from_json(data, table, job_config=config)
    job.result()
    assert job.output_rows == 2
    client.load_table_from_json(data, table).result()
    loaded = client.get_table(table)
    assert loaded.num_rows == 4 and [f.name for f in loaded.schema] == ["name", "plays", "tags", "at"]
    listed = rows(client.list_rows(loaded, max_results=2))
    assert listed[0] == ("a", 1, ["x"], datetime.datetime(2024, 3, 1, tzinfo=UTC)), listed
    picked = rows(client.list_rows(loaded, selected_fields=[loaded.schema[1]], start_index=1, page_size=2))
    assert picked == [(2,), (1,), (2,)], picked
    # Detected schema, and an upload of unknown size (resumable).
    client.load_table_from_json([{"a": 1, "b": 1.5}], dataset.table("detected")).result()
    assert [f.field_type for f in client.get_table(dataset.table("detected")).schema] == ["INTEGER", "FLOAT"]
    config = bigquery.LoadJobConfig(source_format="CSV", autodetect=True, write_disposition="WRITE_TRUNCATE")
    client.load_table_from_file(io.BytesIO(b"a,b\nx,1\ny,2\n"), dataset.table("csv"), job_config=config).result()
    assert rows(client.query(f"SELECT SUM(b) FROM {dataset.dataset_id}.csv").result()) == [(3,)]
    large = b"".join(b'{"n":%d}\n' % n for n in range(1_000_000))
    config = bigquery.LoadJobConfig(source_format="NEWLINE_DELIMITED_JSON", schema=[bigquery.SchemaField("n", "INT64")])
    job = client.load_table_from_file(io.BytesIO(large), dataset.table("large"), job_config=config, size=len(large))
    job.result()
    assert job.output_rows == 1_000_000
    try:
        client.load_table_from_json([{"name": None}], table).result()
        raise AssertionError("a row without its required field was loaded")
    except exceptions.BadRequest:
        pass


@check
def streaming(client, dataset):
    table = bigquery.Table(dataset.table("streamed"), schema=[
        bigquery.SchemaField("n", "INTEGER"),
        bigquery.SchemaField("r", "RECORD", fields=[bigquery.SchemaField("x", "DATE")]),
    ])
    table = client.create_table(table)
    assert client.insert_rows_json(table, [{"n": 1, "r": {"x": "2024-03-01"}}], row_ids=["one"]) == []
    assert client.insert_rows_json(table, [{"n": 1}], row_ids=["one"]) == []
    assert client.insert_rows(table, [{"n": 2, "r": {"x": datetime.date(2024, 3, 2)}}]) == []
    errors = client.insert_rows_json(table, [{"n": "x"}, {"n": 3}])
    assert [e["errors"][0]["reason"] for e in errors] == ["invalid", "stopped"], errors
    assert rows(client.list_rows(table)) == [(1, {"x": datetime.date(2024, 3, 1)}), (2, {"x": datetime.date(2024, 3, 2)})]
    table = client.get_table(table)
    table.schema = list(table.schema) + [bigquery.SchemaField("added", "STRING")]
    table.description = "changed"
    table = client.update_table(table, ["schema", "description"])
    assert table.description == "changed" and len(table.schema) == 3
    assert "streamed" in [t.table_id for t in client.list_tables(dataset)]


@check
def jobs_and_errors(client, dataset):
    job = client.query("SELECT 1", job_config=bigquery.QueryJobConfig(labels={"a": "b"}))
    job.result()
    assert client.get_job(job.job_id).state == "DONE"
    assert job.job_id in [j.job_id for j in client.list_jobs(max_results=5)]
    client.cancel_job(job.job_id)
    destination = dataset.table("copied")
    client.copy_table(dataset.table("loaded"), destination, job_config=bigquery.CopyJobConfig(write_disposition="WRITE_TRUNCATE")).result()
    assert client.get_table(destination).num_rows == 4
    config = bigquery.QueryJobConfig(destination=dataset.table("target"), write_disposition="WRITE_TRUNCATE")
    assert rows(client.query("SELECT 7 AS n", job_config=config).result()) == [(7,)]
    assert client.get_table(dataset.table("target")).num_rows == 1
    client.delete_job_metadata(job.job_id)
    for sql, expected in [
        ("SLECT 1", exceptions.BadRequest),
        (f"SELECT * FROM {dataset.dataset_id}.none", exceptions.NotFound),
        ("SELECT * FROM other.d.t", exceptions.Forbidden),
    ]:
        for run in (lambda: client.query(sql).result(), lambda: client.query_and_wait(sql)):
            try:
                run()
                raise AssertionError(f"{sql} did not fail")
            except expected as error:
                assert error.errors and error.errors[0]["reason"], error
    try:
        client.get_table(dataset.table("none"))
        raise AssertionError("a missing table was found")
    except exceptions.NotFound:
        pass


@check
def cleaning_up(client, dataset):
    client.delete_table(dataset.table("copied"))
    client.delete_table(dataset.table("copied"), not_found_ok=True)
    client.delete_dataset(dataset, delete_contents=True)
    client.delete_dataset(dataset, not_found_ok=True)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    project = sys.argv[2] if len(sys.argv) > 2 else "quaver-local"
    client = bigquery.Client(
        project=project,
        credentials=AnonymousCredentials(),
        client_options=ClientOptions(api_endpoint=sys.argv[1]),
        location="US",
    )
    dataset = bigquery.DatasetReference(project, "conformance")
    client.delete_dataset(dataset, delete_contents=True, not_found_ok=True)
    failed = 0
    for function in CHECKS:
        try:
            function(client, dataset)
            print(f"ok      {function.__name__}")
        except Exception:
            failed += 1
            print(f"FAILED  {function.__name__}")
            traceback.print_exc(file=sys.stdout)
    print(f"{len(CHECKS) - failed} of {len(CHECKS)} checks passed, google-cloud-bigquery {bigquery.__version__}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
