#!/usr/bin/env bash
# Measures the cost of static resources and the search index: runs and dry runs with and without them.
#
# usage: benches/statics.sh V1_REPO [RUNS]
#
# Prints Markdown. Repeats RUNS times (default 5), in turn: a run with archives only into an empty folder, a run with
# everything, a dry run of each, and a dry run of the index alone. Pending writes are flushed before each. A first run, which is not counted, reads
# the repository into memory. Requires space for the objects of a run in TMPDIR, and Git, Cargo and Python 3.
set -euo pipefail
unset CDPATH

if [ $# -lt 1 ] || [ $# -gt 2 ] || ! [[ ${2:-5} =~ ^[1-9][0-9]*$ ]]; then
  echo "usage: $0 V1_REPO [RUNS]" >&2
  exit 2
fi
repo=$(cd -- "$1" && pwd)
runs=${2:-5}
cd -- "$(dirname -- "$0")/.."

source benches/support/setup.sh
set_up --bin package-storage-migrate

migrate() { # LABEL FLAGS...; findings are ignored
  fresh_out
  measure run "$work/results" "$1" "$work/out" "$tool" migrate "$repo" --jobs "$jobs" --quiet "${@:2}" || [ $? = 1 ]
}

migrate warm-up --output "$work/out"
cp -- "$work/out/plan.json" "$work/plan.json"

for _ in $(seq "$runs"); do
  migrate archives --resources archives --output "$work/out"
  migrate both --output "$work/out"
  cmp -- "$work/plan.json" "$work/out/plan.json"
  migrate dry-archives --resources archives --dry-run --plan "$work/dry-run.json"
  migrate index --resources index --dry-run --plan "$work/index.json"
  migrate dry-both --dry-run --plan "$work/dry-run.json"
  cmp -- "$work/plan.json" "$work/dry-run.json"
done

measure table "$work/results" "archives=archives" "both=everything" \
  "dry-archives=archives, dry run" "dry-both=everything, dry run" "index=the index alone, dry run"
cat <<END

With static resources and the index, a run takes $(measure ratio "$work/results" wall both archives) times as long, and a dry run \
$(measure ratio "$work/results" wall dry-both dry-archives) times; the plan has $(stat -c %s "$work/plan.json") bytes.

Medians of $runs runs each, in turn, on $(date -u +%F); peak memory is that of the largest process in any run.
$(measure machine); $("$tool" --version); $(rustc --version).
END
