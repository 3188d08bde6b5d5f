"""Loading programmes from presets."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from foundation.problems import Invalid
from recovery.care.actions.inputs.preset import Settings
from recovery.care.models import LevelOfCare, Programme
from recovery.feed.models import FeedEntry, Scope
from tests.cast import NORTHLIGHT, PRESETS, act, employ, load_programme, preset
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")


def levels() -> dict[str, tuple[object, ...]]:
    rows = LevelOfCare.objects.filter(programme_id=NORTHLIGHT, offered=True).order_by("position")
    return {
        row.code: (
            row.asam_edition,
            row.asam_code,
            row.minutes_min,
            row.minutes_target,
            row.minutes_max,
        )
        for row in rows
    }


def everything() -> list[Any]:
    with as_role("jobs"):
        return [
            list(Programme.objects.values()),
            list(LevelOfCare.objects.order_by("id").values()),
            list(Scope.objects.order_by("id").values("id", "seq")),
        ]


def test_both_shipped_presets_load() -> None:
    with as_role("jobs"):
        call_command("load_programme", *map(str, sorted(PRESETS.glob("*.yaml"))), verbosity=0)
    assert set(Programme.objects.values_list("slug", flat=True)) == {"northlight", "cedar-bridge"}
    assert levels() == {
        "iop": (4, "2.1", 9 * 60, 9 * 60, 20 * 60),
        "outpatient": (4, "1.5", 60, 120, 8 * 60),
        "alumni": (None, "", 0, 0, 0),
    }


def test_a_programme_opens_its_scopes_without_members() -> None:
    load_programme()
    with as_role("jobs"):
        scopes = {scope.name: scope for scope in Scope.objects.all()}
        assert set(scopes) == {f"program:{NORTHLIGHT}", f"staff:{NORTHLIGHT}"}
        card = FeedEntry.objects.get(scope_id=NORTHLIGHT, kind="programme")
    assert '"number":"988"' in card.doc


def test_loading_the_same_file_again_changes_nothing() -> None:
    load_programme()
    before = everything()
    load_programme()
    assert everything() == before


def test_a_new_file_updates_hours_and_withdraws_levels_it_no_longer_lists() -> None:
    load_programme()
    content = preset()
    content["levels"][0]["hours_per_week"]["target"] = 12
    del content["levels"][1]
    load_programme(content)
    assert levels()["iop"][3] == 12 * 60
    assert set(levels()) == {"iop", "alumni"}
    assert LevelOfCare.objects.filter(programme_id=NORTHLIGHT, code="outpatient").exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"minimum_age": 17}, "minimum_age"),
        ({"week_starts_on": "payday"}, "week_starts_on"),
        ({"quiet_hours": {"from": "22:00", "to": "22:00"}}, "quiet_hours"),
        ({"quiet_hours": {"from": "10 pm", "to": "07:00"}}, "quiet_hours"),
        ({"quiet_hours": {"from": "22:00", "to": "7:3"}}, "quiet_hours"),
        ({"reminders": {"lead_minutes": [-5]}}, "reminders"),
        ({"course": {"usual_days": 0}}, "course"),
        ({"surprise": 1}, "surprise"),
        ({"levels": []}, "levels"),
        ({"helplines": None}, "helplines"),
    ],
)
def test_an_invalid_field_in_a_preset_is_named_and_changes_nothing(
    change: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        load_programme(preset() | change)
    assert set(refusal.value.errors["preset"]) == {field}
    assert everything() == [[], [], []]


def test_hours_out_of_order_are_refused() -> None:
    content = preset()
    content["levels"][0]["hours_per_week"] = {"min": 9, "target": 30, "max": 20}
    with pytest.raises(Invalid):
        load_programme(content)
    assert not Programme.objects.exists()


def test_a_file_that_is_not_a_preset_is_refused(tmp_path: Any) -> None:
    path = tmp_path / "broken.yaml"
    for text in ("name: [", "just words", "name: Somewhere"):
        path.write_text(text)
        with as_role("jobs"), pytest.raises(CommandError, match=r"broken\.yaml:1: "):
            call_command("load_programme", str(path))
    assert everything() == [[], [], []]


WITHOUT: list[tuple[str, Callable[[list[dict[str, Any]]], list[dict[str, Any]]]]] = [
    ("helplines", lambda lines: [line for line in lines if line["number"] != "988"]),
    ("helplines", lambda lines: [line for line in lines if line["number"] != "911"]),
    ("helplines", lambda lines: [line for line in lines if line["number"] in ("988", "911")]),
    (
        "helplines",
        lambda lines: (
            [line for line in lines if line["number"] in ("988", "911")]
            + [lines[0] | {"code": "other", "kind": "other", "number": "9-8-8"}]
        ),
    ),
    ("helplines", lambda lines: [*lines, lines[0] | {"code": "other", "number": "(......0"}]),
    (
        "levels",
        lambda levels: [
            levels[0] | {"hours_per_week": {"min": 0, "target": True, "max": 9}},
            *levels[1:],
        ],
    ),
    ("levels", lambda levels: [level for level in levels if level["code"] != "alumni"]),
    ("levels", lambda levels: [level | {"offered": False} for level in levels]),
    ("topics", lambda topics: [topics[0], topics[0]]),
]


@pytest.mark.parametrize(("name", "without"), WITHOUT)
def test_an_administrator_cannot_remove_what_code_or_safety_needs(name: str, without: Any) -> None:
    load_programme()
    admin, change = employ(role="admin"), {name: without(preset()[name])}
    before = everything()
    with pytest.raises(Invalid) as refusal:
        act(admin, "care.change_settings", programme=NORTHLIGHT, settings=change)
    assert set(refusal.value.errors["settings"]) == {name}
    assert everything() == before


def test_a_check_in_cannot_ask_what_it_cannot_store() -> None:
    content = preset()
    content["check_in"]["questions"].append("shoe_size")
    with pytest.raises(Invalid):
        load_programme(content)
    assert everything() == [[], [], []]


def test_every_setting_says_what_obeys_it() -> None:
    assert [name for name, field in Settings().fields.items() if not field.help_text] == []


def test_stored_settings_of_an_earlier_release_can_still_be_changed() -> None:
    load_programme()
    older = Programme.objects.get(id=NORTHLIGHT).settings
    older["course"]["ends_by_itself"] = False
    older["reminders"]["medication_lead_minutes"] = [0]
    older["levels"][0] |= {"group_hours_per_day": 3, "session_hours": {"min": 1, "max": 2}}
    older["helplines"] = [line for line in older["helplines"] if line["kind"] != "emergency"]
    migration = import_module("recovery.migrations.0002_settings_that_code_needs")
    with as_role("jobs"):
        Programme.objects.update(settings=older, preset=older)
        migration.bring_up_to_date(apps, None)
    act(employ(role="admin"), "care.change_settings", programme=NORTHLIGHT, settings={"name": "N"})
    settings = Programme.objects.get(id=NORTHLIGHT).settings
    assert settings["helplines"] == preset()["helplines"]
    assert settings["course"] == preset()["course"]
