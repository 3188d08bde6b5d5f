"""The phone app in a browser on a slow phone: a first visit, a first sync, a start without a
network, taps.

Slow is this machine with its processor throttled by Chromium.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tools import npm
from tools.bench import figures
from tools.local import data_directory, letters, stack
from tools.local.links import PRINTED
from tools.webapp import chromium
from tools.webapp.browser_phone import USUAL, BrowserPhone

ROUNDS, WALKS = 7, 3
FIRST_SYNC, KEPT = 2_000, 5_000  # documents
SLOWER, SLOWEST = 4, 6
START, SETTLED = 4_000, 500  # ms in which the app has started, and a tap has its answer

LIGHTHOUSE = Path(__file__).parent / "lighthouse"
MEASURES = Path(__file__).with_suffix(".js")
# ms for each request, and bytes a second.
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 5e4, "uploadThroughput": 5e4}
# This number of messages in each open group, one every 20 minutes until now.
MESSAGES = """
WITH circle AS (
    SELECT s.id, s.seq, %s AS wanted, (SELECT m.user_id FROM recovery_membership AS m
                                       WHERE m.scope_id = s.id LIMIT 1) AS author
    FROM recovery_scope AS s WHERE s.kind = 'group' AND s.is_open
), said AS (
    INSERT INTO recovery_feedentry
        (scope_id, kind, object_id, seq, deleted, author_id, digest, doc, changed_at)
    SELECT c.id, 'message', said.id, c.seq + n, false, c.author,
           feed_digest('message', said.id, c.seq + n),
           json_build_object('author', c.author, 'text', repeat('The bus was late again. ', 8),
                             'attachments', '[]'::json, 'reply_to', NULL, 'edited_at', NULL,
                             'withdrawn_at', NULL, 'written_at', said.at, 'received_at', said.at),
           now()
    FROM circle AS c CROSS JOIN generate_series(1, c.wanted) AS n CROSS JOIN LATERAL (
        SELECT uuidv7(later) AS id, now() + later AS at
        FROM (SELECT (n - c.wanted) * interval '20 minutes') AS l (later)
    ) AS said
    RETURNING scope_id, seq
)
UPDATE recovery_scope AS s SET seq = head
FROM (SELECT scope_id, max(seq) AS head FROM said GROUP BY scope_id) AS h
WHERE s.id = h.scope_id
"""


def run() -> Iterator[dict[str, Any]]:
    """Yield five figures, the times in milliseconds."""
    printed: list[str] = []
    with (
        data_directory.temporary() as held,
        stack.running(held, environ=dict(os.environ), on_step=printed.append) as house,
        sync_playwright() as playwright,
    ):
        yield _first_visit(house)
        browser = chromium.launched(playwright)
        yield _slow_network(browser, house)
        ben = next(each for each in PRINTED.finditer("\n".join(printed)) if each["born"])
        phone = _phone(browser, house)
        phone.enrol(ben["code"], ben["born"])
        _put_away_the_first_day(phone)
        _say(house, FIRST_SYNC)
        yield _first_sync(browser, house, phone.page, ben["email"])
        _say(house, KEPT - FIRST_SYNC)
        yield _taps(phone)
        yield _warm_start(phone.page)
        browser.close()


def _first_visit(house: stack.Stack) -> dict[str, Any]:
    # Lighthouse starts the browser itself.
    os.environ.update(chromium.environment() | {"CHROME_PATH": str(chromium.executable())})
    script = npm.installed(LIGHTHOUSE) / "node_modules" / "lighthouse" / "cli" / "index.js"
    flags = " ".join(["--headless", *chromium.ARGUMENTS])
    options = [f"--chrome-flags={flags}", "--only-categories=performance", "--output=json"]

    def judged() -> dict[str, figures.Value]:
        report = npm.run(script, house.app, *options, "--quiet", cwd=LIGHTHOUSE)
        audits = json.loads(report)["audits"]
        return {
            "interactive_ms": audits["interactive"]["numericValue"],
            "blocking_ms": audits["total-blocking-time"]["numericValue"],
            "layout_shift": audits["cumulative-layout-shift"]["numericValue"],
            "kilobytes": audits["total-byte-weight"]["numericValue"] / 1000,
        }

    middle = figures.medians([judged() for _ in range(ROUNDS)])
    note = "Lighthouse, its mobile profile: slow 4G, processor 4 times slower"
    return figures.line("first_visit", **middle, note=note)


def _slow_network(browser: Browser, house: stack.Stack) -> dict[str, Any]:
    def ready() -> dict[str, figures.Value]:
        page = _phone(browser, house).page
        page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW_3G)
        millis = _started(page, house.app, "form", slower=SLOWER)
        page.context.close()
        return {"ready_ms": millis}

    middle = figures.medians([ready() for _ in range(ROUNDS)])
    note = (
        f"the door stands; {SLOW_3G['latency']} ms a request, 50 KB a second, {SLOWER} times slower"
    )
    return figures.line("first_visit_slow_3g", **middle, note=note)


def _first_sync(browser: Browser, house: stack.Stack, first: Page, email: str) -> dict[str, Any]:
    """The same person signs in on other phones."""
    rows = _settled(first)

    def stored() -> dict[str, figures.Value]:
        phone = _phone(browser, house)
        _slow_down(phone.page, SLOWER)
        _sign_in(phone, house, email)
        millis = float(phone.page.evaluate("rows => bench.synced(rows)", rows))
        phone.context.close()
        return {"stored_ms": millis}

    middle = figures.medians([stored() for _ in range(ROUNDS)])
    note = (
        f"{FIRST_SYNC} messages and what else a first day has, from the first pull until they are "
        f"stored in {rows} rows, {SLOWER} times slower"
    )
    return figures.line("phone_first_sync", **middle, note=note)


def _taps(phone: BrowserPhone) -> dict[str, Any]:
    """Walk through the main acts, some times over."""
    page = phone.page
    _settled(page)
    _slow_down(page, SLOWER)
    waits: dict[str, list[float]] = {}
    for _ in range(WALKS):
        for act, control in _acts(phone):
            page.evaluate("bench.longest = 16")
            control.tap()
            page.wait_for_timeout(SETTLED)
            waits.setdefault(act, []).append(page.evaluate("bench.longest"))
    _slow_down(page, 1)
    middle = {act: median(each) for act, each in waits.items()}
    return figures.line(
        "taps",
        p50_ms=median(middle.values()),
        longest_ms=max(middle.values()),
        acts=middle,
        note=f"from a tap to the next frame, the median of {WALKS} walks for each act, {KEPT} "
        f"documents, {SLOWER} times slower; 16 is the least that Chromium tells",
    )


def _acts(phone: BrowserPhone) -> Iterator[tuple[str, Locator]]:
    """The name and the control of each main act, when it can be tapped."""
    page = phone.page

    def button(name: str) -> Locator:
        return page.get_by_role("button", name=name, exact=True).first

    def link(name: str) -> Locator:
        return page.get_by_role("link", name=name).first

    def answer(name: str) -> Locator:
        return page.get_by_label(name, exact=True)

    def go(path: str = "") -> None:
        phone.go(path)
        page.wait_for_timeout(START)

    for path in ("tools", "people", "me", "help", ""):
        yield f"tab /{path}", page.locator(f"nav.tabs a[href='/{path}']")
    yield "begin a check-in", page.locator(".card a[href^='/check-in/']")
    # A second walk would go on where the first one stopped. So would the tools below.
    go(phone.path().rpartition("/")[0] + "/2")
    yield "how I feel", answer("So-so")
    yield "next question", button("Next")
    yield "how strong the urge is", answer("6")
    yield "finish later", link("Finish later")
    yield "I have an urge", link("I have an urge right now")
    yield "how strong it is", answer("6")
    yield "breathe", button("Next")
    yield "back from breathing", button("Back")
    go("tools")
    yield "open a tool", link("Make a little space")
    yield "step of a tool", button("Skip")
    yield "back to the step before", button("Back")
    go("people")
    yield "open a group", link("Evening circle")
    page.get_by_role("textbox").fill("Good morning")
    yield "send", button("Send")
    go("me/display")
    yield "dark", answer("Dark")
    yield "another language", answer("Español")
    yield "my language", answer("English")
    go("me")
    yield "hide", button("Hide")
    yield "open again", button("Open again")
    go()


def _warm_start(page: Page) -> dict[str, Any]:
    context = page.context
    context.set_offline(True)
    home = page.url
    page.close()

    def ready(factor: int) -> float:
        page = context.new_page()
        millis = _started(page, home, "h1", slower=factor)
        page.close()
        return millis

    rounds: list[dict[str, figures.Value]] = [
        {f"ready_{factor}x_ms": ready(factor) for factor in (SLOWER, SLOWEST)}
        for _ in range(ROUNDS)
    ]
    note = f"Today with {KEPT} documents, without a network, in a new window"
    return figures.line("phone_warm_start", **figures.medians(rounds), note=note)


def _say(house: stack.Stack, messages: int) -> None:
    with psycopg.connect(house.variables["DATABASE_URL_OWNER"]) as connection:
        connection.execute(MESSAGES, [messages])


def _phone(browser: Browser, house: stack.Stack) -> BrowserPhone:
    context = browser.new_context(**USUAL)
    context.add_init_script(path=MEASURES)
    return BrowserPhone(context, house.app)


def _slow_down(page: Page, factor: int) -> None:
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": factor})


def _started(page: Page, url: str, selector: str, *, slower: int) -> float:
    """Open the app; return after how many milliseconds `selector` stood."""
    _slow_down(page, slower)
    page.goto(url, wait_until="commit")
    return float(page.evaluate("selector => bench.ready(selector)", selector))


def _settled(page: Page) -> int:
    """Have the phone pull. Returns how many rows of documents it has in the end."""
    page.evaluate("dispatchEvent(new Event('online'))")
    return int(page.evaluate("bench.settled()"))


def _put_away_the_first_day(phone: BrowserPhone) -> None:
    phone.begin()
    cards = phone.page.get_by_role("button", name=re.compile("^(Skip|Got it)"))
    phone.sees("Skip")
    while left := cards.count():
        cards.first.tap()
        expect(cards).to_have_count(left - 1)
    phone.keeps_the_app()


def _sign_in(phone: BrowserPhone, house: stack.Stack, email: str) -> None:
    """Open another phone of theirs, with a mailed code."""
    earlier = letters.codes(house.mail, email).keys()
    phone.go()
    phone.tap("I have used this before")
    phone.fill("Your email address", email)
    phone.tap("Send me a code")
    phone.title("Look in your email")
    phone.until(lambda: letters.codes(house.mail, email).keys() - earlier)
    codes = letters.codes(house.mail, email)
    phone.fill("Code", codes[(codes.keys() - earlier).pop()])
    phone.tap("Open", exact=True)
    phone.use_phone_only()
