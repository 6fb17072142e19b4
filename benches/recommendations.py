#!/usr/bin/env python3
"""How good recommendations are: `python3 benches/recommendations.py --quaver target/release/quaver --data hetrec2011-lastfm-2k.zip`.

Holds back a fifth of the artists of each user of HetRec 2011 Last.fm (a seed says which), gives the rest to Quaver (load, transform,
then reads music.recommendations) and, in the same run, to the library `implicit` (ALS, item-item by cosine and by BM25) and to the
most popular artists. Prints recall@20 and nDCG@20 of what was held back.

What was held back is gone from the tags as well: a tag that a user gave to an artist would give the artist away. The settings of
implicit are chosen on a part of the training data (`--settings` prints all that were tried); Quaver's are those of its SQL.

Needs implicit, numpy and scipy: `python3 -m venv .venv && .venv/bin/pip install implicit numpy scipy`.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request
import warnings
import zipfile

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import scipy.sparse as sp

warnings.filterwarnings("ignore")
K = 20
HELD_BACK = 0.2
# A user of fewer artists keeps them all.
FEWEST = 5


def lines(archive, name):
    """Header and rows of a file of the data set, as bytes, so that they are written as they came."""
    text = archive.read(next(n for n in archive.namelist() if n.endswith(name)))
    header, *rows = [line for line in text.split(b"\n") if line.strip()]
    return header, rows


def pair(row):
    user, artist = row.split(b"\t")[:2]
    return int(user), int(artist)


def hold_back(rows, seed, share):
    """Pairs of user and artist that are held back: `share` of each user's."""
    draw = np.random.default_rng(seed)
    by_user = {}
    for row in rows:
        user, artist = pair(row)
        by_user.setdefault(user, []).append(artist)
    held = set()
    for user in sorted(by_user):
        artists = sorted(by_user[user])
        if len(artists) >= FEWEST:
            held |= {(user, artists[i]) for i in draw.permutation(len(artists))[: round(len(artists) * share)]}
    return held


def training_part(archive, folder, held):
    folder.mkdir()
    for name in ("artists.dat", "tags.dat", "user_friends.dat"):
        header, rows = lines(archive, name)
        (folder / name).write_bytes(b"\n".join([header, *rows]) + b"\n")
    for name in ("user_artists.dat", "user_taggedartists.dat"):
        header, rows = lines(archive, name)
        (folder / name).write_bytes(b"\n".join([header, *(row for row in rows if pair(row) not in held)]) + b"\n")


class Warehouse:
    """The endpoint over a data folder, for reading."""

    def __init__(self, quaver, data):
        command = [quaver, "emulator", "--listen", "127.0.0.1:0", "--data-dir", data, "--project", "quaver"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("listening on http://"):
            raise SystemExit("quaver emulator did not start")
        self.root = line.split()[2] + "/bigquery/v2/projects/quaver"

    def get(self, url, body=None):
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(self.root + url, data=data, headers={"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=600) as answer:
            return json.load(answer)

    def rows(self, sql):
        page = self.get("/queries", {"query": sql, "useLegacySql": False, "timeoutMs": 600000, "maxResults": 20000})
        job = page["jobReference"]["jobId"]
        while True:
            yield from ([cell["v"] for cell in row["f"]] for row in page.get("rows", []))
            if not page.get("pageToken"):
                return
            page = self.get(f"/queries/{job}?maxResults=20000&pageToken={urllib.request.quote(page['pageToken'])}")


def measure(ranked, relevant):
    """Recall and nDCG of the first K, over the users of whom something was held back."""
    discount = 1 / np.log2(np.arange(2, K + 2))
    recall, gain = [], []
    for user, wanted in enumerate(relevant):
        if wanted:
            hits = np.array([artist in wanted for artist in list(ranked[user])[:K]] + [False] * K)[:K].astype(float)
            best = min(len(wanted), K)
            recall.append(hits.sum() / len(wanted))
            gain.append((hits * discount).sum() / discount[:best].sum())
    return float(np.mean(recall)), float(np.mean(gain))


def most_popular(plays):
    known = plays.tolil().rows
    order = np.argsort(-np.asarray((plays > 0).sum(0)).ravel(), kind="stable")
    return [[artist for artist in order[: K + len(row)] if artist not in set(row)][:K] for row in known]


def candidates_of_implicit():
    """Every setting of implicit that is tried: family, name, weights, model."""
    from implicit.als import AlternatingLeastSquares
    from implicit.nearest_neighbours import BM25Recommender, CosineRecommender, bm25_weight

    log = lambda plays: plays.log1p()
    bm25 = lambda plays: bm25_weight(plays.log1p(), K1=100, B=0.8).tocsr()
    for factors in (24, 32, 48, 64):
        for name, weights, alphas in (("log", log, (1.0, 2.0)), ("BM25", bm25, (0.25, 0.5))):
            for alpha in alphas:
                settings = {"factors": factors, "alpha": alpha, "regularization": 0.1, "iterations": 15, "random_state": 1}
                yield "ALS", f"{factors} factors, {name} plays, alpha {alpha}", weights, lambda s=settings: AlternatingLeastSquares(**s)
    for neighbours in (50, 200, 500, 2000):
        yield "item-item, cosine", f"{neighbours} neighbours", log, lambda n=neighbours: CosineRecommender(K=n)
        yield "item-item, BM25", f"{neighbours} neighbours", log, lambda n=neighbours: BM25Recommender(K=n)


def by_implicit(weights, model, plays):
    weighed, model = weights(plays).tocsr(), model()
    model.fit(weighed, show_progress=False)
    return model.recommend(np.arange(plays.shape[0]), weighed, N=K, filter_already_liked_items=True)[0]


def chosen_settings(plays, seed, verbose):
    """Of each family of implicit the setting with the best nDCG on a fifth of the training data."""
    draw = np.random.default_rng(seed + 1)
    out = np.zeros(plays.nnz, bool)
    for user in range(plays.shape[0]):
        begin, end = plays.indptr[user], plays.indptr[user + 1]
        out[begin + draw.permutation(end - begin)[: round((end - begin) * HELD_BACK)]] = True
    table = plays.tocoo()
    part = sp.csr_matrix((table.data[~out], (table.row[~out], table.col[~out])), shape=plays.shape)
    relevant = [set() for _ in range(plays.shape[0])]
    for user, artist in zip(table.row[out], table.col[out]):
        relevant[user].add(artist)
    best = {}
    for family, name, weights, model in candidates_of_implicit():
        recall, gain = measure(by_implicit(weights, model, part), relevant)
        if verbose:
            print(f"  {family:18} {name:36} {recall:.4f} {gain:.4f}", flush=True)
        if family not in best or gain > best[family][0]:
            best[family] = (gain, name, weights, model)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quaver", required=True, help="the program")
    parser.add_argument("--data", required=True, help="hetrec2011-lastfm-2k.zip")
    parser.add_argument("--seed", type=int, default=2011)
    parser.add_argument("--settings", action="store_true", help="print every setting of implicit that is tried")
    arguments = parser.parse_args()
    quaver = str(pathlib.Path(arguments.quaver).resolve())
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        with zipfile.ZipFile(arguments.data) as archive:
            held = hold_back(lines(archive, "user_artists.dat")[1], arguments.seed, HELD_BACK)
            training_part(archive, folder / "hetrec", held)
        data, began = str(folder / "data"), time.monotonic()
        for command in (["load", "hetrec", str(folder / "hetrec")], ["transform"]):
            done = subprocess.run([quaver, *command, "--data-dir", data], capture_output=True, text=True)
            if done.returncode != 0:
                sys.exit(f"quaver {command[0]} failed: {done.stderr[-2000:]}")
        seconds = time.monotonic() - began
        warehouse = Warehouse(quaver, data)
        try:
            keys = {int(number): key for number, key in warehouse.rows("SELECT id, artist_id FROM music_raw.hetrec_artists")}
            listens = [(int(u), a, float(p)) for u, a, p in warehouse.rows("SELECT user_id, artist_id, plays FROM music.listens")]
            given = [(int(u), int(r), a) for u, r, a in warehouse.rows("SELECT user_id, rank, artist_id FROM music.recommendations")]
        finally:
            warehouse.process.terminate()
            warehouse.process.wait()
    users = {user: at for at, user in enumerate(sorted({user for user, _, _ in listens}))}
    artists = {artist: at for at, artist in enumerate(sorted({artist for _, artist, _ in listens} | set(keys.values())))}
    rows, columns, values = zip(*((users[u], artists[a], p) for u, a, p in listens))
    plays = sp.csr_matrix((values, (rows, columns)), shape=(len(users), len(artists)))
    plays.sort_indices()
    relevant = [set() for _ in users]
    for user, artist in held:
        # Two spellings of one artist: the user plays the artist still.
        if user in users and plays[users[user], artists[keys[artist]]] == 0:
            relevant[users[user]].add(artists[keys[artist]])
    ours = [[] for _ in users]
    for user, _, artist in sorted(given):
        ours[users[user]].append(artists[artist])
    print(f"{plays.nnz} plays of {len(users)} users to learn from, {sum(map(len, relevant))} held back; seed {arguments.seed}")
    print(f"quaver load and transform: {seconds:.1f} s\n")
    results = [("Quaver", "", *measure(ours, relevant)), ("most popular", "", *measure(most_popular(plays), relevant))]
    for family, (_, name, weights, model) in chosen_settings(plays, arguments.seed, arguments.settings).items():
        results.append((f"implicit {family}", name, *measure(by_implicit(weights, model, plays), relevant)))
    print(f"{'':28} {'':36} recall@{K} nDCG@{K}")
    for name, setting, recall, gain in results:
        print(f"{name:28} {setting:36} {recall:9.4f} {gain:7.4f}")


if __name__ == "__main__":
    main()
