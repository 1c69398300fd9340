"""What a persona's description gives a scripted user to say: a small grammar of how such descriptions are written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from practicum.scenarios.schema.conversation import UserSimulator

_ANGRY = re.compile(
    r"\b(?:angr\w*|furious|frustrat\w*|impatien\w*|annoy\w*|upset|irritat\w*|outrag\w*)\b", re.IGNORECASE
)
_POLITE = re.compile(r"\b(?:polite\w*|friendly|kind|courteous|cooperative|patient)\b", re.IGNORECASE)
_TERSE = re.compile(r"\b(?:terse|brief\w*|short|concise\w*|laconic)\b", re.IGNORECASE)
_THANKS = re.compile(r"\b(?:gratitude|thank\w*|grateful|appreciat\w*)\b", re.IGNORECASE)
_SOFTENS = re.compile(
    r"\b(?:become|becomes|grow|grows|get|gets|calm|calms)\b.*\b(?:helpful|cooperative|polite|calm|patient|down|friendly)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b(?:[Nn]amed|[Nn]ame is|[Cc]alled)\s+([A-Z][\w'-]+(?: [A-Z][\w'-]+)?)")

_FACT = re.compile(
    r"(?:always |also |casually )?(?:mention|say|state|explain|note|point out|reveal|add|"
    r"tell (?:the agent|them|him|her|it))(?: about)?(?: that)?\s+(.+)",
    re.IGNORECASE,
)
_OPENS = re.compile(r"(?:start|begin|open)s? (?:with|by)\s+(?:express\w*\s+)?(.+)", re.IGNORECASE)
_FEELING = re.compile(
    r"(?:your |strong |great |deep |some )*(frustration|anger|annoyance|disappointment|worry|confusion)\b(.*)",
    re.IGNORECASE,
)
_FELT = {
    "frustration": "frustrated",
    "anger": "angry",
    "annoyance": "annoyed",
    "disappointment": "disappointed",
    "worry": "worried",
    "confusion": "confused",
}
_REFUSES = re.compile(
    r"(?:don'?t|do not|never) accept\s+(.+?)"
    r"(?:\s*(?:[-–—,;]|\bbut\b)\s+(?:you )?(?:want|demand|insist on|ask for)\s+(.+))?",
    re.IGNORECASE,
)
_WANTS = re.compile(r"(?:you )?(?:want|demand|insist on|require|expect|ask for)\s+(.+)", re.IGNORECASE)
_ASKS = re.compile(
    r"(?:always |also )?ask (?:(?:the agent|them|him|her|it) )?"
    r"(about|for|whether|if|how|why|what|when|where|which|who|to)\s+(.+)",
    re.IGNORECASE,
)
_KEEPS_QUIET = re.compile(r"(?:don'?t|do not|never|avoid)\b.*", re.IGNORECASE)
_ANSWERS = re.compile(
    r".*\b(?:provide|give|answer|share)\b.*\b(?:when|if|once|only)\b.*|answer .*questions?.*", re.IGNORECASE
)

_PERSONS = (
    (re.compile(r"\byou've\b", re.IGNORECASE), "I've"),
    (re.compile(r"\byou're\b|\byou are\b", re.IGNORECASE), "I am"),
    (re.compile(r"\byou'll\b", re.IGNORECASE), "I'll"),
    (re.compile(r"\byou were\b", re.IGNORECASE), "I was"),
    (re.compile(r"\byourself\b", re.IGNORECASE), "myself"),
    (re.compile(r"\byours\b", re.IGNORECASE), "mine"),
    (re.compile(r"\byour\b|\bhis\b|\bher\b|\btheir\b", re.IGNORECASE), "my"),
    (re.compile(r"\byou\b", re.IGNORECASE), "I"),
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|am|has|have|had|do|does|did|will|can|could|want|need|use|know|see|get|got|bought|paid|tried)\b"
    r"|'(?:ve|re|m|ll|s)\b",
    re.IGNORECASE,
)
_WHO_WANTS = re.compile(
    r"(?:the )?(?:user|customer|client|person)?\s*(?:wants|needs|tries|would like)? ?to\s+", re.IGNORECASE
)
_THING = re.compile(r"(?:an?|the|my|your|some|more|help|information|advice|clarity|answers?)\b", re.IGNORECASE)


@dataclass
class Character:
    """What there is to say."""

    wants: str = ""
    """The objective, in the first person."""
    opening: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    """Said when the agent asks."""
    demands: list[str] = field(default_factory=list)
    """Said before a solution is accepted."""
    questions: list[str] = field(default_factory=list)
    """Asked when the agent only tells."""
    polite: bool = False
    angry: bool = False
    terse: bool = False
    grateful: bool = False
    softens: bool = False
    """Anger goes when the agent shows that it understands."""
    unplayed: list[str] = field(default_factory=list)
    """Constraints that the grammar does not know: only a model can hold to them."""


def character_of(settings: UserSimulator) -> Character:
    """Read a description. The same description gives the same character."""
    manner = " ".join((settings.style, settings.emotional_state, settings.persona))
    found = Character(
        wants=_objective(settings.objective),
        polite=_POLITE.search(manner) is not None,
        angry=_ANGRY.search(manner) is not None,
        terse=_TERSE.search(settings.style) is not None,
        softens=_SOFTENS.search(settings.style) is not None,
    )
    for constraint in settings.constraints:
        _take(found, " ".join(constraint.split()).rstrip(". "))
    name = _NAME.search(settings.persona)
    if name is not None:
        found.facts.append(f"My name is {name[1]}.")
    return found


def _take(found: Character, constraint: str) -> None:
    """Put one constraint where it belongs."""
    if match := _OPENS.fullmatch(constraint):
        feeling = _FEELING.fullmatch(match[1])
        if feeling is None:
            found.opening.append(_sentence(match[1]) if _VERB.search(match[1]) else f"This is about {_mine(match[1])}.")
        else:
            found.opening.append(f"I am very {_FELT[feeling[1].lower()]}{_mine(feeling[2])}.")
            found.angry = found.angry or feeling[1].lower() in ("frustration", "anger", "annoyance")
    elif match := _REFUSES.fullmatch(constraint):
        wanted = f" I want {_mine(match[2])}." if match[2] else ""
        found.demands.append(f"I do not accept {_mine(match[1])}.{wanted}")
    elif _SOFTENS.match(constraint):
        found.softens = True
    elif _THANKS.search(constraint) and not _KEEPS_QUIET.fullmatch(constraint):
        found.grateful = True
    elif match := _FACT.fullmatch(constraint):
        found.facts.append(_sentence(match[1]))
    elif match := _ASKS.fullmatch(constraint):
        found.questions.append(_question(match[1].lower(), _mine(match[2])))
    elif match := _WANTS.fullmatch(constraint):
        found.demands.append(f"I want {_mine(match[1])}.")
    elif _POLITE.search(constraint) or _TERSE.search(constraint):
        found.polite = found.polite or _POLITE.search(constraint) is not None
        found.terse = found.terse or _TERSE.search(constraint) is not None
    elif not _KEEPS_QUIET.fullmatch(constraint) and not _ANSWERS.fullmatch(constraint):
        # What must not be said is not said anyhow, and questions are answered anyhow.
        found.unplayed.append(constraint)


def _objective(text: str) -> str:
    plain = " ".join(text.split()).rstrip(". ")
    if not plain:
        return ""
    plain = _mine(_WHO_WANTS.sub("", plain, count=1) if _WHO_WANTS.match(plain) else plain)
    plain = plain[0].lower() + plain[1:] if plain[1:2].islower() else plain
    if re.match(r"I(?:'|\s)", plain):
        return f"{plain}."
    if _THING.match(plain):
        return f"I want {plain}."
    return f"I am interested in {plain}." if re.match(r"\w{3,}ing\b", plain) else f"I want to {plain}."


def _mine(text: str) -> str:
    """From the second person, in which a part is described, to the first, in which it is played."""
    for pattern, word in _PERSONS:
        text = pattern.sub(word, text)
    return text


def _sentence(text: str) -> str:
    said = _mine(text)
    if not _VERB.search(said):
        return f"It is about {said}."
    return f"{said[0].upper()}{said[1:]}."


def _question(word: str, about: str) -> str:
    match word:
        case "about":
            return f"What about {about}?"
        case "for":
            return f"Could I have {about}?"
        case "to":
            return f"Could you {about}?"
        case _:
            return f"Can you tell me {word} {about}?"
