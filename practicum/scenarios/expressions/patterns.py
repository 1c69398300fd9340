"""Regular expressions that cannot run away: a small backtracking machine with its own stack, every step counted.

Python's `re` has no limit of time, so a pattern from a file never goes to it. The design is that of Russ Cox,
"Regular Expression Matching: the Virtual Machine Approach" (2009), with saved places as tuples. Read are literals, `.`,
classes, `\\d \\w \\s \\b` and their opposites, `^ $`, groups (also named, `(?:`), `|`, `* + ? {n,m}` and their lazy
forms, `(?=` and `(?!`, the flags `g i m s u`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

_LONGEST_PROGRAM = 4_000
_MOST_REPEATS = 200
_MOST_GROUPS = 50
_MOST_LOOPS = 100

Test = Callable[[str], bool]


class PatternError(Exception):
    """What is wrong with a pattern, `at` which of its characters."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at, self.message = at, message


@dataclass(frozen=True)
class Step:
    """One instruction. `do` is `char`, `split`, `jump`, `save`, `check`, `mark`, `moved`, `look`, `done`."""

    do: str
    test: Test | None = None
    first: int = 0
    second: int = 0
    word: str = ""


@dataclass
class Found:
    """Where a pattern matches: start and end of the whole and of each group, -1 where a group took no part."""

    places: tuple[int, ...]

    def group(self, text: str, index: int) -> str | None:
        """What a group holds."""
        start, end = self.places[2 * index], self.places[2 * index + 1]
        return text[start:end] if start >= 0 and end >= 0 else None


@dataclass
class Pattern:
    """A pattern, made ready."""

    program: list[Step]
    groups: int
    slots: int
    names: dict[str, int] = field(default_factory=dict)

    def search(self, text: str, start: int, spend: Callable[[], None]) -> Found | None:
        """The first place from `start` on. `spend` is called for every step, and raises when it is enough."""
        for at in range(start, len(text) + 1):
            found = _run(self, 0, text, at, (-1,) * self.slots, spend)
            if found is not None:
                return Found(found[: 2 * self.groups + 2])
        return None


def _run(
    pattern: Pattern, start: int, text: str, at: int, places: tuple[int, ...], spend: Callable[[], None]
) -> tuple[int, ...] | None:
    stack = [(start, at, places)]
    while stack:
        pc, at, places = stack.pop()
        while True:
            spend()
            step = pattern.program[pc]
            if step.do == "char":
                if at >= len(text) or step.test is None or not step.test(text[at]):
                    break
                at += 1
            elif step.do == "split":
                stack.append((step.second, at, places))
                pc = step.first
                continue
            elif step.do == "jump":
                pc = step.first
                continue
            elif step.do in ("save", "mark"):
                places = (*places[: step.first], at, *places[step.first + 1 :])
            elif step.do == "moved":
                if places[step.first] == at:
                    break
            elif step.do == "check":
                if not _holds(step.word, text, at):
                    break
            elif step.do == "look":
                inside = _run(pattern, pc + 1, text, at, places, spend)
                if (inside is None) == (step.word == "="):
                    break
                places = places if inside is None else inside
                pc = step.first
                continue
            else:
                return places
            pc += 1
    return None


def _word(text: str, at: int) -> bool:
    return 0 <= at < len(text) and (text[at].isalnum() or text[at] == "_") and text[at].isascii()


def _holds(word: str, text: str, at: int) -> bool:
    if word == "^":
        return at == 0
    if word == "$":
        return at == len(text)
    if word == "^m":
        return at == 0 or text[at - 1] == "\n"
    if word == "$m":
        return at == len(text) or text[at] == "\n"
    return (_word(text, at - 1) != _word(text, at)) == (word == "b")


_CLASSES: dict[str, Test] = {
    "d": lambda char: "0" <= char <= "9",
    "w": lambda char: char.isascii() and (char.isalnum() or char == "_"),
    "s": lambda char: char.isspace() or char == "\ufeff",
}
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}


def make_pattern(source: str, flags: str) -> Pattern:
    """Read a pattern.

    Raises:
        PatternError: it is none, or holds something that is not read here.
    """
    if unknown := set(flags) - set("gimsu"):
        raise PatternError(len(source), f"the flag {min(unknown)!r} is not read here")
    return _Maker(source, flags).make()


class _Maker:
    """Emits the program as it reads. Positions in `_program` are final, pieces are copied for repetition."""

    def __init__(self, source: str, flags: str) -> None:
        self._source, self._at, self._groups, self._depth = source, 0, 0, 0
        self._fold, self._lines, self._all = "i" in flags, "m" in flags, "s" in flags
        self._names: dict[str, int] = {}
        self._marks = 0

    def make(self) -> Pattern:
        body = self._choice()
        if self._at < len(self._source):
            raise PatternError(self._at, "`)` without `(`")
        program = [Step("save", first=0), *body, Step("save", first=1), Step("done")]
        base = 2 * self._groups + 2
        final = []
        for index, step in enumerate(program):
            first = step.first + base if step.do in ("mark", "moved") else step.first
            if step.do in ("split", "jump", "look"):
                first, second = index + step.first, index + step.second
                final.append(Step(step.do, first=first, second=second, word=step.word))
            else:
                final.append(Step(step.do, step.test, first, 0, step.word))
        return Pattern(final, self._groups, base + self._marks, self._names)

    # Pieces are lists of steps whose jumps are relative, so that they can be copied.

    def _choice(self) -> list[Step]:
        if self._depth > 30:
            raise PatternError(self._at, "nested more than 30 deep")
        self._depth += 1
        branches = [self._row()]
        while self._peek() == "|":
            self._at += 1
            branches.append(self._row())
        self._depth -= 1
        made = branches.pop()
        while branches:
            branch = branches.pop()
            made = self._limited(
                [Step("split", first=1, second=len(branch) + 2), *branch, Step("jump", first=len(made) + 1), *made]
            )
        return made

    def _row(self) -> list[Step]:
        made: list[Step] = []
        while self._peek() not in ("", "|", ")"):
            made = self._limited([*made, *self._repeated()])
        return made

    def _limited(self, made: list[Step]) -> list[Step]:
        if len(made) > _LONGEST_PROGRAM:
            raise PatternError(self._at, "too long a pattern")
        return made

    def _peek(self) -> str:
        return self._source[self._at : self._at + 1]

    def _take(self) -> str:
        char = self._peek()
        if not char:
            raise PatternError(self._at, "the pattern breaks off here")
        self._at += 1
        return char

    def _repeated(self) -> list[Step]:
        start = self._at
        piece = self._atom()
        bounds = self._bounds()
        if bounds is None:
            return piece
        if self._peek() in ("*", "+", "?"):
            lazy = self._take() == "?"
            if not lazy:
                raise PatternError(self._at - 1, "nothing to repeat")
        else:
            lazy = False
        least, most = bounds
        if max(least, most or 0) > _MOST_REPEATS:
            raise PatternError(start, f"more than {_MOST_REPEATS} repetitions")
        made: list[Step] = []
        for _ in range(least):
            made = self._limited([*made, *piece])
        if most is None:
            mark = self._marks
            self._marks += 1
            if self._marks > _MOST_LOOPS:
                raise PatternError(start, f"more than {_MOST_LOOPS} of `*`, `+` and `{{n,}}`")
            loop = [Step("mark", first=mark), *piece, Step("moved", first=mark)]
            made += [self._split(len(loop) + 2, lazy), *loop, Step("jump", first=-len(loop) - 1)]
        else:
            for left in range(most - least, 0, -1):
                made.append(self._split(left * (len(piece) + 1), lazy))
                made = self._limited([*made, *piece])
        return self._limited(made)

    def _split(self, past: int, lazy: bool) -> Step:
        return Step("split", first=past, second=1) if lazy else Step("split", first=1, second=past)

    def _bounds(self) -> tuple[int, int | None] | None:
        char = self._peek()
        if char in ("*", "+", "?"):
            self._at += 1
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[char]
        if char != "{":
            return None
        end = self._source.find("}", self._at)
        inside = self._source[self._at + 1 : end] if end > 0 else ""
        least, comma, most = inside.partition(",")
        if not least.isdecimal() or not (most.isdecimal() or not most) or len(inside) > 12:
            return None  # a brace that stands for itself
        self._at = end + 1
        if not comma:
            return int(least), int(least)
        if most and int(most) < int(least):
            raise PatternError(end, "the numbers in {} are the wrong way round")
        return int(least), int(most) if most else None

    def _atom(self) -> list[Step]:
        at, char = self._at, self._take()
        if char == "(":
            return self._group()
        if char == "[":
            return [Step("char", self._class())]
        if char == ".":
            everything = self._all
            return [Step("char", lambda one: everything or one not in "\n\r")]
        if char in "^$":
            return [Step("check", word=char + ("m" if self._lines else ""))]
        if char in "*+?":
            raise PatternError(at, "nothing to repeat")
        if char == "\\":
            if self._peek() in ("b", "B"):
                return [Step("check", word=self._take())]
            if self._peek().isdecimal() and self._peek() != "0":
                raise PatternError(at, "a reference back to a group is not read here")
            return [Step("char", self._escaped())]
        return [Step("char", self._same(char))]

    def _group(self) -> list[Step]:
        look = ""
        if self._source.startswith("?:", self._at):
            self._at += 2
            group = None
        elif self._source.startswith(("?=", "?!"), self._at):
            look, group = self._source[self._at + 1], None
            self._at += 2
        else:
            self._groups += 1
            if self._groups > _MOST_GROUPS:
                raise PatternError(self._at, f"more than {_MOST_GROUPS} groups")
            group = self._groups
            if self._source.startswith("?<", self._at):
                end = self._source.find(">", self._at)
                name = self._source[self._at + 2 : end] if end > 0 else ""
                if not name.isidentifier():
                    raise PatternError(self._at, "a look behind is not read here, or a group's name is none")
                self._names[name], self._at = group, end + 1
            elif self._peek() == "?":
                raise PatternError(self._at, "this kind of group is not read here")
        body = self._choice()
        if self._peek() != ")":
            raise PatternError(self._at, "`)` is missing")
        self._at += 1
        if look:
            return [Step("look", first=len(body) + 2, word=look), *body, Step("done")]
        if group is None:
            return body
        return [Step("save", first=2 * group), *body, Step("save", first=2 * group + 1)]

    def _same(self, char: str) -> Test:
        if self._fold:
            folded = char.lower()
            return lambda one: one.lower() == folded
        return lambda one: one == char

    def _escaped(self) -> Test:
        """What stands after a backslash."""
        char = self._take()
        if char.lower() in _CLASSES:
            test = _CLASSES[char.lower()]
            return test if char.islower() else lambda one: not test(one)
        return self._same(self._literal(char))

    def _literal(self, char: str) -> str:
        width = {"x": 2, "u": 4}.get(char, 0)
        code = self._source[self._at : self._at + width]
        if width and len(code) == width and all(one in "0123456789abcdefABCDEF" for one in code):
            self._at += width
            return chr(int(code, 16))
        return _CONTROLS.get(char, char)

    def _class(self) -> Test:
        start = self._at - 1
        negated = self._peek() == "^"
        self._at += negated
        tests: list[Test] = []
        while self._peek() != "]":
            if not self._peek():
                raise PatternError(start, "`]` is missing")
            tests.append(self._class_item())
        self._at += 1
        return lambda one: any(test(one) for test in tests) != negated

    def _class_item(self) -> Test:
        char = self._take()
        if char == "\\":
            if self._peek().lower() in _CLASSES:
                return self._escaped()
            char = self._literal(self._take())
        if self._peek() != "-" or self._source[self._at + 1 : self._at + 2] in ("", "]"):
            return self._same(char)
        self._at += 1
        last = self._take()
        last = self._literal(self._take()) if last == "\\" else last
        if last < char:
            raise PatternError(self._at, "a range is the wrong way round")
        if self._fold:
            return lambda one: char <= one.lower() <= last or char <= one.upper() <= last
        return lambda one: char <= one <= last
