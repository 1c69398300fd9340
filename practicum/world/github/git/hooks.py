"""Git's own hooks in each bare repository: the doors through which a push is refused, and seen.

The decision is made in Python before `git receive-pack` starts and handed over in its environment, so the hooks hold no
rule themselves. `post-receive` tells which refs really changed: git calls it only for those.
"""

from __future__ import annotations

from pathlib import Path

REFUSED = "PRACTICUM_REFUSED"
"""Why the whole push is refused; empty lets it pass."""
NO_FORCE = "PRACTICUM_NO_FORCE"
"""Refs, each between spaces, that may only be fast-forwarded."""
RESULT = "PRACTICUM_RESULT"
"""File to which `OLD NEW REF` of each changed ref is written."""

_PRE_RECEIVE = f"""#!/bin/sh
if [ -n "${REFUSED}" ]; then
    printf '%s\\n' "${REFUSED}" >&2
    exit 1
fi
while read -r old new ref; do
    case "${NO_FORCE}" in
    *" $ref "*)
        if ! git merge-base --is-ancestor "$old" "$new"; then
            echo "error: GH006: Protected branch update failed for $ref." >&2
            echo "error: Cannot force-push to this branch" >&2
            exit 1
        fi ;;
    esac
done
"""

_POST_RECEIVE = f"""#!/bin/sh
cat > "${RESULT}"
"""


def install_hooks(repository: Path) -> None:
    """Write the hooks of one repository."""
    folder = repository / "hooks"
    folder.mkdir(exist_ok=True)
    for name, text in (("pre-receive", _PRE_RECEIVE), ("post-receive", _POST_RECEIVE)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
