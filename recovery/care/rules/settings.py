"""What the settings of every programme must contain, because code or safety depends on it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

ALUMNI = "alumni"  # the code of the level that alumni are at
# The 988 Suicide & Crisis Lifeline (47 CFR 52.201) and the emergency number (47 CFR 9.4), by the
# kind of helpline that phones look for.
ALWAYS = {"crisis": "988", "emergency": "911"}
NUMBER = re.compile(r"\A\+?\(?[0-9]([ ().-]{0,3}[0-9]){2,19}\Z")

# What a check-in can store. The success of the day before comes first, as in the group.
ANSWERS = (
    "success",
    "success_shared",
    "mood",
    "craving_now",
    "craving_worst",
    "sleep_hours",
    "sleep_quality",
    "halt",
    "medication",
    "used",
    "used_what",
    "plan",
    "gap_reason",
)
SLOTS = ("day", "morning", "evening")


def twice(named: list[dict[str, Any]]) -> list[str]:
    """The codes that more than one item has."""
    return sorted(code for code, n in Counter(item["code"] for item in named).items() if n > 1)


def missing_helplines(helplines: list[dict[str, Any]]) -> Iterator[str]:
    """What a list of helplines lacks, as sentences."""
    numbers = {(line["kind"], line["number"]) for line in helplines}
    for kind, number in ALWAYS.items():
        if (kind, number) not in numbers:
            yield f"A helpline of kind {kind} with the number {number} must stay in the list."
    # However it is written: "9-8-8" is not another helpline.
    if not {re.sub(r"\D", "", number) for _, number in numbers} - set(ALWAYS.values()):
        yield "There must be a helpline besides 988 and 911."
