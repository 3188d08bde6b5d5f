"""Phones that fail their test if the browser complains, or asks another host."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, Playwright

from tools.local.stack import Stack
from tools.webapp import chromium
from tools.webapp.browser_phone import USUAL, BrowserPhone


@contextmanager
def opened(browser: Browser, stack: Stack, **options: Any) -> Iterator[BrowserPhone]:
    """A phone in a window of its own."""
    context = browser.new_context(**USUAL | options)
    with watched(BrowserPhone(context, stack.app)) as phone:
        yield phone


@contextmanager
def installed(playwright: Playwright, stack: Stack, folder: Path) -> Iterator[BrowserPhone]:
    """A phone whose browser keeps its files in this folder: opened again, it has them."""
    context = playwright.chromium.launch_persistent_context(folder, **chromium.options(), **USUAL)
    with watched(BrowserPhone(context, stack.app)) as phone:
        yield phone


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
def watched(phone: BrowserPhone) -> Iterator[BrowserPhone]:
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
