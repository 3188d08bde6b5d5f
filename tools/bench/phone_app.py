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
from playwright.sync_api import (
    Browser,
    Locator,
    Page,
    expect,
    sync_playwright,
)

from tools import npm
from tools.bench import figures
from tools.local import data_directory, letters, stack
from tools.local.links import PRINTED
from tools.webapp import chromium

ROUNDS, WALKS = 7, 3
FIRST_SYNC, KEPT = 2_000, 5_000  # documents
SLOWER, SLOWEST = 4, 6
PATIENCE = 60_000  # ms
SETTLED = 500  # ms in which a tap has its answer, or is far too late

LIGHTHOUSE = Path(__file__).parent / "lighthouse"
MEASURES = Path(__file__).with_suffix(".js")
PHONE: dict[str, Any] = {
    "locale": "en-US",
    "viewport": {"width": 360, "height": 640},
    "has_touch": True,
    "is_mobile": True,
}
# ms for each request, and bytes a second.
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 5e4, "uploadThroughput": 5e4}
# So many messages in each open group, one every 20 minutes until now. The person is in one of them.
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
        page = _phone(browser, house)
        _enrol(page, ben["code"], ben["born"])
        _say(house, FIRST_SYNC)
        yield _first_sync(browser, house, page, ben["email"])
        _say(house, KEPT - FIRST_SYNC)
        yield _taps(page)
        yield _warm_start(page)
        browser.close()


def _first_visit(house: stack.Stack) -> dict[str, Any]:
    # Lighthouse starts the browser itself.
    os.environ.update(chromium.environment() | {"CHROME_PATH": str(chromium.executable())})
    script = npm.installed(LIGHTHOUSE) / "node_modules" / "lighthouse" / "cli" / "index.js"
    flags = " ".join(["--headless", *chromium.ARGUMENTS])
    options = [f"--chrome-flags={flags}", "--only-categories=performance", "--output=json"]

    def judged() -> dict[str, figures.Value]:
        audits = json.loads(npm.run(script, house.app, *options, "--quiet", cwd=LIGHTHOUSE))[
            "audits"
        ]
        return {
            "interactive_ms": audits["interactive"]["numericValue"],
            "blocking_ms": audits["total-blocking-time"]["numericValue"],
            "layout_shift": audits["cumulative-layout-shift"]["numericValue"],
            "kilobytes": audits["total-byte-weight"]["numericValue"] / 1000,
        }

    note = "Lighthouse, its mobile profile: slow 4G, processor 4 times slower"
    return figures.line(
        "first_visit", **figures.medians([judged() for _ in range(ROUNDS)]), note=note
    )


def _slow_network(browser: Browser, house: stack.Stack) -> dict[str, Any]:
    def ready() -> float:
        page = _phone(browser, house)
        page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW_3G)
        millis = _started(page, "form")
        page.context.close()
        return millis

    rounds = [{"ready_ms": ready()} for _ in range(ROUNDS)]
    note = (
        f"the door stands; {SLOW_3G['latency']} ms a request, 50 KB a second, {SLOWER} times slower"
    )
    return figures.line("first_visit_slow_3g", **figures.medians(rounds), note=note)


def _first_sync(browser: Browser, house: stack.Stack, first: Page, email: str) -> dict[str, Any]:
    """The same person signs in on other phones."""
    _synced(first, FIRST_SYNC)
    documents = first.evaluate("bench.stored()")

    def synced() -> float:
        page = _phone(browser, house)
        _slow_down(page, SLOWER)
        _sign_in(page, house, email)
        millis = _synced(page, documents)
        page.context.close()
        return millis

    rounds = [{"stored_ms": synced()} for _ in range(ROUNDS)]
    note = f"{documents} documents from the first pull until they are stored, {SLOWER} times slower"
    return figures.line("phone_first_sync", **figures.medians(rounds), note=note)


def _taps(page: Page) -> dict[str, Any]:
    """Walk through the main acts, some times over."""
    _synced(page, KEPT)
    _slow_down(page, SLOWER)
    waits: dict[str, list[float]] = {}
    for _ in range(WALKS):
        for act, control in _acts(page):
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


def _acts(page: Page) -> Iterator[tuple[str, Locator]]:
    """The name and the control of each main act, when it can be tapped."""
    for path in ("tools", "people", "me", "help", ""):
        yield f"tab /{path}", page.locator(f"nav.tabs a[href='/{path}']")
    yield "begin a check-in", page.locator(".card a[href^='/check-in/']")
    yield "skip a question", _control(page, "Skip")
    yield "how I feel", page.get_by_label("So-so", exact=True)
    yield "next question", _control(page, "Next")
    yield "how strong the urge is", page.locator(".pick").nth(6)
    yield "finish later", _control(page, "Finish later")
    yield "I have an urge", _control(page, "I have an urge right now")
    yield "how strong it is", page.locator(".pick").nth(6)
    yield "breathe", _control(page, "Next")
    page.goto("/tools")
    yield "open a tool", page.locator("a", has_text="Make a little space")
    yield "step of a tool", _control(page, "Skip")
    page.goto("/people")
    yield "open a group", page.locator("a", has_text="Evening circle")
    page.get_by_role("textbox").fill("Good morning")
    yield "send", _control(page, "Send")
    page.goto("/me/display")
    yield "dark", page.get_by_label("Dark", exact=True)
    yield "another language", page.get_by_label("Español")
    yield "my language", page.get_by_label("English")
    page.goto("/me")
    yield "hide", _control(page, "Hide")
    yield "open again", _control(page, "Open again")
    page.goto("/")


def _warm_start(page: Page) -> dict[str, Any]:
    context = page.context
    context.set_offline(True)
    page.close()

    def ready(factor: int) -> float:
        page = context.new_page()
        millis = _started(page, "h1", slower=factor)
        page.close()
        return millis

    rounds = [{f"ready_{n}x_ms": ready(n) for n in (SLOWER, SLOWEST)} for _ in range(ROUNDS)]
    note = f"Today with {KEPT} documents, without a network, in a new window"
    return figures.line("phone_warm_start", **figures.medians(rounds), note=note)


def _say(house: stack.Stack, messages: int) -> None:
    with psycopg.connect(house.variables["DATABASE_URL_OWNER"]) as connection:
        connection.execute(MESSAGES, [messages])


def _phone(browser: Browser, house: stack.Stack) -> Page:
    context = browser.new_context(base_url=house.app, **PHONE)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(path=MEASURES)
    return context.new_page()


def _slow_down(page: Page, factor: int) -> None:
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": factor})


def _synced(page: Page, documents: int) -> float:
    """Wait until the phone has so many; return the milliseconds since its first pull."""
    page.evaluate("dispatchEvent(new Event('online'))")
    return float(page.evaluate("documents => bench.synced(documents)", documents))


def _started(page: Page, selector: str, *, slower: int = SLOWER) -> float:
    """Open the app; return when `selector` stood."""
    _slow_down(page, slower)
    page.goto("/", wait_until="commit")
    return float(page.evaluate("selector => bench.ready(selector)", selector))


def _enrol(page: Page, code: str, born: str) -> None:
    """Open a phone with a printed code, up to Today."""
    page.goto(f"/#code={code}")
    for label, number in zip(("Year", "Month", "Day"), born.split("-"), strict=True):
        page.get_by_label(label, exact=True).fill(number)
    _control(page, "Open").tap()
    _open_without_lock(page)
    _control(page, "Go to Today").tap()
    skip = page.get_by_role("button", name=re.compile("^(Skip|Got it)"))
    expect(skip.first).to_be_visible(timeout=PATIENCE)
    while left := skip.count():
        skip.first.tap()
        expect(skip).to_have_count(left - 1)
    page.wait_for_function("navigator.serviceWorker.controller !== null")


def _sign_in(page: Page, house: stack.Stack, email: str) -> None:
    """Open another phone of theirs, with a mailed code."""
    earlier = letters.codes(house.mail, email)
    page.goto("/")
    page.get_by_text("I have used this before").tap()
    page.get_by_label("Your email address").fill(email)
    _control(page, "Send me a code").tap()
    field = page.get_by_label("Code", exact=True)
    expect(field).to_be_visible(timeout=PATIENCE)
    while not (new := letters.codes(house.mail, email).keys() - earlier.keys()):
        page.wait_for_timeout(50)
    field.fill(letters.codes(house.mail, email)[new.pop()])
    _control(page, "Open").tap()
    _open_without_lock(page)


def _open_without_lock(page: Page) -> None:
    page.get_by_label("With my phone only").check(force=True)
    _control(page, "Use my phone only").tap()


def _control(page: Page, name: str) -> Locator:
    button = page.get_by_role("button", name=name, exact=True)
    return button.or_(page.get_by_role("link", name=name, exact=True)).first
