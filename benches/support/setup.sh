# Shared by the benchmarks of whole commands. Sourced in the repository's root, never run.
# shellcheck shell=bash disable=SC2034

# Builds for release; arguments go to `cargo build`. Sets `tool`, the binary; `target`, Cargo's folder;
# `jobs`, the number of processors; and `work`, a folder that is removed at the end.
set_up() {
  cargo build --release --locked --quiet "$@"
  target=$(cargo metadata --no-deps --format-version 1 |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
  tool=$target/release/package-storage-migrate
  jobs=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
  work=$(mktemp -d)
  trap 'rm -rf -- "$work"' EXIT
  trap 'exit 130' INT TERM HUP
}

measure() { python3 benches/support/measure.py "$@"; }

# Creates a fresh folder $work/out, and flushes pending writes.
fresh_out() {
  # The old folder is kept until the end: ext4 does not reuse the inodes of removed files for a while, and
  # finding others among so many takes a tenth of a run.
  if [ -e "$work/out" ]; then mv -- "$work/out" "$(mktemp -d "$work/old.XXXXXX")"; fi
  mkdir -- "$work/out"
  sync
}
