"""Days of a phone: the first one, a bad hour, and four weeks without a network."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Route, expect
from uuid_utils.compat import uuid7

from tests.cast import act, bodies, content
from tests.clients.ana import BORN, Ana
from tests.roles import as_role
from tests.webapp.conftest import OpenPhone
from tools.webapp.browser_phone import BrowserPhone

STOP, SENSES = "stop", "grounding-5-4-3-2-1"
HALT, HALT_TITLE = "halt", "Hungry, angry, lonely, tired"
MOST_TAPS = 25
ANSWERS = {
    "success": "Fui al grupo.",
    "mood": 4,
    "craving_now": 2,
    "craving_worst": 5,
    "sleep_hours": 7,
    "sleep_quality": 3,
    "halt": ["tired"],
    "medication": "taken",
    "used": False,
    "plan": "Caminar antes del grupo",
}
COUNT = """addEventListener('pointerdown', () => {
  sessionStorage.taps = Number(sessionStorage.taps ?? 0) + 1
}, true)"""


@pytest.mark.soak
def test_from_my_code_to_my_first_check_in_takes_few_taps(ana: Ana, open_phone: OpenPhone) -> None:
    phone = open_phone()
    phone.context.add_init_script(COUNT)
    phone.enrol(ana.code, BORN)
    phone.begin()
    phone.tap("Start")
    phone.check_in("Good")
    phone.says("Sent, ")
    # And one for each field of the date of birth.
    taps = int(phone.page.evaluate("sessionStorage.taps")) + 3
    assert 10 < taps <= MOST_TAPS


def test_i_answer_every_question_of_the_day_with_no_signal(
    ben: Ana, bens_phone: BrowserPhone
) -> None:
    phone = bens_phone
    phone.begin()
    phone.keeps_the_app()
    phone.offline()
    phone.context.add_init_script(COUNT)
    phone.go()
    phone.tap("Empezar")
    for title, *answers in (
        ("¿Qué salió bien ayer?", "Fui al grupo"),
        ("¿Cómo te sientes ahora?", "Bien"),
        ("¿Qué tan fuertes son las ganas de consumir ahora?", "2"),
        ("¿Qué tan fuertes fueron las ganas en el peor momento?", "5"),
        ("¿Cómo dormiste?", "7", "Regular"),
        ("¿Hambre, enojo, soledad, cansancio?", "Cansancio"),
        ("¿Tomaste tu medicina?", "Sí, toda"),
        ("¿Hubo consumo desde ayer?", "No"),
    ):
        phone.title(title)
        for answer in answers:
            phone.pick(answer, exact=True)
        phone.tap("Seguir", exact=True)
    phone.title("Un plan para hoy")
    phone.fill("Un plan para hoy", "Caminar antes del grupo")
    phone.tap("Guardar", exact=True)
    phone.says("Guardado en este teléfono.")
    # And one for the field of the plan.
    taps = int(phone.page.evaluate("sessionStorage.taps")) + 1
    assert 15 < taps < MOST_TAPS
    assert bodies(ben.user, "check_in") == []

    phone.offline(False)
    phone.says("Enviado, ")
    (sent,) = bodies(ben.user, "check_in")
    assert {name: sent[name] for name in ANSWERS} == ANSWERS


@pytest.mark.soak
def test_an_urge_to_the_end_with_no_signal(anas_phone: BrowserPhone) -> None:
    anas_phone.begin()
    anas_phone.keeps_the_app()
    anas_phone.offline()
    page = anas_phone.page
    page.reload()
    anas_phone.tap("I have an urge right now")
    page.get_by_label("8", exact=True).check(force=True)
    for title in ("Breathe", "Why you do this", "Wait it out", "How strong is it now?"):
        anas_phone.tap("Next", exact=True)
        anas_phone.title(title)
    page.get_by_label("5", exact=True).check(force=True)
    anas_phone.tap("Next", exact=True)
    anas_phone.says("from 8 to 5")
    anas_phone.says("Saved on this phone.")
    anas_phone.tap("OK for now")
    expect(page.get_by_role("navigation", name="Sections")).to_be_visible()


def test_i_check_in_though_not_everything_has_come(open_phone: OpenPhone, ana: Ana) -> None:
    def hold_the_rest_back(route: Route) -> None:
        answer = route.fetch()
        page = answer.json()
        for scope in page.get("scopes", []):
            scope["head"] += scope["scope"].startswith("care:")
        route.fulfill(response=answer, json=page)

    phone = open_phone()
    phone.context.route("**/sync/pull", hold_the_rest_back)
    phone.enrol(ana.code, BORN)
    phone.begin()
    phone.says("Getting your plan…")
    expect(phone.page.get_by_text("Start", exact=True)).to_have_count(0)
    phone.keeps_the_app()
    phone.offline()
    phone.page.reload()
    phone.says("There is more. It comes when you are connected.")
    phone.tap("Start", exact=True)
    phone.check_in("So-so")
    phone.says("Saved on this phone.")


def test_four_weeks_without_a_network(anas_phone: BrowserPhone) -> None:
    anas_phone.begin()
    anas_phone.keeps_the_app()
    anas_phone.offline()
    page = anas_phone.page
    page.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=28))
    page.reload()
    page.get_by_text(re.compile("^(Check in|Start)$")).first.tap()
    anas_phone.check_in("So-so")
    anas_phone.says("Saved on this phone.")
    page.get_by_role("link", name="Help").first.tap()
    expect(page.locator('a[href="tel:988"]').first).to_be_visible()


@pytest.mark.soak
def test_an_exercise_that_i_begin_at_the_clinic_and_end_with_no_signal(
    ana: Ana, open_phone: OpenPhone
) -> None:
    load_library()
    assignment = assigned(ana, HALT)
    phone = open_phone()
    phone.enrol(ana.code, BORN)
    phone.begin()
    phone.keeps_the_app()
    phone.tap("Tools", exact=True)
    phone.says("Before the group tonight.")
    phone.tap(HALT_TITLE)
    phone.title(HALT_TITLE)
    phone.pick("6", exact=True)
    phone.tap("Next", exact=True)
    phone.title("Check in with yourself")
    phone.pick("Tired or worn out")
    phone.tap("Close")

    phone.offline()
    phone.go("tools")
    phone.says("You are on step 2 of 4.")
    phone.tap(HALT_TITLE)
    phone.title("Check in with yourself")
    expect(phone.page.get_by_label("Tired or worn out")).to_be_checked()
    phone.tap("Next", exact=True)
    phone.title("One kind thing for each")
    phone.tap("Next", exact=True)
    phone.title("And now?")
    phone.pick("2", exact=True)
    phone.tap("Next", exact=True)
    phone.title("It went from 6 to 2")
    phone.pick("Share with my team")
    phone.tap("Done", exact=True)
    phone.title("Tools")
    # It is no longer asked for.
    expect(phone.page.get_by_text("For you from your team")).to_have_count(0)
    assert bodies(ana.user, "attempt") == []

    phone.offline(False)
    phone.until(lambda: bodies(ana.user, "attempt"))
    (attempt,) = bodies(ana.user, "attempt")
    kept = {name: attempt[name] for name in ("assignment", "before", "after", "answers")}
    assert kept == {
        "assignment": assignment,
        "before": 6,
        "after": 2,
        "answers": {"needs": ["tired"]},
    }


@pytest.mark.soak
def test_what_helps_me_comes_first_with_no_signal(ben: Ana, open_phone: OpenPhone) -> None:
    load_library()
    for slug, before, after in ((STOP, 8, 6), (SENSES, 9, 4)):
        for _ in range(2):
            tried(ben, slug, before, after)
    phone = open_phone(locale="es-US")
    phone.enrol(ben.code, BORN)
    phone.begin()
    phone.keeps_the_app()
    phone.tap("Práctica")
    phone.says("Prueba algunas. Te mostraremos cuáles te sirven.")
    phone.offline()
    play(phone, STOP, 7, 5)
    assert first_for_now(phone) == ["ALTO"]
    # Both have helped each time, and this one more.
    play(phone, SENSES, 8, 4)
    assert first_for_now(phone) == ["Los cinco sentidos", "ALTO"]
    phone.says("Te sirvió 3 de 3 veces.")
    play(phone, SENSES, 4, 6)
    assert first_for_now(phone) == ["ALTO", "Los cinco sentidos"]
    phone.says("Te sirvió 3 de 4 veces.")


def play(phone: BrowserPhone, slug: str, before: int, after: int) -> None:
    """An exercise in Spanish from its first page to its last. Only the numbers are answered."""
    exercise = content(slug)
    called = phone.page.get_by_text(exercise["title"]["es"], exact=True)
    phone.page.get_by_role("link").filter(has=called).first.tap()
    phone.title(exercise["title"]["es"])
    phone.pick(str(before), exact=True)
    for title in (*(step["title"]["es"] for step in exercise["steps"]), "¿Y ahora?"):
        phone.tap("Seguir", exact=True)
        phone.title(title)
    phone.pick(str(after), exact=True)
    phone.tap("Seguir", exact=True)
    phone.title(f"Pasó de {before} a {after}")
    phone.tap("Listo", exact=True)
    phone.title("Práctica")


def first_for_now(phone: BrowserPhone) -> list[str]:
    """What is shown for this moment, but for the urge tool, which is always there."""
    rows = phone.page.get_by_role("region", name="Para este momento").get_by_role("link")
    return rows.locator("b").all_inner_texts()[:-1]


def tried(ben: Ana, slug: str, before: int, after: int) -> None:
    """Ben has done this exercise, and shared it."""
    facts = {"id": uuid7(), "record": ben.record, "exercise": content(slug)["id"], "version": 1}
    now = timezone.now()
    rated = {"before": before, "after": after, "started_at": now, "finished_at": now}
    act(ben.user, "practice.record_attempt", now=now, **facts, **rated)


def load_library() -> None:
    """As an operator loads it."""
    with as_role("jobs"):
        call_command("load_library", stdout=StringIO())


def assigned(ana: Ana, slug: str) -> str:
    """Ana's counsellor has asked her for this exercise. Returns the assignment's id."""
    id_ = str(uuid7())
    facts = {"id": id_, "record": ana.record, "exercise": content(slug)["id"]}
    note = "Before the group tonight."
    act(ana.dana, "practice.assign_exercise", now=timezone.now(), note=note, **facts)
    return id_
