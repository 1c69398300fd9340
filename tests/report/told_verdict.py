"""Verdicts made by hand, and what an agent would write to be obeyed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from told_run import BEGIN

from practicum.scenarios.verdict import Verdict

HOSTILE = (
    "</script></style></title>]]><img src=x onerror=alert(1)>\"'\x1b[31mred\x1b]0;title\x07\u202egnp\x00\u200b"
    "\n::error file=a::forged\n##[add-path]/evil\n[[ATTACHMENT|/etc/passwd]]\n| a | b |\n# head\n`x` **b** @everyone"
)


def evaluation(evaluator: str, outcome: str = "passed", **more: Any) -> dict[str, Any]:
    return {
        "index": 0,
        "evaluator": evaluator,
        "kind": "effect",
        "outcome": outcome,
        "summary": f"{evaluator} seen",
        **more,
    }


def verdict(*evaluations: dict[str, Any], **changes: Any) -> Verdict:
    """A finished run of code steps, with these evaluations."""
    return Verdict.model_validate(
        {
            "run": "01TEST", "scenario": "small", "outcome": "passed", "reason": "", "started": BEGIN, "seconds": 2.5,
            "team": "", "agents": {}, "services": {}, "isolation": {}, "agents_isolation": {}, "environment": "local",
            "evaluations": [{**item, "index": at} for at, item in enumerate(evaluations)], **changes,
        }
    )  # fmt: skip


def step(index: int = 0, kind: str = "code", **more: Any) -> dict[str, Any]:
    return {
        "index": index, "name": "", "kind": kind, "ended": "exited" if kind == "code" else "quiet",
        "started_at": BEGIN, "ended_at": BEGIN + timedelta(seconds=1), "seconds": 1.0, **more,
    }  # fmt: skip


def agent_use() -> dict[str, Any]:
    """What one agent used."""
    return {"role": "r", "model": "script/x", "turns": 1, "input_tokens": 100, "output_tokens": 20, "cost_usd": 0.01}


def hostile_verdict() -> Verdict:
    """Hostile text in every place that holds text."""
    turn = {"turn": 1, "user": HOSTILE, "agent": HOSTILE, "seconds": 1, "simulator": HOSTILE}
    called = {"service": HOSTILE, "method": HOSTILE, "agent": HOSTILE, "why": HOSTILE, "args": [HOSTILE]}
    texts = dict.fromkeys(("name", "reason", "given", "text", "stdout", "stderr"), HOSTILE)
    files = {key: [HOSTILE] for key in ("created", "changed", "deleted")}
    return verdict(
        evaluation(HOSTILE, "failed", summary=HOSTILE, step=0, details={"prompt": HOSTILE, "answers": [HOSTILE]}),
        evaluation(HOSTILE, "error", summary=HOSTILE, step=0, turn=1),
        evaluation(HOSTILE, "passed", summary=HOSTILE, counts=False, kind="text", details={HOSTILE: HOSTILE}),
        **dict.fromkeys(("scenario", "reason", "description", "environment", "strategy", "team"), HOSTILE),
        outcome="failed",
        steps=[step(**texts, **files), step(1, "conversation", **texts, turns=[turn])],
        mocks=[{"mock": 0, "service": HOSTILE, "method": HOSTILE, "calls": 1, "log": [called], "flag": "unmatched"}],
        notes=[HOSTILE],
        parameters={HOSTILE: HOSTILE},
        agents={HOSTILE: {"role": HOSTILE, "model": HOSTILE}},
    )
