"""Program settings as forms: what they send, what they show before, what they refuse."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from recovery.actions.models import AuditEvent
from recovery.care.actions.inputs.preset import Settings
from recovery.care.models import LevelOfCare, Programme
from recovery.console.pages.settings import JOBS
from recovery.console.settings_words import LINES, TITLES
from tests.cast import NORTHLIGHT, ConsoleBrowser, act, employ, hire, load_programme, preset
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")

HOSTILE = "<script>alert(1)</script>\u202e" + "a" * 400


class Form(HTMLParser):
    """What a browser would send of the form for `do` on a page."""

    def __init__(self, page: str, do: str = "save") -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self.option: str | None = None
        self.area: str | None = None
        self.feed(page)
        [self.sent] = [form for form in self.forms if form.get("do") == [do]]

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        got = dict(attributes)
        name = got.get("name")
        if tag == "form":
            self.forms.append({})
        elif tag == "select":
            self.option = name
        elif tag == "option" and "selected" in got:
            self._add(self.option, got["value"])
        elif tag == "textarea":
            self.area = name
            self._add(name, "")
        elif tag == "input" and (got.get("type") != "checkbox" or "checked" in got):
            self._add(name, got.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = None

    def handle_data(self, data: str) -> None:
        if self.area:
            self.forms[-1][self.area] = [data]

    def _add(self, name: str | None, value: str) -> None:
        if self.forms and name:
            self.forms[-1].setdefault(name, []).append(value)


@pytest.fixture
def admin() -> ConsoleBrowser:
    load_programme()
    return browser()


def browser(role: str = "admin", programme: str = NORTHLIGHT) -> ConsoleBrowser:
    return ConsoleBrowser(hire(employ(programme, role="admin"), programme, role))


def stored() -> dict[str, Any]:
    settings: dict[str, Any] = Programme.objects.get(id=NORTHLIGHT).settings
    return settings


def changes() -> int:
    with as_role("jobs"):
        return AuditEvent.objects.filter(action="care.change_settings", outcome="applied").count()


def send(admin: ConsoleBrowser, path: str, do: str = "save", **typed: Any) -> Any:
    """Open the page, type into its form, send it. `None` leaves a field out."""
    form = Form(admin.reads(path)).sent
    for name in ("key", "do", "csrfmiddlewaretoken"):
        form.pop(name)
    fields = {name: value for name, value in (form | typed).items() if value is not None}
    return admin.do(path, do, **fields)


def page_of(response: Any) -> str:
    return str(response.content.decode())


def test_every_setting_is_on_exactly_one_page() -> None:
    names = [name for job in JOBS for name in job.settings]
    assert sorted(names) == sorted(Settings().fields) == sorted(TITLES) == sorted(LINES)


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.key)
def test_a_form_that_nobody_touched_changes_nothing(job: Any, admin: ConsoleBrowser) -> None:
    """And so it says everything that the setting has: nothing is lost on the way."""
    before = stored()
    page = page_of(send(admin, job.path))
    assert "Nothing was different" in page
    assert page_of(send(admin, job.path, "look")).count("Nothing is different yet.") == 1
    assert (stored(), changes()) == (before, 0)


def test_a_preset_with_other_levels_survives_its_form() -> None:
    other = preset("cedar-bridge")
    load_programme(other)
    admin = browser(programme=other["id"])
    for job in JOBS:
        assert "Nothing was different" in page_of(send(admin, job.path)), job.key


def test_the_goal_of_a_level_changes_and_the_rest_stays(admin: ConsoleBrowser) -> None:
    before = stored()
    field = "levels.outpatient.hours_per_week.target"
    page = page_of(send(admin, "/settings/levels", **{field: "3.5"}))
    assert "Saved: Levels of care." in page
    level = LevelOfCare.objects.get(programme_id=NORTHLIGHT, code="outpatient")
    assert level.minutes_target == 210
    after = stored()
    assert after["levels"][1]["hours_per_week"].pop("target") == 3.5
    assert before["levels"][1]["hours_per_week"].pop("target") == 2
    assert after == before


def test_what_changes_is_shown_before_and_not_saved(admin: ConsoleBrowser) -> None:
    field = "levels.outpatient.hours_per_week.target"
    page = page_of(send(admin, "/settings/levels", "look", **{field: "3"}))
    assert "<del>Outpatient / Ambulatorio: 1 to 8 hours a week, goal 2, 1 to 3 days" in page
    assert "<ins>Outpatient / Ambulatorio: 1 to 8 hours a week, goal 3, 1 to 3 days" in page
    assert "who is in care keeps the goal that was agreed" in page
    assert changes() == 0
    # What was typed is still there, so that it can be saved from here.
    assert Form(page).sent[field] == ["3"]


def test_hours_out_of_order_are_refused_at_their_level(admin: ConsoleBrowser) -> None:
    before = stored()
    response = send(admin, "/settings/levels", **{"levels.iop.hours_per_week.max": "5"})
    assert response.status_code == 422
    [iop, outpatient, *_] = re.split(r'aria-labelledby="levels\.', page_of(response))[1:]
    assert 'class="wrong"' in iop
    assert 'class="wrong"' not in outpatient
    assert (stored(), changes()) == (before, 0)


@pytest.mark.parametrize(
    ("path", "field", "value"),
    [
        ("levels", "levels.iop.hours_per_week.min", "nine"),
        ("helplines", "helplines.programme.number", "call us"),
        ("helplines", "contacts.privacy.email", "nobody"),
        ("hours", "reply_within_hours", "0"),
        ("hours", "staffed_hours.0.from", "25:00"),
        ("reminders", "quiet_hours.from", ""),
        ("reminders", "reminders.urgent_within_hours", "25"),
        ("groups", "announcements.per_person_per_week", "-1"),
        ("check-in", "what_helps.minimum_runs", "1e3"),
        ("program", "minimum_age", "17"),
        ("program", "time_zone", "Mars/Olympus"),
        ("program", "name", " "),
    ],
)
def test_a_refusal_is_at_its_field_with_what_was_typed(
    path: str, field: str, value: str, admin: ConsoleBrowser
) -> None:
    before = stored()
    response = send(admin, f"/settings/{path}", **{field: value})
    assert response.status_code == 422
    page = page_of(response)
    fields = re.findall(r'<(?:input|select|textarea)[^>]*aria-invalid="true"[^>]*>', page)
    named = {re.search(r'name="([^"]+)"', each)[1] for each in fields}  # type: ignore[index]
    assert named == {field}
    assert Form(page).sent[field] == [value]
    assert (stored(), changes()) == (before, 0)


def test_988_and_911_cannot_be_removed(admin: ConsoleBrowser) -> None:
    page = admin.reads("/settings/helplines")
    assert "it is the Suicide & Crisis Lifeline" in page
    assert "it is the emergency number" in page
    assert 'name="helplines.crisis.remove"' not in page
    before = stored()
    for code in ("crisis", "emergency"):
        response = send(admin, "/settings/helplines", **{f"helplines.{code}.remove": "yes"})
        assert response.status_code == 422
        assert "must stay in the list" in page_of(response)
    response = send(admin, "/settings/helplines", **{"helplines.crisis.number": "989"})
    assert response.status_code == 422
    assert (stored(), changes()) == (before, 0)


def test_a_help_line_is_added_previewed_moved_and_removed(admin: ConsoleBrowser) -> None:
    path, new = "/settings/helplines", "helplines.new"
    typed = {
        f"{new}.name.en": "Night line",
        f"{new}.name.es": "Línea de noche",
        f"{new}.number": "555-0199",
        f"{new}.hours": "8 PM to 8 AM",
    }
    page = page_of(send(admin, path, "look", **typed))
    phones = page.partition("What phones show in Help")[2]
    assert phones.index("Night line") < phones.index("Línea de noche")
    assert "Call, 8 PM to 8 AM" in phones
    # It is a row of its own now, and the row for a new one is empty again.
    form = Form(page).sent
    assert form["helplines.night_line.number"] == ["555-0199"]
    assert form[f"{new}.number"] == [""]

    send(admin, path, **typed)
    assert stored()["helplines"][-1] == {
        "code": "night_line",
        "kind": "programme",
        "number": "555-0199",
        "hours": "8 PM to 8 AM",
        "name": {"en": "Night line", "es": "Línea de noche"},
    }
    send(admin, path, **{"helplines.night_line.place": "0"})
    assert stored()["helplines"][0]["code"] == "night_line"
    send(admin, path, **{"helplines.night_line.remove": "yes"})
    assert stored()["helplines"] == preset()["helplines"]


def test_a_second_thing_of_one_name_gets_a_code_of_its_own(admin: ConsoleBrowser) -> None:
    for _ in range(2):
        send(admin, "/settings/offer", **{"topics.new.name.en": "Time"})
    codes = [topic["code"] for topic in stored()["topics"]]
    assert codes[-3:] == ["time", "time_2", "time_3"]


def test_a_new_level_has_what_was_typed(admin: ConsoleBrowser) -> None:
    new = "levels.new"
    typed = {
        f"{new}.name.en": "Partial hospitalization",
        f"{new}.hours_per_week.min": "20",
        f"{new}.hours_per_week.target": "25",
        f"{new}.hours_per_week.max": "30",
        f"{new}.days_per_week.min": "5",
        f"{new}.days_per_week.max": "6",
        f"{new}.asam.edition": "4",
        f"{new}.asam.code": "2.5",
        f"{new}.sessions": ["group", "medical"],
    }
    send(admin, "/settings/levels", **typed)
    level = stored()["levels"][-1]
    assert level["code"] == "partial_hospitalization"
    assert level["asam"] == {"edition": 4, "code": "2.5"}
    assert level["sessions"] == ["group", "medical"]
    assert level["hours_per_week"] == {"min": 20, "target": 25, "max": 30}


def test_kinds_of_session_are_listed_only_if_they_are_not_the_usual_ones(
    admin: ConsoleBrowser,
) -> None:
    send(admin, "/settings/levels", **{"levels.iop.sessions": ["group"]})
    [iop, outpatient, alumni] = stored()["levels"]
    assert iop["sessions"] == ["group"]
    assert "sessions" not in alumni
    assert outpatient == preset()["levels"][1]


def test_boxes_and_times_are_sent_as_the_action_expects(admin: ConsoleBrowser) -> None:
    send(
        admin,
        "/settings/reminders",
        **{"reminders.lead_minutes": ["120", "1440"], "quiet_hours.from": "22:00"},
    )
    send(admin, "/settings/check-in", **{"check_in.slots": ["morning", "evening"]})
    send(admin, "/settings/offer", **{"therapies": ["mi"], "therapies.others": "a_cra, seeking"})
    send(admin, "/settings/hours", **{"staffed_hours.1.remove": "yes"})
    send(admin, "/settings/program", part2_programme=None)
    settings = stored()
    assert settings["reminders"]["lead_minutes"] == [1440, 120]
    assert settings["quiet_hours"] == {"from": "22:00", "to": "07:30"}
    assert settings["check_in"]["slots"] == ["morning", "evening"]
    assert settings["therapies"] == ["mi", "a_cra", "seeking"]
    assert settings["staffed_hours"] == preset()["staffed_hours"][:1]
    assert settings["part2_programme"] is False


def test_what_was_changed_is_marked_and_put_back(admin: ConsoleBrowser) -> None:
    assert "1 changed" not in admin.reads("/settings")
    send(admin, "/settings/groups", **{"group.size.max": "8"})
    assert "1 changed" in admin.reads("/settings")
    page = admin.reads("/settings/groups")
    assert "4 to 12 people" in page.partition("The preset has:")[2]
    put_back = Form(page, "put_back").sent
    assert put_back["setting"] == ["group"]
    programme = put_back["programme"]
    response = admin.do("/settings/groups", "put_back", programme=programme, setting="group")
    assert "Put back: Size of a group." in page_of(response)
    assert stored()["group"] == preset()["group"]
    assert "1 changed" not in admin.reads("/settings")


def test_nothing_else_can_be_put_back_from_a_page(admin: ConsoleBrowser) -> None:
    send(admin, "/settings/program", name="Harbor House")
    for name in ("name", "slug", "nothing", ""):
        response = admin.do("/settings/groups", "put_back", programme=NORTHLIGHT, setting=name)
        assert response.status_code == 422
    assert (stored()["name"], changes()) == ("Harbor House", 1)


def test_two_administrators_do_not_undo_each_other(admin: ConsoleBrowser) -> None:
    mine = Form(admin.reads("/settings/groups")).sent
    other = employ(role="admin")
    rules = [preset()["house_rules"][0]]
    for settings in ({"house_rules": rules}, {"group": {"size": {"min": 2, "max": 6}}}):
        act(other, "care.change_settings", programme=NORTHLIGHT, settings=settings)
    for name in ("key", "do"):
        mine.pop(name)
    # What I did not touch stays as the other has made it.
    mine["announcements.per_person_per_week"] = ["1"]
    assert "Saved: Cap on" in page_of(admin.do("/settings/groups", "save", **mine))
    assert (stored()["house_rules"], stored()["group"]["size"]["max"]) == (rules, 6)
    # What we both touched is said first, and saved if I still want it.
    mine["group.size.max"] = ["9"]
    refused = admin.do("/settings/groups", "save", **mine)
    assert refused.status_code == 422
    assert "in the meantime: Size of a group." in page_of(refused)
    assert stored()["group"]["size"]["max"] == 6
    again = Form(page_of(refused)).sent
    for name in ("key", "do"):
        again.pop(name)
    admin.do("/settings/groups", "save", **again)
    assert stored()["group"]["size"]["max"] == 9


def test_a_form_that_is_sent_twice_counts_once(admin: ConsoleBrowser) -> None:
    form = Form(admin.reads("/settings/groups")).sent | {"group.size.max": ["8"]}
    [key] = form.pop("key")
    form.pop("do")
    for _ in range(2):
        assert admin.do("/settings/groups", "save", key, **form).status_code == 200
    assert changes() == 1


@pytest.mark.parametrize("drawn", ["", "no json", "[]", "7"])
def test_a_form_that_was_tampered_with_changes_nothing(drawn: str, admin: ConsoleBrowser) -> None:
    response = send(admin, "/settings/groups", drawn=drawn)
    assert response.status_code == 422
    assert changes() == 0


def test_hostile_text_is_shown_as_text(admin: ConsoleBrowser) -> None:
    send(admin, "/settings/helplines", **{"helplines.programme.name.en": HOSTILE})
    assert stored()["helplines"][1]["name"]["en"] == HOSTILE
    for path in ("/settings/helplines", "/settings"):
        page = admin.reads(path)
        assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in admin.reads("/settings/helplines")


@pytest.mark.parametrize("role", ["counsellor", "clinician", "case_manager", "alumni_coordinator"])
def test_only_those_who_manage_the_programme_find_its_settings(
    role: str, admin: ConsoleBrowser
) -> None:
    other = browser(role)
    assert "/settings" not in other.reads("/")
    for path in ("/settings", *(job.path for job in JOBS)):
        assert other.get(path).status_code == 404
    form = Form(admin.reads("/settings/groups")).sent | {"group.size.max": ["8"]}
    for name in ("key", "do"):
        form.pop(name)
    assert other.do("/settings/groups", "save", **form).status_code == 404
    assert changes() == 0


def test_an_administrator_of_another_programme_changes_only_their_own(
    admin: ConsoleBrowser,
) -> None:
    load_programme(preset("cedar-bridge"))
    other = browser(programme=preset("cedar-bridge")["id"])
    assert "Northlight" not in other.reads("/settings/helplines")
    form = Form(admin.reads("/settings/groups")).sent | {"group.size.max": ["8"]}
    for name in ("key", "do"):
        form.pop(name)
    assert other.do("/settings/groups", "save", **form).status_code == 422
    response = other.do("/settings/groups", "put_back", programme=NORTHLIGHT, setting="group")
    assert response.status_code == 422
    assert changes() == 0


def test_reading_settings_is_not_reading_about_anybody(admin: ConsoleBrowser) -> None:
    for path in ("/settings", *(job.path for job in JOBS)):
        admin.reads(path)
    with as_role("jobs"):
        assert not AuditEvent.objects.filter(outcome="read").exists()
