"""What came of one piece of code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution in a workspace, and what it did to the files there.

    `created`, `changed` and `deleted` are paths relative to the workspace, sorted, without what lies in a `.git`.
    """

    exit_code: int
    """As a shell would say it: 128 + signal for a killed process, 124 for a timeout."""
    stdout: str
    stderr: str
    seconds: float
    timed_out: bool = False
    out_of_memory: bool = False
    truncated: bool = False
    """Output was cut, and the last line of it says so."""
    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    unlisted: bool = False
    """The workspace holds more files than are looked at, so that the three lists are not complete."""
