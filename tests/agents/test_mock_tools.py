"""Tools of mocked methods: names that every model takes, one for each method."""

from __future__ import annotations

import re

import pytest

from practicum.agents.tools import tools_for
from practicum.agents.tools.mocks import mock_tools, tool_name


@pytest.mark.parametrize(
    ("service", "method", "name"),
    [
        ("github-service", "searchIssues", "github-service_searchIssues"),
        ("knowledge_base", "search", "knowledge_base_search"),
        ("", "convert", "convert"),
        ("@acme/odd service", "do.it!", "acme_odd_service_do_it"),
        ("日本", "検索", "mock"),
    ],
)
def test_a_tool_is_named_as_models_accept(service: str, method: str, name: str) -> None:
    assert tool_name(service, method) == name


def test_long_names_stay_apart() -> None:
    names = [tool.name for tool in mock_tools([("s" * 80, "a"), ("s" * 80, "b"), ("s" * 80, "b")])]
    assert len(set(names)) == 3
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) for name in names)


def test_a_name_that_is_in_use_gets_a_number() -> None:
    tools = tools_for({"slack"}, [("slack", "post"), ("slack", "post!"), ("kb", "search")])
    names = [tool.name for tool in tools]
    assert len(set(names)) == len(names)
    assert names[-3:] == ["slack_post_2", "slack_post_3", "kb_search"]


def test_its_arguments_are_an_object_and_a_list_and_both_may_be_left_out() -> None:
    (tool,) = mock_tools([("kb", "search")])
    schema = tool.schema()
    assert set(schema["properties"]) == {"input", "args"}
    assert "required" not in schema
    assert schema["additionalProperties"] is False
    assert tool.description == "Call search of the service kb."
    assert tool.effect == "once"
