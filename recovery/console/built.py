"""What `make webapp` has built of clients/console: one script and one style sheet."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from django.conf import settings

FOLDER = Path(__file__).parent / "static" / "console"


@cache
def index() -> dict[str, str]:
    """`script` and `style`, by their file names."""
    built: dict[str, str] = json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))
    return built


def url(name: str) -> str:
    return f"{settings.STATIC_URL}console/{name}"
