"""A newer build of the app comes while its owner writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import expect

from tests.clients.ana import GROUP, Ana
from tests.copied_tree import copy_tree
from tests.webapp.evening_group import group as group  # noqa: PLC0414  (a fixture)
from tests.webapp.evening_group import open_thread, texts
from tools.local.stack import Stack
from tools.webapp.browser_phone import BrowserPhone
from tools.webapp.build import CLIENTS, build

VERSION = json.loads((CLIENTS / "web/package.json").read_text())["version"]
NEWER = "9.9"
LOOK = "navigator.serviceWorker.getRegistration().then((kept) => kept.update()).then(() => 0)"
IS_WAITING = "navigator.serviceWorker.getRegistration().then((kept) => Boolean(kept.waiting))"
HALF = "I wanted to say"


@pytest.fixture
def newer(stack: Stack, tmp_path: Path) -> Iterator[Stack]:
    """The same processes, from a tree whose app is called version 9.9."""
    tree = copy_tree(tmp_path)
    package = tree / "clients/web/package.json"
    package.write_text(json.dumps(json.loads(package.read_text()) | {"version": NEWER}))
    build(tree / "recovery/webapp/static/webapp", tree / "clients")
    yield replace(stack, code=tree)
    stack.stop("web")  # it is started again from our own tree


@pytest.mark.soak
def test_a_newer_app_comes_while_i_write(
    ana: Ana, group: UUID, anas_phone: BrowserPhone, newer: Stack
) -> None:
    phone, page = anas_phone, anas_phone.page
    phone.begin()
    phone.keeps_the_app()
    open_thread(phone)
    page.get_by_role("textbox").fill(HALF)
    page.evaluate("window.same = true")

    newer.stop("web")
    newer.start("web")
    newer.wait_until_ready()
    # Browsers look by themselves, but only now and then.
    page.evaluate(LOOK)
    phone.until(lambda: page.evaluate(IS_WAITING))
    # Nothing has moved under my hands.
    expect(page.get_by_role("textbox")).to_have_value(HALF)
    page.get_by_role("textbox").press_sequentially(" hello")
    phone.tap(GROUP)
    phone.tap("Today", exact=True)
    phone.says("A better version is ready")
    phone.tap("Not now")
    expect(page.get_by_text("A better version is ready")).to_have_count(0)
    phone.tap("Me", exact=True)
    phone.tap("About this app")
    phone.says(VERSION)
    assert page.evaluate("window.same")

    with page.expect_event("load"):
        phone.tap("Use it now")
    phone.says(f"{NEWER}, up to date")
    assert page.evaluate("window.same === undefined")
    open_thread(phone)
    expect(page.get_by_role("textbox")).to_have_value(f"{HALF} hello")
    phone.tap("Send")
    phone.says("Sent, ")
    assert texts(ana) == [f"{HALF} hello"]
    # It is the newer one that opens without a network.
    phone.offline()
    phone.go("me/about")
    phone.says(f"{NEWER}, up to date")
