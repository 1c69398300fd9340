"""The proctor's process from the launcher's and the agents' side."""

from __future__ import annotations

import base64
import json
from typing import Any

import aiohttp
import pytest

from practicum.bus.identity import BusKeys, public_key_of
from practicum.errors import BusError
from practicum.proctor.seal import verify
from tests.proctor.conftest import ProctorError, StartProctor, StartRun, setup

pytestmark = pytest.mark.broker


async def get(url: str, token: str) -> tuple[int, dict[str, str]]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, headers={"Authorization": f"Bearer {token}"}) as answer,
    ):
        return answer.status, dict(answer.headers)


async def test_an_agent_gets_exactly_the_services_of_its_charter(start_run: StartRun) -> None:
    run = await start_run()
    dev = (await run.proctor.ask("lease", agent="dev-1"))["leases"]
    lead = (await run.proctor.ask("lease", agent="lead"))["leases"]
    assert (sorted(dev), sorted(lead)) == (["github", "slack"], ["github"])
    assert dev["github"]["url"] == f"{run.gateway}/github"
    assert dev["github"]["git_url"] == f"{run.gateway}/git"
    assert (dev["github"]["login"], dev["github"]["name"], dev["github"]["email"]) == (
        "dev-1",
        "Developer dev-1",
        "dev-1@team.invalid",
    )
    granted = await run.until("lease.granted", 3)
    assert [(event.source, event.data.agent, event.data.service) for event in granted] == [  # type: ignore[attr-defined]
        ("proctor", "dev-1", "github"),
        ("proctor", "dev-1", "slack"),
        ("proctor", "lead", "github"),
    ]
    assert granted[0].data.scope == {  # type: ignore[attr-defined]
        "resources": ["acme/shortlink"],
        "permissions": {"contents": "write", "pull_requests": "write", "issues": "read", "metadata": "read"},
        "cannot": ["merge"],
    }


async def test_the_world_is_told_hashes_and_permissions_and_no_keys(start_run: StartRun) -> None:
    run = await start_run()
    told = {(entry["service"], entry["login"]): entry for entry in run.opened["world_credentials"]}
    assert set(told) == {
        ("world", "practicum"),
        *((service, login) for service in ("github", "slack") for login in ("dev-1", "launcher")),
        ("github", "lead"),
    }
    dev = told["github", "dev-1"]
    assert dev["permissions"] == {"contents": "write", "pull_requests": "write", "issues": "read", "metadata": "read"}
    assert dev["repos"] == ["acme/shortlink"]
    assert told["slack", "dev-1"]["permissions"] == {"read": "read", "post": "write"}
    assert told["world", "practicum"]["kind"] == "admin"
    assert len({entry["token_sha256"] for entry in told.values()}) == len(told)


async def test_a_revoked_lease_is_refused_by_the_gateway_at_once_and_not_handed_out_again(start_run: StartRun) -> None:
    run = await start_run()
    lease = (await run.proctor.ask("lease", agent="dev-1"))["leases"]["github"]
    status, headers = await get(f"{lease['url']}/repos/acme/other", lease["token"])
    assert (status, "X-Practicum-Rule" in headers) == (404, True)
    await run.proctor.ask("revoke", lease=lease["id"], reason="by hand")
    status, _ = await get(f"{lease['url']}/repos/acme/other", lease["token"])
    assert status == 401
    [revoked] = await run.until("lease.revoked")
    assert (revoked.data.lease, revoked.data.reason) == (lease["id"], "by hand")  # type: ignore[attr-defined]
    dev = await run.agent("dev-1")
    with pytest.raises(BusError, match="revoked: by hand"):
        await dev.ask("proctor", "lease", b'{"service": "github"}', timeout=5)
    await dev.close()


async def test_an_agent_asks_for_a_lease_and_is_answered_privately(start_run: StartRun) -> None:
    run = await start_run()
    dev = await run.agent("dev-1")
    answer = json.loads(await dev.ask("proctor", "lease", b'{"service":"slack","purpose":"say hello"}', timeout=5))
    assert answer["url"] == f"{run.gateway}/slack/api"
    with pytest.raises(BusError, match=r"can\.discord is not in the charter"):
        await dev.ask("proctor", "lease", b'{"service":"discord"}', timeout=5)
    requested = await run.until("lease.requested", 2)
    assert [event.data.purpose for event in requested] == ["say hello", ""]  # type: ignore[attr-defined]
    await run.until("lease.denied")
    await dev.close()


async def test_renewal_moves_the_expiry_of_identity_and_leases_and_keeps_tokens_good(start_run: StartRun) -> None:
    run = await start_run()
    lease = (await run.proctor.ask("lease", agent="dev-1"))["leases"]["github"]
    dev = await run.agent("dev-1")
    answer = json.loads(await dev.ask("proctor", "renew", b"{}", timeout=5))
    assert answer["source"] == "dev-1"
    assert answer["jwt"]
    assert answer["leases"]["github"] > lease["expires"]
    renewed = await run.until("lease.renewed", 2)
    assert {event.data.service for event in renewed} == {"github", "slack"}  # type: ignore[attr-defined]
    assert (await get(f"{lease['url']}/repos/acme/other", lease["token"]))[0] == 404
    await dev.close()


async def test_an_agent_from_whom_everything_was_taken_is_not_renewed(start_run: StartRun) -> None:
    run = await start_run()
    await run.proctor.ask("lease", agent="dev-1")
    dev = await run.agent("dev-1")
    await run.proctor.ask("revoke", agent="dev-1", reason="misbehaved")
    with pytest.raises(BusError, match="taken back"):
        await dev.ask("proctor", "renew", b"{}", timeout=5)
    await dev.close()


async def test_a_lease_that_runs_out_is_told_and_refused(start_run: StartRun) -> None:
    charter = {"role": "lead", "can": {"github": {"repos": ["acme/shortlink"]}}, "lease": {"ttl": "1s"}}
    agents = [{"name": "lead", "role": "lead", "charter": charter, "model": "script/lead"}]
    run = await start_run(agents=agents)
    lease = (await run.proctor.ask("lease", agent="lead"))["leases"]["github"]
    [expired] = await run.until("lease.expired")
    assert expired.data.lease == lease["id"]  # type: ignore[attr-defined]
    assert (await get(f"{lease['url']}/repos/acme/shortlink", lease["token"]))[0] == 401


async def test_usage_shows_granted_beside_used(start_run: StartRun) -> None:
    run = await start_run()
    await run.proctor.ask("lease", agent="lead")
    [row] = (await run.proctor.ask("usage"))["leases"]
    assert row["granted"] == {"contents": "write", "pull_requests": "write", "metadata": "read"}
    assert (row["role"], row["used"], row["calls"]) == ("lead", {}, 0)


async def test_the_launchers_lease_reads_and_never_writes(start_run: StartRun) -> None:
    run = await start_run()
    leases = (await run.proctor.ask("inspector"))["leases"]
    assert set(leases) == {"github", "slack", "inspect"}
    github = leases["github"]
    async with aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {github['token']}"}
        async with session.post(f"{github['url']}/repos/acme/shortlink/issues", headers=headers, json={}) as answer:
            assert answer.status == 403


async def test_an_agents_lease_opens_no_inspection(start_run: StartRun) -> None:
    run = await start_run()
    lease = (await run.proctor.ask("lease", agent="dev-1"))["leases"]["github"]
    assert (await get(f"{run.gateway}/inspect/github", lease["token"]))[0] in (401, 403)


async def test_an_identity_is_made_once_for_each_name_and_kind(start_run: StartRun) -> None:
    run = await start_run()
    for source, kind in (("launcher", "observer"), ("proctor", "agent"), ("stranger", "agent"), ("x", "proctor")):
        with pytest.raises(ProctorError):
            await run.proctor.ask("identity", source=source, kind=kind, stream="practicum-r1", consumer="c")


async def test_a_seal_is_of_the_vaults_key_and_fails_for_any_other_record(start_run: StartRun) -> None:
    run = await start_run()
    first = await run.proctor.ask("seal", head="a" * 64, count=12)
    second = await run.proctor.ask("seal", head="b" * 64, count=13)
    assert first["public_key"] == second["public_key"]
    assert verify("r1", 12, "a" * 64, **first)
    for run_id, count, head in (("r2", 12, "a" * 64), ("r1", 13, "a" * 64), ("r1", 12, "b" * 64)):
        assert not verify(run_id, count, head, **first)
    assert not verify("r1", 12, "a" * 64, signature="nonsense", public_key=first["public_key"])


async def test_close_takes_everything_back_and_ends(start_run: StartRun) -> None:
    run = await start_run()
    await run.proctor.ask("lease", agent="dev-1")
    await run.proctor.ask("close")
    assert await run.proctor.ended() == 0
    revoked = await run.until("lease.revoked", 2)
    assert {event.data.reason for event in revoked} == {"the run is over"}  # type: ignore[attr-defined]
    assert run.proctor.log == ""


async def test_when_the_launcher_goes_everything_goes_at_once(start_run: StartRun) -> None:
    run = await start_run()
    lease = (await run.proctor.ask("lease", agent="dev-1"))["leases"]["github"]
    await run.proctor.hang_up()
    await run.proctor.ended()
    with pytest.raises(aiohttp.ClientError):
        await get(lease["url"], lease["token"])


@pytest.mark.parametrize(
    ("method", "params", "message"),
    [
        ("nonsense", {}, "no method"),
        ("lease", {"agent": "dev-1"}, "nothing is open"),
        ("open", {"run": "r1"}, "vault: Field required"),
    ],
)
async def test_requests_that_cannot_be_are_answered_with_what_is_wrong(
    start_proctor: StartProctor, method: str, params: dict[str, Any], message: str
) -> None:
    proctor = await start_proctor()
    with pytest.raises(ProctorError, match=message):
        await proctor.ask(method, **params)
    assert await proctor.ask("ping") == {}


async def test_a_charter_that_asks_for_too_much_is_refused_at_open(start_proctor: StartProctor) -> None:
    proctor = await start_proctor()
    with pytest.raises(ProctorError, match=r"charter of lead: can\.github\.repos: 'acme/shortlink'") as caught:
        await proctor.ask("open", **setup(grantable={"github": ["acme/shortlinks"], "slack": ["dev"]}))
    assert caught.value.kind == "CharterError"
    assert 'did you mean "acme/shortlinks"?' in caught.value.hint


async def test_a_foreign_bus_needs_its_accounts_seed_and_gets_identities_signed_with_it(
    start_proctor: StartProctor,
) -> None:
    without = await start_proctor()
    with pytest.raises(ProctorError) as caught:
        await without.ask("open", **setup(bus="nats://bus.invalid:4222"))
    assert "practicum secrets set bus" in caught.value.hint
    seed = next(seed for seed in BusKeys().secrets() if seed.startswith("SA"))
    proctor = await start_proctor(PRACTICUM_BUS_SEED=seed)
    opened = await proctor.ask("open", **setup(bus="nats://bus.invalid:4222"))
    assert opened["server_config"] == ""
    made = await proctor.ask("identity", source="observer", kind="observer", stream="practicum-r1")
    payload = made["jwt"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["iss"] == public_key_of(seed)
