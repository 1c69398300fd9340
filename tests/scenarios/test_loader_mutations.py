"""Ten thousand spoilt scenario files: each loads or is refused with file and line; no stack trace, no hang."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from random import Random

import pytest

from practicum.errors import UsageError
from practicum.scenarios.loader import load_scenario

sys.path.insert(0, str(Path(__file__).parents[1] / "docs"))

from docs_pages import examples

pytestmark = pytest.mark.slow

PARTS, EACH = 8, 1250
LONGEST_S = 5.0
"""Of the processor: what others do on the machine does not count."""

ORIGINALS = [item.text for item in examples("scenario", "run")] + [
    path.read_text() for path in sorted((Path(__file__).parents[3] / "shared" / "compat").glob("*.scenario.yaml"))
]
WORDS = [
    *("", "~", "5", "-1", ".nan", ".inf", "1e999", "true", "[]", "{}", "[[]]", "{a: b}", "2024-02-31", "!!bool x"),
    *(
        "!!binary x",
        "&a [*a]",
        "*a",
        "'",
        '"\\0"',
        "|",
        ">",
        "<<: {a: b}",
        "? x",
        "%YAML 9",
        "\x00",
        "\u202e",
        "./../..",
    ),
    *(
        "x" * 5000,
        "[" * 300,
        "{a: " * 300,
        "12:30:45",
        "!!set {a, b}",
        "!!python/none x",
        "return {",
        "a && (b",
        "/(a+)+$/",
    ),
    *("(" * 200, "${" * 50, "0x" + "f" * 5000, "\U0001f600", "\ud800".encode("utf-8", "replace").decode(), "- - - -"),
]


def mutated(random: Random) -> bytes:
    lines = random.choice(ORIGINALS).splitlines()
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(lines))
        match random.randrange(8):
            case 0 if len(lines) > 1:
                del lines[at]
            case 1:
                lines.insert(at, lines[at])
            case 2:
                other = random.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            case 3:
                lines[at] = f"{lines[at].partition(':')[0]}: {random.choice(WORDS)}"
            case 4:
                lines[at] = random.choice(WORDS)
            case 5:
                lines.insert(at, random.choice(WORDS))
            case 6:
                lines[at] = " " * random.randrange(10) + lines[at].lstrip()
            case _:
                raw = "\n".join(lines).encode("utf-8", "replace")
                cut = random.randrange(len(raw) + 1)
                return raw[:cut] + random.randbytes(random.randrange(20)) + raw[cut + random.randrange(30) :]
    return "\n".join(lines).encode("utf-8", "replace")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("part", range(PARTS))
def test_a_spoilt_file_loads_or_is_refused_with_its_line(part: int, tmp_path: Path) -> None:
    assert len(ORIGINALS) > 3
    random, path = Random(part), tmp_path / "scenario.yaml"
    place = re.compile(rf"^(error: )?({re.escape(str(path))}(:\d+)?: |       )")
    refused = 0
    for number in range(EACH):
        content = mutated(random)
        path.write_bytes(content)
        begun = time.process_time()
        try:
            load_scenario(path)
        except UsageError as error:
            refused += 1
            for line in str(error).splitlines():
                assert place.match(line), (number, line, content)
        assert time.process_time() - begun < LONGEST_S, content
    assert refused > EACH / 4
