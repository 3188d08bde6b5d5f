"""Programmes, staff and patients."""

from __future__ import annotations

import functools
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from recovery.actions import SYSTEM, Call, perform
from tests.factories.people import NOW
from tests.roles import as_role

PRESETS = Path(__file__).parents[2] / "programmes"


@functools.cache
def _file(slug: str) -> str:
    return (PRESETS / f"{slug}.yaml").read_text()


def preset(slug: str = "northlight") -> dict[str, Any]:
    """A shipped preset, to change freely."""
    content: dict[str, Any] = yaml.safe_load(_file(slug))
    return content


def as_system(name: str, data: dict[str, Any], now: datetime | None = None) -> Any:
    """Perform as a job does: as the system, in role `jobs`."""
    with as_role("jobs"):
        return perform(name, data=data, call=Call(actor=SYSTEM, now=now or NOW))


def load_programme(content: dict[str, Any] | None = None, **options: Any) -> Any:
    return as_system("care.load_programme", {"preset": content or preset(), **options})
