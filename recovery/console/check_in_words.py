"""What a check-in says, in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recovery.care.rules.settings import ANSWERS
from recovery.practice.models import CheckIn

SLOTS = {"day": "", "morning": _("Morning"), "evening": _("Evening")}
MOODS = [_("very low"), _("low"), _("so-so"), _("good"), _("very good")]
SLEPT = [_("bad"), _("poor"), _("OK"), _("good"), _("very good")]
TICKED = {"hungry": _("hungry"), "angry": _("angry"), "lonely": _("lonely"), "tired": _("tired")}
MEDICATION = {
    "taken": _("Took all medicine."),
    "partly": _("Took some of the medicine."),
    "not_taken": _("Did not take the medicine."),
    "none_due": _("No medicine to take."),
}


def in_words(row: CheckIn) -> dict[str, Any]:
    """One check-in: `id`, `day`, `slot`, `lines` of what was answered, and `quotes` of what was
    written, each with its label."""
    lines = [*_feelings(row), *_sleep(row), *_use(row)]
    if row.medication:
        lines.append(str(MEDICATION[row.medication]))
    quotes = [
        (gettext("Went well"), row.success),
        (gettext("Plan"), row.plan),
        (gettext("Why it was quiet"), row.gap_reason),
    ]
    return {
        "id": row.id,
        "day": row.local_date,
        "slot": SLOTS[row.slot],
        "lines": lines,
        "quotes": [(label, text) for label, text in quotes if text],
        "unread": not set(ANSWERS).isdisjoint(row.unread or {}),
    }


def _feelings(row: CheckIn) -> list[str]:
    lines = []
    if row.mood is not None:
        lines.append(gettext("Felt %(mood)s.") % {"mood": MOODS[row.mood - 1]})
    if row.craving_now is not None:
        lines.append(gettext("Urge %(n)s of 10.") % {"n": row.craving_now})
    if row.craving_worst is not None:
        lines.append(gettext("Urge at its strongest %(n)s of 10.") % {"n": row.craving_worst})
    if row.halt:
        ticked = ", ".join(str(TICKED[each]) for each in row.halt)
        lines.append(gettext("Ticked: %(ticked)s.") % {"ticked": ticked})
    return lines


def _sleep(row: CheckIn) -> list[str]:
    lines = []
    if row.sleep_hours is not None:
        hours = f"{row.sleep_hours.normalize():f}"
        lines.append(gettext("Slept %(hours)s hours.") % {"hours": hours})
    if row.sleep_quality is not None:
        lines.append(gettext("Sleep was %(how)s.") % {"how": SLEPT[row.sleep_quality - 1]})
    return lines


def _use(row: CheckIn) -> list[str]:
    if row.used is None:
        return []
    if not row.used:
        return [gettext("No use.")]
    what = row.used_what
    return [gettext("Used: “%(what)s”.") % {"what": what} if what else gettext("Used.")]
