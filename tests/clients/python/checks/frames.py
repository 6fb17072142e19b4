"""google-cloud-bigquery with pandas and pyarrow, without the Storage API."""

import datetime
import decimal

import pandas
import pyarrow
from google.cloud import bigquery

from .suite import SONGS, Checks, equal

check = Checks()
UTC = datetime.timezone.utc
TYPES = """
    SELECT 1 AS i, 1.5 AS f, 'é' AS s, TRUE AS b, DATE '2024-03-01' AS d, TIMESTAMP '2024-03-01 12:34:56.5+00' AS t,
           DATETIME '2024-03-01 12:34:56' AS dt, TIME '12:34:56' AS tm, NUMERIC '1.25' AS n, BIGNUMERIC '1.5' AS bn, b'\\x00' AS y,
           [1, 2] AS a, STRUCT('x' AS k, [STRUCT(2 AS v)] AS l) AS r, CAST(NULL AS INT64) AS z, JSON '{"k": 1}' AS j
"""


@check
def results_become_arrow(run):
    table = run.client.query(TYPES).result().to_arrow(create_bqstorage_client=False)
    types = [str(field.type) for field in table.schema]
    equal(types[:11], ["int64", "double", "string", "bool", "date32[day]", "timestamp[us, tz=UTC]", "timestamp[us]", "time64[us]",
                       "decimal128(38, 9)", "decimal256(76, 38)", "binary"])
    row = table.to_pylist()[0]
    equal((row["i"], row["t"], row["n"], row["a"], row["r"], row["z"]),
          (1, datetime.datetime(2024, 3, 1, 12, 34, 56, 500000, UTC), decimal.Decimal("1.25"), [1, 2], {"k": "x", "l": [{"v": 2}]}, None))
    empty = run.client.query("SELECT 1 AS n FROM UNNEST(GENERATE_ARRAY(1, 0)) AS x").result().to_arrow(create_bqstorage_client=False)
    equal((empty.num_rows, empty.column_names), (0, ["n"]))
    many = run.client.query("SELECT n FROM UNNEST(GENERATE_ARRAY(1, 50000)) AS n").result(page_size=20_000)
    equal(sum(batch.num_rows for batch in many.to_arrow_iterable()), 50_000)


@check
def results_become_frames(run):
    frame = run.client.query(TYPES).result().to_dataframe(create_bqstorage_client=False)
    equal([str(dtype) for dtype in frame.dtypes][:8], ["Int64", "float64", str(frame["s"].dtype), "boolean", "dbdate", "datetime64[us, UTC]",
                                                       "datetime64[us]", "dbtime"])
    equal((frame["i"][0], frame["s"][0], frame["d"][0], frame["n"][0]), (1, "é", datetime.date(2024, 3, 1), decimal.Decimal("1.25")))
    songs = run.client.list_rows(run.songs()).to_dataframe(create_bqstorage_client=False)
    equal((len(songs), sorted(songs["title"]), int(songs["plays"].sum())), (3, sorted(s["title"] for s in SONGS), 15))
    waited = run.client.query_and_wait("SELECT n FROM UNNEST(GENERATE_ARRAY(1, 30000)) AS n ORDER BY n")
    parts = list(waited.to_dataframe_iterable())
    equal(sum(len(part) for part in parts), 30_000)
    typed = run.client.query("SELECT 1 AS n, 2.5 AS f").result().to_dataframe(create_bqstorage_client=False, dtypes={"f": "float32"})
    equal([str(dtype) for dtype in typed.dtypes], ["Int64", "float32"])


@check
def frames_are_loaded(run):
    frame = pandas.DataFrame({
        "s": ["x", None], "i": pandas.array([1, None], dtype="Int64"), "f": [0.5, 1.5], "b": [True, False],
        "t": pandas.to_datetime(["2024-03-01T12:00:00Z", "2024-03-02T12:00:00Z"]), "d": [datetime.date(2024, 3, 1), None],
        "n": [decimal.Decimal("1.25"), decimal.Decimal("2")], "a": [["p", "q"], []],
    }, index=pandas.Index([10, 20], name="id"))
    job = run.client.load_table_from_dataframe(frame, run.table("frame"))
    equal(job.result().output_rows, 2)
    equal(run.types(run.table("frame")), {"id": "INTEGER", "s": "STRING", "i": "INTEGER", "f": "FLOAT", "b": "BOOLEAN", "t": "TIMESTAMP",
                                          "d": "DATE", "n": "NUMERIC", "a": "STRING"})
    back = run.client.list_rows(run.table("frame")).to_dataframe(create_bqstorage_client=False).set_index("id").sort_index()
    equal((back["s"][10], back["s"].isna().tolist(), list(back["t"]), list(back["a"][10])), ("x", [False, True], list(frame["t"]), ["p", "q"]))
    # Into the table that is there, whose schema the client reads first.
    run.client.load_table_from_dataframe(frame, run.table("frame")).result()
    equal(run.client.get_table(run.table("frame")).num_rows, 4)
    config = bigquery.LoadJobConfig(source_format="CSV", write_disposition="WRITE_TRUNCATE", autodetect=True)
    run.client.load_table_from_dataframe(frame.reset_index()[["s", "i", "f"]], run.table("csv"), job_config=config).result()
    equal(run.rows(f"SELECT s, i, f FROM `{run.table('csv')}` ORDER BY f"), [("x", 1, 0.5), (None, None, 1.5)])
    schema = [bigquery.SchemaField("when", "DATETIME"), bigquery.SchemaField("r", "RECORD", fields=[bigquery.SchemaField("k", "STRING")])]
    nested = pandas.DataFrame({"when": [datetime.datetime(2024, 3, 1)], "r": [{"k": "v"}]})
    run.client.load_table_from_dataframe(nested, run.table("nested"), job_config=bigquery.LoadJobConfig(schema=schema)).result()
    equal(run.rows(f"SELECT * FROM `{run.table('nested')}`"), [(datetime.datetime(2024, 3, 1), {"k": "v"})])


@check
def frames_are_streamed(run):
    table = run.client.create_table(bigquery.Table(run.table("t"), schema=[bigquery.SchemaField("n", "INT64"), bigquery.SchemaField("s", "STRING")]))
    errors = run.client.insert_rows_from_dataframe(table, pandas.DataFrame({"n": range(1200), "s": "x"}), chunk_size=500)
    equal((errors, run.rows(f"SELECT COUNT(*), SUM(n) FROM `{run.table('t')}`")), ([[], [], []], [(1200, sum(range(1200)))]))


@check
def arrow_tables_of_many_columns_survive(run):
    table = pyarrow.table({f"c{n}": [n] for n in range(300)})
    frame = table.to_pandas()
    run.client.load_table_from_dataframe(frame, run.table("wide")).result()
    back = run.client.list_rows(run.table("wide")).to_arrow(create_bqstorage_client=False)
    equal(back.to_pylist(), [{f"c{n}": n for n in range(300)}])
