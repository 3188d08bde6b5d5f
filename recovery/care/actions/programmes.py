"""Programmes and their settings: loaded from a preset, changed by an administrator."""

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

SCOPES = ("program", "staff")


class LoadProgramme(ActionInput):
    """`reset`: the file wins over what administrators changed."""

    preset = Preset()
    reset = serializers.BooleanField(default=False)


@action("care.load_programme", input=LoadProgramme, allow=only_system)
def load_programme(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Make the programme of a preset file, or bring it up to date; the same file changes nothing.

    A setting that an administrator changed since the last load is kept.
    """
    preset = dict(data["preset"])
    id_, slug = preset.pop("id"), preset.pop("slug")
    known = _locked(id_)
    settings = preset if known is None or data["reset"] else _kept(known, preset)
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
    """`settings`: those to change, by name, each whole."""

    programme = ProgrammeField()
    settings = serializers.DictField(allow_empty=False)


@action("care.change_settings", input=ChangeSettings, allow=access.administers_programme)
def change_settings(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    """Change settings of the programme; the preset file no longer touches these."""
    programme = _locked(data["programme"].id) or data["programme"]
    checked = Settings(data=programme.settings | data["settings"], context={"now": call.now})
    if not checked.is_valid():
        raise Invalid({"settings": checked.errors})
    _apply(programme, dict(checked.validated_data), call)
    later("care.plan_programme", programme_id=str(programme.id))
    return {"programme": str(programme.id)}


def _locked(programme_id: uuid.UUID) -> Programme | None:
    locked = Programme.objects.select_for_update(no_key=True, of=("self",))
    return locked.filter(id=programme_id).first()


def _kept(known: Programme, preset: dict[str, Any]) -> dict[str, Any]:
    """The new preset, but for what an administrator made different from the last one."""
    changed = {
        name: value for name, value in known.settings.items() if known.preset.get(name) != value
    }
    return preset | {name: value for name, value in changed.items() if name in preset}


def _open_scopes(programme_id: uuid.UUID) -> None:
    """Nobody is in them yet: whoever the system stands for leaves again at once."""
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
    """Levels are never deleted, for episodes refer to them: what is not listed is not offered."""
    codes = [level["code"] for level in programme.settings["levels"]]
    programme.levels.exclude(code__in=codes).update(offered=False)
    rows = [_level(programme, n, given) for n, given in enumerate(programme.settings["levels"])]
    LevelOfCare.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[f.name for f in LevelOfCare._meta.fields if not f.primary_key],
    )


def _level(programme: Programme, position: int, given: dict[str, Any]) -> LevelOfCare:
    hours, days, asam = given["hours_per_week"], given["days_per_week"], given["asam"] or {}
    return LevelOfCare(
        id=uuid.uuid5(programme.id, f"level/{given['code']}"),
        programme=programme,
        code=given["code"],
        name=given["name"],
        asam_edition=asam.get("edition"),
        asam_code=asam.get("code", ""),
        offered=given["offered"],
        position=position,
        minutes_min=_minutes(hours["min"]),
        minutes_target=_minutes(hours["target"]),
        minutes_max=_minutes(hours["max"]),
        days_min=days["min"],
        days_max=days["max"],
    )


def _minutes(hours: float) -> int:
    return round(hours * 60)
