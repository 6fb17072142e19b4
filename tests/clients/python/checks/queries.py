"""google-cloud-bigquery: queries, their parameters, pages, dry runs, cache and errors."""

import datetime
import decimal
import uuid

from google.api_core.exceptions import BadRequest, Conflict, NotFound
from google.cloud import bigquery
from google.cloud.bigquery import ArrayQueryParameter, RangeQueryParameter, ScalarQueryParameter, StructQueryParameter

from .suite import SONGS, Checks, equal, raises

check = Checks()
UTC = datetime.timezone.utc
DAY = datetime.date(2024, 3, 1)
AT = datetime.datetime(2024, 3, 1, 12, 34, 56, 500000)
# Type, value, what comes back.
SCALARS = [
    ("STRING", "l'été \"\\ \n", None),
    ("INT64", -9223372036854775808, None),
    ("FLOAT64", 0.1, None),
    ("BOOL", True, None),
    ("BYTES", b"\x00\xff'", None),
    ("NUMERIC", decimal.Decimal("123456789.123456789"), None),
    ("BIGNUMERIC", decimal.Decimal("1234567890123456789012345678901.00000000000000000001"), None),
    ("DATE", DAY, None),
    ("DATETIME", AT, None),
    ("TIME", datetime.time(12, 34, 56, 789000), None),
    ("TIMESTAMP", AT.replace(tzinfo=UTC), None),
    ("JSON", {"a": [1, None]}, None),
    ("GEOGRAPHY", "POINT(1 2)", None),
]


@check
def a_query_gives_every_type(run):
    sql = """
        SELECT 1 AS i, 1.5 AS f, 'é' AS s, TRUE AS b, DATE '2024-03-01' AS d, TIMESTAMP '2024-03-01 12:34:56.5+00' AS t,
               DATETIME '2024-03-01 12:34:56' AS dt, TIME '12:34:56' AS tm, NUMERIC '1.25' AS n, b'\\x00\\xff' AS y,
               [1, 2] AS a, STRUCT('x' AS k, 2 AS v) AS r, CAST(NULL AS INT64) AS z, JSON '{"k": 1}' AS j,
               BIGNUMERIC '0.00000000000000000001' AS bn, [STRUCT(DATE '2024-03-01' AS d, [TIMESTAMP '2024-03-01 00:00:00+00'] AS t)] AS ar
    """
    expected = (
        1, 1.5, "é", True, DAY, AT.replace(tzinfo=UTC), datetime.datetime(2024, 3, 1, 12, 34, 56), datetime.time(12, 34, 56),
        decimal.Decimal("1.25"), b"\x00\xff", [1, 2], {"k": "x", "v": 2}, None, {"k": 1}, decimal.Decimal("1E-20"),
        [{"d": DAY, "t": [datetime.datetime(2024, 3, 1, tzinfo=UTC)]}],
    )
    equal(run.rows(sql), [expected])


@check
def query_and_wait_gives_rows_and_schema(run):
    songs = run.songs()
    rows = run.client.query_and_wait(f"SELECT title, plays FROM `{songs}` WHERE plays > 1 ORDER BY plays")
    equal([(field.name, field.field_type) for field in rows.schema], [("title", "STRING"), ("plays", "INTEGER")])
    equal(rows.total_rows, 2)
    equal([tuple(row.values()) for row in rows], [("Teardrop", 3), ("Porcelain", 12)])
    few = run.client.query_and_wait("SELECT n FROM UNNEST(GENERATE_ARRAY(1, 100)) AS n ORDER BY n", max_results=30, page_size=7)
    equal([row["n"] for row in few], list(range(1, 31)))


@check
def parameters_of_every_type(run):
    for type_, value, back in SCALARS:
        equal((type_, run.rows("SELECT @p", ScalarQueryParameter("p", type_, value))), (type_, [(back or value,)]))
        equal((type_, run.rows("SELECT ?", ScalarQueryParameter(None, type_, value))), (type_, [(back or value,)]))
        equal((type_, run.rows("SELECT @p IS NULL", ScalarQueryParameter("p", type_, None))), (type_, [(True,)]))
        if type_ != "JSON":
            equal((type_, run.rows("SELECT @p", ArrayQueryParameter("p", type_, [value, value]))), (type_, [([value, value],)]))
        equal((type_, run.rows("SELECT @p", ArrayQueryParameter("p", type_, []))), (type_, [([],)]))
        struct = StructQueryParameter("p", ScalarQueryParameter("x", type_, value), ScalarQueryParameter("y", type_, None))
        equal((type_, run.rows("SELECT @p.x, @p.y", struct)), (type_, [(back or value, None)]))


@check
def nested_and_range_parameters(run):
    inner = StructQueryParameter("r", ScalarQueryParameter("a", "INT64", 1), ArrayQueryParameter("l", "STRING", ["x", "y"]))
    equal(run.rows("SELECT @s", StructQueryParameter("s", ScalarQueryParameter("n", "STRING", "k"), inner)),
          [({"n": "k", "r": {"a": 1, "l": ["x", "y"]}},)])
    points = [StructQueryParameter(None, ScalarQueryParameter("x", "INT64", x), ScalarQueryParameter("d", "DATE", DAY)) for x in (1, 2)]
    equal(run.rows("SELECT p.x, p.d FROM UNNEST(@points) AS p ORDER BY x", ArrayQueryParameter("points", "STRUCT", points)),
          [(1, DAY), (2, DAY)])
    days = RangeQueryParameter("DATE", start=DAY, end=datetime.date(2024, 4, 1), name="r")
    equal(run.rows("SELECT RANGE_CONTAINS(@r, DATE '2024-03-15'), RANGE_START(@r)", days), [(True, DAY)])
    open_ = RangeQueryParameter("TIMESTAMP", start=AT.replace(tzinfo=UTC), name="r")
    equal(run.rows("SELECT RANGE_END(@r) IS NULL, RANGE_START(@r)", open_), [(True, AT.replace(tzinfo=UTC))])


@check
def parameters_reach_every_clause(run):
    songs = run.songs()
    named = run.rows(
        f"SELECT title FROM `{songs}` WHERE artist = @artist AND plays >= @least AND released < @before",
        ScalarQueryParameter("artist", "STRING", "Massive Attack"),
        ScalarQueryParameter("least", "INT64", 3),
        ScalarQueryParameter("before", "DATE", datetime.date(1999, 1, 1)),
    )
    equal(named, [("Teardrop",)])
    positional = run.rows(
        f"SELECT title FROM `{songs}` WHERE plays > ? AND artist <> ? LIMIT ?",
        ScalarQueryParameter(None, "INT64", 1), ScalarQueryParameter(None, "STRING", "Moby"), ScalarQueryParameter(None, "INT64", 5),
    )
    equal(positional, [("Teardrop",)])
    array = ArrayQueryParameter("artists", "STRING", ["Air", "Moby"])
    equal(run.rows(f"SELECT title FROM `{songs}` WHERE artist IN UNNEST(@artists) ORDER BY title", array), [("Porcelain",), ("Élan",)])
    raises(BadRequest, lambda: run.rows("SELECT @missing"), "missing")


@check
def a_dry_run_estimates_and_runs_nothing(run):
    songs = run.songs()
    config = bigquery.QueryJobConfig(dry_run=True, use_query_cache=False)
    job = run.client.query(f"SELECT plays FROM `{songs}`", job_config=config)
    equal(job.statement_type, "SELECT")
    equal(job.total_bytes_processed, 16)  # two INT64 and a NULL
    equal([table.table_id for table in job.referenced_tables], ["songs"])
    equal([field.name for field in job.schema], ["plays"])
    assert "jobId" not in job._properties["jobReference"], job._properties["jobReference"]
    raises(BadRequest, lambda: run.client.query("SELECT nothing FROM 1", job_config=config))
    waited = run.client.query_and_wait(f"SELECT title FROM `{songs}`", job_config=config)
    equal((waited.total_bytes_processed, list(waited)), (28, []))
    made = run.client.query(f"CREATE TABLE `{run.table('never')}` AS SELECT 1 AS n", job_config=config)
    equal(made.statement_type, "CREATE_TABLE_AS_SELECT")
    raises(NotFound, lambda: run.client.get_table(run.table("never")))


@check
def bytes_and_times_are_counted(run):
    songs = run.songs()
    job = run.client.query(f"SELECT title, plays FROM `{songs}`", job_config=bigquery.QueryJobConfig(use_query_cache=False))
    job.result()
    equal((job.total_bytes_processed, job.total_bytes_billed, job.billing_tier, job.cache_hit), (44, 10 * 1024 * 1024, 1, False))
    assert job.created <= job.started <= job.ended and job.slot_millis >= 0, (job.created, job.started, job.ended)
    assert abs(datetime.datetime.now(UTC) - job.created) < datetime.timedelta(minutes=5), job.created
    equal((job.num_dml_affected_rows, job.ddl_operation_performed), (None, None))
    assert job.query_plan and job.query_plan[0].steps and job.timeline, (job.query_plan, job.timeline)
    cap = bigquery.QueryJobConfig(maximum_bytes_billed=1000, use_query_cache=False)
    raises(Exception, lambda: run.client.query(f"SELECT title FROM `{songs}`", job_config=cap).result(),
           "Query exceeded limit for bytes billed: 1000. 10485760 or higher required.")


@check
def an_equal_query_is_answered_from_the_cache(run):
    songs = run.songs()
    sql = f"SELECT title FROM `{songs}` ORDER BY title"

    def hit(sql, **more):
        job = run.client.query(sql, job_config=bigquery.QueryJobConfig(**more))
        rows = [tuple(row.values()) for row in job.result()]
        return job.cache_hit, job.total_bytes_processed, job.total_bytes_billed, rows

    rows = [("Porcelain",), ("Teardrop",), ("Élan",)]
    equal(hit(sql), (False, 28, 10 * 1024 * 1024, rows))
    equal(hit(sql), (True, 0, 0, rows))
    equal(hit(sql, use_query_cache=False)[0], False)
    equal(hit(sql + " ")[0], False)
    config = bigquery.QueryJobConfig(dry_run=True)
    equal(run.client.query(sql, job_config=config).cache_hit, True)
    run.client.insert_rows_json(songs, [{"title": "Alone", "tags": []}])
    equal(hit(sql)[0], False)
    equal([hit("SELECT RAND() < 2")[0] for _ in range(2)], [False, False])
    equal([hit("SELECT CURRENT_DATE() IS NULL")[0] for _ in range(2)], [False, False])
    target = run.table("cached")
    equal([hit(sql, destination=target, write_disposition="WRITE_TRUNCATE")[0] for _ in range(2)], [False, False])
    number = [hit("SELECT @n", query_parameters=[ScalarQueryParameter("n", "INT64", n)]) for n in (1, 1, 2)]
    equal([(found[0], found[3]) for found in number], [(False, [(1,)]), (True, [(1,)]), (False, [(2,)])])


@check
def a_hundred_thousand_rows_come_in_pages(run):
    count, table = 100_000, run.table("many")
    make = f"CREATE TABLE `{table}` AS SELECT n, FORMAT('row %d', n) AS text FROM UNNEST(GENERATE_ARRAY(0, {count - 1})) AS n"
    run.client.query(make).result()
    pages = [[row["n"] for row in page] for page in run.client.list_rows(table, page_size=30_000).pages]
    equal([len(page) for page in pages], [30_000, 30_000, 30_000, 10_000])
    equal(sorted(n for page in pages for n in page), list(range(count)))
    queried = run.client.query(f"SELECT n, text FROM `{table}` ORDER BY n").result(page_size=9_999)
    equal((queried.total_rows, [tuple(row.values()) for row in queried] == [(n, f"row {n}") for n in range(count)]), (count, True))
    waited = run.client.query_and_wait(f"SELECT n FROM `{table}` ORDER BY n")
    equal([row["n"] for row in waited] == list(range(count)), True)
    equal(len(list(run.client.list_rows(table, start_index=count - 10))), 10)
    equal(len(list(run.client.list_rows(table, max_results=5))), 5)
    some = run.client.list_rows(table, selected_fields=[bigquery.SchemaField("text", "STRING")], max_results=1)
    equal([list(row.keys()) for row in some], [["text"]])
    tail = run.client.query(f"SELECT n FROM `{table}` ORDER BY n").result(start_index=count - 3, max_results=2)
    equal([row["n"] for row in tail], [count - 3, count - 2])
    fewer = run.client.query(f"SELECT n FROM `{table}` ORDER BY n").result(max_results=7)
    equal([row["n"] for row in fewer], list(range(7)))


@check
def what_is_wrong_with_a_query_is_told_with_its_place(run):
    songs = run.songs()
    raises(BadRequest, lambda: run.rows("SLECT 1"), "Syntax error: Unexpected identifier \"SLECT\" at [1:1]")
    raises(BadRequest, lambda: run.rows(f"SELECT title,\n  nothing\nFROM `{songs}`"), "Unrecognized name: nothing", "[2:3]")
    raises(BadRequest, lambda: run.rows(f"SELECT titl FROM `{songs}`"), "Unrecognized name: titl; Did you mean title?", "[1:8]")
    raises(BadRequest, lambda: run.rows("SELECT COUNTT(1)"), "Function not found: COUNTT; Did you mean count? at [1:8]")
    raises(NotFound, lambda: run.rows(f"SELECT 1 FROM `{run.table('missing')}`"), "Not found: Table", "was not found in location US")
    raises(NotFound, lambda: run.rows("SELECT 1 FROM no_such_dataset.t"), "Not found: Dataset conformance:no_such_dataset")
    raises(BadRequest, lambda: run.rows("SELECT NO_SUCH_FUNCTION(1)"), "Function not found: NO_SUCH_FUNCTION at [1:8]")
    raises(BadRequest, lambda: run.rows("SELECT 1 / 0"), "division by zero: 1 / 0")
    raises(BadRequest, lambda: run.rows("SELECT CAST('x' AS INT64)"), "Bad int64 value: x")
    error = raises(BadRequest, lambda: run.rows("SELECT 1 +"), "Syntax error: Unexpected end of script at [1:11]")
    equal(error.errors[0]["reason"], "invalidQuery")


@check
def statements_change_tables(run):
    songs = run.songs()

    def done(sql):
        job = run.client.query(sql)
        job.result()
        return job

    job = done(f"UPDATE `{songs}` SET plays = 1 WHERE plays IS NULL")
    equal((job.statement_type, job.num_dml_affected_rows, job.dml_stats.updated_row_count), ("UPDATE", 1, 1))
    job = done(f"DELETE FROM `{songs}` WHERE plays = 1")
    equal((job.statement_type, job.num_dml_affected_rows, job.dml_stats.deleted_row_count), ("DELETE", 1, 1))
    job = done(f"INSERT INTO `{songs}` (title, tags) VALUES ('New', []), ('Newer', ['x'])")
    equal((job.statement_type, job.num_dml_affected_rows, job.dml_stats.inserted_row_count), ("INSERT", 2, 2))
    job = done(f"CREATE OR REPLACE TABLE `{run.table('copy')}` AS SELECT * FROM `{songs}`")
    equal((job.statement_type, job.ddl_operation_performed, job.ddl_target_table.table_id), ("CREATE_TABLE_AS_SELECT", "CREATE", "copy"))
    job = done(f"CREATE VIEW `{run.table('view')}` AS SELECT title FROM `{songs}`")
    equal((job.statement_type, job.ddl_operation_performed), ("CREATE_VIEW", "CREATE"))
    equal(len(run.rows(f"SELECT * FROM `{run.table('view')}`")), 4)
    job = done(f"TRUNCATE TABLE `{run.table('copy')}`")
    equal((job.statement_type, run.client.get_table(run.table("copy")).num_rows), ("TRUNCATE_TABLE", 0))
    equal(done(f"DROP TABLE `{run.table('copy')}`").statement_type, "DROP_TABLE")
    waited = run.client.query_and_wait(f"DELETE FROM `{songs}` WHERE TRUE")
    equal((waited.num_dml_affected_rows, list(waited)), (4, []))


@check
def a_query_fills_a_table(run):
    songs, target = run.songs(), run.table("hits")
    config = bigquery.QueryJobConfig(destination=target, write_disposition="WRITE_TRUNCATE", clustering_fields=["title"], labels={"a": "b"})
    for _ in range(2):
        job = run.client.query(f"SELECT title, plays FROM `{songs}` WHERE plays > 5", job_config=config)
        equal([tuple(row.values()) for row in job.result()], [("Porcelain", 12)])
    equal((job.destination.table_id, job.labels, job.write_disposition), ("hits", {"a": "b"}, "WRITE_TRUNCATE"))
    equal([tuple(row.values()) for row in run.client.list_rows(target)], [("Porcelain", 12)])
    config = bigquery.QueryJobConfig(destination=target, write_disposition="WRITE_APPEND", schema_update_options=["ALLOW_FIELD_ADDITION"])
    run.client.query("SELECT 'More' AS title, 1 AS plays, 2.5 AS score", job_config=config).result()
    equal(sorted(run.rows(f"SELECT title, plays, score FROM `{target}`")), [("More", 1, 2.5), ("Porcelain", 12, None)])
    refuse = bigquery.QueryJobConfig(destination=target, write_disposition="WRITE_EMPTY")
    raises(Conflict, lambda: run.client.query("SELECT 1 AS n", job_config=refuse).result(), "Already Exists")
    never = bigquery.QueryJobConfig(destination=run.table("never"), create_disposition="CREATE_NEVER")
    raises(NotFound, lambda: run.client.query("SELECT 1 AS n", job_config=never).result(), "Not found: Table")
    default = bigquery.QueryJobConfig(default_dataset=f"{run.client.project}.{run.dataset.dataset_id}")
    equal(list(run.client.query("SELECT COUNT(*) AS n FROM songs", job_config=default).result())[0]["n"], len(SONGS))


@check
def the_same_request_runs_once(run):
    songs, job_id = run.songs(), f"once-{uuid.uuid4().hex}"
    insert = f"INSERT INTO `{songs}` (title, tags) VALUES ('New', [])"
    run.client.query(insert, job_id=job_id, job_retry=None).result()
    raises(Conflict, lambda: run.client.query(insert, job_id=job_id, job_retry=None), "Already Exists: Job")
    equal(run.client.get_table(songs).num_rows, 4)
