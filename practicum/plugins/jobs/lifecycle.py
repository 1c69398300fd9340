"""From which state a job comes into which."""

from __future__ import annotations

from collections.abc import Mapping

from practicum.errors import PracticumError
from practicum.plugins.jobs.state import OVER, State

_ENDS: frozenset[State] = frozenset({"failed", "cancelled", "timed_out"})
_AGAIN: frozenset[State] = frozenset({"queued", "iterating"})
"""Wherever it was: its process died, or something was wrong."""

TRANSITIONS: Mapping[State, frozenset[State]] = {
    "queued": _ENDS | {"generating", "iterating", "building"},
    "generating": _ENDS | _AGAIN | {"building"},
    "building": _ENDS | _AGAIN | {"linting", "testing", "validating"},
    "linting": _ENDS | _AGAIN | {"testing", "validating"},
    "testing": _ENDS | _AGAIN | {"validating"},
    "validating": _ENDS | _AGAIN | {"succeeded"},
    "iterating": _ENDS | _AGAIN | {"building"},
    **dict.fromkeys(OVER, frozenset()),
}
"""A job that is over stays as it is. `succeeded` follows `validating` and nothing else."""

WORKING: frozenset[State] = frozenset(TRANSITIONS) - OVER - {"queued"}
"""Somebody works on it."""


class TransitionError(PracticumError):
    """A job was asked to do what its state does not allow."""

    def __init__(self, job: str, was: State, wanted: State) -> None:
        super().__init__(f"the job {job} is {was} and cannot become {wanted}")
        self.job, self.was, self.wanted = job, was, wanted


def check(job: str, was: State, wanted: State) -> None:
    """See that a job may go from one state to another.

    Raises:
        TransitionError: it may not.
    """
    if wanted not in TRANSITIONS[was]:
        raise TransitionError(job, was, wanted)
