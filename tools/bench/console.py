"""Every page of the staff console, and one act, with years of a large programme behind them.

The pages are those of the console's URLs, so that a new one is measured by itself. Beside each, the
same page of a programme with one of everything. `BENCH_SHARE=0.1` makes the large one ten times
smaller.
"""

from __future__ import annotations

import os
import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import psycopg
from playwright.sync_api import Page, sync_playwright

from tools.bench import figures, large_programme, processor
from tools.local import data_directory, stack
from tools.webapp import chromium

SHARE = float(os.environ.get("BENCH_SHARE", "1"))
SIZES = {
    "northlight": large_programme.LARGE.share(SHARE),
    "cedar-bridge": large_programme.SMALL,
}
REQUESTS, MARKS = 30, 40  # of each page; on the roster
COOKIE = "__Host-session"
ROLES = {"counsellor": "counsellor", "administrator": "admin", "coordinator": "alumni_coordinator"}
# The way in and out, and what has no page of its own.
NO_PAGES = {
    "sign_in", "sign_in_code", "second_step", "passkey", "second_step_passkey", "confirm_passkey",
    "add_passkey", "invitation", "second_factor", "confirm", "signed_in", "sign_out", "here",
    "choose_programme",
}  # fmt: skip
# The first of the staff in a role who cares for the most people.
FIRST = """
SELECT s.user_id AS "user", s.scope_id AS home
FROM recovery_staffmember AS s JOIN recovery_programme AS p ON p.id = s.scope_id
WHERE p.slug = %(programme)s AND s.role = %(role)s
ORDER BY (SELECT count(*) FROM recovery_careteammember AS t WHERE t.user_id = s.user_id) DESC, s.id
LIMIT 1
"""
THEIRS = "(SELECT scope_id FROM recovery_membership WHERE user_id = %(user)s)"
# What a parameter of a route names, for this person. Where there are several, the first.
NAMED = {
    "record": f"SELECT id FROM recovery_carerecord WHERE id IN {THEIRS} ORDER BY opened_at, id",
    "attempt": f"SELECT id FROM recovery_attempt WHERE scope_id IN {THEIRS} ORDER BY id DESC",
    "session": f"SELECT id FROM recovery_appointment WHERE scope_id IN {THEIRS}"
    " AND status = 'booked' AND kind <> 'individual'"
    " ORDER BY kind, abs(extract(epoch FROM starts_at - now()))",
    "series": f"SELECT id FROM recovery_sessionseries WHERE scope_id IN {THEIRS} ORDER BY kind, id",
    "user": "SELECT %(user)s",
    "invitation": "SELECT id FROM recovery_invitation WHERE programme_id = %(home)s"
    " AND NOT for_staff ORDER BY used_at DESC, id",
    "announcement": "SELECT id FROM recovery_campaign WHERE programme_id = %(home)s"
    " ORDER BY id DESC",
}
# From a key press until the page that has the new number of marks is about to be drawn.
PRESSED = """
number => new Promise(done => {
  let pressed
  addEventListener('keydown', event => { pressed = event.timeStamp }, { once: true, capture: true })
  const look = new MutationObserver(() => {
    if (!document.querySelector('#said')?.textContent.includes(`${number} of `)) return
    look.disconnect()
    requestAnimationFrame(() => done(performance.now() - pressed))
  })
  look.observe(document.body, { subtree: true, childList: true, characterData: true })
})
"""


@dataclass(frozen=True)
class Clerk:
    """A member of staff who is signed in, and by its name the path of each page that is about
    something they see."""

    user_id: uuid.UUID
    token: str
    paths: dict[str, str]


def run() -> Iterator[dict[str, Any]]:
    """Yield the pages of each role, in milliseconds, and then a mark on the roster."""
    with (
        data_directory.temporary() as held,
        stack.running(held, environ=dict(os.environ), names=("web", "live")) as house,
    ):
        os.environ.update(house.variables | {"DATABASE_ROLE": "app"})
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
        import django

        django.setup()
        began = time.perf_counter()
        large_programme.seed(os.environ["DATABASE_URL_OWNER"], SIZES)
        seeded = time.perf_counter() - began
        for name, role in ROLES.items():
            large, small = (_clerk(programme, role) for programme in SIZES)
            yield _line(name, _pages(house, large, small), seeded)
        yield _marks(house, _clerk("northlight", "counsellor"))


def _clerk(programme: str, role: str) -> Clerk:
    from django.utils import timezone

    from recovery.signin import sessions
    from recovery.signin.models import User

    with psycopg.connect(
        os.environ["DATABASE_URL_OWNER"], row_factory=psycopg.rows.dict_row
    ) as owner:
        named = owner.execute(FIRST, {"programme": programme, "role": role}).fetchone()
        assert named
        rows = {name: owner.execute(f"{q} LIMIT 1", named).fetchone() for name, q in NAMED.items()}
    ids = {name: next(iter(row.values())) for name, row in rows.items() if row}
    tokens = sessions.start(
        User(id=named["user"], is_staff=True),
        device={"platform": "web", "app": "1.0", "name": ""},
        install=str(uuid.uuid4()),
        methods=["passkey"],
        now=timezone.now(),
    )
    return Clerk(named["user"], tokens["access_token"], _paths(ids))


def _paths(ids: dict[str, Any]) -> dict[str, str]:
    from recovery.console.urls import urlpatterns

    paths = {}
    for each in urlpatterns:
        route = str(each.pattern)
        names = set(re.findall(r"<\w+:(\w+)>", route))
        if each.name in NO_PAGES:
            continue
        if strange := names - NAMED.keys():
            raise KeyError(f"{route}: say in NAMED what {', '.join(strange)} names.")
        if names <= ids.keys():
            path = re.sub(r"<\w+:(\w+)>", lambda match: str(ids[match[1]]), route)
            paths[str(each.name)] = f"/{path}"
    return paths


def _line(role: str, pages: dict[str, dict[str, Any]], seeded: float) -> dict[str, Any]:
    def most(figure: str) -> Any:
        return max(each[figure] for each in pages.values())

    return figures.line(
        f"console_{role}",
        p50_ms=most("p50_ms"),
        p95_ms=most("p95_ms"),
        slowest=max(pages, key=lambda name: pages[name]["p95_ms"]),
        kilobytes=most("kilobytes"),
        largest=max(pages, key=lambda name: pages[name]["kilobytes"]),
        more_queries=most("more_queries"),
        ratio=most("ratio"),
        pages=pages,
        **vars(SIZES["northlight"]),
        seeded_s=round(seeded),
        note=f"of the worst page; {REQUESTS} requests each, one at a time. kilobytes: the page and"
        " the script, compressed. more_queries and ratio (of processor time): beside one of each",
    )


def _pages(house: stack.Stack, large: Clerk, small: Clerk) -> dict[str, dict[str, Any]]:
    """By name, each page that both may open."""
    asks = [_Asks(house, each) for each in (large, small)]
    script = asks[0].size_of_script()
    pages = {}
    for name in sorted(large.paths.keys() & small.paths.keys()):
        first = [
            ask.first(each.paths[name]) for ask, each in zip(asks, (large, small), strict=True)
        ]
        if any(answer.status == 404 for answer in first):
            continue  # another role's
        assert all(answer.status == 200 for answer in first), (name, first)
        (queries, millis, used), (few, _, used_by_few) = (
            ask.measured(each.paths[name]) for ask, each in zip(asks, (large, small), strict=True)
        )
        times = figures.percentiles(millis)
        pages[name] = {
            "p50_ms": round(float(times["p50_ms"]), 1),  # type: ignore[arg-type]
            "p95_ms": round(float(times["p95_ms"]), 1),  # type: ignore[arg-type]
            "processor_ms": round(used, 1),
            "ratio": round(used / used_by_few, 2),
            "kilobytes": round((first[0].size + script) / 1000, 1),
            "queries": queries,
            "more_queries": queries - few,
        }
    return pages


@dataclass(frozen=True)
class Answer:
    status: int
    size: int  # of the body, in bytes, as it was sent


class _Asks:
    """One browser of a clerk, without the browser."""

    def __init__(self, house: stack.Stack, clerk: Clerk) -> None:
        self.house = house
        address = urlsplit(house.web)
        self.connection = HTTPConnection(str(address.hostname), address.port)
        self.headers = {
            "Host": urlsplit(house.console).netloc,
            "Cookie": f"{COOKIE}={clerk.token}",
            "Accept-Encoding": "gzip, br",
        }

    def get(self, path: str) -> Answer:
        self.connection.request("GET", path, headers=self.headers)
        response = self.connection.getresponse()
        return Answer(response.status, len(response.read()))

    def first(self, path: str) -> Answer:
        """On a new connection: the server may have ended one that was idle."""
        self.connection.close()
        return self.get(path)

    def size_of_script(self) -> int:
        from recovery.console.built import index, url

        return self.first(url(index()["script"])).size

    def measured(self, path: str) -> tuple[int, list[float], float]:
        """The page's queries, the milliseconds of each request, and of the processor for each."""
        self.first(path)
        meter, millis = processor.Meter(self.house.running), []
        for _ in range(REQUESTS):
            began = time.perf_counter()
            self.get(path)
            millis.append((time.perf_counter() - began) * 1000)
        return self._queries(path), millis, meter.millis_each(REQUESTS)["total"]

    def _queries(self, path: str) -> int:
        """Counted in this process, which runs the same code."""
        from django.db import connection
        from django.test import Client
        from django.test.utils import CaptureQueriesContext

        headers = {"Host": self.headers["Host"], "Cookie": self.headers["Cookie"]}
        with CaptureQueriesContext(connection) as captured:
            assert Client(headers=headers).get(path).status_code == 200, path
        return len(captured)


def _marks(house: stack.Stack, clerk: Clerk) -> dict[str, Any]:
    """Mark people on the rosters of the sessions that go on now, by keyboard, one after another."""
    with psycopg.connect(os.environ["DATABASE_URL_OWNER"]) as owner:
        rows = owner.execute(
            f"SELECT id FROM recovery_appointment WHERE scope_id IN {THEIRS} AND kind = 'education'"
            " AND now() BETWEEN starts_at AND ends_at",
            {"user": clerk.user_id},
        ).fetchall()
    # A browser takes the cookie from this host without TLS; Playwright does not.
    url = house.console.replace("http:", "https:")
    cookie: Any = {"name": COOKIE, "value": clerk.token, "url": url, "secure": True}
    millis: list[float] = []
    with sync_playwright() as playwright:
        browser = chromium.launched(playwright)
        context = browser.new_context(base_url=house.console)
        context.add_cookies([cookie])
        page = context.new_page()
        for (session,) in rows:
            page.goto(f"/sessions/{session}/roster")
            millis += _marked(page, MARKS - len(millis))
        browser.close()
    return figures.line(
        "console_mark",
        **figures.percentiles(millis),
        marks=len(millis),
        note="from the key press to the changed page, in Chromium on the same machine",
    )


def _marked(page: Page, most: int) -> list[float]:
    """The milliseconds of each mark on this roster."""
    buttons, millis = page.get_by_role("button", name=re.compile("^Here")), []
    for place in range(min(buttons.count(), most)):
        buttons.nth(place).focus()
        page.evaluate(f"number => {{ window.marked = ({PRESSED})(number) }}", place + 1)
        page.keyboard.press("Enter")
        millis.append(float(page.evaluate("window.marked")))
    return millis
