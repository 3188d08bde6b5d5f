"""What `make webapp` has built: files whose names have a hash, below static/webapp/."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

FOLDER = Path(__file__).parent / "static" / "webapp"


@cache
def index() -> dict[str, Any]:
    """`script`, `parts` that it imports at once, `soon`: those of the door, `style`, and `names`:
    by key, the app's neutral names and icons."""
    built: dict[str, Any] = json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))
    return built


@cache
def service_worker(page: str) -> str:
    """The worker for this page. Another page is another version of the app."""
    revision = hashlib.sha256(page.encode()).hexdigest()[:16]
    worker = (FOLDER / "service_worker.js").read_text(encoding="utf-8")
    return worker.replace("REVISION_OF_THE_PAGE", revision)


def url(name: str) -> str:
    return f"{settings.STATIC_URL}webapp/{name}"
