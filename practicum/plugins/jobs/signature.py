"""Whether an iteration brought anything: digests of files, and of what was wrong with them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping

from practicum.plugins.pipeline.result import PipelineResult

_PASSING = re.compile(r"0x[0-9a-fA-F]+|/(?:tmp|var|opt|proc)/\S+|\d+(?:\.\d+)?")
"""What differs between two runs of the same: addresses, folders, times, numbers of lines."""


def digest(files: Mapping[str, str]) -> str:
    """SHA-256 over paths and texts."""
    return hashlib.sha256(json.dumps(sorted(files.items())).encode()).hexdigest()


def failure(result: PipelineResult) -> str:
    """SHA-256 over what was wrong, without what differs from run to run."""
    return failure_of(
        f"{phase.phase} {problem.code} {problem.file} {problem.message}"
        for phase in result.phases
        for problem in phase.problems()
        if problem.severity == "error"
    )


def failure_of(messages: Iterable[str]) -> str:
    """The same over any messages; their order does not matter."""
    plain = sorted({" ".join(_PASSING.sub("#", message).lower().split()) for message in messages})
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()
