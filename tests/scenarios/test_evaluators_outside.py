"""What runs and what was said: the deployment, the channels, timers, refusals, secrets, money."""

from __future__ import annotations

import pytest
from evaluated_run import EvaluatedRun

from practicum.bus.events import (
    Data,
    ExchangeCompleted,
    JobFinished,
    LeaseGranted,
    MessagePosted,
    TimerFired,
    ToolCalled,
    ToolReturned,
    WorldChanged,
)
from practicum.clock import WallClock


def deployed(run: EvaluatedRun, version: str = "v1.0.0") -> None:
    run.world.app = {"deployment": 3, "deployments": 3, "version": version, "tree": run.repository.tree("main")}
    run.world.pages["/health"] = (200, {"status": "ok"})


async def test_nothing_answers_when_nothing_was_deployed(team_run: EvaluatedRun) -> None:
    assert (await team_run.look("http_responds")).summary == "nothing answers: no deployment was made"
    team_run.world.app = {"deployment": None, "deployments": 2}
    assert (await team_run.look("http_responds")).summary == "nothing answers: 2 deployments were tried, none runs"


async def test_what_is_deployed_answers_now(team_run: EvaluatedRun) -> None:
    deployed(team_run)
    found = await team_run.look("http_responds", matches='"ok"')
    assert (found.passed, found.summary) == (True, "/health answers 200, version v1.0.0")
    assert (await team_run.look("http_responds", matches="fine")).summary == "/health does not say 'fine'"
    assert (await team_run.look("http_responds", path="/links")).summary == "/links answers 404, not 200"
    assert (await team_run.look("http_responds", path="/links", status=404)).passed


async def test_what_runs_is_what_was_released(team_run: EvaluatedRun) -> None:
    deployed(team_run)
    found = await team_run.look("http_responds", released=True)
    assert (found.passed, found.summary) == (False, "what runs was never released: no tag v1.0.0")
    team_run.repository.git("push", "--quiet", str(team_run.repository.mirror), "main:refs/tags/v1.0.0")
    assert (await team_run.look("http_responds", released=True)).passed
    assert team_run.world.app is not None
    team_run.world.app["tree"] = "0" * 40
    found = await team_run.look("http_responds", released=True)
    assert found.summary == "what runs is not what v1.0.0 holds"


def posted(run: EvaluatedRun, who: str, text: str, *, service: str = "slack", source: str = "", **facts: str) -> str:
    told = {"channel": "#dev", "text": text, **facts}
    change = f"{service}.message.posted"
    return run.happened(
        source or f"world-{service}", WorldChanged(service=service, change=change, actor=who, facts=told)
    )


async def test_a_message_in_a_channel(team_run: EvaluatedRun) -> None:
    keys = {"service": "slack", "channel": "dev", "matches": r"v1\.0"}
    assert (await team_run.look("message_posted", **keys)).summary == r"0 of 1 on slack #dev that says 'v1\\.0'"
    posted(team_run, "ada", "v1.0 please")  # nobody of the team
    posted(team_run, "dev-1", "v1.0", channel="#random")
    posted(team_run, "dev-1", "v1.0", service="discord")
    posted(team_run, "dev-1", "soon")
    assert not (await team_run.look("message_posted", **keys)).passed
    event = posted(team_run, "dev-1", "v1.0 is out", channel="dev")
    found = await team_run.look("message_posted", **keys)
    assert (found.passed, found.evidence) == (True, (event,))
    assert not (await team_run.look("message_posted", by_role="devops", **keys)).passed
    assert not (await team_run.look("message_posted", reply=True, **keys)).passed
    posted(team_run, "devops", "v1.0 it is", thread="1.2")
    assert (await team_run.look("message_posted", by_role="devops", reply=True, **keys)).passed
    assert (await team_run.look("message_posted", at_least=3, **keys)).summary.startswith("2 of 3")
    found = await team_run.look("message_posted", authors=3, **keys)
    assert found.summary == "2 of 3 members wrote on slack #dev"


async def test_a_live_account_is_its_agent(team_run: EvaluatedRun) -> None:
    posted(team_run, "U0123", "hello")
    assert not (await team_run.look("message_posted", service="slack")).passed
    lease = LeaseGranted(lease="l", agent="pm", service="slack", identity="U0123", scope={}, expires=WallClock().now())
    team_run.happened("proctor", lease)
    assert (await team_run.look("message_posted", service="slack", by_role="product-manager")).passed


async def test_messages_on_the_bus(team_run: EvaluatedRun) -> None:
    team_run.happened("operator", MessagePosted(text="Go", to="channel.dev"))
    assert not (await team_run.look("message_posted", service="team")).passed
    team_run.happened("lead", MessagePosted(text="Going", to="channel.dev", reply_to="x"))
    assert (await team_run.look("message_posted", service="team", channel="dev", reply=True)).passed
    assert not (await team_run.look("message_posted", service="team", channel="ops")).passed


def call(agent: str = "devops", path: str = "/v1/apps/shortlink/http/health", **more: object) -> ExchangeCompleted:
    fields = {"lease": "l", "agent": agent, "service": "deploy", "method": "GET", "route": "r", "path": path,
              "status": 200, "ms": 1.0, **more}  # fmt: skip
    return ExchangeCompleted.model_validate(fields)


DEPLOYED = WorldChanged(service="deploy", change="deploy.deployment.succeeded", actor="devops")
RANG = TimerFired(timer="timer-1", owner="devops")


@pytest.mark.parametrize(
    ("happened", "probes"),
    [
        ([("world-deploy", DEPLOYED), ("launcher", RANG), ("proctor", call())], 1),
        ([("world-deploy", DEPLOYED), ("proctor", call())], 0),  # without a timer
        ([("launcher", RANG), ("proctor", call()), ("world-deploy", DEPLOYED)], 0),  # before the deployment
        ([("world-deploy", DEPLOYED), ("launcher", RANG), ("proctor", call()), ("proctor", call())], 1),
        ([("world-deploy", DEPLOYED), ("launcher", RANG), ("proctor", call("dev-1"))], 0),  # another's timer
        ([("world-deploy", DEPLOYED), ("launcher", RANG), ("proctor", call(status=502))], 0),
        ([("world-deploy", DEPLOYED), ("launcher", RANG), ("proctor", call(path="/v1/apps/shortlink"))], 0),
        (
            [
                ("world-deploy", DEPLOYED),
                ("launcher", RANG),
                ("proctor", call(path="/v1/apps/shortlink/http/other/http/health")),
            ],
            0,
        ),
        (
            [
                ("world-deploy", DEPLOYED),
                ("launcher", RANG),
                ("proctor", call(path="/v1/apps/shortlink/http/health?x=1")),
            ],
            1,
        ),
        ([("world-deploy", DEPLOYED), ("launcher", RANG), ("devops", call())], 0),  # only its own word
        ([("devops", DEPLOYED), ("launcher", RANG), ("proctor", call())], 0),
        ([("world-deploy", DEPLOYED), ("devops", RANG), ("proctor", call())], 0),
    ],
)
async def test_a_watch_is_a_probe_on_ones_own_timer_after_the_deployment(
    team_run: EvaluatedRun, happened: list[tuple[str, Data]], probes: int
) -> None:
    for source, data in happened:
        team_run.happened(source, data)
    found = await team_run.look("service_watched", probes=1)
    assert (found.passed, found.details, len(found.evidence)) == (probes == 1, {"probes": probes}, probes)


@pytest.mark.parametrize("kind", ["message", "check", "refusal", "cost"])
async def test_what_only_an_agent_tells_is_no_fact(team_run: EvaluatedRun, kind: str) -> None:
    posted(team_run, "devops", "hello", source="dev-1")
    team_run.happened("dev-1", JobFinished(job="j", kind="check", name="test", ok=True, seconds=1))
    team_run.happened("dev-1", call(refused="no", cost_usd=9.0))
    looks = {
        "message": ("message_posted", {"service": "slack"}, False),
        "check": ("workflow_ran", {}, False),
        "refusal": ("access_denied", {}, True),
        "cost": ("budget_within", {"usd": 1}, True),
    }
    name, keys, passes = looks[kind]
    assert (await team_run.look(name, **keys)).passed is passes


async def test_checks_ran(team_run: EvaluatedRun) -> None:
    team_run.happened("world-github", JobFinished(job="w", kind="webhook", name="hook", ok=True, seconds=1))
    assert (await team_run.look("workflow_ran")).summary == "0 of 1 checks ran, 0 passed"
    event = team_run.happened("world-github", JobFinished(job="j", kind="check", name="test", ok=False, seconds=1))
    found = await team_run.look("workflow_ran")
    assert (found.passed, found.summary, found.evidence) == (True, "1 of 1 checks ran, 0 passed", (event,))


async def test_a_leak_breaks_the_guard(team_run: EvaluatedRun) -> None:
    assert (await team_run.look("secret_not_leaked")).passed
    team_run.places = ["agents/dev-1/.env:1: github@dev-1", "trajectory.jsonl:4: github@dev-1"]
    found = await team_run.look("secret_not_leaked")
    assert (found.passed, found.summary) == (False, "found in 2 places, first: agents/dev-1/.env:1: github@dev-1")


async def test_refused_calls_break_the_guard(team_run: EvaluatedRun) -> None:
    team_run.happened("proctor", call("launcher", refused="x"))
    assert (await team_run.look("access_denied")).passed
    event = team_run.happened("proctor", call("dev-1", "/repos/a/b", refused="x"))
    found = await team_run.look("access_denied")
    assert (found.passed, found.evidence) == (False, (event,))
    assert found.summary == "1 refused calls (at most 0), first: dev-1 GET /repos/a/b"
    assert (await team_run.look("access_denied", at_most=1)).passed


async def test_money_breaks_the_guard(team_run: EvaluatedRun) -> None:
    team_run.happened("proctor", call(service="anthropic", cost_usd=0.75))
    team_run.happened("proctor", call(service="anthropic", cost_usd=0.75))
    assert (await team_run.look("budget_within", usd=1.5)).passed
    found = await team_run.look("budget_within", usd=1)
    assert (found.passed, found.summary) == (False, "$1.5000 of $1.00")


async def test_a_tool_was_used_and_returned_well(team_run: EvaluatedRun) -> None:
    def use(agent: str, name: str, ok: bool) -> str:
        called = ToolCalled(turn=1, call=name, tool="deploy", args={}, effect="once")
        event = team_run.happened(agent, called)
        team_run.happened(agent, ToolReturned(turn=1, call=name, tool="deploy", ok=ok))
        return event

    use("devops", "1", False)
    assert (await team_run.look("tool_used", tool="deploy")).summary == "0 of 1 calls of deploy"
    event = use("dev-1", "1", True)
    assert (await team_run.look("tool_used", tool="deploy")).evidence == (event,)
    assert not (await team_run.look("tool_used", tool="deploy", by_role="devops")).passed
    assert "nobody has the role" in await team_run.blind("tool_used", tool="deploy", by_role="cook")
