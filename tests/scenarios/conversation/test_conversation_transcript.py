from __future__ import annotations

import json
import re
from datetime import UTC, datetime

from practicum.scenarios.conversation.transcript import to_json, to_markdown
from practicum.scenarios.verdict import StepResult, TurnResult

HOSTILE = "\x1b[31m<script>alert(1)</script>\n```\n# Turn 9\n**User**\n````\nthank you"
LEASE = "pracl_" + "B" * 43


def step(*turns: TurnResult, name: str = "Billing") -> StepResult:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return StepResult(
        index=0,
        name=name,
        kind="conversation",
        ended="terminated",
        reason="agent_provides_solution: the agent said 'refund'",
        started_at=now,
        ended_at=now,
        seconds=3.25,
        turns=list(turns),
    )


TURNS = (
    TurnResult(turn=1, user="Hello", agent=HOSTILE, seconds=1.0, simulator="scenario"),
    TurnResult(turn=2, user=f"My token is {LEASE}", agent="", seconds=2.0, timed_out=True, simulator="persona"),
)


def test_the_markdown_says_who_said_what_and_how_it_ended() -> None:
    text = to_markdown(step(*TURNS))
    assert text.startswith("# Billing\n\n2 turns, 3.2 s. Ended: `terminated: agent_provides_solution:")
    assert "**User** (`persona`)" in text
    assert "**Agent** (2.0 s, time was up)\n\n*nothing*" in text


def test_what_was_said_cannot_leave_its_fence() -> None:
    text = to_markdown(step(*TURNS, name="<b>*x*`"))
    assert text.startswith("# \\<b\\>\\*x\\*\\`\n")
    outside = re.sub(r"^(`{3,})text\n.*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    assert "script" not in outside
    assert "Turn 9" not in outside
    assert "\x1b" not in text


def test_the_json_keeps_both_apart_to_the_letter() -> None:
    value = json.loads(to_json(step(*TURNS)))
    assert value["turns"][0]["agent"] == HOSTILE
    assert value["turns"][1] == {
        "turn": 2,
        "user": "My token is [lease]",
        "agent": "",
        "seconds": 2.0,
        "timed_out": True,
        "simulator": "persona",
    }
    assert (value["name"], value["ended"], value["seconds"]) == ("Billing", "terminated", 3.25)


def test_no_lease_is_in_either() -> None:
    assert LEASE not in to_markdown(step(*TURNS)) + to_json(step(*TURNS))
