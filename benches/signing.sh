#!/usr/bin/env bash
# Measures the cost of signing: a run without it, and one with each key.
#
# usage: benches/signing.sh V1_REPO KEY... [-- RUNS]
#
# Prints Markdown. KEY is a file with an OpenPGP secret key; a passphrase is read from
# ELASTIC_PACKAGE_SIGNER_PASSPHRASE. RUNS times (default 3), by turns, each into a fresh
# folder. Before each, pending writes are flushed, and a first run, which is not counted, has read the
# repository into memory. The archives of all runs must be the same, and all of them signed. Needs disk
# space for the archives of all runs in TMPDIR, and Cargo and Python 3.
set -euo pipefail
unset CDPATH

usage() {
  echo "usage: $0 V1_REPO KEY... [-- RUNS]" >&2
  exit 2
}

[ $# -ge 2 ] || usage
repo=$(cd -- "$1" && pwd)
shift
keys=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  keys+=("$(realpath -- "$1")")
  shift
done
if [ "${#keys[@]}" = 0 ] || [ $# = 1 ] || [ $# -gt 2 ] || ! [[ ${2:-3} =~ ^[1-9][0-9]*$ ]]; then usage; fi
runs=${2:-3}
cd -- "$(dirname -- "$0")/.."
unset ELASTIC_PACKAGE_SIGNER_PRIVATE_KEYFILE

source benches/support/setup.sh
set_up --bin package-storage-migrate

# Runs and measures in a fresh folder: LABEL FLAGS...
migrate() {
  fresh_out
  # Findings are ignored.
  measure run "$work/results" "$1" "$work/out" \
    "$tool" migrate "$repo" --jobs "$jobs" --quiet --output "$work/out" "${@:2}" || [ $? = 1 ]
}

# Prints the archives of the last run's plan, one per line; fails unless SIGNED of them are signed: all or none.
archives() { # SIGNED
  python3 - "$work/out/plan.json" "$1" <<'PYTHON'
import json, sys

with open(sys.argv[1]) as file:
    plan = json.load(file)
archives = [upload for upload in plan["uploads"] if upload["kind"] == "archive"]
expected = {"made": 0, "pending": 0, "missing": 0}
expected["made" if sys.argv[2] == "all" else "missing"] = len(archives)
if plan["signatures"] != expected:
    sys.exit(f"the plan has {plan['signatures']}, expected {expected}")
for archive in archives:
    print(json.dumps(archive))
PYTHON
}

migrate warm-up
archives none >"$work/archives"

for _ in $(seq "$runs"); do
  migrate unsigned
  archives none | cmp -- "$work/archives" -
  for index in "${!keys[@]}"; do
    migrate "key-$index" --sign-key "${keys[$index]}"
    archives all | cmp -- "$work/archives" -
  done
done

rows=("unsigned=\`migrate\`, $jobs threads")
for index in "${!keys[@]}"; do
  rows+=("key-$index=with \`$(basename -- "${keys[$index]}")\`")
done
measure table "$work/results" "${rows[@]}"
cat <<END

$(wc -l <"$work/archives") archives. Medians of $runs runs each, by turns, on $(date -u +%F); peak memory is that of the \
largest process in any run.
$(measure machine); $("$tool" --version); $(rustc --version).
END
