"""Reading what a program inside reported (`inside/channel.py`): lines that its key seals, and nothing else."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from practicum.api.sandbox import MIB, ExecResult

REPORT_BYTES = 8 * MIB
"""Limit of `output_bytes` for executions that report."""


@dataclass(frozen=True, slots=True)
class Report:
    """The lines in their order."""

    lines: tuple[dict[str, Any], ...]
    forged: int
    """Lines that our key does not seal: somebody else wrote them."""

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The lines of that kind."""
        return [line for line in self.lines if line.get("kind") == kind]

    def one(self, kind: str) -> dict[str, Any] | None:
        """The only line of that kind; None where there is none, or more than one."""
        found = self.of(kind)
        return found[0] if len(found) == 1 else None


class Request:
    """What a program is asked, with a key made for this one execution."""

    def __init__(self, **data: JsonValue) -> None:
        self._key = secrets.token_bytes(32)
        self.stdin = json.dumps({"key": self._key.hex(), **data}).encode()

    def read(self, result: ExecResult) -> Report:
        """The report in what the execution wrote."""
        lines: list[dict[str, Any]] = []
        forged = 0
        for raw in result.stdout.split("\n"):
            if not raw:
                continue
            seal, _, text = raw.partition(" ")
            wanted = hmac.new(self._key, f"{len(lines)} {text}".encode(), hashlib.sha256).hexdigest()
            if hmac.compare_digest(seal.encode(), wanted.encode()):
                lines.append(json.loads(text))
            else:
                forged += 1
        return Report(tuple(lines), forged)


def unsound(report: Report, result: ExecResult, of: str) -> list[str]:
    """Why a report of `of` cannot be relied on, in words; empty when it can."""
    if report.forged:
        return [f"something wrote into the report of the {of} that is not sealed by it"]
    if result.truncated:
        return [f"more was printed during the {of} than the {REPORT_BYTES // MIB} MiB that are kept"]
    return []


def ending(result: ExecResult) -> str:
    """In words, how an execution ended that should not have ended so; empty when it ended by itself."""
    if result.timed_out:
        return f"it was ended after {result.seconds:.0f} s, its time limit"
    if result.out_of_memory:
        return "it was ended because it used more memory than its limit"
    if result.exit_code == 137:
        return "it was killed"
    if result.exit_code == 153:
        return "it was ended because it wrote a file larger than its limit"
    if result.exit_code == 152:
        return "it was ended because it used more CPU time than its limit"
    return ""


def tail(text: str, limit: int = 8000) -> str:
    """The end of a log."""
    return text if len(text) <= limit else f"[...]\n{text[-limit:]}"
