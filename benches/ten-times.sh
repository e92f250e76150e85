#!/usr/bin/env bash
# Measures how time and memory grow: a generated repository, one with ten times the packages, and one with
# ten times the revisions of each package.
#
# usage: benches/ten-times.sh [RUNS [PACKAGES REVISIONS]]
#
# Prints Markdown. The smallest repository has by default 20 packages of 20 revisions, of 0.9 MB
# each. RUNS times (default 3), by turns, each is migrated into a fresh folder, and in a
# dry run. Needs 4 GB in TMPDIR, and Cargo and Python 3.
set -euo pipefail
unset CDPATH

if [ $# -gt 3 ] || [ $# = 2 ] || [[ "$*" =~ [^0-9\ ] ]]; then
  echo "usage: $0 [RUNS [PACKAGES REVISIONS]]" >&2
  exit 2
fi
runs=${1:-3} packages=${2:-20} revisions=${3:-20}
cd -- "$(dirname -- "$0")/.."

source benches/support/setup.sh
set_up --bin package-storage-migrate --example generate-v1
trap 'kill $(jobs -p) 2>/dev/null || :; rm -rf -- "$work"' EXIT

generate() { # LABEL PACKAGES REVISIONS
  "$target/release/examples/generate-v1" --packages "$2" --revisions "$3" --sharing 90 --file-len 16384 \
    --seed 1 "$work/$1.git" >/dev/null
}

measured() { # LABEL COMMAND...
  # Removed at once, unlike in the other scripts: ten times the archives are too many to keep.
  rm -rf -- "$work/out"
  fresh_out
  measure run "$work/results" "$1" "$work/out" "${@:2}"
}

generate base "$packages" "$revisions"
generate packages "$((10 * packages))" "$revisions" &
generate revisions "$packages" "$((10 * revisions))"
wait $!

for _ in $(seq "$runs"); do
  for label in base packages revisions; do
    measured "$label" "$tool" migrate "$work/$label.git" --output "$work/out" --quiet
    measured "$label-dry" "$tool" migrate "$work/$label.git" --dry-run --quiet
  done
done

rows=()
for size in "base=$packages packages, $revisions revisions each" \
  "packages=$((10 * packages)) packages, $revisions revisions each" \
  "revisions=$packages packages, $((10 * revisions)) revisions each"; do
  rows+=("$size" "${size/=/-dry=}, dry run")
done
measure table "$work/results" "${rows[@]}"
cat <<'END'

| | time grows (at most 11) | peak memory grows (at most 1.3) |
|---|---:|---:|
END
for label in packages packages-dry revisions revisions-dry; do
  dry=${label#"${label%-dry}"} # -dry, or nothing
  echo "| ten times the ${label%-dry}${dry:+, dry run} |" \
    "$(measure ratio "$work/results" wall "$label" "base$dry") |" \
    "$(measure ratio "$work/results" peak "$label" "base$dry") |"
done
cat <<END

Medians of $runs runs each, by turns, on $(date -u +%F); peak memory is the largest of all runs.
$(measure machine); $("$tool" --version); $(rustc --version).
END
