"""What a patient reads when their level of care changes, from fixed sentences in each language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils import formats, translation

from recovery.people.rules import LOCALES

Words = dict[str, str]

SENTENCES: dict[str, Words] = {
    "level": {
        "en": "From {day} on, your level of care is: {level}.",
        "es": "Desde el {day}, tu nivel de atención es: {level}.",
    },
    "hours": {
        "en": "Your goal is {hours} hours a week.",
        "es": "Tu meta es de {hours} horas por semana.",
    },
    "no_hours": {
        "en": "You have no set number of hours a week.",
        "es": "No tienes un número fijo de horas por semana.",
    },
    "sessions_stop": {
        "en": "These sessions of yours stop then: {titles}.",
        "es": "Estas sesiones tuyas terminan entonces: {titles}.",
    },
    "sessions_return": {
        "en": "These sessions of yours are back: {titles}.",
        "es": "Estas sesiones tuyas vuelven: {titles}.",
    },
    "groups_stay": {
        "en": "You stay in your groups. You and your team decide if that changes.",
        "es": "Sigues en tus grupos. Tú y tu equipo deciden si eso cambia.",
    },
    "group_reminders_stop": {
        "en": "Reminders stop for: {titles}. Ask your team if you will still go.",
        "es": "Ya no tendrás recordatorios de: {titles}. Pregunta a tu equipo si seguirás yendo.",
    },
    "kept": {
        "en": "All that you wrote here stays yours.",
        "es": "Todo lo que escribiste aquí sigue siendo tuyo.",
    },
    "ask": {
        "en": "Questions? Your team is glad to talk about it.",
        "es": "¿Tienes preguntas? Tu equipo con gusto habla contigo.",
    },
}


def line(code: str, **filled: Any) -> dict[str, Any]:
    """One sentence with its code. `filled`: a date, a number, a text, or a text by locale."""
    text = {
        locale: SENTENCES[code][locale].format(
            **{name: _in(locale, value) for name, value in filled.items()}
        )
        for locale in LOCALES
    }
    return {"code": code, "text": text}


def lines(
    *,
    from_date: date,
    level_name: Words,
    minutes_target: int,
    stopped: list[str],
    returned: list[str],
    in_groups: bool,
    unreminded: list[str],
) -> Iterator[dict[str, Any]]:
    """The sentences about one change. The lists hold titles of series."""
    yield line("level", day=from_date, level=level_name)
    yield line("hours", hours=minutes_target / 60) if minutes_target else line("no_hours")
    if stopped:
        yield line("sessions_stop", titles=", ".join(stopped))
    if returned:
        yield line("sessions_return", titles=", ".join(returned))
    if in_groups:
        yield line("groups_stay")
    if unreminded:
        yield line("group_reminders_stop", titles=", ".join(unreminded))
    yield line("kept")
    yield line("ask")


def _in(locale: str, value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get(locale) or value["en"])
    with translation.override(locale):
        if isinstance(value, date):
            return formats.date_format(value, "DATE_FORMAT")
        if isinstance(value, float):
            whole = value.is_integer()
            return formats.number_format(int(value) if whole else round(value, 2))
    return str(value)
