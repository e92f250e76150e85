#!/bin/sh
# One night: publishes what is new in v1, and proves the result.
#
#   V1=/srv/v1.git V2=gs://package-storage-v2 nightly-sync.sh
#
# V1        a mirror of v1: git clone --mirror https://git.example.org/package-storage.git /srv/v1.git
# V2        the bucket of v2, which has an index (MIGRATION.md, step 5)
# INTERNAL  the bucket of the index, if it is another one
# FLAGS     the flags of step 2 for migrate and verify, such as --unpromoted exclude
# REPORTS   the folder for this night's reports; default: reports
#
# The exit code is the largest one of the commands: 0 if everything is published and matches; 1 if something needs a
# person, and everything else is published; 3 or more if the night could not finish: the next one continues.
set -u
INTERNAL=${INTERNAL:-$V2}
FLAGS=${FLAGS:-}
REPORTS=${REPORTS:-reports}

worst=0
run() {
  "$@"
  code=$?
  [ "$code" -le "$worst" ] || worst=$code
}

mkdir -p "$REPORTS" || exit 3
# A fresh folder: in that of another night, an archive that changed in v1 would be refused.
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT

run git -C "$V1" fetch --quiet --prune
[ "$worst" = 0 ] || exit "$worst"
# Exit code 1: findings, such as a new package that is broken. It is left out, and must not stop the others.
# shellcheck disable=SC2086 # FLAGS are several words
run package-storage-migrate migrate "$V1" --base-index "$INTERNAL" --output "$work/v2" $FLAGS
[ "$worst" -le 1 ] || exit "$worst"
cp "$work/v2/report.md" "$work/v2/report.json" "$work/v2/plan.json" "$REPORTS"
run package-storage-migrate upload "$work/v2" --to "$V2" --internal "$INTERNAL" --allow-blockers \
  --report "$REPORTS/upload.md" --report "$REPORTS/upload.json"
# shellcheck disable=SC2086
run package-storage-migrate verify "$V1" --v2 "$V2" --index "$INTERNAL" \
  --report "$REPORTS/verify.md" --report "$REPORTS/verify.json" $FLAGS
exit "$worst"
