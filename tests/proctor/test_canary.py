"""No secret of a run leaves the proctor: not by its environment, its arguments, its socket, its events or its log."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from aiohttp import ClientSession, web

from practicum.proctor.secret import Secret
from practicum.proctor.vault import FileVault, KeyFile
from practicum.proctor.vault.paths import key_path, vault_path
from tests.proctor.conftest import DEVELOPER, LEAD, ProctorError, Run, StartRun
from tests.runtime.canaries import memory_of, seeds_in

pytestmark = pytest.mark.broker


async def hooked(request: web.Request) -> web.Response:
    """A live repository takes the run's webhook, and gives it back at the end."""
    return web.json_response({"id": 1}, status=201) if request.method == "POST" else web.Response(status=204)


def forms(value: str) -> list[bytes]:
    """A value as it might be written: raw, base64 at each alignment, URL-encoded."""
    raw = value.encode()
    cut = [base64.b64encode(bytes(shift) + raw)[4 if shift else 0 : -4] for shift in range(3)]
    return [raw, *cut, *(one.translate(bytes.maketrans(b"+/", b"-_")) for one in cut), quote(value, safe="").encode()]


async def everything_that_left(run: Run) -> bytes:
    pid = run.proctor.process.pid
    seen = [Path(f"/proc/{pid}/{name}").read_bytes() for name in ("environ", "cmdline", "comm")]
    await run.proctor.ask("usage")
    subscription = await run.launcher.subscribe(["practicum.r1.from.*.to.>"])
    count = (await run.until("lease.revoked"))[0]
    assert count
    seen.append(b"".join(delivery.raw for delivery in await subscription.batch(1000)))
    await subscription.close()
    return b"\n".join([*seen, run.proctor.traffic, run.proctor.log.encode()])


async def test_the_secrets_of_a_live_run_are_nowhere_outside_the_process(start_run: StartRun, tmp_path: Path) -> None:
    keys = {name: f"{name}/+" + secrets.token_urlsafe(32) for name in ("vault", "shell", "file")}

    async def user(request: web.Request) -> web.Response:
        return web.json_response({"login": "octo-" + request.headers["Authorization"][7:11], "id": 7, "name": "Octo"})

    async def echo(request: web.Request) -> web.Response:
        # A service that says back what it was told, as some do in errors.
        return web.json_response({"you_sent": request.headers["Authorization"]}, status=500)

    service = web.Application()
    service.router.add_get("/user", user)
    service.router.add_route("*", "/repos/acme/shortlink/hooks{rest:.*}", hooked)
    service.router.add_route("*", "/{rest:.*}", echo)
    runner = web.AppRunner(service)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        home = {"HOME": str(tmp_path)}
        FileVault(vault_path(home), KeyFile(key_path(home))).set("github@dev-1", Secret(keys["vault"]))
        env_file = tmp_path / "keys.env"
        env_file.write_text(f"SLACK_BOT_TOKEN='{keys['file']}'\n")
        run = await start_run(
            {"GITHUB_TOKEN__LEAD": keys["shell"], "UNRELATED": keys["shell"]},
            env_file=str(env_file),
            services={"github": {"mode": "live", "url": url}, "slack": {"mode": "live", "url": url}},
        )
        lease = (await run.proctor.ask("lease", agent="dev-1"))["leases"]["github"]
        lead = (await run.proctor.ask("lease", agent="lead"))["leases"]["github"]
        assert (lease["login"], lease["email"]) == ("octo-vaul", "7+octo-vaul@users.noreply.github.com")
        assert lead["login"] == "octo-shel"
        async with (
            ClientSession() as session,
            session.get(
                f"{lease['url']}/repos/acme/shortlink", headers={"Authorization": f"Bearer {lease['token']}"}
            ) as answer,
        ):
            answered = await answer.read()
        assert b"redacted" in answered
        await run.proctor.ask("revoke", agent="dev-1", reason="enough")
        left = await everything_that_left(run) + answered
        master = key_path(home).read_text().strip()
        for secret in [*keys.values(), master]:
            for form in forms(secret):
                assert form not in left
        assert run.opened["notes"] == ["keys taken from the shell: github@lead"]
    finally:
        await runner.cleanup()


async def test_no_lease_token_and_no_seed_is_in_an_event_and_no_simulated_key_anywhere(start_run: StartRun) -> None:
    run = await start_run()
    leases = (await run.proctor.ask("lease", agent="dev-1"))["leases"]
    await run.proctor.ask("revoke", agent="dev-1", reason="enough")
    left = await everything_that_left(run)
    assert b"simulated-" not in left
    events = left.partition(run.proctor.traffic)[0]
    for lease in leases.values():
        assert lease["token"].encode() not in events
    assert run.proctor.traffic.count(leases["github"]["token"].encode()) == 1
    for prefix in (b'"SA', b'"SO'):
        assert prefix not in left, "the seed of an account or operator"


async def test_its_own_search_finds_seeds_master_key_and_seal_and_names_them(
    start_run: StartRun, tmp_path: Path
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may read the proctor's memory, to learn the seeds")
    run = await start_run()
    await run.proctor.ask("seal", head="0" * 64, count=1)  # makes vault, master key and seal
    home = {"HOME": str(tmp_path)}
    sealing = FileVault(vault_path(home), KeyFile(key_path(home))).get("practicum/seal")
    assert sealing is not None
    seeds = seeds_in(b"\0".join(memory_of(run.proctor.process.pid)))
    kept = sorted(seed for seed in seeds if seed.startswith(("SO", "SA")))
    planted = tmp_path / "planted"
    planted.mkdir()
    for number, value in enumerate([*kept, sealing.reveal(), key_path(home).read_text().strip()]):
        (planted / f"{number:02}").write_bytes(base64.b64encode(b"key: " + value.encode()))
    found = (await run.proctor.ask("search", paths=[str(planted)]))["places"]
    assert len(kept) == 5, "operator, run, system, and one for each of two agents"
    assert sorted(place.partition(": ")[0] for place in found) == sorted(map(str, planted.iterdir()))
    assert {place.partition(": ")[2] for place in found} == {
        *(f"bus seed {number}" for number in range(1, len(kept) + 1)), "practicum/seal", "the vault's master key"
    }  # fmt: skip


async def test_the_process_cannot_be_read_by_another_user_and_leaves_no_core(start_run: StartRun) -> None:
    run = await start_run()
    process = Path(f"/proc/{run.proctor.process.pid}")
    limits = (process / "limits").read_text()
    assert "Max core file size        0                    0" in limits
    for name in ("mem", "environ", "maps", "fd"):
        assert (process / name).stat().st_uid == 0, "a dumpable process's files would be its user's"
    if os.geteuid() != 0:
        return
    script = (
        "import os, sys; os.setgid(65534); os.setuid(65534)\n"
        "for name in ('mem', 'environ'):\n"
        "    try: open(f'/proc/{sys.argv[1]}/{name}', 'rb').read(1)\n"
        "    except OSError: continue\n"
        "    sys.exit(1)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(run.proctor.process.pid)], timeout=20, check=False)
    assert done.returncode == 0


async def test_the_same_user_without_privileges_cannot_read_it_either(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, to become the same unprivileged user twice")
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from practicum.proctor.hardening import harden\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "harden()\n"
        "target = os.getpid()\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    try: open(f'/proc/{target}/mem', 'rb').read(1)\n"
        "    except OSError as error: os._exit(0 if error.errno in (1, 13) else 2)\n"
        "    os._exit(1)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], timeout=20, check=False)
    assert done.returncode == 0


async def test_children_get_none_of_the_keys(tmp_path: Path) -> None:
    script = (
        "import subprocess\n"
        "from practicum.proctor.hardening import harden\n"
        "before = harden()\n"
        "assert before['GITHUB_TOKEN'] == 'canary-canary'\n"
        "print(subprocess.run(['env'], capture_output=True, text=True).stdout)\n"
        "print(open('/proc/self/environ').read())\n"
    )
    environment = {"PATH": os.environ["PATH"], "GITHUB_TOKEN": "canary-canary", "MY_PASSWORD": "canary-canary"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=20, check=True
    )
    assert "canary" not in done.stdout
    assert "PATH=" in done.stdout


async def test_one_github_key_for_authors_and_reviewers_is_refused_with_what_to_set(start_run: StartRun) -> None:
    async def user(request: web.Request) -> web.Response:
        return web.json_response({"login": "octocat", "id": 1})

    service = web.Application()
    service.router.add_get("/user", user)
    service.router.add_route("*", "/repos/acme/shortlink/hooks{rest:.*}", hooked)
    runner = web.AppRunner(service)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    github = {
        "github": {"mode": "live", "url": f"http://127.0.0.1:{runner.addresses[0][1]}"},
        "slack": {"mode": "simulated"},
    }
    try:
        for environment in (
            {"GITHUB_TOKEN": "one-and-the-same"},
            {"GITHUB_TOKEN__DEV_1": "two-keys-of-one", "GITHUB_TOKEN__LEAD": "account-of-github"},
        ):
            with pytest.raises(ProctorError) as caught:
                await start_run(environment, services=github)
            assert "developer, lead review each other's pull requests" in caught.value.message
            assert "practicum secrets set github@dev-1" in caught.value.hint
            assert "GITHUB_TOKEN__DEV_1 GITHUB_TOKEN__LEAD" in caught.value.hint
        lead = {**LEAD, "cannot": {"github": {"approve": True}}}
        developer = {**DEVELOPER, "cannot": {"github": {"approve": True}}}
        agents = [
            {"name": "dev-1", "role": "developer", "charter": developer, "model": "script/x"},
            {"name": "lead", "role": "lead", "charter": lead, "model": "script/x"},
        ]
        run = await start_run({"GITHUB_TOKEN": "one-and-the-same"}, services=github, agents=agents)
        assert run.gateway
    finally:
        await runner.cleanup()


async def test_a_missing_live_key_is_named_with_both_ways_to_give_it(start_run: StartRun) -> None:
    with pytest.raises(ProctorError) as caught:
        await start_run(services={"github": {"mode": "live"}, "slack": {"mode": "simulated"}})
    assert caught.value.kind == "NoKeyError"
    assert "practicum secrets set github@dev-1" in caught.value.hint
    assert "GITHUB_TOKEN__DEV_1" in caught.value.hint


async def test_a_key_that_the_service_does_not_take_is_named_and_not_shown(start_run: StartRun) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.json_response({"message": "Bad credentials"}, status=401)

    service = web.Application()
    service.router.add_get("/user", refuse)
    runner = web.AppRunner(service)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        with pytest.raises(ProctorError, match=r"does not take the key github \(from shell\)") as caught:
            await start_run(
                {"GITHUB_TOKEN": "mistyped-key"},
                services={"github": {"mode": "live", "url": url}, "slack": {"mode": "simulated"}},
            )
        assert "mistyped-key" not in str(caught.value)
    finally:
        await runner.cleanup()
