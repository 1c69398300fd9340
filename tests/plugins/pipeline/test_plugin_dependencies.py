"""Dependencies: names, likenesses, advisories."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from aiohttp import web

from practicum.errors import UsageError
from practicum.plugins.dependencies.advisories import Advisories
from practicum.plugins.dependencies.policy import DependencyPolicy, distance, judge, listed, looks_like


def test_allowed_names_pass_as_anybody_spells_them() -> None:
    assert judge(["Python_DateUtil>=2.9", "requests[socks]>=2 ; python_version>'3'"], DependencyPolicy()) == []


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("reqeusts", "requests"),
        ("request", "requests"),
        ("requests2", "requests"),
        ("python-requests", "requests"),
        ("nunpy", "numpy"),
        ("pandsa", "pandas"),
        ("cryptograpyh", "cryptography"),
        ("beautifulsoup", "beautifulsoup4"),
        ("urlib3", "urllib3"),
        ("tensorfllow", "tensorflow"),
        ("pydantlc", "pydantic"),
    ],
)
def test_look_alikes_are_named_with_what_they_look_like(name: str, like: str) -> None:
    assert looks_like(name) == like
    [problem] = judge([name], DependencyPolicy())
    assert f"{name} looks like {like}" in problem.message


def test_no_known_name_looks_like_another() -> None:
    assert [name for name in listed("popular.txt") | listed("allowed.txt") if looks_like(name)] == []


def test_an_unknown_name_is_refused_until_an_operator_adds_it(tmp_path: Path) -> None:
    [problem] = judge(["quite-unheard-of"], DependencyPolicy())
    assert "not among the allowed" in problem.message
    file = tmp_path / "allowed.txt"
    file.write_text("# ours\nquite_unheard.of  # by Ann\n")
    assert judge(["quite-unheard-of>=1"], DependencyPolicy.read(file)) == []
    with pytest.raises(UsageError):
        DependencyPolicy.read(tmp_path / "missing.txt")


@pytest.mark.parametrize(
    "text", ["rich @ https://files.example/rich.whl", "git+https://x.example/r", "--index-url=x", "./rich", "", "-e ."]
)
def test_addresses_paths_and_options_are_no_dependencies(text: str) -> None:
    assert len(judge([text], DependencyPolicy())) == 1


def test_distance_counts_edits_and_stops_where_it_is_too_far() -> None:
    assert distance("abcd", "abdc", 3) == 1
    assert distance("kitten", "sitting", 3) == 3
    assert distance("kitten", "sitting", 1) == 2


def _advisory(folder: Path, name: str, **affected: object) -> None:
    item = {
        "id": f"TEST-{name}", "modified": "2030-01-02T00:00:00Z", "summary": "a hole",
        "affected": [{"package": {"ecosystem": "PyPI", "name": name}, **affected}],
    }  # fmt: skip
    (folder / f"{name}.json").write_text(json.dumps(item))


async def test_without_any_source_nothing_is_called_clean() -> None:
    done = await Advisories(DependencyPolicy.of(online=False)).check(["rich==13.0.0"])
    assert done.status == "not_checked"
    assert "switched off" in done.summary
    assert (await Advisories(DependencyPolicy()).check([])).status == "skipped"


async def test_a_folder_of_advisories_is_looked_into_by_ranges_and_versions(tmp_path: Path) -> None:
    _advisory(
        tmp_path, "Some_Lib",
        ranges=[{"type": "ECOSYSTEM", "events": [{"introduced": "1.0"}, {"fixed": "1.2"}, {"introduced": "2.0"}]}],
    )  # fmt: skip
    _advisory(tmp_path, "other", versions=["3.1"])
    (tmp_path / "broken.json").write_text("{")
    advisories = Advisories(DependencyPolicy.of(advisories=tmp_path, online=False))
    hit = await advisories.check(["some-lib==1.1.9", "other==3.1"])
    assert hit.status == "failed"
    assert {one.message for one in hit.problems} == {
        "some-lib 1.1.9: TEST-Some_Lib a hole", "other 3.1: TEST-other a hole",
    }  # fmt: skip
    assert (await advisories.check(["some-lib==2.5"])).status == "failed"
    clean = await advisories.check(["some-lib==1.2", "other==3.2"])
    assert clean.status == "passed"
    assert "2030-01-02" in clean.summary
    empty = tmp_path / "empty"
    empty.mkdir()
    none = await Advisories(DependencyPolicy.of(advisories=empty, online=False)).check(["rich==1"])
    assert none.status == "not_checked"


async def test_the_api_is_asked_once_and_an_answer_that_is_none_is_not_clean() -> None:
    asked: list[object] = []

    async def answer(request: web.Request) -> web.Response:
        queries = (await request.json())["queries"]
        asked.append(queries)
        if queries[0]["package"]["name"] == "odd":
            return web.json_response({"results": []})
        return web.json_response({"results": [{"vulns": [{"id": "TEST-1"}]}, {}][: len(queries)]})

    app = web.Application()
    app.router.add_post("/v1/querybatch", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        advisories = Advisories(DependencyPolicy(), f"http://127.0.0.1:{port}/v1/querybatch")
        for _ in range(2):
            done = await advisories.check(["rich==1", "tqdm==2"])
            assert done.status == "failed"
            assert [one.message for one in done.problems] == ["rich 1: TEST-1"]
        assert len(asked) == 1
        odd = await advisories.check(["odd==1"])
        assert odd.status == "not_checked"
    finally:
        await runner.cleanup()
    gone = await Advisories(DependencyPolicy(), f"http://127.0.0.1:{port}/").check(["rich==1"])
    assert gone.status == "not_checked"
