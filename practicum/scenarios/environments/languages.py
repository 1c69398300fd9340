"""The languages of code steps: which program runs them, and how it is given the code."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

_LONGEST_ARGUMENT = 100_000
"""The kernel takes 128 KiB in one word of a command line (execve(2))."""
_MODULE = re.compile(r"^\s*(?:import\s*[\w{*'\"]|export\s+[\w{*])", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Language:
    """One language."""

    name: str
    programs: tuple[str, ...]
    """What can run it; the first that is there does."""
    suffix: str
    install: str
    """The line that installs the program on Debian."""
    options: tuple[str, ...] = ()


_DEBIAN = "apt-get install -y"
LANGUAGES: dict[str, Language] = {
    language.name: language
    for language in (
        Language("bash", ("bash",), ".sh", f"{_DEBIAN} bash"),
        Language("sh", ("sh",), ".sh", f"{_DEBIAN} dash"),
        Language("zsh", ("zsh",), ".zsh", f"{_DEBIAN} zsh"),
        Language("fish", ("fish",), ".fish", f"{_DEBIAN} fish"),
        Language("python", ("python3",), ".py", f"{_DEBIAN} python3"),
        Language("javascript", ("node",), ".js", f"{_DEBIAN} nodejs"),
        Language("typescript", ("tsx", "node"), ".ts", "npm install -g tsx   (or node 24)"),
        Language("ruby", ("ruby",), ".rb", f"{_DEBIAN} ruby"),
        Language("perl", ("perl",), ".pl", f"{_DEBIAN} perl"),
        Language("php", ("php",), ".php", f"{_DEBIAN} php-cli"),
        Language("lua", ("lua", "lua5.4", "lua5.3"), ".lua", f"{_DEBIAN} lua5.4"),
        Language("r", ("Rscript",), ".R", f"{_DEBIAN} r-base-core", ("--vanilla",)),
        Language("julia", ("julia",), ".jl", "see julialang.org", ("--startup-file=no",)),
    )
}
"""By name."""

ALIASES = {
    "shell": "bash",
    "js": "javascript",
    "node": "javascript",
    "nodejs": "javascript",
    "mjs": "javascript",
    "cjs": "javascript",
    "ts": "typescript",
    "py": "python",
    "python3": "python",
    "rb": "ruby",
    "pl": "perl",
}
"""What else they are called."""


def language(lang: str) -> Language | None:
    """The language of that name, or None. Upper and lower case are the same."""
    name = lang.strip().lower()
    return LANGUAGES.get(ALIASES.get(name, name))


def check_lang(lang: str) -> str | None:
    """What to write instead of an unknown `lang`; None when it is known."""
    if language(lang) is not None:
        return None
    known = [*LANGUAGES, *ALIASES]
    near = difflib.get_close_matches(lang.strip().lower(), known, n=1)
    meant = f'did you mean "{near[0]}"? ' if near else ""
    return f"{meant}known: {', '.join(sorted(known))}"


def command_line(found: Language, program: str, path: str, code: str, lang: str = "") -> list[str]:
    """What runs `code`, which lies in the file `path`.

    node is given the code itself, where that fits: so `require('./x')` finds what lies in the workspace, as it does
    with `node -e`. Everything else reads the file, so that its errors name a file and a line.
    """
    if program == "node" and len(code.encode()) <= _LONGEST_ARGUMENT:
        module = lang.lower() == "mjs" or (lang.lower() != "cjs" and bool(_MODULE.search(code)))
        if found.name == "typescript":
            return [*node_typescript(program, module), f"--eval={code}"]
        return [program, *(["--input-type=module"] if module else []), f"--eval={code}"]
    return [program, *found.options, path]


def node_typescript(program: str, module: bool) -> list[str]:
    """How node is told that it is given TypeScript; versions that know none refuse these options."""
    kind = "module-typescript" if module else "commonjs-typescript"
    return [program, "--experimental-strip-types", "--disable-warning=ExperimentalWarning", f"--input-type={kind}"]
