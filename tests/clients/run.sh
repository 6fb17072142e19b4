#!/usr/bin/env bash
# Google's own clients against `quaver emulator`: builds it (unless QUAVER_BIN names a program), starts it on a free port and an empty
# folder, runs the checks of each client, stops it. Clients are installed once, under ${XDG_CACHE_HOME:-~/.cache}/quaver-ci, and the Rust
# one is built there. The last line is `N passed, N failed`.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/quaver-ci"
work=$(mktemp -d)
emulator=""
stop() {
    status=$?
    if [ -n "$emulator" ]; then
        kill "$emulator" 2>/dev/null || true
        wait "$emulator" 2>/dev/null || true
    fi
    [ "$status" -eq 0 ] || { echo "--- the end of the endpoint's log"; tail -n 20 "$work/log" 2>/dev/null || true; }
    rm -rf "$work"
    exit "$status"
}
trap stop EXIT

# Installs into a folder named by what is to be installed, so that a change of versions installs anew.
venv="$cache/venv-$(sha256sum "$here/python/requirements.txt" | cut -c1-12)"
if [ ! -e "$venv/ready" ]; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/python/requirements.txt"
    touch "$venv/ready"
fi
node="$cache/node-$(sha256sum "$here/node/package-lock.json" | cut -c1-12)"
if [ ! -e "$node/ready" ]; then
    rm -rf "$node"
    mkdir -p "$node"
    cp "$here/node/package.json" "$here/node/package-lock.json" "$node"
    npm ci --prefix "$node" --no-audit --no-fund --loglevel=error
    touch "$node/ready"
fi

# A crate with a lock file of its own, in a target directory of its own: it shares no dependency's features with the workspace.
target="${CARGO_TARGET_DIR:-$cache/target}/clients"
(cd "$here/rust" && CARGO_TARGET_DIR="$target" cargo build --quiet --locked)

if [ -z "${QUAVER_BIN:-}" ]; then
    (cd "$root" && cargo build -p quaver --locked)
    QUAVER_BIN="${CARGO_TARGET_DIR:-$root/target}/debug/quaver"
fi
: >"$work/out"
"$QUAVER_BIN" emulator --project conformance --listen 127.0.0.1:0 --data-dir "$work/data" >"$work/out" 2>"$work/log" &
emulator=$!
url=""
for _ in $(seq 300); do
    url=$(sed -n '1s/^listening on \(http:.*\)$/\1/p' "$work/out")
    [ -n "$url" ] && break
    kill -0 "$emulator" 2>/dev/null || { echo "the endpoint did not start"; exit 1; }
    sleep 0.1
done
[ -n "$url" ] || { echo "the endpoint did not say where it listens"; exit 1; }

# No proxy stands between the clients and this machine, and nobody looks for credentials.
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 METADATA_SERVER_DETECTION=none
passed=0
failed=0
# Counts a client's checks by its last line; a client that gives none, or is still running after five minutes, has failed.
count() {
    local name=$1
    shift
    echo "$name"
    timeout 300 "$@" >"$work/checks" 2>&1 || true
    cat "$work/checks"
    if [[ $(tail -n 1 "$work/checks") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
        passed=$((passed + BASH_REMATCH[1]))
        failed=$((failed + BASH_REMATCH[2]))
    else
        echo "$name: did not finish"
        failed=$((failed + 1))
    fi
}
export PYTHONDONTWRITEBYTECODE=1
python() { count "$1" "$venv/bin/python" "$here/python/conformance.py" "$url" "${@:2}"; }
python "google-cloud-bigquery (Python)" queries tables loads jobs dbapi frames
python "pandas-gbq" pandas_gbq_frames
python "sqlalchemy-bigquery" sqlalchemy_tables
python "google-api-python-client" discovery
cp "$here/node/conformance.mjs" "$node/"
count "@google-cloud/bigquery (Node)" node "$node/conformance.mjs" "$url"
count "google-cloud-bigquery (Rust)" "$target/debug/quaver-conformance" "$url"
if command -v bq >/dev/null; then
    count "bq (Google Cloud SDK)" "$here/bq.sh" "$url"
else
    echo "bq (Google Cloud SDK): skipped, it is not installed"
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
