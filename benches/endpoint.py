#!/usr/bin/env python3
"""The embedded BigQuery endpoint beside DuckDB, on the same Parquet, in one run.

- Twenty typical queries (endpoint_queries.py) on made plays of each size of --rows: the endpoint over HTTP, from the request to the last
  byte of the answer, and DuckDB in this process, reading the very file that was loaded. The answers have to agree. Rounds alternate.
- Pruning: bytes and time of a query on a day of a partitioned table, and on one column, against the whole.
- SELECT 1 over one connection, ten thousand times: the first thousand against the last, and the memory of the process.
- 64 clients at once, each with a connection of its own: every answer has to be the right one.

DuckDB comes from PyPI into a virtual environment of its own, in which this script starts itself again. The figures that the project asks
for are of a release build on an idle machine.

    python3 benches/endpoint.py                                      # builds target/release/quaver first; 1 M and 10 M rows
    python3 benches/endpoint.py --binary target/debug/quaver --rows 100000
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benches"))
PACKAGES = ["duckdb==2.0.0", "pytz"]
# What the issue asks for.
MOST_TIMES_DUCKDB, MOST_SELECT_MS, CLIENTS = 1.5, 3, 64
# How much later thousands may be slower, and the process larger, and count as flat.
FLAT_TIME, FLAT_MEMORY = 1.25, 1.1


def in_environment(place):
    """Starts this script again in DuckDB's environment, unless it runs there."""
    python = pathlib.Path(place) / "bin" / "python"
    if not python.exists():
        print(f"# making {place}", file=sys.stderr)
        venv.create(place, with_pip=True)
    if subprocess.run([python, "-c", "import duckdb, pytz"], capture_output=True).returncode != 0:
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    if pathlib.Path(sys.prefix).resolve() != pathlib.Path(place).resolve():
        os.execv(python, [str(python), *sys.argv])


def make(duckdb, work, rows, seed):
    """Plays and their artists as Parquet, the same for the same seed. A few artists and users have most plays."""
    base = duckdb.connect()
    base.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = true")
    artists, users = max(200, min(rows // 50, 20_000)), max(5_000, rows // 200)
    countries = "'France', 'Norway', 'Japan', 'Brazil', 'Kenya', 'Canada', 'India', 'Spain', 'Poland', 'Chile', 'Ghana', 'Italy'"
    genres = "'rock', 'pop', 'jazz', 'hip hop', 'electronic', 'folk', 'classical', 'metal', 'soul', 'country'"
    draw = lambda n, salt: f"(hash({n} * 64 + {salt}, {seed}) / 18446744073709551616.0)"
    base.execute(
        f"""CREATE TABLE artists AS SELECT 'Artist ' || n AS name, [{genres}][1 + CAST(floor({draw('n', 1)} * 10) AS INT)] AS genre,
            CAST(1950 + floor({draw('n', 2)} * 74) AS BIGINT) AS since FROM range({artists}) AS r(n)"""
    )
    base.execute(
        f"""CREATE TABLE plays AS SELECT
            CAST(floor(pow({draw('n', 3)}, 1.5) * {users}) AS BIGINT) AS user_id,
            'Artist ' || CAST(floor(pow({draw('n', 4)}, 3) * {artists}) AS BIGINT) AS artist,
            'Track ' || CAST(floor(pow({draw('n', 5)}, 2) * 40) AS BIGINT) AS track,
            [{countries}][1 + CAST(floor(pow({draw('n', 6)}, 2) * 12) AS INT)] AS country,
            make_timestamptz(CAST(1704067200000000 + floor((n + {draw('n', 7)} * 1000) * 31536000000000.0 / {rows + 1000}) AS BIGINT)) AS played_at,
            CAST(30000 + floor({draw('n', 8)} * 400000) AS BIGINT) AS duration_ms,
            {draw('n', 9)} < 0.2 AS skipped,
            CASE WHEN {draw('n', 10)} < 0.7 THEN CAST(1 + floor({draw('n', 11)} * 9) / 2 AS DOUBLE) END AS rating
            FROM range({rows}) AS r(n)"""
    )
    paths = {}
    for table in ("plays", "artists"):
        paths[table] = work / f"{table}-{rows}.parquet"
        base.execute(f"COPY {table} TO '{paths[table]}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)")
    base.close()
    return paths


def side_by_side(duckdb, endpoint, rows, paths, options):
    from endpoint_http import agree, cells
    from endpoint_queries import QUERIES

    dataset = f"d{rows}"
    endpoint.dataset(dataset)
    loads = {table: endpoint.load(dataset, table, path) for table, path in paths.items()}
    size_mb = paths["plays"].stat().st_size / 1e6
    print(f"\n{rows:,} plays, Parquet of {size_mb:.0f} MB; loaded in {loads['plays']:.2f} s")
    base = duckdb.connect(config={"threads": options.cores})
    base.execute("SET TimeZone = 'UTC'")
    for table, path in paths.items():
        base.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{path}')")
    client, ratios, wrong = endpoint.client(dataset), [], []
    print(f"{'query':<26}{'endpoint':>11}{'DuckDB':>11}{'ratio':>8}")
    for name, sql, own in QUERIES:
        ours, theirs = [], []
        for turn in range(options.rounds + 1):
            took, answer = client.query(sql)
            begun = endpoint.now()
            found = base.execute(own or sql).fetchall()
            spent = endpoint.now() - begun
            # The first turn is not counted, for either.
            if turn > 0:
                ours.append(took)
                theirs.append(spent)
        difference = agree(cells(answer), found)
        if difference:
            wrong.append(f"{name}: {difference}")
        mean, other = statistics.median(ours), statistics.median(theirs)
        ratios.append(mean / other)
        print(f"{name:<26}{mean * 1000:>8.1f} ms{other * 1000:>8.1f} ms{mean / other:>8.2f}{'  DIFFERS' if difference else ''}")
    middle = statistics.median(ratios)
    print(f"{'median of ratios':<48}{middle:>8.2f}   {held(middle, MOST_TIMES_DUCKDB, '')}")
    base.close()
    client.close()
    return wrong


def pruning(endpoint, rows, path, options):
    """Bytes and time follow what is read: a day of a year, a column of eight."""
    dataset = f"d{rows}"
    endpoint.load(dataset, "by_day", path, timePartitioning={"type": "DAY", "field": "played_at"})
    client = endpoint.client(dataset)
    every = "SELECT COUNT(user_id), MAX(artist), MAX(track), MAX(country), SUM(duration_ms), COUNTIF(skipped), AVG(rating), MAX(played_at) FROM by_day"
    day = " WHERE played_at >= TIMESTAMP '2024-06-01 00:00:00+00' AND played_at < TIMESTAMP '2024-06-02 00:00:00+00'"
    print(f"pruning, {rows:,} rows{'':<10}{'MB':>10}{'of whole':>10}{'time':>11}{'of whole':>10}")
    whole = None
    for what, sql in [("the whole", every), ("a day", every + day), ("a column", "SELECT SUM(duration_ms) FROM by_day")]:
        size = client.dry_run(sql)
        took = statistics.median(client.query(sql)[0] for _ in range(options.rounds))
        whole = whole or (size, took)
        print(f"  {what:<28}{size / 1e6:>10.2f}{size / whole[0]:>10.1%}{took * 1000:>8.1f} ms{took / whole[1]:>10.1%}")
    client.close()


def select_one(endpoint, queries):
    """SELECT 1, over and over on one connection."""
    client = endpoint.client(None)
    client.query("SELECT 1")
    sizes, took = [endpoint.resident_mib()], []
    # The endpoint keeps its last 2,000 jobs; until then it may grow.
    settled = min(3_000, queries // 2)
    for n in range(queries):
        took.append(client.query("SELECT 1")[0] * 1000)
        if n + 1 in (settled, queries):
            sizes.append(endpoint.resident_mib())
    client.close()
    part = max(1, min(1_000, queries // 3))
    print(f"\nSELECT 1, {queries:,} times over HTTP:")
    p50s = []
    for name, some in (("first", took[:part]), ("last", took[-part:])):
        p50, p95 = percentile(some, 50), percentile(some, 95)
        p50s.append(p50)
        print(f"  {name} {part:,}: p50 {p50:.2f} ms, p95 {p95:.2f} ms; {held(p50, MOST_SELECT_MS, ' ms')}")
    print(f"  last to first           {p50s[1] / p50s[0]:8.2f}   {held(p50s[1] / p50s[0], FLAT_TIME, '')}")
    print(f"  resident memory         {sizes[0]:.0f} MiB before, {sizes[1]:.0f} MiB after {settled:,}, {sizes[2]:.0f} MiB after all")
    print(f"  all to {settled:,}            {sizes[2] / sizes[1]:8.2f}   {held(sizes[2] / sizes[1], FLAT_MEMORY, '')}")


def many_clients(endpoint, rows, options):
    """Clients at once, each asking some of the queries from another one on."""
    import threading

    from endpoint_http import cells
    from endpoint_queries import QUERIES

    alone = endpoint.client(f"d{rows}")
    expected = [cells(alone.query(sql)[1]) for _, sql, _ in QUERIES]
    alone.close()
    failures, took = [], []

    def ask(first):
        try:
            client = endpoint.client(f"d{rows}")
            for n in range(options.each):
                at = (first + n) % len(QUERIES)
                spent, answer = client.query(QUERIES[at][1])
                took.append(spent)
                if cells(answer) != expected[at]:
                    failures.append(f"{QUERIES[at][0]}: another answer than alone")
            client.close()
        except Exception as error:
            failures.append(repr(error))

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(options.clients)]
    begun = endpoint.now()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = endpoint.now() - begun
    print(f"\n{options.clients} clients at once, {options.each} queries each on {rows:,} rows: {len(took)} answers in {spent:.1f} s, {len(failures)} errors")
    print(f"  p50 {percentile(took, 50) * 1000:.0f} ms, p95 {percentile(took, 95) * 1000:.0f} ms; {endpoint.resident_mib():.0f} MiB resident")
    return failures


def percentile(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, len(values) * part // 100)] if values else float("nan")


def held(value, most, unit):
    return f"at most {most}{unit}: {'held' if value <= most else 'NOT HELD'}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--binary", help="program to measure; else target/release/quaver, built first")
    parser.add_argument("--rows", type=int, action="append", help="how many plays; may be given again; else 1 M and 10 M")
    parser.add_argument("--rounds", type=int, default=5, help="counted turns of each query; the medians are compared")
    parser.add_argument("--cores", type=int, default=2, help="cores that both may use")
    parser.add_argument("--selects", type=int, default=10_000, help="how often SELECT 1 is asked")
    parser.add_argument("--clients", type=int, default=CLIENTS, help="how many clients ask at once")
    parser.add_argument("--each", type=int, default=5, help="queries of each of them")
    parser.add_argument("--seed", type=int, default=20240301, help="seed of the made plays")
    parser.add_argument("--work", help="folder for the data while it runs; it is emptied afterwards")
    parser.add_argument("--venv", default=pathlib.Path.home() / ".cache" / "quaver-bench" / "duckdb", help="DuckDB's environment")
    options = parser.parse_args()
    in_environment(options.venv)
    import duckdb
    from endpoint_http import Endpoint

    if options.binary is None:
        target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
        subprocess.run(["cargo", "build", "--release", "--locked", "-p", "quaver", "--bin", "quaver"], check=True, cwd=ROOT)
        options.binary = target / "release" / "quaver"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cores])
    sizes = options.rows or [1_000_000, 10_000_000]
    print(f"DuckDB {duckdb.__version__}, {options.cores} cores, seed {options.seed}, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="quaver-bench-", dir=options.work) as work:
        work = pathlib.Path(work)
        failures = []
        with Endpoint(pathlib.Path(options.binary).resolve(), work / "data") as endpoint:
            for rows in sizes:
                paths = make(duckdb, work, rows, options.seed)
                failures += side_by_side(duckdb, endpoint, rows, paths, options)
                pruning(endpoint, rows, paths["plays"], options)
                for path in paths.values():
                    path.unlink()
            select_one(endpoint, options.selects)
            failures += many_clients(endpoint, sizes[0], options)
    for failure in failures[:20]:
        print(f"WRONG {failure}")
    raise SystemExit(1 if failures else 0)


if __name__ == "__main__":
    main()
