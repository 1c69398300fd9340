"""Workspaces of this machine: what is in them, what code does there, what is told of it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from practicum.errors import InfrastructureError, IsolationError, UsageError
from practicum.sandbox.bubblewrap import BubblewrapProvider
from practicum.scenarios.environments import Workspace, open_workspace
from practicum.scenarios.schema import Environment, Setup

pytestmark = pytest.mark.sandbox

both = pytest.mark.parametrize("environment", ["local", "sandbox"])


@both
async def test_code_runs_in_the_workspace_and_what_it_did_is_told(opened, environment: str) -> None:
    files = {"kept": "kept", "old": "old", "gone/file": "x"}
    workspace = await opened(environment, {"virtual_fs": files})
    code = "echo out; echo err >&2; echo n > new; mkdir -p a/b; echo c > a/b/c; echo OLD > old; rm -r gone; exit 3"
    done = await workspace.run_code("bash", code, 20)
    assert (done.exit_code, done.stdout, done.stderr) == (3, "out\n", "err\n")
    assert done.created == ("a/b/c", "new")
    assert done.changed == ("old",)
    assert done.deleted == ("gone/file",)
    assert (done.timed_out, done.truncated, done.unlisted) == (False, False, False)
    assert done.seconds > 0
    assert workspace.seeded == {"kept", "old", "gone/file"}
    assert (workspace.root / "a/b/c").read_text() == "c\n"


@both
async def test_code_knows_its_place_and_the_files_variables(opened, environment: str) -> None:
    asked = {"type": environment, "env": {"GREETING": 'hi "there" $HOME'}}
    workspace = await opened(asked, {"db_seed": {"users": [{"id": 1}, {"id": 2}]}})
    code = """
import os, sqlite3
place = os.environ["PRACTICUM_WORKSPACE"]
assert os.getcwd() == place
print(os.environ["GREETING"])
url = os.environ["DATABASE_URL"]
assert url == f"sqlite:///{place}/data.db", url
print(sqlite3.connect(url.removeprefix("sqlite:///")).execute("SELECT count(*) FROM users").fetchone())
"""
    done = await workspace.run_code("python", code, 20)
    assert (done.stdout, done.stderr) == ('hi "there" $HOME\n(2,)\n', "")
    assert (await workspace.run('echo "$PRACTICUM_WORKSPACE"', 20)).stdout == f"{workspace.inside}\n"


@both
async def test_who_worked_there_before_does_not_decide_what_python_means(opened, environment: str) -> None:
    workspace = await opened(environment, {"virtual_fs": {"helper.py": "VALUE = 5", "out.json": '{"done": false}'}})
    trap = "import os; print('theirs'); os._exit(0)"
    for name in ("sitecustomize", "usercustomize", "json", "subprocess", "encodings/__init__", "os"):
        assert (await workspace.run(f'mkdir -p encodings && echo "{trap}" > {name}.py', 20)).exit_code == 0
    done = await workspace.run_code(
        "python", "import json, helper\nprint(json.load(open('out.json')), helper.VALUE)", 20
    )
    assert (done.stdout, done.stderr) == ("{'done': False} 5\n", "")
    started = "import subprocess, sys\nprint(subprocess.run([sys.executable, '-m', 'helper']).returncode)"
    assert (await workspace.run_code("python", started, 20)).stdout == "0\n"


@both
async def test_an_error_names_a_file_and_a_line_that_are_none_of_the_workspace(opened, environment: str) -> None:
    workspace = await opened(environment)
    failed = await workspace.run_code("python", "x = 1\n\nraise ValueError(x)\n", 20)
    assert failed.exit_code == 1
    assert 'code-1.py", line 3' in failed.stderr
    assert "raise ValueError(x)" in failed.stderr
    shell = await workspace.run_code("bash", "\nno-such-program\n", 20)
    assert "code-2.sh: line 2: no-such-program" in shell.stderr
    assert failed.created == shell.created == ()
    assert (await workspace.run("ls -A", 20)).stdout == ""


@both
async def test_what_lies_in_the_workspace_can_be_imported(opened, environment: str) -> None:
    files = {"helper.py": "VALUE = 5", "helper.js": "module.exports = 6"}
    workspace = await opened(environment, {"virtual_fs": files})
    python = await workspace.run_code("py", "import helper; print(helper.VALUE)", 20)
    node = await workspace.run_code("js", "console.log(require('./helper'))", 20)
    module = await workspace.run_code("node", "import fs from 'fs'; console.log(await fs.existsSync('helper.js'))", 20)
    assert (python.stdout, node.stdout, module.stdout) == ("5\n", "6\n", "true\n")
    assert python.created == node.created == module.created == ()


async def test_long_code_and_code_that_looks_like_an_option_run_too(opened) -> None:
    workspace = await opened()
    long = "// " + "x" * 150_000 + "\nconsole.log('long')"
    assert (await workspace.run_code("javascript", long, 20)).stdout == "long\n"
    assert (await workspace.run_code("javascript", "-1; console.log('minus')", 20)).stdout == "minus\n"
    assert (await workspace.run_code("sh", "echo $((1 + 1)) # ü€", 20)).stdout == "2\n"


@both
async def test_what_takes_too_long_is_ended(opened, environment: str) -> None:
    workspace = await opened(environment)
    done = await workspace.run_code("bash", "echo begun | tee file; sleep 30", 2)
    assert (done.exit_code, done.timed_out, done.stdout, done.created) == (124, True, "begun\n", ("file",))
    ended = await workspace.run("sleep 30", 0.3)
    assert ended.timed_out


async def test_our_environment_stays_ours(opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", "canary-value")
    workspace = await opened("local")
    done = await workspace.run_code("bash", "env", 20)
    assert "canary" not in done.stdout.lower()


async def test_isolation_is_told_as_it_is(opened) -> None:
    local, confined = await opened("local"), await opened("sandbox")
    assert local.isolation["tier"] == "local"
    assert set(local.isolation.values()) == {"local", "none"}
    assert (confined.isolation["fs"], confined.isolation["net"]) == ("enforced", "enforced")
    hidden = await confined.run_code("bash", f"ls {local.root}", 20)
    assert "No such file" in hidden.stderr


async def test_nothing_is_taken_in_place_of_a_sandbox_that_cannot_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from practicum.sandbox import detect
    from practicum.scenarios.environments import providers

    monkeypatch.setattr(providers, "_picked", None)
    monkeypatch.setattr(detect, "_TIERS", ())
    monkeypatch.delenv(detect.ALLOW_UNSAFE, raising=False)
    with pytest.raises(IsolationError, match="no sandbox here enforces"):
        await open_workspace(Environment(type="sandbox"), root=tmp_path / "w", setup=Setup(), folder=tmp_path)
    assert not (tmp_path / "w").exists()


async def test_e2b_without_a_key_is_infrastructure_with_the_way_to_mend_it(opened) -> None:
    with pytest.raises(InfrastructureError, match="environment e2b needs a key") as raised:
        await opened("e2b")
    assert raised.value.hint == "put E2B_API_KEY into your shell or --env-file, or run with --environment local"
    assert raised.value.exit_code == 3


async def test_docker_without_a_daemon_is_infrastructure(
    opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody")
    with pytest.raises(InfrastructureError, match="no daemon answers") as raised:
        await opened({"type": "docker", "image": "tests-without-a-daemon"})
    assert raised.value.exit_code == 3


async def test_an_unknown_environment_names_the_known_ones(opened) -> None:
    with pytest.raises(InfrastructureError, match="unknown environment 'podmna'") as raised:
        await opened("podmna")
    assert "local, sandbox, docker, e2b" in raised.value.hint


async def test_where_agents_work_code_runs_in_their_tier_also_when_the_file_says_local(opened) -> None:
    workspace = await opened("local", sandboxes=BubblewrapProvider())
    assert workspace.isolation["tier"] == "bubblewrap"
    assert (await workspace.run_code("bash", "cat /proc/net/dev", 20)).stdout.count(":") == 1
    assert workspace.type == "local"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@both
async def test_what_is_made_belongs_to_who_works_there(opened, environment: str) -> None:
    workspace = await opened(environment, {"virtual_fs": {"a/seeded": "x"}, "db_seed": {"t": [{"a": 1}]}}, uid=200_007)
    await workspace.run_code("bash", "echo x > made", 20)
    owners = {path.stat().st_uid for path in (workspace.root, *workspace.root.rglob("*"))}
    assert owners == {200_007}


async def test_files_are_found_but_not_outside(opened, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    workspace = await opened("local", {"virtual_fs": {"a/file": "x"}})
    root = workspace.root
    (root / "out").symlink_to(tmp_path / "secret")
    (root / "up").symlink_to("..")
    (root / "in").symlink_to("a/file")
    (root / "loop").symlink_to("loop")
    os.mkfifo(root / "pipe")
    assert workspace.find("a/file") == workspace.find("./a/../a/file") == workspace.find("in") == root / "a/file"
    assert workspace.find(str(root / "a/file")) == root / "a/file"
    assert workspace.find("a") == root / "a"
    for path in (
        "out",
        "up/secret",
        "../secret",
        str(tmp_path / "secret"),
        "nothing",
        "loop",
        "pipe",
        "a\0b",
        "/etc/passwd",
    ):
        assert workspace.find(path) is None, path


async def test_workspaces_beside_each_other_share_nothing(opened) -> None:
    workspaces = [await opened("sandbox" if number % 2 else "local") for number in range(8)]

    async def one(number: int, workspace: Workspace) -> None:
        code = f"echo {number} > mine; sleep 0.05; cat mine; ls -A; ls -A /tmp >/dev/null"
        done = await workspace.run_code("bash", code, 20)
        assert (done.stdout, done.created) == (f"{number}\nmine\n", ("mine",))

    await asyncio.gather(*(one(number, workspace) for number, workspace in enumerate(workspaces)))


async def test_a_change_within_one_tick_of_the_clock_is_seen(opened) -> None:
    workspace = await opened("local", {"virtual_fs": {"file": "aaaa"}})
    done = await workspace.run_code("bash", "printf bbbb 1<> file; touch -r file file", 20)
    assert done.changed == ("file",)


async def test_nothing_is_left_on_the_machine_but_the_workspace(tmp_path: Path) -> None:
    program = f"""
import asyncio, os, signal, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
from practicum.scenarios.environments import open_workspace
from practicum.scenarios.schema import Environment, Setup
async def main():
    task = None
    async def steps():
        workspace = await open_workspace(
            Environment(type="local"), root=Path({str(tmp_path / "w")!r}), setup=Setup(), folder=Path("."))
        try:
            await workspace.run_code("bash", "echo > $HOME/x; kill -INT {{}}; sleep 30".format(os.getpid()), 40)
        finally:
            await workspace.close()
    await steps()
try:
    asyncio.run(main())
except KeyboardInterrupt:
    sys.exit(7)
"""
    (tmp_path / "tmp").mkdir()
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp")}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=40)
    assert done.returncode == 7, done.stderr
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"../out": "x"}, r"setup\.virtual_fs\.\.\./out: leads out of the workspace"),
        ({"a/../../out": "x"}, "leads out of the workspace"),
        ({"a\0": "x"}, "NUL"),
        ({".": "x"}, "is no path of a file"),
        ({"a": "./nothing"}, r"setup\.virtual_fs\.a: there is no file \./nothing"),
        ({"a": "./../other"}, "outside the scenario's folder"),
        ({"a": "./link-out"}, "outside the scenario's folder"),
        ({"a": "text", "a/b": "x"}, r"setup\.virtual_fs\.a/b: cannot be written"),
        ("./nothing", "there is no folder nothing"),
        ("./with-link", "outside the scenario's folder"),
    ],
)
async def test_what_cannot_be_seeded_is_refused_by_its_key(
    opened, beside: Path, tmp_path: Path, files: object, said: str
) -> None:
    (tmp_path / "secret").write_text("x")
    (beside / "link-out").symlink_to(tmp_path / "secret")
    (beside / "with-link").mkdir()
    (beside / "with-link" / "out").symlink_to(tmp_path / "secret")
    with pytest.raises(UsageError, match=said):
        await opened("local", {"virtual_fs": files})
    assert not (tmp_path / "out").exists()


async def test_seeds_are_text_files_beside_and_whole_folders(opened, beside: Path) -> None:
    (beside / "binary").write_bytes(b"\xff\0\x01")
    (beside / "program").write_text("#!/bin/sh\necho ran\n")
    (beside / "program").chmod(0o755)
    (beside / "tree" / "deep").mkdir(parents=True)
    (beside / "tree" / "deep" / "file").write_bytes(b"\xfe")
    (beside / "tree" / "link").symlink_to("deep/file")
    files = {"text": "./not a file:\nbut text", "b": "./binary", "bin/run": "./program", "/lib": "./tree", "./x": "x"}
    workspace = await opened("local", {"virtual_fs": files})
    assert workspace.seeded == {"text", "b", "bin/run", "lib/deep/file", "lib/link", "x"}
    assert (workspace.root / "b").read_bytes() == b"\xff\0\x01"
    assert (workspace.root / "lib/link").read_bytes() == b"\xfe"
    assert (await workspace.run("bin/run", 20)).stdout == "ran\n"
    whole = await opened("local", {"virtual_fs": "./tree"})
    assert whole.seeded == {"deep/file", "link"}
