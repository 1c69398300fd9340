"""Whether the files of a wheel are those that its own RECORD names (PyPA, "Recording installed projects")."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile

from practicum.plugins.pipeline.result import Problem


def record_problems(data: bytes) -> list[Problem]:
    """Files that are not as recorded, not recorded, or recorded and missing; for a wheel that can be read."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    names = {info.filename for info in archive.infolist() if not info.is_dir()}
    records = [name for name in names if name.endswith(".dist-info/RECORD") and name.count("/") == 1]
    if len(records) != 1:
        return [_wrong(f"the wheel has {len(records)} RECORD files, not 1")]
    [record] = records
    rows = list(csv.reader(io.StringIO(archive.read(record).decode("utf-8", errors="replace"))))
    recorded = {row[0]: row[1] for row in rows if len(row) == 3}
    problems = [_wrong(f"{name} is not recorded", name) for name in sorted(names - set(recorded))]
    problems += [_wrong(f"{name} is recorded and missing", name) for name in sorted(set(recorded) - names)]
    for name in sorted(names & set(recorded)):
        if name == record:
            continue
        digest = base64.urlsafe_b64encode(hashlib.sha256(archive.read(name)).digest()).rstrip(b"=").decode()
        if recorded[name] != f"sha256={digest}":
            problems.append(_wrong(f"{name} is not what was recorded", name))
    return problems


def _wrong(message: str, file: str = "") -> Problem:
    return Problem(message, file, code="record")
