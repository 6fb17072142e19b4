"""google-cloud-bigquery: PEP 249."""

import datetime
import decimal
from contextlib import closing

from google.cloud.bigquery import dbapi

from .suite import Checks, equal, raises

check = Checks()


@check
def rows_are_fetched(run):
    songs = run.songs()
    with closing(dbapi.connect(run.client, prefer_bqstorage_client=False)) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(f"SELECT title, plays, released FROM `{songs}` ORDER BY plays")
        equal([column.name for column in cursor.description], ["title", "plays", "released"])
        equal([column.type_code for column in cursor.description], ["STRING", "INTEGER", "DATE"])
        equal(tuple(cursor.fetchone()), ("Élan", None, None))
        equal([tuple(row) for row in cursor.fetchmany(1)], [("Teardrop", 3, datetime.date(1998, 4, 27))])
        equal([tuple(row) for row in cursor.fetchall()], [("Porcelain", 12, datetime.date(2000, 4, 24))])
        equal((cursor.fetchone(), cursor.rowcount), (None, 3))


@check
def parameters_are_bound(run):
    with closing(dbapi.connect(run.client, prefer_bqstorage_client=False)) as connection, closing(connection.cursor()) as cursor:
        values = {
            "s": "l'été", "i": 7, "f": 1.5, "b": True, "d": datetime.date(2024, 3, 1), "n": decimal.Decimal("1.5"),
            "t": datetime.datetime(2024, 3, 1, tzinfo=datetime.timezone.utc), "y": b"\x00", "l": [1, 2],
        }
        cursor.execute("SELECT " + ", ".join(f"%({name})s AS `{name}`" for name in values), values)
        equal(dict(cursor.fetchone().items()), values)
        cursor.execute("SELECT %s + %s, '%%'", (2, 3))
        equal(tuple(cursor.fetchone()), (5, "%"))
        cursor.execute("SELECT %(x:NUMERIC)s, %(z:STRING)s", {"x": 1, "z": None})
        equal(tuple(cursor.fetchone()), (decimal.Decimal(1), None))
        cursor.execute("SELECT x FROM UNNEST(%(l:ARRAY<STRUCT<x INT64, y STRING>>)s) AS e", {"l": [{"x": 4, "y": "k"}]})
        equal([tuple(row) for row in cursor], [(4,)])


@check
def statements_are_executed(run):
    songs = run.songs()
    with closing(dbapi.connect(run.client, prefer_bqstorage_client=False)) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(f"UPDATE `{songs}` SET plays = 0 WHERE plays IS NULL")
        equal(cursor.rowcount, 1)
        cursor.executemany(f"INSERT INTO `{songs}` (title, plays, tags) VALUES (%s, %s, [])", [("a", 1), ("b", 2), ("c", 3)])
        connection.commit()
        cursor.execute(f"SELECT COUNT(*) FROM `{songs}`")
        equal(tuple(cursor.fetchone()), (6,))
        raises(dbapi.DatabaseError, lambda: cursor.execute("SLECT 1"), "Syntax error")
