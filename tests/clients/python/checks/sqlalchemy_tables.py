"""sqlalchemy-bigquery: the dialect's statements, reflection and types."""

import datetime
import decimal

import pandas
import sqlalchemy
from google.cloud import bigquery
from sqlalchemy import Column, MetaData, Table, func, select, types
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy_bigquery import ARRAY, STRUCT

from .suite import PROJECT, SONGS, Checks, connect, equal, raises

check = Checks()


def engine(run):
    config = bigquery.QueryJobConfig(default_dataset=f"{PROJECT}.{run.dataset.dataset_id}")
    client = connect(default_query_job_config=config)
    address = f"bigquery://{PROJECT}/{run.dataset.dataset_id}?user_supplied_client=true"
    return sqlalchemy.create_engine(address, connect_args={"client": client})


@check
def text_and_parameters_are_executed(run):
    songs = run.songs()
    with engine(run).connect() as connection:
        equal(connection.execute(sqlalchemy.text("SELECT 1 AS n, 'x' AS s")).one()._asdict(), {"n": 1, "s": "x"})
        found = connection.execute(sqlalchemy.text(f"SELECT title FROM `{songs}` WHERE plays > :least AND title LIKE :like"), {"least": 1, "like": "T%"})
        equal(found.scalars().all(), ["Teardrop"])
        raises(sqlalchemy.exc.DatabaseError, lambda: connection.execute(sqlalchemy.text("SLECT 1")), "Syntax error")


@check
def tables_are_reflected(run):
    run.songs()
    run.client.query(f"CREATE VIEW `{run.table('view')}` AS SELECT title FROM `{run.table('songs')}`").result()
    inspector = sqlalchemy.inspect(engine(run))
    assert run.dataset.dataset_id in inspector.get_schema_names()
    equal((inspector.get_table_names(), inspector.get_view_names()), (["songs"], ["view"]))
    equal((inspector.has_table("songs"), inspector.has_table("missing")), (True, False))
    columns = {column["name"]: (str(column["type"]), column["nullable"]) for column in inspector.get_columns("songs")}
    equal(columns, {"title": ("VARCHAR", False), "artist": ("VARCHAR", True), "plays": ("INTEGER", True), "released": ("DATE", True),
                    "tags": ("ARRAY", True)})
    table = Table("songs", MetaData(), autoload_with=engine(run))
    with engine(run).connect() as connection:
        query = select(table.c.title, table.c.plays).where(table.c.released < datetime.date(1999, 1, 1)).order_by(table.c.title)
        equal(connection.execute(query).all(), [("Teardrop", 3)])
        grouped = select(table.c.artist, func.sum(table.c.plays).label("plays")).group_by(table.c.artist).having(func.sum(table.c.plays) > 1)
        equal(sorted(connection.execute(grouped).all()), [("Massive Attack", 3), ("Moby", 12)])
        equal(connection.execute(select(func.count()).select_from(table)).scalar(), len(SONGS))
        tags = func.unnest(table.c.tags).alias("tag")
        equal(sorted(connection.execute(select(sqlalchemy.literal_column("tag")).select_from(table, tags)).scalars()), ["bristol", "downtempo", "trip-hop"])
        within = select(table.c.title).where(table.c.artist.in_(["Air", "Moby"])).order_by(table.c.title).limit(1).offset(1)
        equal(connection.execute(within).scalars().all(), ["Élan"])
        equal(connection.execute(select(sqlalchemy.exists().where(table.c.plays > 100))).scalar(), False)
        cte = select(table.c.title, func.row_number().over(order_by=table.c.plays.desc()).label("place")).cte("ranked")
        equal(connection.execute(select(cte.c.title).where(cte.c.place == 1)).scalar(), "Porcelain")


@check
def tables_are_made_filled_and_dropped(run):
    metadata = MetaData()
    table = Table(
        "plays", metadata, Column("id", types.Integer, nullable=False), Column("name", types.String), Column("at", types.TIMESTAMP),
        Column("day", types.Date), Column("when", types.DateTime), Column("price", types.Numeric), Column("ok", types.Boolean),
        Column("raw", types.LargeBinary), Column("score", types.Float), Column("l", ARRAY(types.Integer)), Column("r", STRUCT(a=types.String, n=types.Integer)),
        bigquery_description="Made by SQLAlchemy", bigquery_clustering_fields=["name"],
    )
    at = datetime.datetime(2024, 3, 1, 12, tzinfo=datetime.timezone.utc)
    row = {"id": 1, "name": "l'été", "at": at, "day": at.date(), "when": at.replace(tzinfo=None), "price": decimal.Decimal("1.5"), "ok": True,
           "raw": b"\x00", "score": 0.5, "l": [1, 2], "r": {"a": "x", "n": 3}}
    own = engine(run)
    metadata.create_all(own)
    metadata.create_all(own)
    made = run.client.get_table(run.table("plays"))
    equal((made.description, made.clustering_fields, made.schema[0].mode), ("Made by SQLAlchemy", ["name"], "REQUIRED"))
    with own.begin() as connection:
        equal(connection.execute(table.insert(), row).rowcount, 1)
        connection.execute(table.insert(), [{"id": n, "name": f"n{n}"} for n in (2, 3)])
        equal(connection.execute(select(table).where(table.c.id == 1)).one()._asdict(), row)
        equal(connection.execute(select(table.c.r.a, table.c.l[1]).where(table.c.id == 1)).one(), ("x", 2))
        equal(connection.execute(table.update().where(table.c.id == 2).values(name="two")).rowcount, 1)
        equal(connection.execute(table.delete().where(table.c.id == 3)).rowcount, 1)
        equal(sorted(connection.execute(select(table.c.id, table.c.name)).all()), [(1, "l'été"), (2, "two")])
    metadata.drop_all(own)
    equal(sqlalchemy.inspect(own).get_table_names(), [])


class Base(DeclarativeBase):
    pass


class Artist(Base):
    __tablename__ = "artists"
    id = Column(types.Integer, primary_key=True)
    name = Column(types.String)


@check
def objects_are_kept(run):
    own = engine(run)
    Base.metadata.create_all(own)
    with Session(own) as session:
        session.add_all([Artist(id=1, name="Air"), Artist(id=2, name="Moby")])
        session.commit()
        found = session.scalars(select(Artist).where(Artist.name == "Air")).one()
        found.name = "AIR"
        session.commit()
        equal(session.scalars(select(Artist.name).order_by(Artist.id)).all(), ["AIR", "Moby"])


@check
def pandas_reads_and_writes_by_sql(run):
    songs = run.songs()
    frame = pandas.read_sql(f"SELECT title, plays FROM `{songs}` ORDER BY title", engine(run))
    equal(frame["title"].tolist(), ["Porcelain", "Teardrop", "Élan"])
    frame.to_sql("written", engine(run), index=False)
    equal(run.rows(f"SELECT COUNT(*) FROM `{run.table('written')}`"), [(3,)])
