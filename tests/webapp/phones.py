"""Phones that fail their test if the browser complains, or asks another host."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Browser, Error, Playwright

from recovery.signin.models import User
from tests.clients.ana import Ana
from tests.signin.ceremony import mailed_code
from tools.local.stack import Stack
from tools.webapp import chromium
from tools.webapp.browser_phone import USUAL, BrowserPhone

Phone = TypeVar("Phone", bound=BrowserPhone)


@contextmanager
def opened(browser: Browser, stack: Stack, **options: Any) -> Iterator[BrowserPhone]:
    """A phone in a window of its own."""
    settings = USUAL | options
    with watched(BrowserPhone(browser.new_context(**settings), stack.app)) as phone:
        phone.language = settings["locale"].partition("-")[0]
        yield phone


@contextmanager
def installed(playwright: Playwright, stack: Stack, folder: Path) -> Iterator[BrowserPhone]:
    """A phone whose browser keeps its files in this folder: opened again, it has them."""
    context = playwright.chromium.launch_persistent_context(folder, **chromium.options(), **USUAL)
    with watched(BrowserPhone(context, stack.app)) as phone:
        yield phone


def come_in_by_email(phone: BrowserPhone, ana: Ana) -> None:
    """From the door, with a code in a letter. Leaves the phone unlocked."""
    address = f"{ana.user.id}@example.org"
    User.objects.filter(id=ana.user.id).update(email=address)
    phone.tap("I have used this before")
    phone.fill("Your email address", address)
    phone.tap("Send me a code")
    phone.title("Look in your email")
    phone.fill("Code", mailed_code(ana.user.id))
    phone.tap("Open", exact=True)
    phone.use_phone_only()


def kill(folder: Path) -> None:
    """End the browser that keeps its files in this folder, without a chance to write any."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if f"--user-data-dir={folder}".encode() in arguments:
            with suppress(ProcessLookupError):
                os.kill(int(process.name), signal.SIGKILL)


@contextmanager
def watched(phone: Phone) -> Iterator[Phone]:
    try:
        yield phone
        assert phone.complaints == []
        assert phone.elsewhere == []
    except BaseException:
        _show(phone)
        raise
    finally:
        with suppress(Error):  # It was killed.
            phone.context.close()


def _show(phone: BrowserPhone) -> None:
    """Print what the failed test saw."""
    try:
        print(phone.page.url, phone.page.locator("body").aria_snapshot(timeout=2000), sep="\n")
    except Error as error:
        print(error)
    print(*phone.complaints, sep="\n")
