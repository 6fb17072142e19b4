#!/usr/bin/env bash
# The bq tool of Google's Cloud SDK against the embedded endpoint: `bq.sh http://HOST:PORT`. The last line is `N passed, N failed`.
set -uo pipefail
url=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A configuration of its own, and a token that nobody checks.
export HOME="$work" CLOUDSDK_CONFIG="$work/gcloud" CLOUDSDK_AUTH_ACCESS_TOKEN=none CLOUDSDK_CORE_PROJECT=conformance
export CLOUDSDK_CORE_DISABLE_PROMPTS=1 CLOUDSDK_CORE_DISABLE_USAGE_REPORTING=1
passed=0
failed=0
# check PATTERN ARGUMENTS: whether bq succeeds, or fails for a pattern that begins with !, and prints what the pattern says.
check() {
    local pattern=$1 found status=0
    shift
    found=$(timeout 100 bq --api="$url" --project_id=conformance --headless --quiet --format=csv "$@" 2>&1) || status=$?
    if [[ "$pattern" == !* ]]; then
        pattern=${pattern#!}
        [ "$status" -ne 0 ] && status=0 || status=1
    fi
    if [ "$status" -eq 0 ] && grep -q -- "$pattern" <<<"$found"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'bq %s: FAILED\n%s\n' "$*" "$found"
    fi
}
dataset="bq_$$"
printf 'title,plays\nTeardrop,3\nPorcelain,12\n' >"$work/songs.csv"
check "successfully created" mk --dataset "$dataset"
check "" load --autodetect --source_format=CSV "$dataset.songs" "$work/songs.csv"
check "^Porcelain,12" query --use_legacy_sql=false --parameter=least:INT64:5 "SELECT title, plays FROM $dataset.songs WHERE plays > @least"
check "^Teardrop,3" head --max_rows=5 "$dataset.songs"
check "!Unrecognized name" query --use_legacy_sql=false "SELECT nothing FROM $dataset.songs"
check "" rm -r -f --dataset "$dataset"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
