"""Tools in words: what they are, what the phone shows of them, and what was answered."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.utils import translation
from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from recovery.people.rules import LOCALES
from recovery.practice.documents import in_locale
from recovery.practice.models import Attempt, ExerciseVersion
from recovery.practice.rules.exercise import fields_of

METHODS = {
    "cbt": _("CBT"),
    "dbt_informed": _("DBT-informed"),
    "rebt": _("REBT"),
    "mi": _("Motivational interviewing"),
    "matrix": _("Matrix model"),
    "mindfulness": _("Mindfulness"),
}
NEEDS = {
    "craving": _("an urge"),
    "trigger": _("a trigger"),
    "anxiety": _("worry or fear"),
    "low_mood": _("feeling low"),
    "anger": _("anger"),
    "shame": _("shame"),
    "lonely": _("being alone"),
    "trauma_memory": _("a hard memory"),
    "cannot_sleep": _("no sleep"),
    "motivation": _("doubts"),
    "drift": _("drifting"),
}
LANGUAGES = {"en": _("English"), "es": _("Spanish")}


def in_words(version: ExerciseVersion, locale: str) -> dict[str, Any]:
    """A tool in one language: `id`, `slug`, `title`, `summary`, `caution`, `minutes`, `method`,
    `needs`, `version`, `languages`, and `steps` as the phone shows them, each with its `title`,
    `text` and `fields` (`label`, `how`)."""
    content = in_locale(version.content, locale)
    with translation.override(locale):
        steps = [_step_in_words(step) for step in content["steps"]]
    return {
        "id": version.exercise_id,
        "slug": content["slug"],
        "title": content["title"],
        "summary": content["summary"],
        "caution": content.get("caution", ""),
        "minutes": minutes(content["minutes"]),
        "method": METHODS[content["method"]],
        "needs": ", ".join(str(NEEDS[each]) for each in content["needs"]),
        "version": version.version,
        "languages": get_text_list([LANGUAGES[each] for each in LOCALES], gettext("and")),
        "steps": steps,
    }


def _step_in_words(step: dict[str, Any]) -> dict[str, Any]:
    fields = [{"label": each["label"], "how": _how(each)} for each in step.get("fields", ())]
    return {"title": step["title"], "text": step.get("text", ""), "fields": fields}


def _how(field: dict[str, Any]) -> str:
    """In which way a person answers."""
    match field["type"]:
        case "text":
            return gettext("A few lines")
        case "list":
            return gettext("A list, line by line")
        case "scale":
            return gettext("0 (%(low)s) to 10 (%(high)s)") % field
        case "percent":
            return gettext("0 to 100")
        case "timer":
            return gettext("A clock: %(time)s") % {"time": duration(field["seconds"])}
    options = " · ".join(option["label"] for option in field["options"])
    words = gettext("Any of: %(options)s") if field.get("many") else gettext("One of: %(options)s")
    return words % {"options": options}


def minutes(number: int) -> str:
    return ngettext("%(n)s minute", "%(n)s minutes", number) % {"n": number}


def duration(seconds: int) -> str:
    if seconds < 60:
        return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
    return minutes(round(seconds / 60))


def versions_of(attempts: Iterable[Attempt]) -> dict[tuple[uuid.UUID, int], ExerciseVersion]:
    """The versions that were done, by exercise and version, of those that are in this library."""
    ids = {ExerciseVersion.id_of(each.exercise_id, each.version) for each in attempts}
    rows = ExerciseVersion.objects.filter(id__in=ids)
    return {(row.exercise_id, row.version): row for row in rows}


def title_of(version: ExerciseVersion | None, locale: str) -> str:
    if version is None:
        return gettext("A tool that this library does not have")
    return str(version.content["title"][locale])


def answered(
    version: ExerciseVersion | None, attempt: Attempt, locale: str
) -> list[dict[str, Any]]:
    """What was answered, step by step: `title` and `answers`, of which each has its `label`, the
    `lines` that the person wrote or chose, and `quoted` if they are the person's own words. Without
    lines, it was left out. The last step has what belongs to none, or could not be read."""
    steps = in_locale(version.content, locale)["steps"] if version else []
    labels = {field["id"]: field["label"] for field in fields_of(steps)}
    shown = [
        {
            "title": step["title"],
            "answers": [
                _answer(field, attempt.answers.get(field["id"])) for field in step["fields"]
            ],
        }
        for step in steps
        if step.get("fields")
    ]
    strange = [(name, each) for name, each in attempt.answers.items() if name not in labels]
    others = [
        {"label": labels.get(name, name), "lines": _lines(answer), "quoted": True}
        for name, answer in [*strange, *_unread(attempt)]
    ]
    return shown + ([{"title": gettext("Also sent"), "answers": others}] if others else [])


def _unread(attempt: Attempt) -> list[tuple[str, Any]]:
    """What the person answered in a form that this version does not know."""
    unread = attempt.unread or {}
    answers = unread.get("answers", {})
    inner = answers if isinstance(answers, dict) else {"answers": answers}
    ratings = {name: unread[name] for name in ("before", "after") if name in unread}
    return list((ratings | inner).items())


def _answer(field: dict[str, Any], answer: Any) -> dict[str, Any]:
    lines = _lines(answer)
    options = {option["id"]: option["label"] for option in field.get("options", ())}
    match field["type"]:
        case "scale" if lines:
            lines = [gettext("%(n)s of 10") % {"n": answer}]
        case "percent" if lines:
            lines = [gettext("%(n)s of 100") % {"n": answer}]
        case "timer" if lines:
            lines = [duration(answer)]
        case "choice":
            lines = [options.get(line, line) for line in lines]
    return {"label": field["label"], "lines": lines, "quoted": field["type"] in ("text", "list")}


def _lines(answer: Any) -> list[str]:
    """An answer line by line, without empty ones."""
    each = answer if isinstance(answer, list) else [answer]
    return [str(line) for line in each if line is not None and str(line).strip()]
