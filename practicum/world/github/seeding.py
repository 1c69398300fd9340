"""The state that a scenario asks for.

repo: acme/shortlink                       # one repository with a README, `main` protected
repos:
  acme/shortlink:
    files: {path: text}
    default_branch: main
    protected: true | {required_approvals: 1, contexts: [test], ...}     # fields of `Protection`
    private: false
    collaborators: {lead: admin, qa: read}
    from: PATH of a git repository on this machine
    description: text
users: {name: {name: ..., email: ..., type: User | Bot | Organization}}   # accounts without a token
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Literal

from practicum.bus.events import Json
from practicum.errors import UsageError
from practicum.world.github.access import role_name
from practicum.world.github.core import SERVICE, Cause, Core
from practicum.world.github.git.objects import Person
from practicum.world.github.making import commit_files, make_repository
from practicum.world.github.state import Account, Protection, Repository

_KEYS = {"repo", "repos", "users"}
_REPO_KEYS = {"files", "default_branch", "protected", "private", "collaborators", "from", "description"}


def add_accounts(core: Core) -> None:
    """Make an account for each credential of the service."""
    for credential in core.context.credentials.accounts(SERVICE):
        kind: Literal["User", "Bot"] = "Bot" if credential.kind == "bot" else "User"
        _account(core, credential.login, credential.name, credential.email, kind)


def _account(core: Core, login: str, name: str, email: str, kind: Literal["User", "Bot", "Organization"]) -> Account:
    found = core.store.account(login)
    if found is None:
        found = Account(core.next_id(), login, name, email, kind, core.now())
        core.store.accounts[login.lower()] = found
    return found


def _mapping(value: Json | Mapping[str, Json], what: str) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise UsageError(f"github: {what} must be a mapping, not {value!r}")
    return value


async def seed(core: Core, given: Mapping[str, Json]) -> None:
    """Bring the state in.

    Raises:
        UsageError: for a key or value that means nothing.
        ApiError: for a repository that exists or whose name cannot be.
    """
    unknown = set(given) - _KEYS
    if unknown:
        raise UsageError(f"github: unknown key {sorted(unknown)[0]!r}", hint=f"known: {', '.join(sorted(_KEYS))}")
    for login, about in _mapping(given.get("users") or {}, "users").items():
        details = _mapping(about or {}, f"users.{login}")
        kind = details.get("type", "User")
        if kind not in ("User", "Bot", "Organization"):
            raise UsageError(f"github: users.{login}.type is {kind!r}", hint="User, Bot or Organization")
        email = str(details.get("email", f"{login}@team.invalid"))
        _account(core, login, str(details.get("name", login)), email, kind)  # type: ignore[arg-type]
    repos = dict(_mapping(given.get("repos") or {}, "repos"))
    single = given.get("repo")
    if single is not None:
        repos.setdefault(str(single), {})
    for name, about in repos.items():
        await _repository(core, name, _mapping(about or {}, f"repos.{name}"))


async def _repository(core: Core, full_name: str, about: Mapping[str, Json]) -> Repository:
    owner, slash, name = full_name.partition("/")
    if not slash or not owner or not name:
        raise UsageError(f"github: {full_name!r} is not a repository", hint="write OWNER/NAME")
    unknown = set(about) - _REPO_KEYS
    if unknown:
        raise UsageError(
            f"github: repos.{full_name}: unknown key {sorted(unknown)[0]!r}",
            hint=f"known: {', '.join(sorted(_REPO_KEYS))}",
        )
    account = _account(core, owner, owner, "", "Organization")
    branch = str(about.get("default_branch", "main"))
    source = about.get("from")
    description = about.get("description")
    by = Cause(account.login)
    repo = await make_repository(
        core,
        account,
        name,
        by,
        private=bool(about.get("private", False)),
        description=None if description is None else str(description),
        default_branch=branch,
        source=Path(str(source)) if source else None,
    )
    for credential in core.context.credentials.accounts(SERVICE):
        repo.collaborators[credential.login] = "admin" if credential.kind == "admin" else "write"
    for login, given_role in _mapping(about.get("collaborators") or {}, f"repos.{full_name}.collaborators").items():
        role = role_name(str(given_role))
        if role is None:
            raise UsageError(f"github: repos.{full_name}.collaborators.{login}: {given_role!r} is not a role")
        _account(core, login, login, f"{login}@team.invalid", "User")
        repo.collaborators[login] = role
    files = {path: str(text).encode() for path, text in _mapping(about.get("files") or {}, "files").items()}
    if not files and source is None:
        files = {"README.md": f"# {name}\n".encode()}
    if files:
        author = Person(core.person(owner).name, f"{owner}@team.invalid", core.now())
        await commit_files(core, repo, files, "Initial commit", author, by)
    _protect(repo, about.get("protected", True))
    return repo


def _protect(repo: Repository, given: Json) -> None:
    """One approving review by default, and administrators are held to it: nobody of the team merges alone."""
    if given is False or given is None:
        return
    rules = Protection(required_approvals=1, enforce_admins=True)
    if isinstance(given, dict):
        known = {each.name for each in fields(Protection)}
        for key, value in given.items():
            if key not in known:
                raise UsageError(
                    f"github: {repo.full_name}: protected: unknown key {key!r}",
                    hint=f"known: {', '.join(sorted(known))}",
                )
            setattr(rules, key, value)
    repo.protections[repo.default_branch] = rules
