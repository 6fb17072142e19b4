#!/usr/bin/env python3
"""How long an answer takes, and what a process needs: `python3 benches/ask.py`.

Starts `quaver serve` on this machine (the release binary, built if there is none), asks the questions of benches/questions.txt and
prints, side by side for the sample and, with `--shared DIR`, for real data: the stages of an answer, POST /v1/ask at one and at
eight clients, start-up, memory. `--save FILE` keeps the figures, `--against FILE` prints them as columns beside the new ones.

Only Python's standard library; only the loopback; every phase ends after `--seconds`, whatever is left of it.
"""

import argparse
import http.client
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODEL = ROOT / "models" / "quaver-music" / "model.safetensors"
STAGES = ["link", "model", "validate", "dry_run", "query", "summarise", "total"]
START_TIMEOUT_S = 300
LOAD_TIMEOUT_S = 1800
REQUEST_TIMEOUT_S = 60
# Files of real data as they are commonly named, and the source that reads them.
SOURCES = {
    "hetrec": "hetrec*.zip",
    "spotify-tracks": "*spotify-tracks*.zip",
    "spotify-1921": "*spotify-192*.zip",
    "spotify-ultimate": "*ultimate-spotify*.zip",
    "spotify-relational": "*spotify-relational*.zip",
    "hot-100": "*hot100*.zip",
}


class Server:
    """A `quaver serve` of our own."""

    def __init__(self, binary, data_dir, log, **settings):
        self.log = open(log, "ab")
        begun = time.monotonic()
        command = [binary, "serve", "--listen", "127.0.0.1:0", "--data-dir", str(data_dir)]
        environment = {**os.environ, **settings}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True, cwd=ROOT, env=environment)
        stop = threading.Timer(START_TIMEOUT_S, self.process.kill)
        stop.start()
        line = self.process.stdout.readline()
        stop.cancel()
        self.listening_s = time.monotonic() - begun
        # What the process still prints is read away, so that it never waits for us.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        try:
            if not line.startswith("listening on http://"):
                raise SystemExit(f"quaver serve did not start; its log is {log}")
            self.address = urllib.parse.urlsplit(line.split()[2]).netloc
            while self.status("/readyz") != 200:
                if self.process.poll() is not None or time.monotonic() - begun > START_TIMEOUT_S:
                    raise SystemExit(f"quaver serve does not become ready; its log is {log}")
                time.sleep(0.01)
        except BaseException:
            self.stop()
            raise
        self.ready_s = time.monotonic() - begun

    def status(self, path):
        connection = http.client.HTTPConnection(self.address, timeout=REQUEST_TIMEOUT_S)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()

    def memory_mib(self, field="VmRSS"):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
        return float("nan")

    def processor_s(self):
        """Seconds of processor time that all its threads took so far, which no other program on the machine lengthens."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


class Load:
    """Asks questions from several clients at once, each question in turn, for so many rounds or so many seconds."""

    def __init__(self, server, questions, clients, rounds, seconds):
        self.server, self.answers, self.problems, self.latencies_ms = server, [], {}, []
        self.lock, self.todo = threading.Lock(), iter([q for _ in range(rounds) for q in questions])
        self.until = time.monotonic() + seconds
        self.peak_mib = server.memory_mib()
        begun, processor_s = time.monotonic(), server.processor_s()
        threads = [threading.Thread(target=self.client) for _ in range(clients)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            self.peak_mib = max(self.peak_mib, server.memory_mib())
            time.sleep(0.02)
        self.wall_s = time.monotonic() - begun
        self.processor_s = server.processor_s() - processor_s

    def client(self):
        connection = http.client.HTTPConnection(self.server.address, timeout=REQUEST_TIMEOUT_S)
        while time.monotonic() < self.until:
            with self.lock:
                question = next(self.todo, None)
            if question is None:
                break
            begun = time.monotonic()
            try:
                connection.request("POST", "/v1/ask", json.dumps({"question": question}), {"Content-Type": "application/json"})
                response = connection.getresponse()
                status, body = response.status, json.loads(response.read())
            except (OSError, http.client.HTTPException, ValueError) as error:
                connection.close()
                status, body = 0, {"code": type(error).__name__}
            took_ms = (time.monotonic() - begun) * 1000
            with self.lock:
                if status == 200:
                    self.answers.append(body)
                    self.latencies_ms.append(took_ms)
                else:
                    code = body.get("code", str(status))
                    self.problems.setdefault(code, []).append(question)
        connection.close()

    def percentile(self, percent):
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, round(percent / 100 * (len(ordered) - 1)))] if ordered else float("nan")


def measure(binary, data_dir, log, questions, options, absent):
    """The figures of one data directory, by name; `absent` says that its sample is still to be made."""
    figures = {}
    if absent:
        server = Server(binary, data_dir, log)
        figures["start, no data yet: listening (s)"] = server.listening_s
        figures["start, no data yet: ready (s)"] = server.ready_s
        server.stop()
    server = Server(binary, data_dir, log)
    try:
        figures["start, data present: listening (s)"] = server.listening_s
        figures["start, data present: ready (s)"] = server.ready_s
        figures["memory at rest (MiB)"] = server.memory_mib()
        Load(server, questions, 1, 1, options.seconds)  # what is computed once is not measured
        for clients in options.clients:
            load = Load(server, questions, clients, options.rounds, options.seconds)
            if clients == min(options.clients):
                for stage in STAGES:
                    took = [a["timings_ms"][stage] for a in load.answers if a["timings_ms"].get(stage) is not None]
                    figures[f"stage {stage}, median (ms)"] = statistics.median(took) if took else float("nan")
            name = f"ask, {clients} client{'s' if clients > 1 else ''}"
            figures[f"{name}: p50 (ms)"] = load.percentile(50)
            figures[f"{name}: p95 (ms)"] = load.percentile(95)
            figures[f"{name}: answers a second"] = len(load.answers) / load.wall_s
            figures[f"{name}: processor time an answer (ms)"] = load.processor_s * 1000 / max(1, len(load.answers))
            figures[f"{name}: answered"] = len(load.answers)
            figures[f"{name}: not answered"] = sum(map(len, load.problems.values()))
            figures[f"{name}: memory, highest (MiB)"] = load.peak_mib
            for code, asked in sorted(load.problems.items()):
                print(f"# {name}: {len(asked)} {code}, such as {asked[0]!r}", file=sys.stderr)
        figures["memory after all (MiB)"] = server.memory_mib()
    finally:
        server.stop()
    return figures


def without_model(binary, data_dir, log):
    """Memory at rest (MiB) of a process that has a model of a few kilobytes in the place of its own."""
    manifest = pathlib.Path(data_dir).parent / "tiny.toml"
    own = (ROOT / "models" / "quaver-music.toml").read_text()
    # It was trained for nothing, so it is not asked for more than queries.
    manifest.write_text(own.replace('path = "quaver-music"', f'path = "{ROOT / "tests" / "fixtures" / "tiny-t5"}"').replace("question_weight", "question_weight = 0 # "))
    server = Server(binary, data_dir, log, QUAVER__MODEL__NAME=str(manifest))
    try:
        return server.memory_mib()
    finally:
        server.stop()


def load_real(binary, data_dir, shared, log):
    """Loads what is found of the known files, and builds the tables that questions read."""
    found = [(source, path) for source, pattern in SOURCES.items() for path in sorted(shared.glob(pattern))[:1]]
    if not found:
        raise SystemExit(f"no file of {', '.join(SOURCES.values())} in {shared}")
    begun = time.monotonic()
    with open(log, "ab") as out:
        for command in [["load", source, str(path)] for source, path in found] + [["transform"]]:
            print(f"# quaver {' '.join(command)}", file=sys.stderr)
            run = [binary, *command, "--data-dir", str(data_dir)]
            subprocess.run(run, check=True, stdout=out, stderr=out, timeout=LOAD_TIMEOUT_S, cwd=ROOT)
    return time.monotonic() - begun


def show(columns):
    """Prints one line a figure, one column a run."""
    names = list(dict.fromkeys(name for figures in columns.values() for name in figures))
    width = max(map(len, names))
    print(" " * width, *(f"{title:>14}" for title in columns))
    for name in names:
        cells = [figures.get(name) for figures in columns.values()]
        texts = ["-" if cell is None or cell != cell else f"{cell:.0f}" if isinstance(cell, int) else f"{cell:.2f}" for cell in cells]
        print(f"{name:<{width}}", *(f"{text:>14}" for text in texts))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--binary", help="program to measure; else target/release/quaver, built first")
    parser.add_argument("--shared", type=pathlib.Path, help="folder of downloaded data sets: measure real data too")
    parser.add_argument("--rounds", type=int, default=3, help="how often each question is asked in a phase")
    parser.add_argument("--seconds", type=float, default=60, help="longest that a phase may take")
    parser.add_argument("--clients", type=lambda text: [int(n) for n in text.split(",")], default=[1, 8])
    parser.add_argument("--save", type=pathlib.Path, help="write the figures to this file")
    parser.add_argument("--against", type=pathlib.Path, action="append", default=[], help="figures of an earlier --save")
    options = parser.parse_args()
    if options.binary is None:
        target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
        subprocess.run(["cargo", "build", "--release", "--locked", "-p", "quaver", "--bin", "quaver"], check=True, cwd=ROOT)
        options.binary = target / "release" / "quaver"
    binary = str(pathlib.Path(options.binary).resolve())
    lines = (ROOT / "benches" / "questions.txt").read_text(encoding="utf-8").splitlines()
    questions = [line for line in lines if line and not line.startswith("#")]
    columns = {}
    with tempfile.TemporaryDirectory(prefix="quaver-bench-") as work:
        work = pathlib.Path(work)
        log = pathlib.Path(tempfile.gettempdir()) / f"quaver-bench-{os.getpid()}.log"
        columns["sample"] = sample = measure(binary, work / "sample", log, questions, options, absent=True)
        sample["memory of the model (MiB)"] = sample["memory at rest (MiB)"] - without_model(binary, work / "sample", log)
        sample["memory of the model, of its file"] = sample["memory of the model (MiB)"] / (MODEL.stat().st_size / 2**20)
        if options.shared:
            took = load_real(binary, work / "real", options.shared, log)
            columns["real"] = {"load and transform (s)": took, **measure(binary, work / "real", log, questions, options, absent=False)}
        log.unlink()
    if options.save:
        options.save.write_text(json.dumps(columns, indent=2) + "\n")
    for path in options.against:
        for title, figures in json.loads(path.read_text()).items():
            columns[f"{title}@{path.stem}"[:14]] = figures
    show(columns)


if __name__ == "__main__":
    main()
