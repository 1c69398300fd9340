"""Applications that really run: real listener, real sandbox."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.sandbox

Site = Any  # of conftest.py
Build = Callable[..., bytes]


async def test_a_healthy_version_gets_the_traffic(site: Site, build: Build) -> None:
    done = await site.deploy(build(), query="&commit=" + "a" * 40)
    assert done["state"] == "running"
    assert await site.get("/health") == (200, {"version": "v1.0.0"})
    status, app = await site.call("GET", "/apps/shortlink")
    assert (status, app["state"], app["version"], app["commit"]) == (200, "running", "v1.0.0", "a" * 40)
    assert app["tree"] == done["tree"]
    assert site.changes() == ["deploy.deployment.created", "deploy.deployment.succeeded"]
    assert [(job.kind, job.ok) for job in site.finished()] == [("deployment", True)]


async def test_requests_and_answers_pass_unchanged(site: Site, build: Build) -> None:
    await site.deploy(build())
    status, got = await site.call("POST", "/apps/shortlink/http/links?a=%2F", body=b"hello")
    assert (status, got) == (201, {"got": "hello"})
    assert await site.get("/a%2Fb?q=%20x&y") == (404, {"path": "/a%2Fb?q=%20x&y"})
    headers = {"Authorization": "Bearer devops"}
    url = f"{site.world.url}/deploy/v1/apps/shortlink/http/away"
    async with site.session.get(url, headers=headers, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (302, "https://example.com/long")


async def test_the_application_sees_no_credential_and_no_host(site: Site, build: Build) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        await site.deploy(build(host_port=server.getsockname()[1]))
        assert await site.get("/net") == (200, {"net": "refused"})
    _, seen = await site.get("/secret")
    assert "Authorization" not in seen["headers"]
    assert "devops" not in json.dumps(seen)
    assert "PRACTICUM" not in json.dumps(seen["environ"])


async def test_files_of_the_application_do_not_stand_in_for_ours(site: Site, build: Build) -> None:
    theirs = "raise SystemExit('not for the relay')"
    done = await site.deploy(build(**{"asyncio.py": theirs, "practicum/__init__.py": theirs}))
    assert done["state"] == "running"


async def test_code_is_read_only_and_data_is_kept_over_versions(site: Site, build: Build) -> None:
    await site.deploy(build())
    assert await site.get("/write") == (200, {"data": "x", "code": "read-only"})
    await site.deploy(build(), "v1.0.1")
    assert await site.get("/write") == (200, {"data": "xx", "code": "read-only"})


async def test_a_version_that_is_not_healthy_leaves_the_old_one(site: Site, build: Build) -> None:
    await site.deploy(build())
    done = await site.deploy(build(health=500), "v2.0.0", "&timeout=3")
    assert done["state"] == "failed"
    assert "it answered 500" in done["reason"]
    assert "listening" in done["log"]
    assert await site.get("/health") == (200, {"version": "v1.0.0"})
    assert site.changes()[-1] == "deploy.deployment.failed"
    assert [job.ok for job in site.finished()] == [True, False]


async def test_a_version_that_ends_at_once_fails_at_once_with_its_log(site: Site, build: Build) -> None:
    broken = build(**{"server.py": "raise SystemExit('no such luck')\n"})
    done = await asyncio.wait_for(site.deploy(broken, query="&timeout=60"), 30)
    assert done["state"] == "failed"
    assert "exit code 1" in done["reason"]
    assert "no such luck" in done["log"]
    assert await site.get("/") == (503, {"error": "not_running", "message": "shortlink is not running"})


async def test_health_is_the_path_that_was_asked_for(site: Site, build: Build) -> None:
    done = await site.deploy(build(), query="&health=/nothing-here&timeout=0.5")
    assert done["state"] == "failed"
    assert "/nothing-here did not answer 200" in done["reason"]


async def test_a_new_version_replaces_the_old_and_rollback_brings_it_back(site: Site, build: Build) -> None:
    first = await site.deploy(build())
    second = await site.deploy(build(extra="1"), "v2")
    assert second["tree"] != first["tree"]
    assert await site.get("/health") == (200, {"version": "v2"})
    status, back = await site.call("POST", "/apps/shortlink/rollback?wait=true")
    assert (status, back["state"], back["rollback_of"], back["tree"]) == (201, "running", 1, first["tree"])
    assert await site.get("/health") == (200, {"version": "v1.0.0"})
    _, listed = await site.call("GET", "/apps/shortlink/deployments")
    assert [(item["id"], item["state"]) for item in listed["deployments"]] == [
        (3, "running"),
        (2, "replaced"),
        (1, "replaced"),
    ]


async def test_without_an_earlier_version_there_is_nothing_to_roll_back_to(site: Site, build: Build) -> None:
    await site.deploy(build())
    status, answer = await site.call("POST", "/apps/shortlink/rollback")
    assert (status, answer["error"]) == (409, "nothing_to_roll_back_to")


async def test_a_crash_is_told_and_the_application_restarted(site: Site, build: Build) -> None:
    await site.deploy(build())
    status, _ = await site.get("/die")
    assert status == 502
    await site.until("deploy.app.crashed")
    for _ in range(600):
        if (await site.get("/health"))[0] == 200:
            break
        await asyncio.sleep(0.05)
    assert await site.get("/health") == (200, {"version": "v1.0.0"})
    _, app = await site.call("GET", "/apps/shortlink")
    assert (app["state"], app["restarts"]) == ("running", 1)
    crash = next(event for event in site.events if getattr(event, "change", "") == "deploy.app.crashed")
    assert (crash.facts["exit_code"], crash.facts["will_restart"]) == (7, True)
    assert "dying now" in crash.facts["log"]


async def test_an_application_that_keeps_crashing_is_given_up(site: Site, build: Build) -> None:
    done = await site.deploy(build(afterwards="threading.Timer(0.6, os._exit, [9]).start()"))
    assert done["state"] == "running"
    await asyncio.wait_for(site.until("deploy.app.crashed", 4), 50)
    _, app = await site.call("GET", "/apps/shortlink")
    assert (app["state"], app["restarts"]) == ("crashed", 3)
    assert (await site.get("/health"))[0] == 503


async def test_stop_ends_the_process_and_keeps_the_history(site: Site, build: Build) -> None:
    await site.deploy(build())
    status, app = await site.call("DELETE", "/apps/shortlink")
    assert (status, app["state"], app["deployments"]) == (200, "stopped", 1)
    assert (await site.get("/health"))[0] == 503
    assert site.changes()[-1] == "deploy.deployment.stopped"
    status, shown = await site.call("GET", "/apps/shortlink/deployments/1")
    assert (shown["state"], shown["log"]) == ("stopped", "listening\n")


async def test_a_commits_archive_can_be_compared_to_its_tree(site: Site, build: Build, tmp_path: Path) -> None:
    import io
    import tarfile

    root = tmp_path / "repo"
    root.mkdir()
    with tarfile.open(fileobj=io.BytesIO(build())) as tar:
        tar.extractall(root, filter="data")

    def git(*arguments: str) -> bytes:
        identity = ["-c", "user.name=D", "-c", "user.email=d@team.invalid"]
        return subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True).stdout

    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "one")
    done = await site.deploy(git("archive", "--format=tar", "HEAD"))
    assert done["tree"] == git("rev-parse", "HEAD^{tree}").decode().strip()
    assert done["commit"] == done["archive_commit"] == git("rev-parse", "HEAD").decode().strip()


async def test_without_waiting_the_answer_is_202_and_the_outcome_comes_as_an_event(site: Site, build: Build) -> None:
    status, begun = await site.call("POST", "/apps/shortlink/deployments?version=v1", body=build())
    assert (status, begun["state"]) == (202, "starting")
    await site.until("deploy.deployment.succeeded")


@pytest.mark.parametrize(
    ("method", "path", "token", "status", "error"),
    [
        ("GET", "/apps", "", 401, "unauthorized"),
        ("GET", "/apps", "nobody", 401, "unauthorized"),
        ("POST", "/apps/shortlink/deployments?version=v1", "qa", 403, "forbidden"),
        ("DELETE", "/apps/shortlink", "qa", 403, "forbidden"),
        ("POST", "/apps/shortlink/rollback", "qa", 403, "forbidden"),
        ("GET", "/apps/shortlink", "qa", 404, "not_found"),
        ("GET", "/apps/shortlink", "other", 404, "not_found"),
        ("GET", "/nowhere", "devops", 404, "not_found"),
        ("POST", "/apps/UPPER/deployments?version=v1", "devops", 422, "invalid"),
        ("POST", "/apps/shortlink/deployments", "devops", 422, "invalid"),
        ("POST", "/apps/shortlink/deployments?version=v1&commit=zzz", "devops", 422, "invalid"),
        ("POST", "/apps/shortlink/deployments?version=v1&timeout=99999", "devops", 422, "invalid"),
    ],
)
async def test_refusals_have_the_services_own_shape(
    site: Site, method: str, path: str, token: str, status: int, error: str
) -> None:
    answered, body = await site.call(method, path, token=token, body=b"x" if method == "POST" else None)
    assert (answered, body["error"]) == (status, error)
    assert set(body) == {"error", "message"}


async def test_an_upload_that_cannot_be_deployed_is_refused_and_leaves_nothing(site: Site, build: Build) -> None:
    for archive, words in (
        (b"not a tar", "not a tar"),
        (build(Procfile="worker: true\n"), "no line 'web: COMMAND'"),
        (build(**{"practicum.deploy.yaml": "web: x\nport: 1\n"}), "is not known"),
    ):
        status, body = await site.call("POST", "/apps/shortlink/deployments?version=v1", body=archive)
        assert (status, body["error"]) == (422, "invalid")
        assert words in body["message"]
    assert (await site.call("GET", "/apps/shortlink"))[0] == 404
    assert site.events == []
