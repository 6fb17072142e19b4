"""google-cloud-bigquery: load jobs of every format and option."""

import datetime
import gzip
import io
import json
from unittest import mock

import fastavro
import pyarrow
import pyarrow.parquet
from google.api_core.exceptions import BadRequest, Conflict, GoogleAPICallError, NotFound
from google.cloud import bigquery
from google.cloud.bigquery import LoadJobConfig, SchemaField

from .suite import SCHEMA, SONGS, Checks, equal, raises

check = Checks()
UTC = datetime.timezone.utc
N_AND_S = [SchemaField("n", "INT64"), SchemaField("s", "STRING")]


def load(run, data, name="t", **options):
    data = data.encode() if isinstance(data, str) else data
    job = run.client.load_table_from_file(io.BytesIO(data), run.table(name), job_config=LoadJobConfig(**options))
    job.result()
    return job


def rows(run, name="t", order="1"):
    return run.rows(f"SELECT * FROM `{run.table(name)}` ORDER BY {order}")


@check
def json_rows_load_with_and_without_a_schema(run):
    songs = run.songs()
    expected = [(s["title"], s["plays"], s["tags"]) for s in sorted(SONGS, key=lambda s: s["title"])]
    equal(run.rows(f"SELECT title, plays, tags FROM `{songs}` ORDER BY title"), expected)
    guessed = [{"n": 1, "x": 1.5, "ok": True, "at": "2024-03-01", "ts": "2024-03-01 12:00:00 UTC", "dt": "2024-03-01T12:00:00",
                "tm": "12:34:56", "r": {"a": [1, 2], "b": {"c": "x"}}, "many": [{"k": 1}, {"k": 2.5}]}, {"n": 2, "s": "only here"}]
    job = run.client.load_table_from_json(guessed, run.table("guessed"), job_config=LoadJobConfig(autodetect=True))
    equal(job.result().output_rows, 2)
    equal(run.types(run.table("guessed")), {
        "n": "INTEGER", "x": "FLOAT", "ok": "BOOLEAN", "at": "DATE", "ts": "TIMESTAMP", "dt": "DATETIME", "tm": "TIME", "r": "RECORD",
        "many": "RECORD", "s": "STRING",
    })
    equal(run.rows(f"SELECT r.a, r.b.c, many[1].k FROM `{run.table('guessed')}` WHERE n = 1"), [([1, 2], "x", 2.5)])
    # Without a configuration the client asks for detection unless the table is there.
    run.client.load_table_from_json([{"title": "Later", "tags": []}], songs).result()
    equal(run.client.get_table(songs).num_rows, 4)


@check
def dispositions_append_replace_and_refuse(run):
    songs = run.songs()
    run.songs()
    equal(run.rows(f"SELECT COUNT(*) FROM `{songs}`"), [(6,)])
    replace = LoadJobConfig(schema=SCHEMA, write_disposition="WRITE_TRUNCATE")
    run.client.load_table_from_json(SONGS[:1], songs, job_config=replace).result()
    equal(run.rows(f"SELECT COUNT(*) FROM `{songs}`"), [(1,)])
    refuse = LoadJobConfig(schema=SCHEMA, write_disposition="WRITE_EMPTY")
    raises(Conflict, lambda: run.client.load_table_from_json(SONGS, songs, job_config=refuse).result(), "Already Exists")
    equal(run.rows(f"SELECT COUNT(*) FROM `{songs}`"), [(1,)])
    never = LoadJobConfig(schema=SCHEMA, create_disposition="CREATE_NEVER")
    raises(NotFound, lambda: run.client.load_table_from_json(SONGS, run.table("never"), job_config=never).result(), "Not found: Table")
    other = LoadJobConfig(schema=N_AND_S, write_disposition="WRITE_TRUNCATE")
    run.client.load_table_from_json([{"n": 1}], songs, job_config=other).result()
    equal([f.name for f in run.client.get_table(songs).schema], ["n", "s"])


@check
def a_csv_file_loads(run):
    schema = [SchemaField("title", "STRING"), SchemaField("plays", "INT64")]
    text = 'title,plays\n"a, ""b""",1\n"two\nlines",2\né,\n"",4\n'
    load(run, text, source_format="CSV", skip_leading_rows=1, schema=schema, allow_quoted_newlines=True)
    equal(rows(run, order="plays NULLS LAST"), [('a, "b"', 1), ("two\nlines", 2), ("", 4), ("é", None)])
    raises(BadRequest, lambda: load(run, text, "u", source_format="CSV", skip_leading_rows=1, schema=schema), "Error while reading data")


@check
def csv_has_all_options(run):
    csv = {"source_format": "CSV", "schema": N_AND_S}
    load(run, "1|'a|b'\n2|NA\n", "quoted", **csv, field_delimiter="|", quote_character="'", null_marker="NA")
    equal(rows(run, "quoted"), [(1, "a|b"), (2, None)])
    load(run, "1\t\"a\n2\tb\n", "tab", **csv, field_delimiter="tab", quote_character="")
    equal(rows(run, "tab"), [(1, '"a'), (2, "b")])
    load(run, "1\n2,b\n", "jagged", **csv, allow_jagged_rows=True)
    equal(rows(run, "jagged"), [(1, None), (2, "b")])
    raises(BadRequest, lambda: load(run, "1\n2,b\n", "x", **csv), "Error while reading data")
    raises(BadRequest, lambda: load(run, "1,a,extra\n", "x", **csv), "Error while reading data", "Too many values in row")
    load(run, "1,a,extra\n", "extra", **csv, ignore_unknown_values=True)
    equal(rows(run, "extra"), [(1, "a")])
    load(run, "1,é\n".encode("latin-1"), "latin", **csv, encoding="ISO-8859-1")
    load(run, "1,é\n".encode("utf-16-le"), "wide", **csv, encoding="UTF-16LE")
    load(run, "1,é\n".encode("utf-32-be"), "wider", **csv, encoding="UTF-32BE")
    equal([rows(run, name) for name in ("latin", "wide", "wider")], [[(1, "é")]] * 3)
    raises(BadRequest, lambda: load(run, b"1,a\x00b\n", "x", **csv), "ASCII 0")
    load(run, b"1,a\x01b\n", "control", **csv, preserve_ascii_control_characters=True)
    equal(rows(run, "control"), [(1, "a\x01b")])
    job = load(run, "one,a\n2,b\nthree,c\n4,d\n", "bad", **csv, max_bad_records=2)
    equal((job.output_rows, [error["reason"] for error in job.errors], rows(run, "bad")), (2, ["invalid"] * 2, [(2, "b"), (4, "d")]))
    raises(BadRequest, lambda: load(run, "one,a\n2,b\nthree,c\n", "x", **csv, max_bad_records=1), "too many errors")
    load(run, gzip.compress(b"1,a\n"), "zipped", **csv)
    equal(rows(run, "zipped"), [(1, "a")])
    load(run, "1,a\n2,-\n3,\n4,NULL\n", "markers", **csv, null_markers=["-", "NULL"])
    equal(rows(run, "markers"), [(1, "a"), (2, None), (3, ""), (4, None)])
    load(run, "s,n\na,1\n", "matched", **csv, source_column_match="NAME")
    equal(rows(run, "matched"), [(1, "a")])


@check
def csv_times_are_read_as_told(run):
    schema = [SchemaField(name, name) for name in ("DATE", "DATETIME", "TIME", "TIMESTAMP")]
    load(run, "31/12/2024,31/12/2024 23:59,11.05 PM,2024-12-31 10:00:00\n", source_format="CSV", schema=schema, date_format="DD/MM/YYYY",
         datetime_format="DD/MM/YYYY HH24:MI", time_format="HH12.MI AM", time_zone="Europe/Paris")
    equal(rows(run), [(datetime.date(2024, 12, 31), datetime.datetime(2024, 12, 31, 23, 59), datetime.time(23, 5),
                       datetime.datetime(2024, 12, 31, 9, 0, tzinfo=UTC))])


@check
def csv_schemas_are_detected(run):
    text = "name,plays,score,at,on,seen,tm\nA,1,0.5,2024-03-01,true,2024-03-01 12:00:00 UTC,12:00:01\nB,,1,2024-03-02,false,2024-03-02 12:00:00+01,1:2:3\n"
    load(run, text, source_format="CSV", autodetect=True)
    equal(run.types(run.table("t")), {"name": "STRING", "plays": "INTEGER", "score": "FLOAT", "at": "DATE", "on": "BOOLEAN",
                                      "seen": "TIMESTAMP", "tm": "TIME"})
    equal(run.rows(f"SELECT COUNT(*), SUM(plays) FROM `{run.table('t')}`"), [(2, 1)])
    load(run, "a,b\nc,d\n", "texts", source_format="CSV", autodetect=True)
    equal([f.name for f in run.client.get_table(run.table("texts")).schema], ["string_field_0", "string_field_1"])
    load(run, "1|2\n3|4\n", "numbers", source_format="CSV", autodetect=True)
    equal([f.name for f in run.client.get_table(run.table("numbers")).schema], ["int64_field_0", "int64_field_1"])


@check
def a_load_of_rows_that_do_not_fit_changes_nothing(run):
    songs = run.songs()
    wrong = [{"title": "x", "plays": 1}, {"title": "y", "plays": "many"}]
    error = raises(BadRequest, lambda: run.client.load_table_from_json(wrong, songs, job_config=LoadJobConfig(schema=SCHEMA)).result(),
                   "Error while reading data, error message: JSON table encountered too many errors, giving up. Rows: 2; errors: 1.")
    assert any("many" in each["message"] for each in error.errors), error.errors
    equal(run.rows(f"SELECT COUNT(*) FROM `{songs}`"), [(3,)])
    raises(BadRequest, lambda: run.client.load_table_from_json([{"title": None}], songs, job_config=LoadJobConfig(schema=SCHEMA)).result())
    raises(BadRequest, lambda: run.client.load_table_from_json([{"title": "x", "new": 1}], songs, job_config=LoadJobConfig(schema=SCHEMA)).result(),
           "too many errors")
    ignore = LoadJobConfig(schema=SCHEMA, ignore_unknown_values=True)
    equal(run.client.load_table_from_json([{"title": "x", "new": 1}], songs, job_config=ignore).result().output_rows, 1)
    raises(BadRequest, lambda: load(run, "{", "x", source_format="NEWLINE_DELIMITED_JSON", schema=N_AND_S), "JSON parsing error")


@check
def loads_may_add_and_relax_columns(run):
    songs = run.songs()
    wider = [*(SchemaField(f.name, f.field_type, mode=f.mode) for f in SCHEMA), SchemaField("score", "FLOAT64")]
    raises(BadRequest, lambda: run.client.load_table_from_json([{"title": "N"}], songs, job_config=LoadJobConfig(schema=wider)).result(),
           "Provided Schema does not match Table conformance:", "Cannot add fields (field: score)")
    add = LoadJobConfig(schema=wider, schema_update_options=["ALLOW_FIELD_ADDITION"])
    run.client.load_table_from_json([{"title": "New", "score": 1.5}], songs, job_config=add).result()
    equal(run.rows(f"SELECT score FROM `{songs}` WHERE title = 'New'"), [(1.5,)])
    relax = LoadJobConfig(schema=[SchemaField("title", "STRING"), *wider[1:]], schema_update_options=["ALLOW_FIELD_RELAXATION"])
    run.client.load_table_from_json([{"artist": "Nobody"}], songs, job_config=relax).result()
    equal(run.client.get_table(songs).schema[0].mode, "NULLABLE")
    equal(run.rows(f"SELECT title FROM `{songs}` WHERE artist = 'Nobody'"), [(None,)])
    detect = LoadJobConfig(autodetect=True, source_format="NEWLINE_DELIMITED_JSON", schema_update_options=["ALLOW_FIELD_ADDITION"])
    run.client.load_table_from_json([{"title": "Seen", "mood": "calm"}], songs, job_config=detect).result()
    equal(run.rows(f"SELECT mood FROM `{songs}` WHERE title = 'Seen'"), [("calm",)])


@check
def a_load_says_what_the_table_is(run):
    config = LoadJobConfig(
        schema=N_AND_S + [SchemaField("d", "DATE")], clustering_fields=["s"], destination_table_description="Loaded",
        time_partitioning=bigquery.TimePartitioning(field="d"), labels={"job": "label"}, destination_table_friendly_name="Friendly",
    )
    job = run.client.load_table_from_json([{"n": 1, "d": "2024-03-01"}], run.table("t"), job_config=config)
    job.result()
    table = run.client.get_table(run.table("t"))
    equal((table.description, table.friendly_name, table.clustering_fields, table.time_partitioning.field, table.labels),
          ("Loaded", "Friendly", ["s"], "d", {}))
    equal((job.output_rows, job.input_files, job.labels, job.source_format, job.state), (1, 1, {"job": "label"}, "NEWLINE_DELIMITED_JSON", "DONE"))
    assert job.output_bytes == 16 and job.input_file_bytes > 0, (job.output_bytes, job.input_file_bytes)


@check
def partitions_are_replaced_one_by_one(run):
    table = bigquery.Table(run.table("t"), schema=[SchemaField("d", "DATE"), SchemaField("n", "INT64")])
    table.time_partitioning = bigquery.TimePartitioning(field="d")
    run.client.create_table(table)
    both = [{"d": "2024-03-01", "n": 1}, {"d": "2024-03-02", "n": 2}]
    run.client.load_table_from_json(both, table, job_config=LoadJobConfig(schema=table.schema)).result()
    replace = LoadJobConfig(schema=table.schema, write_disposition="WRITE_TRUNCATE")
    day = run.table("t$20240301")
    run.client.load_table_from_json([{"d": "2024-03-01", "n": 10}, {"d": "2024-03-01", "n": 11}], day, job_config=replace).result()
    equal(rows(run, order="n"), [(datetime.date(2024, 3, 2), 2), (datetime.date(2024, 3, 1), 10), (datetime.date(2024, 3, 1), 11)])
    raises(BadRequest, lambda: run.client.load_table_from_json([{"d": "2024-03-05", "n": 1}], day, job_config=replace).result(), "partition")
    equal(sorted(row["n"] for row in run.client.list_rows(day)), [10, 11])


@check
def an_upload_of_any_size_resumes(run):
    data = "".join(json.dumps({"n": n, "s": f"row {n}"}) + "\n" for n in range(30_000)).encode()
    config = LoadJobConfig(schema=N_AND_S, source_format="NEWLINE_DELIMITED_JSON")
    with mock.patch("google.cloud.bigquery.client._DEFAULT_CHUNKSIZE", 256 * 1024):
        for size in (None, len(data)):
            name = run.table(f"t{size is None}".lower())
            file = io.BytesIO(data)
            with mock.patch("google.cloud.bigquery.client._MAX_MULTIPART_SIZE", 1024):
                run.client.load_table_from_file(file, name, size=size, job_config=config, rewind=True).result()
            equal(run.rows(f"SELECT COUNT(*), SUM(n) FROM `{name}`"), [(30_000, sum(range(30_000)))])


def parquet(table):
    out = io.BytesIO()
    pyarrow.parquet.write_table(table, out)
    return out.getvalue()


@check
def a_parquet_file_loads(run):
    at = datetime.datetime(2024, 3, 1, 12, tzinfo=UTC)
    table = pyarrow.table({
        "i8": pyarrow.array([1, None], pyarrow.int8()), "u32": pyarrow.array([4294967295, 0], pyarrow.uint32()),
        "f": pyarrow.array([0.5, None], pyarrow.float32()), "s": pyarrow.array(["x", None], pyarrow.large_string()),
        "b": pyarrow.array([b"\x00", None]), "d": pyarrow.array([at.date(), None]),
        "ms": pyarrow.array([at, None], pyarrow.timestamp("ms", "UTC")), "ns": pyarrow.array([at, None], pyarrow.timestamp("ns", "UTC")),
        "local": pyarrow.array([at.replace(tzinfo=None), None], pyarrow.timestamp("us")), "t": pyarrow.array([at.time(), None], pyarrow.time64("us")),
        "dec": pyarrow.array([1, None], pyarrow.decimal128(10, 2)), "big": pyarrow.array([1, None], pyarrow.decimal128(38, 20)),
        "l": pyarrow.array([[1, 2], []], pyarrow.list_(pyarrow.int64())), "r": pyarrow.array([{"a": 1, "b": ["x"]}, None]),
        "cat": pyarrow.array(["k", "k"]).dictionary_encode(),
    })
    load(run, parquet(table), source_format="PARQUET", parquet_options=parquet_options(), decimal_target_types=["NUMERIC", "BIGNUMERIC"])
    raises(BadRequest, lambda: load(run, parquet(table), "x", source_format="PARQUET"), "decimalTargetTypes")
    equal(run.types(run.table("t")), {
        "i8": "INTEGER", "u32": "INTEGER", "f": "FLOAT", "s": "STRING", "b": "BYTES", "d": "DATE", "ms": "TIMESTAMP", "ns": "TIMESTAMP",
        "local": "DATETIME", "t": "TIME", "dec": "NUMERIC", "big": "BIGNUMERIC", "l": "INTEGER", "r": "RECORD", "cat": "STRING",
    })
    found = dict(zip(table.column_names, rows(run, order="i8 DESC")[0]))
    equal((found["u32"], found["ms"], found["ns"], found["t"], found["l"], found["r"], found["local"]),
          (4294967295, at, at, at.time(), [1, 2], {"a": 1, "b": ["x"]}, at.replace(tzinfo=None)))
    raises(GoogleAPICallError, lambda: load(run, b"PAR1 is not enough", "x", source_format="PARQUET"), "Error while reading data")
    # Into a table that is there, columns by name.
    run.client.create_table(bigquery.Table(run.table("there"), schema=N_AND_S))
    load(run, parquet(pyarrow.table({"s": ["a"], "n": pyarrow.array([1], pyarrow.int32())})), "there", source_format="PARQUET")
    equal(rows(run, "there"), [(1, "a")])


def parquet_options():
    options = bigquery.format_options.ParquetOptions()
    options.enable_list_inference = True
    return options


@check
def an_avro_file_loads(run):
    at = datetime.datetime(2024, 3, 1, 12, 34, 56, 789000, tzinfo=UTC)
    schema = fastavro.parse_schema({"type": "record", "name": "song", "fields": [
        {"name": "title", "type": "string"}, {"name": "plays", "type": ["null", "long"]}, {"name": "small", "type": "int"},
        {"name": "score", "type": "float"}, {"name": "x", "type": "double"}, {"name": "live", "type": "boolean"}, {"name": "raw", "type": "bytes"},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "kind", "type": {"type": "enum", "name": "kind", "symbols": ["SINGLE", "ALBUM"]}},
        {"name": "by", "type": ["null", {"type": "record", "name": "artist", "fields": [{"name": "name", "type": "string"}]}]},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "ms", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "tm", "type": {"type": "long", "logicalType": "time-micros"}},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}},
        {"name": "hash", "type": {"type": "fixed", "name": "hash", "size": 2}},
        {"name": "counts", "type": {"type": "map", "values": "long"}},
    ]})
    import decimal

    record = {"title": "Élan", "plays": None, "small": 7, "score": 0.5, "x": 1.25, "live": True, "raw": b"\x00\xff", "tags": ["a", "b"],
              "kind": "ALBUM", "by": {"name": "Air"}, "day": at.date(), "at": at, "ms": at, "tm": at.time(), "price": decimal.Decimal("12.34"),
              "hash": b"\x01\x02", "counts": {"fr": 3}}
    expected = dict(record, counts=[{"key": "fr", "value": 3}])
    for codec in ("null", "deflate", "snappy", "zstandard"):
        out = io.BytesIO()
        fastavro.writer(out, schema, [record, dict(record, plays=3, by=None)], codec=codec)
        load(run, out.getvalue(), codec, source_format="AVRO", use_avro_logical_types=True)
        equal((codec, dict(zip(record, rows(run, codec, "plays")[0]))), (codec, expected))
    equal(run.types(run.table("deflate")), {
        "title": "STRING", "plays": "INTEGER", "small": "INTEGER", "score": "FLOAT", "x": "FLOAT", "live": "BOOLEAN", "raw": "BYTES", "tags": "STRING",
        "kind": "STRING", "by": "RECORD", "day": "DATE", "at": "TIMESTAMP", "ms": "TIMESTAMP", "tm": "TIME", "price": "NUMERIC", "hash": "BYTES",
        "counts": "RECORD",
    })
    equal([f.mode for f in run.client.get_table(run.table("deflate")).schema][:2], ["REQUIRED", "NULLABLE"])
    load(run, out.getvalue(), "plain", source_format="AVRO")
    equal((run.types(run.table("plain"))["at"], run.types(run.table("plain"))["day"]), ("INTEGER", "INTEGER"))
    raises(GoogleAPICallError, lambda: load(run, out.getvalue()[:-20], "x", source_format="AVRO"), "Error while reading data")
    raises(GoogleAPICallError, lambda: load(run, b"nothing", "x", source_format="AVRO"), "Error while reading data")
    load(run, out.getvalue(), "title_only", source_format="AVRO", schema=[SchemaField("title", "STRING")], ignore_unknown_values=True)


@check
def what_is_elsewhere_is_refused_by_name(run):
    config = LoadJobConfig(source_format="CSV", autodetect=True)
    raises(GoogleAPICallError, lambda: run.client.load_table_from_uri("gs://bucket/file.csv", run.table("t"), job_config=config).result(retry=None),
           "gs://bucket/file.csv is not supported by the embedded endpoint")
    raises(GoogleAPICallError, lambda: load(run, b"x", source_format="ORC"), "ORC is not supported by the embedded endpoint")
