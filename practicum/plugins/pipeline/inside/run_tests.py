"""Runs a plugin's tests with pytest against the installed package, and reports each as it happens.

Asked with `hollow`, every function of the package raises as soon as the tests are collected: whatever still passes
tests nothing.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

_HERE = str(Path(__file__).parent)
sys.dont_write_bytecode = True
sys.path.insert(0, _HERE)
from channel import Channel  # type: ignore[import-not-found,unused-ignore]  # noqa: E402

TESTS = "/plugin/tests"
_MESSAGE = 6000


class Reporter:
    """A plugin of pytest. Its hooks run in this process, beside the tests: see `docs/plugins-checks.md` for what
    that means, and for the checks that do not rest on it.
    """

    def __init__(self, channel: Channel, collected: Any) -> None:
        self._channel, self._then = channel, collected
        self._parts: dict[str, list[Any]] = {}
        self._began: dict[str, float] = {}

    def pytest_collection_finish(self, session: Any) -> None:
        self._channel.say("collected", tests=[item.nodeid for item in session.items])
        self._then()

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self._channel.say("broken", file=report.nodeid, message=report.longreprtext[-_MESSAGE:])

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._began[nodeid] = time.monotonic()
        self._channel.say("started", name=nodeid)

    def pytest_runtest_logreport(self, report: Any) -> None:
        self._parts.setdefault(report.nodeid, []).append(report)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        parts = self._parts.pop(nodeid, [])
        outcome, message = _outcome(parts)
        seconds = time.monotonic() - self._began.pop(nodeid, time.monotonic())
        self._channel.say("test", name=nodeid, outcome=outcome, seconds=round(seconds, 4), message=message)


def _outcome(parts: list[Any]) -> tuple[str, str]:
    for report in parts:
        if report.failed:
            text = report.longreprtext[-_MESSAGE:]
            shown = "".join(f"\n--- {title}\n{what[-1000:]}" for title, what in report.sections)
            return ("failed" if report.when == "call" else "error"), text + shown
    skipped = next((report for report in parts if report.skipped), None)
    if skipped is not None:
        return "skipped", str(skipped.longrepr)[-_MESSAGE:]
    if [report.when for report in parts] != ["setup", "call", "teardown"]:
        return "error", "the test did not run to its end"
    return "passed", ""


def main() -> int:
    """Run; the exit code is pytest's."""
    channel = Channel()
    request = channel.request
    sys.path.remove(_HERE)
    sys.path.append(request["libraries"])
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    if request["hollow"]:
        sys.path.insert(0, _HERE)
        import hollow  # type: ignore[import-not-found,unused-ignore]

        sys.path.remove(_HERE)
        armed = hollow.install(request["package"])
    else:
        armed = _nothing
    import pytest

    measured = None if request["hollow"] else _measure(request["package"])
    argv = ["-c", f"{_HERE}/pytest.ini", "--rootdir=/plugin", "--import-mode=importlib", "--basetemp=/tmp/pytest"]
    argv += ["-p", "no:cacheprovider", "-p", "pytest_asyncio.plugin", "-q", "--color=no", TESTS]
    code = int(pytest.main(argv, plugins=[Reporter(channel, armed)]))
    channel.say("finished", exit_code=code, coverage=None if measured is None else _covered(measured))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # threads that a plugin left behind do not keep us


def _nothing() -> None:
    return


def _measure(package: str) -> Any:
    import coverage

    measured = coverage.Coverage(data_file=None, branch=False, source_pkgs=[package], config_file=False)
    measured.start()
    return measured


def _covered(measured: Any) -> dict[str, Any]:
    """File below the package to the lines that can run and those that did not."""
    measured.stop()
    files: dict[str, Any] = {}
    for path in measured.get_data().measured_files():
        _, statements, _, missing, _ = measured.analysis2(path)
        name = path.split("site-packages/", 1)[-1]
        files[name] = {"statements": len(statements), "missing": missing}
    return files


if __name__ == "__main__":
    raise SystemExit(main())
