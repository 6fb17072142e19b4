"""google-cloud-bigquery: datasets, tables, views, rows streamed in, copies."""

import datetime
import decimal

from google.api_core.exceptions import BadRequest, Conflict, MethodNotImplemented, NotFound, PreconditionFailed
from google.cloud import bigquery
from google.cloud.bigquery import SchemaField

from .suite import SCHEMA, SONGS, Checks, connect, equal, raises

check = Checks()


@check
def datasets_are_made_changed_and_deleted(run):
    name = run.dataset.dataset_id
    raises(Conflict, lambda: run.client.create_dataset(name), "Already Exists: Dataset conformance:")
    equal(run.client.create_dataset(name, exists_ok=True).dataset_id, name)
    dataset, stale = run.client.get_dataset(name), run.client.get_dataset(name)
    equal((dataset.location, dataset.full_dataset_id), ("US", f"conformance:{name}"))
    dataset.description, dataset.friendly_name, dataset.labels = "For a test", "Test", {"kept": "no", "run": name[-12:]}
    dataset.default_table_expiration_ms = 3_600_000
    fields = ["description", "friendly_name", "labels", "default_table_expiration_ms"]
    changed = run.client.update_dataset(dataset, fields)
    equal((changed.description, changed.friendly_name, changed.default_table_expiration_ms), ("For a test", "Test", 3_600_000))
    stale.description = "Too late"
    raises(PreconditionFailed, lambda: run.client.update_dataset(stale, ["description"]))
    changed.labels = {"kept": None}
    equal(run.client.update_dataset(changed, ["labels"]).labels, {"run": name[-12:]})
    listed = run.client.list_datasets(filter=f"labels.run:{name[-12:]}")
    equal([(item.dataset_id, item.labels) for item in listed], [(name, {"run": name[-12:]})])
    assert name in [item.dataset_id for item in run.client.list_datasets(page_size=1, include_all=True)]
    expires = run.client.create_table(bigquery.Table(run.table("short"), schema=SCHEMA)).expires
    assert expires and expires > datetime.datetime.now(datetime.timezone.utc), expires
    raises(BadRequest, lambda: run.client.delete_dataset(name), "still in use")
    run.client.delete_dataset(name, delete_contents=True)
    raises(NotFound, lambda: run.client.get_dataset(name), "Not found: Dataset")


@check
def access_entries_are_kept(run):
    dataset = run.client.get_dataset(run.dataset)
    dataset.access_entries = [*dataset.access_entries, bigquery.AccessEntry("READER", "userByEmail", "reader@example.com")]
    changed = run.client.update_dataset(dataset, ["access_entries"])
    assert "reader@example.com" in [entry.entity_id for entry in changed.access_entries], changed.access_entries


@check
def tables_are_made_changed_and_deleted(run):
    table = bigquery.Table(run.table("events"), schema=[SchemaField("at", "TIMESTAMP"), SchemaField("user", "INT64")])
    table.description, table.friendly_name, table.labels = "What was heard", "Events", {"source": "test"}
    table.time_partitioning = bigquery.TimePartitioning(field="at", type_="MONTH", expiration_ms=31_536_000_000)
    table.clustering_fields, table.require_partition_filter = ["user"], True
    table.expires = datetime.datetime(2100, 1, 1, tzinfo=datetime.timezone.utc)
    run.client.create_table(table)
    raises(Conflict, lambda: run.client.create_table(table), "Already Exists: Table conformance:")
    equal(run.client.create_table(table, exists_ok=True).table_id, "events")
    got = run.client.get_table(table)
    equal((got.description, got.friendly_name, got.labels, got.clustering_fields, got.num_rows, got.num_bytes),
          ("What was heard", "Events", {"source": "test"}, ["user"], 0, 0))
    equal((got.time_partitioning.field, got.time_partitioning.type_, got.time_partitioning.expiration_ms, got.require_partition_filter),
          ("at", "MONTH", 31_536_000_000, True))
    equal((got.expires, got.table_type, got.location, got.full_table_id), (table.expires, "TABLE", "US", f"conformance:{run.dataset.dataset_id}.events"))
    assert got.etag and got.created <= got.modified, (got.etag, got.created, got.modified)
    stale = run.client.get_table(table)
    got.description = "Changed"
    got.schema = [*got.schema, SchemaField("track", "STRING")]
    changed = run.client.update_table(got, ["description", "schema"])
    equal((changed.description, len(changed.schema), changed.labels), ("Changed", 3, {"source": "test"}))
    assert changed.etag != stale.etag
    stale.description = "Too late"
    raises(PreconditionFailed, lambda: run.client.update_table(stale, ["description"]))
    changed.labels, changed.expires, changed.description = {"source": None, "kind": "log"}, None, None
    changed = run.client.update_table(changed, ["labels", "expires", "description"])
    equal((changed.labels, changed.expires, changed.description), ({"kind": "log"}, None, None))
    equal([(item.table_id, item.time_partitioning.field) for item in run.client.list_tables(run.dataset)], [("events", "at")])
    run.client.delete_table(table)
    raises(NotFound, lambda: run.client.get_table(table), "Not found: Table")
    raises(NotFound, lambda: run.client.delete_table(table))
    run.client.delete_table(table, not_found_ok=True)


@check
def listings_come_in_pages(run):
    for n in range(7):
        run.client.create_table(bigquery.Table(run.table(f"t{n}"), schema=SCHEMA))
    pages = [[item.table_id for item in page] for page in run.client.list_tables(run.dataset, page_size=3).pages]
    equal(pages, [["t0", "t1", "t2"], ["t3", "t4", "t5"], ["t6"]])
    equal(len(list(run.client.list_tables(run.dataset, max_results=5))), 5)
    raises(NotFound, lambda: list(run.client.list_tables("no_such_dataset")), "Not found: Dataset")


@check
def schemas_change_as_they_may(run):
    table = run.client.create_table(bigquery.Table(run.table("t"), schema=[
        SchemaField("n", "INT64", mode="REQUIRED"), SchemaField("r", "RECORD", fields=[SchemaField("a", "STRING")]),
    ]))
    relaxed = [
        SchemaField("n", "INT64", description="A number"),
        SchemaField("r", "RECORD", fields=[SchemaField("a", "STRING"), SchemaField("b", "FLOAT64", mode="REPEATED")]),
    ]
    table.schema = relaxed
    table = run.client.update_table(table, ["schema"])
    equal([(f.name, f.mode, f.description) for f in table.schema], [("n", "NULLABLE", "A number"), ("r", "NULLABLE", None)])
    equal([f.name for f in table.schema[1].fields], ["a", "b"])
    equal(run.client.insert_rows_json(table, [{"r": {"a": "x", "b": [1.5]}}]), [])
    table = run.client.get_table(table)
    equal(run.rows(f"SELECT n, r FROM `{run.table('t')}`"), [(None, {"a": "x", "b": [1.5]})])
    for wrong in ([SchemaField("n", "STRING"), relaxed[1]], relaxed[:1], [*relaxed, SchemaField("z", "INT64", mode="REQUIRED")]):
        table.schema = wrong
        raises(BadRequest, lambda: run.client.update_table(table, ["schema"]), "Provided Schema does not match Table conformance:")


@check
def every_type_is_kept_in_a_schema(run):
    types = ["STRING", "BYTES", "INTEGER", "FLOAT", "BOOLEAN", "TIMESTAMP", "DATE", "TIME", "DATETIME", "NUMERIC", "BIGNUMERIC", "JSON",
             "GEOGRAPHY", "INTERVAL"]
    schema = [SchemaField(f"f_{type_.lower()}", type_) for type_ in types]
    schema.append(SchemaField("f_range", "RANGE", range_element_type="DATE"))
    run.client.create_table(bigquery.Table(run.table("types"), schema=schema))
    equal(run.client.get_table(run.table("types")).schema, schema)
    equal(list(run.client.list_rows(run.table("types"))), [])
    tagged = SchemaField("f", "STRING", policy_tags=bigquery.PolicyTagList(["projects/p/locations/us/taxonomies/1/policyTags/2"]))
    table = bigquery.Table(run.table("never"), schema=[tagged])
    raises(MethodNotImplemented, lambda: run.client.create_table(table), "is not supported by the embedded endpoint")


@check
def limits_and_defaults_of_fields_are_kept_to(run):
    schema = [
        SchemaField("code", "STRING", max_length=3, default_value_expression="'new'"),
        SchemaField("raw", "BYTES", max_length=2),
        SchemaField("price", "NUMERIC", precision=5, scale=2),
        SchemaField("at", "TIMESTAMP", default_value_expression="CURRENT_TIMESTAMP()"),
    ]
    table = run.client.create_table(bigquery.Table(run.table("t"), schema=schema))
    equal([(f.max_length, f.precision, f.scale, f.default_value_expression) for f in run.client.get_table(table).schema],
          [(3, None, None, "'new'"), (2, None, None, None), (None, 5, 2, None), (None, None, None, "CURRENT_TIMESTAMP()")])
    equal(run.client.insert_rows_json(table, [{"price": "1.005"}, {"code": None, "raw": "YWI="}]), [])
    errors = run.client.insert_rows_json(table, [{"code": "long"}])
    assert "STRING(3) has maximum length 3 but got a value with length 4" in errors[0]["errors"][0]["message"], errors
    run.client.query(f"INSERT `{run.table('t')}` (price) VALUES (2)").result()
    rows = run.rows(f"SELECT code, price, at IS NULL FROM `{run.table('t')}` ORDER BY price")
    equal(rows, [(None, None, False), ("new", decimal.Decimal("1.01"), False), ("new", decimal.Decimal("2"), False)])
    raises(BadRequest, lambda: run.client.query(f"UPDATE `{run.table('t')}` SET price = 1000 WHERE TRUE").result(), "NUMERIC(5, 2)")
    table = run.client.get_table(table)
    table.schema = [SchemaField("code", "STRING", max_length=4, default_value_expression="'n'"), *schema[1:]]
    equal(run.client.update_table(table, ["schema"]).schema[0].max_length, 4)


@check
def range_partitions_and_keys_are_kept(run):
    table = bigquery.Table(run.table("t"), schema=[SchemaField("n", "INT64"), SchemaField("s", "STRING")])
    table.range_partitioning = bigquery.RangePartitioning(field="n", range_=bigquery.PartitionRange(start=0, end=100, interval=10))
    run.client.create_table(table)
    found = run.client.get_table(table).range_partitioning
    equal((found.field, found.range_.start, found.range_.end, found.range_.interval), ("n", 0, 100, 10))
    wrong = bigquery.Table(run.table("wrong"), schema=[SchemaField("n", "INT64")])
    wrong.clustering_fields = ["missing"]
    raises(BadRequest, lambda: run.client.create_table(wrong), "missing")


@check
def partitions_are_listed(run):
    table = bigquery.Table(run.table("t"), schema=[SchemaField("d", "DATE"), SchemaField("n", "INT64")])
    table.time_partitioning = bigquery.TimePartitioning(field="d")
    run.client.create_table(table)
    rows = [{"d": "2024-03-01", "n": 1}, {"d": "2024-03-02", "n": 2}, {"d": "2024-03-02", "n": 3}, {"d": None, "n": 4}]
    run.client.load_table_from_json(rows, table, job_config=bigquery.LoadJobConfig(schema=table.schema)).result()
    equal(sorted(run.client.list_partitions(table)), ["20240301", "20240302", "__NULL__"])


@check
def views_are_made_changed_and_read(run):
    songs = run.songs()
    view = bigquery.Table(run.table("view"))
    view.view_query = f"SELECT title FROM `{songs}` WHERE plays > 5"
    made = run.client.create_table(view)
    equal((made.table_type, made.view_query, made.view_use_legacy_sql, [f.name for f in made.schema]), ("VIEW", view.view_query, False, ["title"]))
    equal(run.rows(f"SELECT * FROM `{run.table('view')}`"), [("Porcelain",)])
    made.view_query = f"SELECT title, plays FROM `{songs}` WHERE plays = 3"
    changed = run.client.update_table(made, ["view_query"])
    equal([f.name for f in changed.schema], ["title", "plays"])
    equal(run.rows(f"SELECT * FROM `{run.table('view')}`"), [("Teardrop", 3)])
    raises(BadRequest, lambda: list(run.client.list_rows(run.table("view"), selected_fields=changed.schema)), "VIEW")
    equal({item.table_id: item.table_type for item in run.client.list_tables(run.dataset)}, {"songs": "TABLE", "view": "VIEW"})


@check
def streamed_rows_arrive_and_wrong_ones_are_named(run):
    songs = run.songs()
    equal(run.client.insert_rows_json(songs, [{"title": "Alone", "plays": 1, "tags": ["x"]}]), [])
    equal(run.rows(f"SELECT plays, tags FROM `{songs}` WHERE title = 'Alone'"), [(1, ["x"])])
    errors = run.client.insert_rows_json(songs, [{"title": "Good"}, {"title": "Bad", "plays": "not-a-number"}])
    equal({error["index"]: error["errors"][0]["reason"] for error in errors}, {0: "stopped", 1: "invalid"})
    equal(run.rows(f"SELECT COUNT(*) FROM `{songs}` WHERE title IN ('Good', 'Bad')"), [(0,)])
    errors = run.client.insert_rows_json(songs, [{"title": "Good"}, {"title": "Bad", "plays": "no"}], skip_invalid_rows=True)
    equal([error["index"] for error in errors], [1])
    equal(run.rows(f"SELECT COUNT(*) FROM `{songs}` WHERE title IN ('Good', 'Bad')"), [(1,)])
    equal(run.client.insert_rows_json(songs, [{"title": "Odd", "unknown": 1}], ignore_unknown_values=True), [])
    assert run.client.insert_rows_json(songs, [{"title": "Odd", "unknown": 1}])
    for _ in range(2):
        equal(run.client.insert_rows_json(songs, [{"title": "Once"}], row_ids=["once"]), [])
    equal(run.rows(f"SELECT COUNT(*) FROM `{songs}` WHERE title = 'Once'"), [(1,)])
    typed = {"title": "Typed", "released": datetime.date(2024, 3, 1), "plays": 7, "tags": ["a"]}
    equal(run.client.insert_rows(run.client.get_table(songs), [typed, ("Tuple", "X", 1, None, [])]), [])
    equal(run.rows(f"SELECT released FROM `{songs}` WHERE title = 'Typed'"), [(typed["released"],)])
    raises(NotFound, lambda: run.client.insert_rows_json(run.table("missing"), [{"a": 1}], retry=None), "Not found: Table")


@check
def tables_are_copied(run):
    songs, copy = run.songs(), run.table("copy")
    job = run.client.copy_table(songs, copy)
    job.result()
    equal((job.job_type, job.state, job.destination.table_id), ("copy", "DONE", "copy"))
    equal(sorted(run.rows(f"SELECT * FROM `{copy}`"), key=str), sorted(run.rows(f"SELECT * FROM `{songs}`"), key=str))
    equal([f.description for f in run.client.get_table(copy).schema][0], "The title")
    raises(Conflict, lambda: run.client.copy_table(songs, copy).result(), "Already Exists")
    append = bigquery.CopyJobConfig(write_disposition="WRITE_APPEND")
    run.client.copy_table([songs, copy], run.table("both"), job_config=append).result()
    equal(run.client.get_table(run.table("both")).num_rows, 2 * len(SONGS))
    replace = bigquery.CopyJobConfig(write_disposition="WRITE_TRUNCATE", labels={"a": "b"})
    run.client.copy_table(songs, run.table("both"), job_config=replace).result()
    equal(run.client.get_table(run.table("both")).num_rows, len(SONGS))
    raises(NotFound, lambda: run.client.copy_table(run.table("missing"), run.table("x")).result(), "Not found: Table")
    never = bigquery.CopyJobConfig(create_disposition="CREATE_NEVER")
    raises(NotFound, lambda: run.client.copy_table(songs, run.table("never"), job_config=never).result(), "Not found: Table")


@check
def what_else_a_project_has_is_listed(run):
    equal(list(run.client.list_routines(run.dataset)), [])
    equal(list(run.client.list_models(run.dataset)), [])
    equal([project.project_id for project in run.client.list_projects()], ["conformance"])
    assert "@" in run.client.get_service_account_email()


@check
def the_prefixed_address_serves_the_same(run):
    songs = run.songs()
    from google.api_core.client_options import ClientOptions

    client = connect(client_options=ClientOptions(api_endpoint=run.url))
    equal(client.get_table(songs).num_rows, len(SONGS))
