"""The words of the team: issues, descriptions, reviews, announcements."""

SHORTEN = "Shorten and follow links"
KEEP = "Keep links over a restart, and say how often they were followed"
CHOOSE = "Let users choose their own code"
DEFECT = "A chosen code can be a word of the service and then leads nowhere"

ISSUES = {
    SHORTEN: """A user pastes a long address and gets a short one that leads there.

- [ ] `POST /links` with `{"url": "https://..."}` answers 201 and `{"code": "...", "short": "/..."}`
- [ ] the same address gets the same code again
- [ ] anything but an `http` or `https` address is 400 with a reason in JSON
- [ ] `GET /CODE` answers 302 to the address, an unknown code 404
- [ ] a link never leads back to the service itself""",
    KEEP: """A user's links are still there tomorrow, and he sees whether they are used.

- [ ] with `--store FILE` links and counts are there after a restart, also after a crash in the middle of writing
- [ ] `GET /links/CODE/stats` says how often a code was followed, and when it was made
- [ ] an unknown code has no stats: 404""",
    CHOOSE: """Ada asked on Discord: "{question}"

- [ ] `PUT /links/CODE` with `{{"url": "https://..."}}` answers 201 and makes `/CODE`
- [ ] a code that leads elsewhere already is not taken over: 409
- [ ] codes have 1 to 32 letters, digits, `-` or `_`; anything else is 400""",
}

BUG = """**Steps**

1. `PUT /links/health` with `{{"url": "https://example.com/talk"}}`
2. `GET /health`

**Expected** a refusal in step 1, or 302 to the address in step 2: whoever is told 201 must get there.

**Actual** 201, and then the service's own health page. The link can never be followed.

{where}"""

QUALITY = """# Quality report

Measured at `{sha}` with `python3 tools/coverage.py shortlink`: {tests}.

## Coverage of the lines

{table}

## Acceptance tests

`tests/test_acceptance.py` goes through the brief against the running service: from a long address to a short one and
back, refusals that say why, restarts, many users at once, chosen codes.

## Defects

{defects}
"""

NOTES = """The first release of Shortlink.

- Make short links, follow them (#{shorten})
- Keep them in a file, see how often they were followed (#{keep})
- Choose your own code (#{choose}, asked for by Ada)

How to use it: docs/usage.md. How well it is tested: docs/quality.md.
"""

LOOP = """`POST /links` takes this service's own address: I posted `http://{host}/abc` and got 201.

Whoever follows that link is sent round in circles. The issue says that a link never leads back to the service itself.
`Request.hosts` has the names by which we are reached; `addresses.wanted` is the place, so that chosen codes are
covered, too. Please think of other spellings (`localhost`, upper case, a trailing dot), and add tests."""
