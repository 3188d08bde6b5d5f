"""The input of `practice.save_check_in` for a day of the cast."""

from __future__ import annotations

from datetime import date
from typing import Any

from recovery.practice.models import CheckIn
from tests.cast import NOW

TODAY = NOW.date()


def day(
    record_id: Any, local_date: date = TODAY, slot: str = "day", **answers: Any
) -> dict[str, Any]:
    return {
        "id": CheckIn.id_of(record_id, local_date, slot),
        "record": record_id,
        "local_date": local_date,
        "slot": slot,
        **answers,
    }
