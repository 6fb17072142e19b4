"""pandas-gbq: frames in and out."""

import datetime

import pandas
import pandas_gbq
from google.auth.credentials import AnonymousCredentials

from .suite import PROJECT, Checks, equal, raises

check = Checks()
HERE = {"project_id": PROJECT, "credentials": AnonymousCredentials()}


def frame():
    return pandas.DataFrame({
        "name": ["Air", "Moby"], "plays": [3, 12], "score": [0.5, None], "live": [True, False],
        "at": pandas.to_datetime(["2024-03-01T12:00:00Z", "2024-03-02T12:00:00Z"]), "day": [datetime.date(2024, 3, 1), datetime.date(2024, 3, 2)],
    })


def read(sql, **more):
    return pandas_gbq.read_gbq(sql, progress_bar_type=None, **HERE, **more)


@check
def a_query_becomes_a_frame(run):
    found = read("SELECT n, FORMAT('row %d', n) AS text FROM UNNEST(GENERATE_ARRAY(1, 25000)) AS n ORDER BY n")
    equal((len(found), found["n"].iloc[-1], found["text"][0]), (25_000, 25_000, "row 1"))
    configuration = {"query": {"parameterMode": "NAMED", "queryParameters": [
        {"name": "n", "parameterType": {"type": "INT64"}, "parameterValue": {"value": "7"}}]}}
    equal(read("SELECT @n + 1 AS n", configuration=configuration)["n"].tolist(), [8])
    equal(read(run.songs(), index_col="title", max_results=2).shape, (2, 4))
    empty = read("SELECT 1 AS n FROM UNNEST(GENERATE_ARRAY(1, 0)) AS x")
    equal((len(empty), list(empty.columns)), (0, ["n"]))
    raises(pandas_gbq.exceptions.GenericGBQException, lambda: read("SLECT 1"), "Syntax error")


@check
def a_frame_becomes_a_table(run):
    for method in ("load_csv", "load_parquet"):
        name = f"{run.dataset.dataset_id}.{method}"
        pandas_gbq.to_gbq(frame(), name, api_method=method, progress_bar=False, **HERE)
        back = read(f"SELECT * FROM {name} ORDER BY plays")
        equal((back["name"].tolist(), back["plays"].tolist(), back["score"].isna().tolist(), back["live"].tolist()),
              (["Air", "Moby"], [3, 12], [False, True], [True, False]))
        equal(back["at"].tolist(), frame()["at"].tolist())
        equal(run.types(run.table(method))["day"], "DATE")


@check
def a_table_that_is_there_is_kept_replaced_or_added_to(run):
    name = f"{run.dataset.dataset_id}.t"
    pandas_gbq.to_gbq(frame(), name, progress_bar=False, **HERE)
    raises(pandas_gbq.gbq.TableCreationError, lambda: pandas_gbq.to_gbq(frame(), name, progress_bar=False, **HERE))
    pandas_gbq.to_gbq(frame(), name, if_exists="append", progress_bar=False, **HERE)
    equal(run.client.get_table(run.table("t")).num_rows, 4)
    schema = [{"name": "plays", "type": "NUMERIC"}]
    pandas_gbq.to_gbq(frame()[["name", "plays"]], name, if_exists="replace", table_schema=schema, progress_bar=False, **HERE)
    equal(run.types(run.table("t")), {"name": "STRING", "plays": "NUMERIC"})
    equal(run.client.get_table(run.table("t")).num_rows, 2)


@check
def a_dataset_is_made_for_a_table(run):
    dataset = f"{run.dataset.dataset_id}_new"
    pandas_gbq.to_gbq(frame(), f"{dataset}.t", chunksize=1, progress_bar=False, **HERE)
    equal(read(f"SELECT COUNT(*) AS n FROM {dataset}.t")["n"].tolist(), [2])
    run.client.delete_dataset(dataset, delete_contents=True)
