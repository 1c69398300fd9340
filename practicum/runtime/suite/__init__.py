"""Many runs: trials, a pool that runs them, and the folder that keeps what came of them."""

from __future__ import annotations

from practicum.runtime.suite.execute import check_plans, executor
from practicum.runtime.suite.folder import SuiteFolder, all_suites, find_suite, new_suite, read_suite
from practicum.runtime.suite.pool import Execute, OnEnd, OnStart, Pool, run_suite
from practicum.runtime.suite.progress import Progress, duration
from practicum.runtime.suite.trial import Trial, trials_of_files, trials_of_matrix
from practicum.scenarios.suite import SuiteKind, SuiteResult, row_of, suite_exit_code

__all__ = [
    "Execute",
    "OnEnd",
    "OnStart",
    "Pool",
    "Progress",
    "SuiteFolder",
    "SuiteKind",
    "SuiteResult",
    "Trial",
    "all_suites",
    "check_plans",
    "duration",
    "executor",
    "find_suite",
    "new_suite",
    "read_suite",
    "row_of",
    "run_suite",
    "suite_exit_code",
    "trials_of_files",
    "trials_of_matrix",
]
