"""What expressions come to is what JavaScript says."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from expression_kit import NAMES, body, holds

SAME_AS_NODE = r"""
1 + 2 * 3 - 4 / 8
(1 + 2) * 3 % 4
2 ** 3 ** 2
-7 % 3
0.1 + 0.2
1 / 3
'a' + 1 + 2
1 + 2 + 'a'
1 + null
'5' * '2'
'5' == 5
'5' === 5
null == undefined
null === undefined
null == 0
'' == 0
NaN === NaN
[1, 2] + ''
'' + {}
'b' > 'a'
'10' > '9'
'10' > 9
undefined > 1
undefined <= 1
!''
!![]
!!0
null ?? 'x'
0 ?? 'x'
0 || 'x'
'' && 'x'
1 && 'x'
true ? 1 : false ? 2 : 3
typeof undefined
typeof null
typeof []
typeof 'x'
typeof (x => x)
typeof 1
input.missing
input.missing?.deep.er
input?.labels?.[0]
input['sta' + 'te']
args[1] === 5 && args[2].deep.n >= 2
args.length
input.labels.includes('bug') && input.state === 'open'
input.labels.indexOf('critical')
input.labels.map((l, i) => i + l.toUpperCase())
input.labels.filter(l => l.startsWith('b')).length
input.labels.some(l => l === 'critical')
input.labels.every(l => l.length > 3)
input.labels.find(l => l.endsWith('al'))
input.labels.findIndex(l => l === 'none')
[3, 1, 10].sort()
[3, 1, 10].sort((a, b) => a - b)
[1, [2, [3]]].flat()
[1, 2, 3].reduce((a, b) => a + b)
[1, 2, 3].reduceRight((a, b) => a + '-' + b)
[1, 2, 3, 4].slice(-2)
[1, 2, 3, 4].slice(1, -1)
[1, 2].concat([3], 4)
[1, 2, 3].join()
[null, 1, undefined].join('-')
[1, 2, 3].at(-1)
[1, 2, 3].includes(4)
Array(3).fill(0)
Array.from({length: 3}, (_, i) => i * 2)
Array.from('abc')
[...Array(3).keys()]
[...'hi', ...[1]]
Array.isArray([])
({...{a: 1, b: 2}, b: 3})
({['a' + 1]: 1, "b c": 2, 3: 4})
Object.keys(args[2])
Object.values({a: 1, b: [2]})
Object.entries({a: 1}).map(([k, v]) => `${k}=${v}`)
Object.fromEntries([['a', 1], ['b', 2]])
Object.assign({a: 1}, {b: 2})
'owner' in input
'nope' in input
input.text.slice(0, 5)
input.text.slice(-5)
input.text.substring(8, 2)
input.text.substr(-5, 3)
input.text.split(' ')
input.text.split('')
input.text.replace('o', '0')
input.text.replaceAll('o', '0')
input.text.charAt(1) + input.text[0]
input.text.charCodeAt(0)
input.text.toLowerCase().trim().padEnd(13, '.')
'7'.padStart(3, '0')
'ab'.repeat(3)
'  x '.trim()
'a-b-c'.split('-', 2)
'abc'.lastIndexOf('c')
'abc'.indexOf('z')
'abc'.at(-1)
/hel+o/i.test(input.text)
/^\w+\s\w+$/.test(input.text)
/(\d+)-(\d+)/.exec('a 12-34')[2]
'a1b22'.match(/\d+/g)
'a1b22'.match(/(\w)(\d)/)[1]
'x'.match(/y/)
'a1b2'.replace(/\d/g, d => d * 2)
'John Smith'.replace(/(\w+)\s(\w+)/, '$2, $1')
'a, b;c'.split(/[,;]\s*/)
'foo bar'.search(/bar/)
/^(?:a|ab)(c|bcd)(d*)$/.exec('abcd')
/a{2,3}/.exec('aaaa')[0]
/a{2,3}?/.exec('aaaa')[0]
/(?=.*\d)(?!.*x)^.+$/.test('ab1')
/\bfoo\b/.test('a foo b')
/[^a-c]+/.exec('abcdef')[0]
/(a*)*b/.test('aaab')
/^$/m.test('a\n\nb')
parseInt('42px')
parseInt('ff', 16)
parseInt('0x1f')
parseInt('x')
parseFloat('3.14abc')
Number('12') + Number('')
Number('abc')
Number(true)
Number('0x10')
String(null) + String(true) + String([1, [2]])
Boolean('') || Boolean('x')
isNaN('x')
Number.isInteger(5.0)
Number.isInteger('5')
(1234.5678).toFixed(2)
(0.5).toFixed(0)
(255).toString(16)
(0.5).toString(2)
(1e21) + '' + 1e-7 + 0.000001 + 123456789012345680000 + 1.5e300
[1.0, 100, -0.5, 1e5]
Math.max(1, 5, 3) - Math.min(2, 8)
Math.max()
Math.floor(-1.5) + Math.ceil(1.2) + Math.round(2.5) + Math.round(-2.5) + Math.abs(-3) + Math.trunc(1.9)
Math.sqrt(16) + Math.pow(2, 10) + Math.sign(-3)
1 / 0
JSON.stringify({a: [1, 'x', null], b: undefined, c: {d: true}})
JSON.stringify([1, {a: 2}], null, 2)
JSON.stringify('q"uote\n')
JSON.parse('{"a": [1, 2.5]}').a[1]
new Date(0).toISOString()
new Date('2024-07-15T10:00:00Z').getTime()
new Date('2024-07-15').toISOString()
new Date(Date.parse('2024-07-15T10:00:00Z') + 86400000).toISOString()
new Date('2024-07-15T10:11:12.345Z').getUTCDay()
encodeURIComponent('a b/ü')
decodeURIComponent('a%20b')
btoa('hello')
atob('aGVsbG8=')
`a ${1 + 1} ${`in ${input.owner}`} $ {x} \${y}`
'\x41\u0042\u{1F600}\n\t\\'
((a, b = 2, ...c) => [a, b, c])(1, undefined, 3, 4)
(({owner, nope = 'd', ...rest}) => [owner, nope, Object.keys(rest).length])(input)
(([a, , b] = [1, 2, 3]) => a + b)()
(() => { let s = 0; for (const x of [1, 2, 3]) { if (x === 2) continue; s += x } return s })()
(() => { for (let i = 0; ; i++) { if (i > 4) return i } })()
(() => { switch (args[1]) { case 1: return 'a'; case 5: case 6: return 'b'; default: return 'c' } })()
(() => { switch (9) { case 1: return 'a'; default: return 'c' } })()
(() => { const a = {}; a.x = 1; a['y'] = [1]; a.y.push(2); a.x += 4; return a })()
(() => { let x = null; x ??= 5; x ||= 6; x &&= 7; return x })()
(() => { function f(n) { return n < 2 ? n : f(n - 1) + f(n - 2) } return f(10) })()
(() => { const l = [1,2,3,4]; const t = l.splice(1, 2); return [l, t, l.reverse(), l.pop(), l.shift(), l.length] })()
(() => { if (input.n > 5) return 'big'; else if (input.n > 1) return 'some'; else return 'few' })()
(() => { const {labels: [first, ...others], owner: who} = input; return [first, others, who] })()
(() => { const o = {f(x) { return x + 1 }, g: x => x * 2}; return o.f(1) + o.g(3) })()
""".strip().splitlines()


@pytest.fixture(scope="module")
def node() -> list[str]:
    """What node says to each of the lines."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("node is not installed: nothing to compare with")
    calls = ", ".join(f"() => ({line})" for line in SAME_AS_NODE)
    text = (
        f"const {{args, input, context}} = {json.dumps(NAMES)};"
        f"for (const f of [{calls}]) console.log(JSON.stringify(f() ?? null))"
    )
    done = subprocess.run([program, "-e", text], capture_output=True, text=True, timeout=30, check=True)
    return done.stdout.splitlines()


def test_each_line_comes_to_what_node_says(node: list[str]) -> None:
    different = [
        (line, said, mine)
        for line, said in zip(SAME_AS_NODE, node, strict=True)
        if (mine := body(f"return {line}")) != json.loads(said) or isinstance(mine, bool) != (said in ("true", "false"))
    ]
    assert not different


def test_the_clock_and_chance_are_those_that_are_handed_in() -> None:
    assert body("new Date().toISOString()") == "2026-03-01T12:30:15.250Z"
    assert body("Date.now()") == 1772368215250
    assert body("Math.random()", seed=3) == body("Math.random()", seed=3) != body("Math.random()", seed=4)
    assert body("crypto.randomUUID()", seed=3) == body("crypto.randomUUID()", seed=3)
    assert isinstance(body("Math.random().toString(36).substring(2, 9)"), str)


def test_what_is_handed_in_stays_as_it_is() -> None:
    names = {"args": [[3, 1, 2]], "input": {"a": {"b": 1}}, "context": {}}
    assert body("args[0].sort(); input.a.b = 5; return [args[0], input.a]", names) == [[1, 2, 3], {"b": 5}]
    assert names == {"args": [[3, 1, 2]], "input": {"a": {"b": 1}}, "context": {}}


def test_nothing_of_one_evaluation_is_left_in_the_next() -> None:
    for _ in range(2):
        assert body("const a = []; a.push(1); const m = {}; m.x = (m.x ?? 0) + 1; return [a, m]") == [[1], {"x": 1}]


def test_a_matcher_whose_hole_stands_bare_or_in_quotes_is_its_value() -> None:
    assert holds("${input.state} === 'open'")
    assert holds("'${input.state}' === 'open'")
    assert holds('"${args[1]}" == 5')
    assert holds("${args[1]} > 4")
    assert not holds("${input.state} !== 'open'")


def test_an_answer_holds_only_json() -> None:
    assert body("({f: x => x, u: undefined, d: new Date(0), n: NaN, i: 1/0, m: Math, r: /x/, e: [undefined]})") == {
        "d": "1970-01-01T00:00:00.000Z",
        "n": None,
        "i": None,
        "r": {},
        "e": [None],
    }
    assert body("'\\ud83d\\ude00' + '\\ud83d'") == "😀\ufffd"
