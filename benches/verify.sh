#!/usr/bin/env bash
# Compares `verify` of a folder with `unzip -t` over the same archives, and with the migration that created
# them.
#
# usage: benches/verify.sh V1_REPO V2_DIR [RUNS]
#
# Prints Markdown. V2_DIR contains artifacts/packages/, as created by `migrate` from V1_REPO. RUNS times
# (default 3), by turns: `verify --depth content`, `verify --depth entries`, `unzip -t` with as many
# processes as we have threads, and `migrate` into a fresh folder. A first run of each reader, which
# is not counted, has read repository and archives into memory. Needs disk space for the archives of all runs
# in TMPDIR, and unzip, Cargo and Python 3.
set -euo pipefail
unset CDPATH

if [ $# -lt 2 ] || [ $# -gt 3 ] || ! [[ ${3:-3} =~ ^[1-9][0-9]*$ ]]; then
  echo "usage: $0 V1_REPO V2_DIR [RUNS]" >&2
  exit 2
fi
repo=$(cd -- "$1" && pwd)
archives=$(cd -- "$2/artifacts/packages" && pwd)
v2=$(cd -- "$2" && pwd)
runs=${3:-3}
cd -- "$(dirname -- "$0")/.."

source benches/support/setup.sh
set_up --bin package-storage-migrate

verify() { # DEPTH LABEL; revisions that are unreadable in v1 are ignored
  sync
  measure run "$work/results" "$2" "$archives" "$tool" verify "$repo" --v2 "$v2" --resources archives --depth "$1" --jobs "$jobs" \
    --quiet --report "$work/$1.json" || [ $? = 1 ]
}

unzip_all() { # LABEL
  sync
  measure run "$work/results" "$1" "$archives" xargs -0 -n 1 -P "$jobs" unzip -tqq <"$work/paths" >"$work/unzip.log"
}

migrate() { # findings are ignored
  fresh_out
  measure run "$work/results" migrate "$work/out" "$tool" migrate "$repo" --output "$work/out" --jobs "$jobs" --quiet ||
    [ $? = 1 ]
}

find "$archives" -name '*.zip' -print0 >"$work/paths"
verify content warm-up
unzip_all warm-up
for _ in $(seq "$runs"); do
  verify content content
  verify entries entries
  unzip_all unzip
  migrate
done

measure table "$work/results" "content=\`verify --depth content\`, $jobs threads" \
  "entries=\`verify --depth entries\`, $jobs threads" "unzip=\`unzip -t\`, $jobs at a time" \
  "migrate=\`migrate\`, $jobs threads"
ratio() { measure ratio "$work/results" wall "$1" "$2"; }
cat <<END

\`verify --depth content\` takes $(ratio content migrate) of the migration's time (at most 1), \`--depth entries\` \
$(ratio entries migrate) (at most 0.2); \`unzip -t\` takes $(ratio unzip content) times as long as \`--depth content\`, and \
does not compare with v1.

END
python3 - "$work" <<'PYTHON'
import json, sys

for depth in ("content", "entries"):
    with open(f"{sys.argv[1]}/{depth}.json") as file:
        print(f"- `{depth}`: {json.load(file)['verdict']['sentence']}")
PYTHON
cat <<END

Medians of $runs runs each, by turns, on $(date -u +%F); peak memory is that of the largest process in any run.
$(measure machine); $(unzip -v | head -n 1 | cut -d, -f1); $("$tool" --version); $(rustc --version).
END
