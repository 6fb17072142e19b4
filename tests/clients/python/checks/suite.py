"""What every check has: a client, a dataset of its own, and some songs in it."""

import dataclasses
import os
import uuid

from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from google.cloud.bigquery import SchemaField

PROJECT = "conformance"
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


class Checks(list):
    """The checks of one module, in the order of their definition."""

    def __call__(self, function):
        self.append(function)
        return function


def raises(kind, call, *words):
    try:
        call()
    except kind as error:
        missing = [word for word in words if word not in str(error)]
        assert not missing, f"{missing} not in {error}"
        return error
    raise AssertionError(f"no {kind.__name__}")


def equal(found, expected):
    assert found == expected, f"\n  found    {found!r}\n  expected {expected!r}"


def connect(**more):
    """A client that finds the endpoint by `BIGQUERY_EMULATOR_HOST`, as users' programs do."""
    return bigquery.Client(project=PROJECT, credentials=AnonymousCredentials(), **more)


@dataclasses.dataclass
class Run:
    client: bigquery.Client
    url: str
    dataset: bigquery.Dataset

    @classmethod
    def begin(cls, client):
        dataset = client.create_dataset(f"conformance_{uuid.uuid4().hex[:12]}")
        return cls(client, os.environ["BIGQUERY_EMULATOR_HOST"], dataset)

    def end(self):
        self.client.delete_dataset(self.dataset, delete_contents=True, not_found_ok=True)

    def table(self, name):
        return f"{self.client.project}.{self.dataset.dataset_id}.{name}"

    def songs(self):
        config = bigquery.LoadJobConfig(schema=SCHEMA)
        self.client.load_table_from_json(SONGS, self.table("songs"), job_config=config).result()
        return self.table("songs")

    def rows(self, sql, *parameters):
        config = bigquery.QueryJobConfig(query_parameters=list(parameters))
        return [tuple(row.values()) for row in self.client.query(sql, job_config=config).result()]

    def types(self, table):
        return {field.name: field.field_type for field in self.client.get_table(table).schema}
