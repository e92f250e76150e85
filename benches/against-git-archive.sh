#!/usr/bin/env bash
# Compares a whole run with `git archive`, run once per revision, with as many processes as we have threads.
#
# usage: benches/against-git-archive.sh V1_REPO [RUNS]
#
# Prints Markdown. RUNS times (default 3), by turns: our run into a fresh folder, our
# dry run, and `git archive` into a fresh folder of the same file system. Our run flushes every archive
# to disk, as always; `git archive` never does. Before each, pending writes are flushed, and a first
# run of ours, which is not counted, has read the repository into memory. Needs disk space for the archives
# of all runs in TMPDIR, and Git, Cargo and Python 3.
set -euo pipefail
unset CDPATH

if [ $# -lt 1 ] || [ $# -gt 2 ] || ! [[ ${2:-3} =~ ^[1-9][0-9]*$ ]]; then
  echo "usage: $0 V1_REPO [RUNS]" >&2
  exit 2
fi
repo=$(cd -- "$1" && pwd)
runs=${2:-3}
cd -- "$(dirname -- "$0")/.."

source benches/support/setup.sh
set_up --bin package-storage-migrate

# Runs and measures in a fresh folder: LABEL COMMAND...
measured() {
  fresh_out
  measure run "$work/results" "$1" "$work/out" "${@:2}"
}

migrate() { # LABEL FLAGS...; findings are ignored
  measured "$1" "$tool" migrate "$repo" --resources archives --jobs "$jobs" --quiet "${@:2}" || [ $? = 1 ]
}

migrate warm-up --output "$work/out"
cp -- "$work/out/plan.json" "$work/plan.json"

# The arguments of `git archive` for each upload.
python3 - "$work" <<'PYTHON'
import json, sys

work = sys.argv[1]
with open(f"{work}/plan.json") as file:
    plan = json.load(file)
commits = {stage["stage"]: stage["commit"] for stage in plan["source"]["stages"]}
with open(f"{work}/revisions", "w") as out:
    for upload in plan["uploads"]:
        if upload["kind"] != "archive":
            continue
        package, version = upload["package"], upload["version"]
        out.write(f"--prefix={package}-{version}/\0--output={work}/out/{package}-{version}.zip\0")
        out.write(f"{commits[upload['stage']]}:packages/{package}/{version}\0")
PYTHON

for _ in $(seq "$runs"); do
  migrate run --output "$work/out"
  cmp -- "$work/plan.json" "$work/out/plan.json"
  migrate dry-run --dry-run --plan "$work/dry-run.json"
  cmp -- "$work/plan.json" "$work/dry-run.json"
  measured git xargs -0 -n 3 -P "$jobs" git -C "$repo" archive --format=zip <"$work/revisions"
done

measure table "$work/results" "run=\`migrate\`, $jobs threads" "dry-run=\`migrate --dry-run\`, $jobs threads" \
  "git=\`git archive\`, $jobs at a time"
cat <<END

\`git archive\` takes $(measure ratio "$work/results" wall git run) times as long as our run; our dry run takes \
$(measure ratio "$work/results" wall dry-run run) times as long.

Medians of $runs runs each, by turns, on $(date -u +%F); peak memory is that of the largest process in any run.
$(measure machine); $(git --version); $("$tool" --version); archive engine
\`$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["archive_engine"]["fingerprint"])' "$work/plan.json")\`; \
$(rustc --version).
END
