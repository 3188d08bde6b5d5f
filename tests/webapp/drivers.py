"""Browsers of Debian that Playwright cannot drive: WebKitGTK by WebDriver, Firefox by Marionette,
which is what WebDriver becomes inside it."""

from __future__ import annotations

import itertools
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import httpx

from tools.local import processes
from tools.local.data_directory import free_port
from tools.local.stack import listens

WEBKIT, SCREEN = Path("/usr/bin/WebKitWebDriver"), Path("/usr/bin/Xvfb")
FIREFOX = Path("/usr/bin/firefox-esr")
PATIENCE = 30.0  # seconds for one answer


class Driver(Protocol):
    def go(self, url: str) -> None: ...

    def address(self) -> str: ...

    def run(self, script: str, *arguments: Any) -> Any:
        """What a function with this body returns. Elements of the page come as references."""

    def type(self, element: Any, text: str) -> None: ...


class WebKit:
    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=PATIENCE)
        capabilities = {"alwaysMatch": {"webkitgtk:browserOptions": {"args": ["--automation"]}}}
        self.session = self._ask("POST", "", capabilities=capabilities)["sessionId"]

    def _ask(self, method: str, path: str, **body: Any) -> Any:
        answer = self.http.request(method, f"/session{path}", json=body if method == "POST" else {})
        assert answer.is_success, answer.text
        return answer.json()["value"]

    def go(self, url: str) -> None:
        self._ask("POST", f"/{self.session}/url", url=url)

    def address(self) -> str:
        return str(self._ask("GET", f"/{self.session}/url"))

    def run(self, script: str, *arguments: Any) -> Any:
        path = f"/{self.session}/execute/sync"
        return self._ask("POST", path, script=script, args=list(arguments))

    def type(self, element: Any, text: str) -> None:
        (name,) = element.values()
        self._ask("POST", f"/{self.session}/element/{name}/value", text=text)

    def close(self) -> None:
        self._ask("DELETE", f"/{self.session}")
        self.http.close()


class Firefox:
    def __init__(self, port: int) -> None:
        self.line = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.file = self.line.makefile("rb")
        self.numbers = itertools.count(1)
        self._read()  # its greeting
        self._ask("NewSession")

    def _read(self) -> Any:
        """Each message is its length, a colon, and JSON."""
        length = b""
        while not length.endswith(b":"):
            byte = self.file.read(1)
            assert byte, "Firefox has ended"
            length += byte
        return json.loads(self.file.read(int(length[:-1])))

    def _ask(self, command: str, **values: Any) -> Any:
        message = json.dumps([0, next(self.numbers), f"WebDriver:{command}", values]).encode()
        self.line.sendall(b"%d:%s" % (len(message), message))
        _, _, error, answer = self._read()
        assert error is None, error
        return answer

    def go(self, url: str) -> None:
        self._ask("Navigate", url=url)

    def address(self) -> str:
        return str(self._ask("GetCurrentURL")["value"])

    def run(self, script: str, *arguments: Any) -> Any:
        return self._ask("ExecuteScript", script=script, args=list(arguments))["value"]

    def type(self, element: Any, text: str) -> None:
        (name,) = element.values()
        self._ask("ElementSendKeys", id=name, text=text)

    def close(self) -> None:
        self._ask("DeleteSession")
        self.line.close()


@contextmanager
def webkit(folder: Path) -> Iterator[WebKit]:
    """In a window on a screen that nobody sees."""
    with _screen(folder) as display:
        # There is no graphics card, and no bus for assistive technology.
        variables = {"DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1", "NO_AT_BRIDGE": "1"}
        port = free_port()
        with _listening([str(WEBKIT), f"--port={port}"], port, folder, variables):
            driver = WebKit(f"http://127.0.0.1:{port}")
            try:
                yield driver
            finally:
                driver.close()


@contextmanager
def firefox(folder: Path) -> Iterator[Firefox]:
    port = free_port()
    settings = (
        f'user_pref("marionette.port", {port});\nuser_pref("intl.accept_languages", "en-US");'
    )
    (folder / "user.js").write_text(settings)
    command = [str(FIREFOX), "--headless", "--marionette", "--profile", str(folder)]
    with _listening(command, port, folder, {}):
        driver = Firefox(port)
        try:
            yield driver
        finally:
            driver.close()


@contextmanager
def _screen(folder: Path) -> Iterator[str]:
    log = folder / "screen.log"
    size = ("-screen", "0", "360x640x24")
    command = [str(SCREEN), "-displayfd", "1", "-nolisten", "tcp", *size]
    process = processes.start_process(command, log=log, cwd=folder, env=os.environ)
    try:
        processes.wait_until(lambda: log.read_text().strip().isdigit(), process, log)
        yield f":{log.read_text().strip()}"
    finally:
        processes.stop(process)


@contextmanager
def _listening(
    command: list[str], port: int, folder: Path, variables: dict[str, str]
) -> Iterator[None]:
    log = folder / "browser.log"
    environment = {**os.environ, "HOME": str(folder), "LANG": "en_US.UTF-8", **variables}
    process = processes.start_process(command, log=log, cwd=folder, env=environment)
    try:
        processes.wait_until(lambda: listens(port), process, log)
        yield
    finally:
        processes.stop(process)
