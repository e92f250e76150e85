#!/usr/bin/env python3
"""Measures commands, and prints the results; for the scripts in benches/.

usage: measure.py run RESULTS LABEL FOLDER COMMAND...
           runs COMMAND and adds a line to RESULTS; then counts the archives (*.zip) below FOLDER
       measure.py table RESULTS LABEL=TITLE...
           prints a Markdown table: medians, except for the peak memory, which is the largest of all runs
       measure.py ratio RESULTS wall|peak LABEL OTHER_LABEL
           prints LABEL / OTHER_LABEL
       measure.py machine
           prints a description of the machine

CPU seconds are those of COMMAND and of all processes that it waited for. The peak is the largest
resident set of any one of them, never of all together; values below the 10 MB of this
process, as which each of them starts, cannot be measured.
"""

import json
import os
import platform
import statistics
import sys
import time
from pathlib import Path


def run(results, label, folder, *command):
    """Exits with the exit code of the command."""
    started = time.monotonic()
    process = os.posix_spawnp(command[0], command, os.environ)
    _, status, used = os.wait4(process, 0)
    wall = time.monotonic() - started
    archives = [path.stat().st_size for path in Path(folder).rglob("*.zip")]
    figures = {
        "label": label,
        "wall": wall,
        "cpu": used.ru_utime + used.ru_stime,
        # In KiB, except on macOS.
        "peak": used.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        "archives": len(archives),
        "bytes": sum(archives),
    }
    with open(results, "a") as out:
        print(json.dumps(figures), file=out)
    code = os.waitstatus_to_exitcode(status)
    sys.exit(code if code >= 0 else 128 - code)


def read(results, label):
    """Returns the figures of all runs of a label, by name."""
    lines = map(json.loads, Path(results).read_text().splitlines())
    runs = [line for line in lines if line["label"] == label]
    if not runs:
        sys.exit(f"measure: no run of {label}")
    return {name: [line[name] for line in runs] for name in runs[0]}


def aggregate(results, label, name):
    return (max if name == "peak" else statistics.median)(read(results, label)[name])


def table(results, *rows):
    print("| | wall s | CPU s | peak memory MB | archives | MB of archives |")
    print("|---|---:|---:|---:|---:|---:|")
    for row in rows:
        label, title = row.split("=", 1)
        wall, cpu, peak, archives, written = (
            aggregate(results, label, name) for name in ("wall", "cpu", "peak", "archives", "bytes")
        )
        print(f"| {title} | {wall:.2f} | {cpu:.2f} | {peak / 1e6:.0f} | {archives:,.0f} | {written / 1e6:,.1f} |")


def ratio(results, name, label, other_label):
    print(f"{aggregate(results, label, name) / aggregate(results, other_label, name):.2f}")


def machine():
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), model)
    except FileNotFoundError:
        pass
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    print(f"{os.cpu_count()} processors ({model}), {memory / 1e9:.0f} GB of memory, {platform.system()} {platform.release()}")


COMMANDS = {"run": run, "table": table, "ratio": ratio, "machine": machine}

if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
    sys.exit(__doc__)
COMMANDS[sys.argv[1]](*sys.argv[2:])
