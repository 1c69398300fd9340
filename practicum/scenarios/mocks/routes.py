"""Names that SDKs and plugins have for requests: `searchIssues` is `GET /search/issues`.

The paths are those of the vendors' public API references (GitHub REST, Slack Web API, Discord HTTP API).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from practicum.scenarios.mocks.patterns import Pattern, read_pattern

Shape = Literal["as_is", "list", "search", "file"]
"""How the answer goes over the wire: as it is, a list, GitHub's search result, GitHub's file with base64."""


@dataclass(frozen=True)
class Route:
    """One request that a name stands for."""

    pattern: Pattern
    shape: Shape = "as_is"
    status: int = 200


def _routes(table: str) -> dict[str, tuple[Route, ...]]:
    """Lines of `names... | request | shape | status`; several lines with one name are several requests."""
    found: dict[str, tuple[Route, ...]] = {}
    for line in filter(None, (line.strip() for line in table.splitlines())):
        names, request, shape, status = (part.strip() for part in line.split("|"))
        route = Route(read_pattern(request), _SHAPES[shape or "as_is"], int(status or 200))
        for name in names.split():
            found[name.lower()] = (*found.get(name.lower(), ()), route)
    return found


_SHAPES: dict[str, Shape] = {"as_is": "as_is", "list": "list", "search": "search", "file": "file"}

_GITHUB = _routes(
    """
    searchIssues search.issuesAndPullRequests searchIssuesAndPullRequests | GET /search/issues | search |
    searchIssues | GET /repos/{owner}/{repo}/issues | list |
    searchRepositories searchRepos search.repos | GET /search/repositories | search |
    searchCode search.code | GET /search/code | search |
    searchUsers search.users | GET /search/users | search |
    searchPullRequests | GET /search/issues | search |
    listIssues getIssues issues.listForRepo issues.list | GET /repos/{owner}/{repo}/issues | list |
    getIssue issues.get | GET /repos/{owner}/{repo}/issues/{number} | |
    createIssue issues.create | POST /repos/{owner}/{repo}/issues | | 201
    updateIssue editIssue closeIssue issues.update | PATCH /repos/{owner}/{repo}/issues/{number} | |
    listIssueComments getIssueComments issues.listComments | GET /repos/{owner}/{repo}/issues/{number}/comments | list |
    createIssueComment addIssueComment createComment addComment commentOnIssue issues.createComment \
        | POST /repos/{owner}/{repo}/issues/{number}/comments | | 201
    addLabels addLabelsToIssue issues.addLabels | POST /repos/{owner}/{repo}/issues/{number}/labels | list |
    listLabels getLabels issues.listLabelsForRepo | GET /repos/{owner}/{repo}/labels | list |
    getRepository getRepo repos.get | GET /repos/{owner}/{repo} | |
    updateRepository repos.update | PATCH /repos/{owner}/{repo} | |
    createRepository createRepo repos.createForAuthenticatedUser | POST /user/repos | | 201
    createRepository createRepo repos.createInOrg | POST /orgs/{org}/repos | | 201
    listRepositories listRepos getRepositories repos.listForAuthenticatedUser | GET /user/repos | list |
    listRepositories listRepos getRepositories repos.listForUser | GET /users/{username}/repos | list |
    listRepositories listRepos getRepositories repos.listForOrg | GET /orgs/{org}/repos | list |
    forkRepository createFork repos.createFork | POST /repos/{owner}/{repo}/forks | | 202
    readFile getFile getFileContents getFileContent getContents getContent repos.getContent \
        | GET /repos/{owner}/{repo}/contents/{path} | file |
    listFiles listDirectory getDirectory | GET /repos/{owner}/{repo}/contents/{path} | list |
    writeFile createFile updateFile createOrUpdateFile repos.createOrUpdateFileContents \
        | PUT /repos/{owner}/{repo}/contents/{path} | |
    deleteFile repos.deleteFile | DELETE /repos/{owner}/{repo}/contents/{path} | |
    getReadme repos.getReadme | GET /repos/{owner}/{repo}/readme | file |
    listPullRequests listPulls getPullRequests pulls.list | GET /repos/{owner}/{repo}/pulls | list |
    getPullRequest getPull pulls.get | GET /repos/{owner}/{repo}/pulls/{number} | |
    createPullRequest createPull pulls.create | POST /repos/{owner}/{repo}/pulls | | 201
    updatePullRequest pulls.update | PATCH /repos/{owner}/{repo}/pulls/{number} | |
    mergePullRequest mergePull pulls.merge | PUT /repos/{owner}/{repo}/pulls/{number}/merge | |
    listPullRequestFiles getPullRequestFiles pulls.listFiles | GET /repos/{owner}/{repo}/pulls/{number}/files | list |
    listReviews pulls.listReviews | GET /repos/{owner}/{repo}/pulls/{number}/reviews | list |
    createReview reviewPullRequest createPullRequestReview pulls.createReview \
        | POST /repos/{owner}/{repo}/pulls/{number}/reviews | |
    listBranches getBranches repos.listBranches | GET /repos/{owner}/{repo}/branches | list |
    getBranch repos.getBranch | GET /repos/{owner}/{repo}/branches/{branch} | |
    createBranch createRef git.createRef | POST /repos/{owner}/{repo}/git/refs | | 201
    listCommits getCommits repos.listCommits | GET /repos/{owner}/{repo}/commits | list |
    getCommit repos.getCommit | GET /repos/{owner}/{repo}/commits/{ref} | |
    compareCommits repos.compareCommits | GET /repos/{owner}/{repo}/compare/{basehead} | |
    listContributors repos.listContributors | GET /repos/{owner}/{repo}/contributors | list |
    listReleases repos.listReleases | GET /repos/{owner}/{repo}/releases | list |
    getLatestRelease repos.getLatestRelease | GET /repos/{owner}/{repo}/releases/latest | |
    createRelease repos.createRelease | POST /repos/{owner}/{repo}/releases | | 201
    getUser getUserProfile users.getByUsername | GET /users/{username} | |
    getAuthenticatedUser getCurrentUser getMe users.getAuthenticated | GET /user | |
    getRateLimit rateLimit.get | GET /rate_limit | |
    """.replace("\\\n", "")
)

_SLACK = {
    "sendmessage": "chat.postMessage",
    "postmessage": "chat.postMessage",
    "updatemessage": "chat.update",
    "deletemessage": "chat.delete",
    "listchannels": "conversations.list",
    "getchannels": "conversations.list",
    "getchannelhistory": "conversations.history",
    "getmessages": "conversations.history",
    "getthreadreplies": "conversations.replies",
    "getchannelinfo": "conversations.info",
    "createchannel": "conversations.create",
    "joinchannel": "conversations.join",
    "addreaction": "reactions.add",
    "listusers": "users.list",
    "getuser": "users.info",
    "getuserinfo": "users.info",
    "uploadfile": "files.upload",
}

_DISCORD = _routes(
    """
    sendMessage createMessage postMessage | POST /channels/{channel_id}/messages | |
    getMessages listMessages | GET /channels/{channel_id}/messages | list |
    getMessage | GET /channels/{channel_id}/messages/{message_id} | |
    editMessage updateMessage | PATCH /channels/{channel_id}/messages/{message_id} | |
    deleteMessage | DELETE /channels/{channel_id}/messages/{message_id} | | 204
    getChannel | GET /channels/{channel_id} | |
    listChannels getChannels | GET /guilds/{guild_id}/channels | list |
    createChannel | POST /guilds/{guild_id}/channels | | 201
    getGuild | GET /guilds/{guild_id} | |
    listMembers getMembers | GET /guilds/{guild_id}/members | list |
    addReaction | PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me | | 204
    """
)


def routes_of(service: str, method: str) -> tuple[Route, ...]:
    """The requests that a method's name stands for at a service (both plain, see `names`); none for other services."""
    if service == "github":
        return _GITHUB.get(method, ())
    if service == "discord":
        return _DISCORD.get(method, ())
    if service == "slack":
        name = _SLACK.get(method, method if "." in method else "")
        return (Route(Pattern("ANY", (name.lower(),))),) if name else ()
    return ()
