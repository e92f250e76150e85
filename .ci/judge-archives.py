#!/usr/bin/env python3
"""Checks a migration with other implementations: git, Python's zipfile, Info-ZIP unzip and 7z.

usage: judge-archives.py V1_REPO OUTPUT [--balance copies=N,archived=N,...]

Every upload of OUTPUT/plan.json must have its size and digests, and every signature must directly follow
its archive; every file of every archive must equal its blob, and every blob of the copy must be
present; every reader must accept every archive without a warning. Static resources must be exactly the files of
the default set, with the bytes of their blobs. Signatures are not verified here. Exits with code 1 at the first fault.
"""

import base64
import collections
import concurrent.futures
import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path


def fail(message):
    sys.exit(f"judge: {message}")


def listed_copies(repo, commit):
    """Returns {(package, version): {path: blob id}} of one stage, from `git ls-tree`."""
    listing = subprocess.run(
        ["git", "-C", repo, "ls-tree", "-r", "-z", commit, "packages/"], capture_output=True, check=True
    ).stdout
    copies = collections.defaultdict(dict)
    for record in listing.split(b"\0")[:-1]:
        meta, path = record.decode().split("\t")
        parts = path.split("/", 3)
        if len(parts) == 4:
            copies[parts[1], parts[2]][parts[3]] = meta.split()[2]
    return copies


def check_bytes(output, upload):
    """Compares one object with the plan."""
    path = output / upload["file"]
    data = path.read_bytes()
    md5 = base64.b64encode(hashlib.md5(data).digest()).decode()
    if (len(data), hashlib.sha256(data).hexdigest(), md5) != (upload["size"], upload["sha256"], upload["md5"]):
        fail(f"{path}: size or digests differ from the plan")
    return path


def check_signatures(output, plan):
    """Compares the signatures and their order with the plan; returns their number."""
    before, counts = None, collections.Counter()
    for upload in plan["uploads"]:
        if upload["kind"] == "signature":
            if upload["signs"] != before or upload["key"] != f"{before}.sig":
                fail(f"{upload['key']} does not follow its archive")
            check_bytes(output, upload)
            counts["made"] += 1
            before = None
        elif upload["kind"] == "archive":
            before = upload["key"]
            counts["missing"] += 1
    counts["missing"] -= counts["made"]
    if plan["signatures"] != {"made": counts["made"], "pending": 0, "missing": counts["missing"]}:
        fail(f"found {counts}, but the plan has {plan['signatures']}")
    return counts["made"]


def check_archive(output, upload, files):
    """Compares one archive with the plan and with the blobs of its copy."""
    path = check_bytes(output, upload)
    root = f"{upload['package']}-{upload['version']}/"
    found = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if not entry.filename.startswith(root):
                fail(f"{path}: {entry.filename} is outside {root}")
            if entry.date_time != (1980, 1, 1, 0, 0, 0):
                fail(f"{path}: {entry.filename} has the time {entry.date_time}")
            if not entry.is_dir():
                content = archive.read(entry)
                blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
                if found.setdefault(entry.filename[len(root):], blob) is not blob:
                    fail(f"{path}: {entry.filename} appears twice")
    if found != files:
        fail(f"{path}: its files differ from the copy in {upload['stage']}")
    records = (f"{files[name]} {name}\0" for name in sorted(files, key=str.encode))
    if hashlib.sha256("".join(records).encode()).hexdigest() != upload["content_digest"]:
        fail(f"{path}: the content digest does not match its definition")
    if len(files) != upload["file_count"]:
        fail(f"{path}: it has {len(files)} files, the plan has {upload['file_count']}")
    for reader in (["unzip", "-tqq", path], ["7z", "t", "-bso0", "-bsp0", path]):
        done = subprocess.run(reader, stdin=subprocess.DEVNULL, capture_output=True)
        if done.returncode != 0 or done.stdout or done.stderr:
            fail(f"{path}: {reader[0]} prints {done.stdout.decode()} {done.stderr.decode()}")
    return len(files)


def is_static(path):
    """Whether a file of a revision is a static resource by default."""
    return path.startswith(("docs/", "img/")) or path in ("changelog.yml", "LICENSE.txt", "NOTICE.txt")


def check_statics(output, plan, stages):
    """Compares the static resources with the plan, and with the blobs of the archived copies; returns their number."""
    expected = {}
    for upload in plan["uploads"]:
        if upload["kind"] == "archive":
            package, version = upload["package"], upload["version"]
            for path, blob in stages[upload["stage"]][package, version].items():
                if is_static(path):
                    expected[f"artifacts/static/{package}-{version}/{path}"] = blob
    uploads = {u["key"]: u for u in plan["uploads"] if u["kind"] == "static"}
    found = {str(path.relative_to(output)) for path in (output / "artifacts/static").rglob("*") if not path.is_dir()}
    if not uploads.keys() == expected.keys() == found:
        fail("the static resources of plan, copies and folder differ")
    for key, upload in uploads.items():
        content = check_bytes(output, upload).read_bytes()
        if hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest() != expected[key]:
            fail(f"{key}: its bytes differ from its blob")
    return len(uploads)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    repo, output = sys.argv[1], Path(sys.argv[2])
    plan = json.loads((output / "plan.json").read_text())
    report = json.loads((output / "report.json").read_text())
    stages = {s["stage"]: listed_copies(repo, s["commit"]) for s in plan["source"]["stages"]}
    uploads = [u for u in plan["uploads"] if u["kind"] == "archive"]
    static_count = check_statics(output, plan, stages)
    signature_count = check_signatures(output, plan)
    if not uploads or [u["key"] for u in uploads] != sorted(u["key"] for u in uploads):
        fail("the plan has no uploads, or they are not sorted")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        counts = pool.map(
            lambda u: check_archive(output, u, stages[u["stage"]][u["package"], u["version"]]), uploads
        )
        file_count = sum(counts)
    names = {path.name for path in (output / "artifacts/packages").iterdir()}
    if names != {Path(u["key"]).name for u in plan["uploads"] if u["kind"] in ("archive", "signature")}:
        fail("the folder has other files than the plan")
    balance = report["balance"]
    copies = sum(len(copies) for copies in stages.values())
    if balance["copies"] != copies or balance["archived"] != len(uploads):
        fail(f"git lists {copies} copies, there are {len(uploads)} archives, but the balance is {balance}")
    if len(sys.argv) > 4:
        expected = dict(pair.split("=") for pair in sys.argv[4].split(","))
        totals = {**balance, "excluded": sum(balance["excluded"].values())}
        if {key: str(value) for key, value in totals.items()} != expected:
            fail(f"the balance is {balance}, expected {expected}")
    print(
        f"checked {len(uploads)} of {len(uploads)} archives, {file_count} files equal to their blobs,"
        f" {static_count} static resources, {copies} copies, {signature_count} signatures after their archives;"
        " git, zipfile, unzip and 7z agree"
    )


main()
