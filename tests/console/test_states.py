"""Every page of the console in every state: what axe finds, and what it does not see."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from functools import partial

import psycopg
import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Page, Playwright, WebSocketRoute
from psycopg import sql

from recovery.console import urls
from recovery.signin.models import User
from tests.console.routes import DOOR, ROUTES
from tests.screens import AXE, EDGES, LANGUAGE, LAYOUT, PRESS, REACH, SIGHT
from tools.webapp import chromium
from tools.webapp.console import Console, running
from tools.webapp.console_pages import STATES, State
from tools.webapp.console_shots import show

Check = Callable[[Page], list[str]]
# What answers without a page: the API of the browser's passkeys, and places that lead on at once.
WITHOUT_A_PAGE = {"here", "signed-in", "sign-out", "programme"} | {
    route for route in DOOR if route.endswith("passkey")
}


@pytest.fixture(scope="module")
def console() -> Iterator[Console]:
    """It starts before the browser's driver: its people act in a loop of their own."""
    with running() as console:
        yield console


def test_every_page_has_a_state() -> None:
    shown = {name_of(state) for state in STATES}
    missing = {name for name in set(ROUTES) - WITHOUT_A_PAGE if ROUTES[name].name not in shown}
    assert missing == set()
    names = [state.name for state in STATES]
    assert len(names) == len(set(names))


def name_of(state: State) -> str | None:
    path = re.sub(r"{\w+}", str(uuid.UUID(int=0)), state.path).partition("?")[0]
    try:
        return resolve(path, urls).url_name
    except Resolver404:
        return None


@pytest.mark.soak
@pytest.mark.parametrize(
    ("language", "scheme", "width", "font"),
    [
        ("en", "light", 360, 16),
        ("en", "light", 1280, 16),
        ("en", "dark", 360, 16),
        ("en", "dark", 1280, 16),
        ("es", "light", 360, 16),
        ("es", "light", 1280, 16),
        ("es", "dark", 360, 16),
        ("es", "dark", 1280, 16),
        ("es", "light", 320, 16),
        ("en", "dark", 360, 32),
        ("es", "light", 1280, 32),
    ],
)
def test_every_page_can_be_used(
    console: Console, playwright: Playwright, language: str, scheme: str, width: int, font: int
) -> None:
    axe = chromium.axe()

    def check(page: Page) -> list[str]:
        page.evaluate(axe)
        return found_by((AXE, LAYOUT, REACH), page) + wrong_head(page, language)

    look = {"color_scheme": scheme, "reduced_motion": "reduce"}
    assert faults(console, playwright, check, language, width, font, **look) == []


@pytest.mark.soak
@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("es", 360)])
def test_every_control_has_an_edge_in_colours_of_my_own(
    console: Console, playwright: Playwright, language: str, width: int
) -> None:
    check = partial(found_by, (EDGES, LANGUAGE))
    assert faults(console, playwright, check, language, width, forced_colors="active") == []


@pytest.mark.soak
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_that_is_pressed_takes_the_focus_away(
    console: Console, playwright: Playwright, width: int
) -> None:
    assert faults(console, playwright, partial(found_by, (PRESS,)), "en", width) == []


def speak(console: Console, language: str) -> None:
    with psycopg.connect(console.system.variables["DATABASE_URL_OWNER"]) as owner:
        table = sql.Identifier(User._meta.db_table)
        change = sql.SQL("UPDATE {} SET locale = %s WHERE is_staff").format(table)
        owner.execute(change, [language])


def faults(
    console: Console,
    playwright: Playwright,
    check: Check,
    language: str,
    width: int,
    font: int = 16,
    **look: object,
) -> list[tuple[str, str]]:
    """Of every state, with its name. Nobody changes anything meanwhile, so no page is live."""
    speak(console, language)
    browser = chromium.launched(playwright, f"--blink-settings=defaultFontSize={font}")
    wrong = []
    locale = f"{language}-US"
    for who in dict.fromkeys(state.who for state in STATES):
        size = {"width": width, "height": 800}
        with console.opened(browser, who, viewport=size, locale=locale, **look) as context:
            context.route_web_socket(re.compile(""), silent)
            page = context.new_page()
            for state in STATES:
                # What is pressed has its name in English.
                if state.who == who and (language == "en" or not state.presses):
                    show(page, console, state)
                    # So that its reader has a keyboard.
                    page.keyboard.press("Tab")
                    page.evaluate(SIGHT)
                    wrong += [(state.name, fault) for fault in check(page)]
    browser.close()
    return wrong


def silent(socket: WebSocketRoute) -> None:
    """Connected to nothing."""


def found_by(scripts: tuple[str, ...], page: Page) -> list[str]:
    return [fault for script in scripts for fault in page.evaluate(script)]


def wrong_head(page: Page, language: str) -> list[str]:
    title = page.title()
    wrong = [] if re.fullmatch(r"\S.* · Handrail", title) else [f"has the title {title}"]
    spoken = page.evaluate("document.documentElement.lang")
    return wrong if spoken == language else [*wrong, f"is in {spoken}"]
