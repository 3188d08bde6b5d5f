"""Programmes and their settings: loaded from a preset file, changed by administrators."""

from __future__ import annotations

import uuid
from typing import Any

from rest_framework import serializers

from foundation.problems import Invalid
from recovery.actions import SYSTEM, ActionInput, Call, action
from recovery.actions.jobs import later
from recovery.actions.rules import only_system
from recovery.care.actions.inputs import ProgrammeField
from recovery.care.actions.inputs.preset import WEEKDAYS, Preset, Settings
from recovery.care.models import LevelOfCare, Programme, ProgrammeCard
from recovery.care.rules import access
from recovery.feed import publish, scopes
from recovery.feed.shapes import schema_of, shaped

SCOPES = ("program", "staff")


@shaped("programme")
def programme_shape() -> dict[str, Any]:
    return schema_of(Settings())


class LoadProgramme(ActionInput):
    """`reset`: the file overrides what administrators have changed."""

    preset = Preset()
    reset = serializers.BooleanField(default=False)


@action("care.load_programme", input=LoadProgramme, allow=only_system)
def load_programme(call: Call, *, preset: dict[str, Any], reset: bool) -> dict[str, str]:
    """Create or update the programme of a preset file. The same file again changes nothing.

    A setting that an administrator has changed since the last load is kept.
    """
    preset = dict(preset)
    id_, slug = preset.pop("id"), preset.pop("slug")
    known = _locked(id_)
    settings = preset
    if known is not None and not reset:
        settings = preset | {
            name: value
            for name, value in known.settings.items()
            if name in preset and value != known.preset.get(name)
        }
    if known is None:
        _open_scopes(id_)
    elif settings == known.settings and preset == known.preset:
        return {"programme": str(id_)}
    programme = known or Programme(id=id_, slug=slug)
    programme.preset = preset
    _apply(programme, settings, call)
    if known is not None:
        later("care.plan_programme", programme_id=str(id_))
    return {"programme": str(id_)}


class ChangeSettings(ActionInput):
    """`settings`: the settings to change, by name. Each replaces the old value as a whole."""

    programme = ProgrammeField()
    settings = serializers.DictField(allow_empty=False)


@action("care.change_settings", input=ChangeSettings, allow=access.administers_programme)
def change_settings(
    call: Call, *, programme: Programme, settings: dict[str, Any]
) -> dict[str, str]:
    """Change settings of the programme. Loading the preset file no longer changes these."""
    # Locked, because the new settings are those of now with some of them replaced.
    programme = _locked(programme.id) or programme
    checked = Settings(data=programme.settings | settings, context={"now": call.now})
    if not checked.is_valid():
        raise Invalid({"settings": checked.errors})
    _apply(programme, dict(checked.validated_data), call)
    later("care.plan_programme", programme_id=str(programme.id))
    return {"programme": str(programme.id)}


def _locked(programme_id: uuid.UUID) -> Programme | None:
    programmes = Programme.objects.select_for_update(no_key=True, of=("self",))
    return programmes.filter(id=programme_id).first()


def _open_scopes(programme_id: uuid.UUID) -> None:
    # A scope is opened with a first member. The system is that member, and leaves at once.
    for kind in SCOPES:
        new = scopes.open_scope(
            kind, programme_id, home_id=programme_id, user_id=SYSTEM.id, role="system"
        )
        scopes.revoke(new, SYSTEM.id)


def _apply(programme: Programme, settings: dict[str, Any], call: Call) -> None:
    programme.settings = settings
    programme.name = settings["name"]
    programme.time_zone = settings["time_zone"]
    programme.week_starts_on = WEEKDAYS.index(settings["week_starts_on"])
    programme.minimum_age = settings["minimum_age"]
    programme.changed_at = call.now
    programme.save()
    _save_levels(programme)
    card, _ = ProgrammeCard.objects.in_scope(programme.id).update_or_create(
        id=programme.id, defaults={"scope_id": programme.id, "content": settings}
    )
    publish(card)


def _save_levels(programme: Programme) -> None:
    """Levels are never deleted, because episodes refer to them. Unlisted ones are not offered."""
    codes = [level["code"] for level in programme.settings["levels"]]
    programme.levels.exclude(code__in=codes).update(offered=False)
    rows = [_level(programme, n, level) for n, level in enumerate(programme.settings["levels"])]
    LevelOfCare.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[f.name for f in LevelOfCare._meta.fields if not f.primary_key],
    )


def _level(programme: Programme, position: int, level: dict[str, Any]) -> LevelOfCare:
    hours, days, asam = level["hours_per_week"], level["days_per_week"], level["asam"] or {}
    return LevelOfCare(
        id=uuid.uuid5(programme.id, f"level/{level['code']}"),
        programme=programme,
        code=level["code"],
        name=level["name"],
        asam_edition=asam.get("edition"),
        asam_code=asam.get("code", ""),
        offered=level["offered"],
        position=position,
        minutes_min=_minutes(hours["min"]),
        minutes_target=_minutes(hours["target"]),
        minutes_max=_minutes(hours["max"]),
        days_min=days["min"],
        days_max=days["max"],
    )


def _minutes(hours: float) -> int:
    return round(hours * 60)
