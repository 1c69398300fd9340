"""`GET /page`: everything about the links on one page. Nobody wrote a test for it."""

from __future__ import annotations

from shortlink.links import Links
from shortlink.web import Request, Response, Router


def routes(router: Router, links: Links) -> None:
    """Add this feature."""

    def page(request: Request) -> Response:
        rows = []
        with links._lock:
            known = list(links._by_code.values())
        known.sort(key=lambda link: link.followed)
        known.reverse()
        most = 0
        total = 0
        hosts = {}
        for link in known:
            host = link.url.split("/")[2]
            if host not in hosts:
                hosts[host] = 0
            hosts[host] += link.followed
            total += link.followed
            if link.followed > most:
                most = link.followed
        for link in known:
            share = 0.0
            if total:
                share = link.followed / total
            length = 0
            if most:
                length = round(40 * link.followed / most)
            bar = "#" * length
            row = {}
            row["code"] = link.code
            row["url"] = link.url
            row["followed"] = link.followed
            row["share"] = share
            row["bar"] = bar
            rows.append(row)
        ranking = sorted(hosts)
        ranking.sort(key=lambda host: hosts[host])
        ranking.reverse()
        best = ""
        if ranking:
            best = ranking[0]
        answer = {}
        answer["rows"] = rows
        answer["total"] = total
        answer["hosts"] = ranking
        answer["best"] = best
        return Response(200, answer)

    router.add("GET", "/page", page)
