"""Every generated negative case of every role is really refused, by the gateway or by the broker."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import ClientSession

from practicum.api.charter import Charter
from practicum.bus.address import subject_matches
from practicum.bus.identity import permissions_for
from practicum.proctor.access import Grant
from practicum.proctor.charter import ACTS, compile_charter
from practicum.proctor.negative import NegativeCase, negative_cases, negative_publishes
from tests.proctor.conftest import DEVELOPER, StartRun

SERVICES = ("github", "slack", "discord", "deploy")
GRANTABLE = {
    "github": ["acme/shortlink"],
    "slack": ["dev", "standup"],
    "discord": ["announcements", "questions"],
    "deploy": ["shortlink"],
}
_FIELDS = set(Charter.model_fields)


def roles() -> dict[str, dict[str, Any]]:
    folder = Path(__file__).parents[2] / "practicum/agents/roles"
    found = {path.parent.name: yaml.safe_load(path.read_text()) for path in sorted(folder.glob("*/charter.yaml"))}
    return {name: {key: value for key, value in text.items() if key in _FIELDS} for name, text in found.items()}


def grants_of(charter: dict[str, Any]) -> dict[str, Grant]:
    return compile_charter(Charter.model_validate(charter), services=SERVICES, grantable=GRANTABLE).grants


HARSH = {
    **DEVELOPER,
    "role": "harsh",
    "can": {
        **DEVELOPER["can"],  # type: ignore[dict-item]
        "github": {"repos": ["acme/shortlink"], "permissions": {"contents": "write", "pull_requests": "write"}},
        "discord": {"channels": ["questions"], "actions": ["read"]},
        "deploy": {"actions": ["read", "deploy", "rollback"]},
    },
    "cannot": {
        "github": dict.fromkeys(ACTS["github"], True),
        "slack": {"channel.create": True},
        "discord": {"channel.create": True},
        "deploy": {"rollback": True},
    },
}


@pytest.mark.broker
@pytest.mark.parametrize("name", [*roles(), "harsh"])
async def test_each_negative_case_is_refused_before_it_reaches_the_service(start_run: StartRun, name: str) -> None:
    charter = HARSH if name == "harsh" else roles()[name]
    run = await start_run(
        services={service: {"mode": "simulated"} for service in SERVICES},
        grantable=GRANTABLE,
        agents=[{"name": "dev-1", "role": name, "charter": charter, "model": "script/x"}],
    )
    leases = (await run.proctor.ask("lease", agent="dev-1"))["leases"]
    cases = negative_cases(Charter.model_validate(charter), grants_of(charter))
    assert len(cases) >= 20
    async with ClientSession() as session:
        for case in cases:
            lease = leases[case.service]
            scheme = "Bot" if case.service == "discord" else "Bearer"
            async with session.request(
                case.method,
                lease["url"] + case.path,
                json=dict(case.body),
                headers={"Authorization": f"{scheme} {lease['token']}"},
            ) as answer:
                rule = answer.headers.get("X-Practicum-Rule")
                assert rule is not None, f"{case} was let through: {answer.status} {await answer.text()}"
                assert answer.status == case.status, f"{case}: {answer.status} {rule}"
                assert not case.rule or rule == case.rule, f"{case}: {rule}"
                if case.service == "slack":
                    assert (await answer.json())["ok"] is False
    done = await run.until("exchange.completed", len(cases))
    # Its own questions, such as a channel's name, the proctor may put to the service.
    asked = [event.data for event in done if event.data.agent != "proctor"]
    assert asked
    assert not any(call.upstream for call in asked)


def test_every_line_of_cannot_and_every_permission_has_a_case() -> None:
    cases = negative_cases(Charter.model_validate(HARSH), grants_of(HARSH))
    lines = {case.line for case in cases}
    for service, acts in HARSH["cannot"].items():  # type: ignore[attr-defined]
        for act in acts:
            if act != "repository.create":  # needs a name outside the grant, so it is refused as a resource
                assert f"harsh: cannot.{service}.{act}" in lines
    assert {"harsh: can.github lacks issues: write", "harsh: can.github.repos", "harsh: can.slack.channels"} <= lines
    assert isinstance(cases[0], NegativeCase)


def test_no_generated_publish_is_among_what_an_agent_may_write() -> None:
    allowed = permissions_for("dev-1", "agent", "r1", "practicum-r1", "mailbox-dev-1").publish
    cases = negative_publishes(
        "r1", "dev-1", ["lead", "proctor", "launcher", "observer", "world-github"], "practicum-r1"
    )
    assert len(cases) == 30
    for case in cases:
        assert not any(subject_matches(rule, case.subject) for rule in allowed), case


@pytest.mark.broker
async def test_the_broker_refuses_every_generated_publish(start_run: StartRun) -> None:
    run = await start_run()
    others = ["lead", "proctor", "launcher", "observer", "world-github"]
    dev = await run.agent("dev-1")
    errors: asyncio.Queue[str] = asyncio.Queue()
    dev.report = lambda error: errors.put_nowait(str(error))  # type: ignore[method-assign]
    link = await dev.link()
    cases = negative_publishes("r1", "dev-1", others, "practicum-r1")
    for case in cases:
        await link.publish(case.subject, b"forged")
    async with asyncio.timeout(30):
        told = [await errors.get() for _ in cases]
    for case in cases:
        assert any(case.subject.lower() in text.lower() for text in told), case
    await dev.close()
