"""What an execution of a plugin's own tests told, whichever program ran them."""

from __future__ import annotations

from dataclasses import dataclass

from practicum.api.sandbox import ExecResult
from practicum.plugins.pipeline.checking import Clock, counted
from practicum.plugins.pipeline.report import Report
from practicum.plugins.pipeline.result import CheckResult, Problem, TestCase
from practicum.plugins.specification import PluginSpecification


@dataclass(frozen=True, slots=True)
class ToldTests:
    """The sealed report of one execution, and how it ended."""

    report: Report
    result: ExecResult

    @property
    def collected(self) -> list[str]:
        """The names of the tests that it was about to run."""
        return [str(name) for line in self.report.of("collected") for name in line["tests"]]

    @property
    def tests(self) -> list[TestCase]:
        """Those that ran."""
        return [
            TestCase(str(line["name"]), line["outcome"], float(line["seconds"]), str(line["message"]))
            for line in self.report.of("test")
        ]

    @property
    def passed(self) -> list[str]:
        """The names of those that passed."""
        return [test.name for test in self.tests if test.outcome == "passed"]


def hollow_check(
    clock: Clock, honest: ToldTests, hollow: ToldTests, spec: PluginSpecification, held: str
) -> CheckResult:
    """The check `hollow`: tests that pass against a plugin each of whose functions fails test nothing.

    `honest` ran against the plugin as it is, and passed; `hollow` against the other one. `held` is the file of tests
    that is made from the specification.
    """
    if hollow.report.one("finished") is None:
        return clock.result("hollow", "not checked: the second run broke off", status="not_checked")
    passed, still = honest.passed, set(hollow.passed)
    empty = [name for name in passed if name in still]
    telling = len(passed) - len(empty)
    if not telling:
        given = any(one.examples for one in spec.actions) or any(one.examples for one in spec.evaluators)
        if not given and all(name.startswith(f"{held}::") for name in passed):
            # Ours alone, made from a specification that says nothing to test.
            text = "not checked: the specification gives no examples, and the plugin has no tests of its own"
            return clock.result("hollow", text, status="not_checked")
        text = "every test passes although each function of the plugin fails: they test nothing"
        return clock.result("hollow", "none of the tests tells anything", [Problem(text, code="hollow")])
    summary = f"{telling} of {counted(len(passed), 'test')} fail for a hollow plugin"
    return clock.result("hollow", summary, facts={"telling": telling, "of": len(passed), "others": list(empty)})
