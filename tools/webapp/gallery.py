"""Every screen of the phone app in every state, without a server behind it: clients/web/shots."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page

from tools import npm
from tools.webapp.build import LIBRARY

# As strict as the app's own.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)


@contextmanager
def gallery() -> Iterator[str]:
    """Serves the gallery on this machine. Yields its URL, without a slash at the end."""
    with TemporaryDirectory(prefix="handrail-gallery-") as folder:
        with npm.copied("web", LIBRARY) as web:
            npm.run("shots/build.mjs", folder, cwd=web)
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Pages, directory=folder))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def show(page: Page, state: str) -> None:
    """Show a state on a page of the gallery, and wait until it is there."""
    page.evaluate("state => { location.hash = encodeURIComponent(state) }", state)
    page.wait_for_selector(f'body[data-shown="{state}"]', state="attached")


class Pages(SimpleHTTPRequestHandler):
    """Files, and the one page in the place of every other path."""

    def translate_path(self, path: str) -> str:
        file = Path(super().translate_path(path))
        return str(file if file.is_file() else Path(self.directory) / "index.html")

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing."""
