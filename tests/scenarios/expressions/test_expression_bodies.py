"""The ways in which scenario files write an answer."""

from __future__ import annotations

import pytest
from expression_kit import body

from practicum.bus.events import Json
from practicum.scenarios.expressions import ThrownError, parse_body

QUERY = """function(args) {
  const query = args[0];
  if (query.includes('eliza')) {
    return { rows: [{ id: 1 }] };
  }
  return { rows: [] };
}
"""
WAYS: list[tuple[str, Json]] = [
    ("args[0]", "elizaos/eliza"),
    ("return args[0];", "elizaos/eliza"),
    ("return { id: args[1], ...input.nope }", {"id": 5}),
    ("{ id: args[1] }", {"id": 5}),
    ("({ id: args[1] })", {"id": 5}),
    ("() => ({ call: context.call })", {"call": 0}),
    ("(args) => args[0]", "elizaos/eliza"),
    ("args => { return args.length }", 3),
    ("(args, input) => `${args[1]} ${input.state}`", "5 open"),
    ("(args, input, context) => context.agent", "dev-1"),
    ("(input) => input.state", "open"),
    ("(ctx) => ctx.agent", "dev-1"),
    ("(_, params) => params.state", "open"),
    ("({ owner, n }) => `${owner}/${n}`", "acme/2"),
    ("(repo, number) => repo + '#' + number", "elizaos/eliza#5"),
    ("(...all) => all.length", 3),
    ("async (args) => { const r = await Promise.resolve(args[0]); return { r } }", {"r": "elizaos/eliza"}),
    ("function (args) { return args[1] }", 5),
    ("async function answer(args) { return args[1] }", 5),
    ("const answer = (args) => args[1]; answer", 5),
    ("const a = 1, b = 2\nreturn a + b", 3),
    ("const x = args[1]; x * 2", 10),
    ("if (input.n > 1) { return 'many' } else { return 'one' }", "many"),
    ("if (input.n > 5) return 'many'; return 'few';", "few"),
    ("console.log('called', args); return null", None),
    ("let n = 0\nfor (const l of input.labels) n += l.length\nreturn n", 11),
    ("// a remark\nreturn 1 /* and another */", 1),
    ("Hello ${input.owner}, ${args[1] * 2} of ${input.labels}", "Hello acme, 10 of bug,critical"),
    ("${input.n}", "2"),
    (
        '{"id": "${args[0]}", "n": ${input.n}, "labels": ${input.labels}}',
        {"id": "elizaos/eliza", "n": 2, "labels": ["bug", "critical"]},
    ),
    ('["${args[0]}", ${args[1]},]', ["elizaos/eliza", 5]),
    (QUERY, {"rows": [{"id": 1}]}),
    ("return;", None),
    ("{ return 4 }", 4),
    ("{}", {}),
]


@pytest.mark.parametrize(("text", "value"), WAYS, ids=[text[:40] for text, _ in WAYS])
def test_each_way_is_understood(text: str, value: Json) -> None:
    assert body(text) == value


def test_a_body_that_throws_says_with_what() -> None:
    with pytest.raises(ThrownError) as thrown:
        body("if (args[1] === 5) { throw new Error('no ' + args[0]) }")
    assert (thrown.value.name, thrown.value.problem) == ("Error", "no elizaos/eliza")
    with pytest.raises(ThrownError) as thrown:
        body("const e = Object.assign(new TypeError('x'), {status: 404, code: 'NOT_FOUND'}); throw e")
    assert (thrown.value.name, thrown.value.fields) == ("TypeError", {"status": 404, "code": "NOT_FOUND"})
    with pytest.raises(ThrownError) as thrown:
        body("throw {message: 'plain', status: 418}")
    assert thrown.value.fields["status"] == 418


def test_a_body_knows_what_of_a_call_it_asks_for() -> None:
    assert parse_body("input.a + context.b").names == {"input", "context"}
    assert parse_body("1 === 2").names == set()
