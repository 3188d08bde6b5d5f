"""Ana and Ben in Dana's group, each with their own phone. Ben's is in Spanish."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from uuid_utils.compat import uuid7

from tests.cast import act, documents, preset, signed
from tests.clients.ana import BORN, GROUP, Ana, confirm_notice, invite, join_group, make_group
from tests.webapp.conftest import OpenPhone
from tests.webapp.evening_group import open_thread, write
from tools.webapp.browser_phone import BrowserPhone

PAIR = "peer_pair_visibility"
REQUEST = "Heron quiere escribirte"


@pytest.fixture
def group(ana: Ana, ben: Ana) -> UUID:
    """Ana is Heron in it, and Ben is River."""
    confirm_notice(ana, ben)
    group = join_group(ana)
    join_group(ben, group, "River")
    return group


@pytest.fixture
def heron(group: UUID, anas_phone: BrowserPhone) -> BrowserPhone:
    """Ana's phone, past the first pages."""
    anas_phone.begin()
    return anas_phone


@pytest.fixture
def river(group: UUID, bens_phone: BrowserPhone) -> BrowserPhone:
    """Ben's phone, past the first pages."""
    bens_phone.begin()
    return bens_phone


@pytest.mark.soak
def test_we_write_to_each_other_once_both_have_said_yes(
    ana: Ana, ben: Ana, heron: BrowserPhone, river: BrowserPhone
) -> None:
    ask_with_no_signal(heron)
    assert documents(ben.user, "connection") == []
    heron.offline(False)

    river.tap("Gente")
    river.says(REQUEST)
    river.tap("Verlo")
    river.title("Conectar con Heron")
    river.tap("Acepto conectarnos")
    river.says("Escribe tu nombre para decir que sí.")
    assert documents(ben.user, "pair") == []
    river.fill("Tu nombre, como lo firmas", "Ben Reyes")
    river.tap("Acepto conectarnos")
    river.tap("Heron")
    river.says("Solo lo ven Heron y tú. Tu equipo no.")
    river.page.get_by_role("textbox").fill("Hola, Heron")
    river.tap("Enviar")
    river.says("Enviado, ")

    heron.go("people")
    heron.says("River: Hola, Heron")
    heron.tap("River")
    write(heron, "Good to hear from you")
    river.says("Good to hear from you")

    unfold(heron, "About River and you")
    heron.tap("Who is here")
    heron.tap("End this")
    heron.tap("Keep it")
    heron.tap("End this")
    heron.tap("End it")
    river.says("Esto ya no está en tu teléfono")
    heron.title("People")
    for patient in (ana, ben):
        assert documents(patient.user, "message") == []
    expect(heron.page.get_by_text("River")).to_have_count(0)


@pytest.mark.soak
def test_nobody_learns_of_my_no(
    ana: Ana, ben: Ana, heron: BrowserPhone, river: BrowserPhone
) -> None:
    ask_with_no_signal(heron)
    heron.offline(False)
    river.tap("Gente")
    river.says(REQUEST)
    river.keeps_the_app()
    river.offline()
    river.tap("No Heron")
    expect(river.page.get_by_text(REQUEST)).to_have_count(0)
    assert connection(ben)["state"] == "waiting"
    river.offline(False)
    river.until(lambda: connection(ben)["state"] == "declined")

    heron.go("people")
    heron.says("You asked River")
    assert connection(ana)["state"] == "asked"
    heron.tap("Take it back")
    expect(heron.page.get_by_text("You asked River")).to_have_count(0)
    heron.until(lambda: connection(ana)["state"] == "ended")
    assert documents(ben.user, "pair") == []


@pytest.mark.soak
def test_whom_i_block_neither_reaches_me_nor_learns_of_it(
    ana: Ana, ben: Ana, group: UUID, heron: BrowserPhone, river: BrowserPhone
) -> None:
    connect(ana, ben)
    facts = {"id": uuid7(), "group": group, "text": "Where do you live?"}
    act(ben.user, "groups.post_message", now=timezone.now(), **facts)
    river.tap("Gente")
    river.tap("Heron")
    open_thread(heron)
    heron.says("Where do you live?")
    heron.keeps_the_app()
    heron.offline()
    to_members(heron)
    unfold(heron, "More for River")
    heron.tap("Block", exact=True)
    heron.tap("Block River")
    heron.says("You blocked this person")
    heron.tap(GROUP)
    heron.says("Hidden. You blocked this person.")
    expect(heron.page.get_by_text("Where do you live?")).to_have_count(0)
    assert documents(ben.user, "pair")
    heron.offline(False)

    river.says("Esto ya no está en tu teléfono")
    expect(river.page.get_by_text(re.compile("bloque", re.IGNORECASE))).to_have_count(0)
    # To Ben his question looks like any other, and it reaches nobody.
    ask(ben, "Heron")
    assert [each["state"] for each in documents(ben.user, "connection")][-1] == "asked"
    heron.go("people")
    heron.tap("People you blocked")
    heron.says("River")
    expect(heron.page.get_by_text("River would like to write to you")).to_have_count(0)
    heron.tap("Unblock")
    heron.says("You have not blocked anyone.")
    heron.until(lambda: documents(ana.user, "block") == [])


def test_my_group_sees_the_drawing_that_i_chose(ana: Ana, open_phone: OpenPhone) -> None:
    confirm_notice(ana)
    invite(ana, make_group(ana))
    phone = open_phone()
    phone.enrol(ana.code, BORN)
    phone.title("May people in your group see you here?")
    phone.tap("Yes", exact=True)
    phone.fill("The name they see", "River")
    phone.pick("A heron")
    phone.pick("I will follow these rules")
    phone.fill("Your full name, as your signature", "Ana Reyes")
    phone.tap("Sign and join")
    phone.begin()
    phone.tap("People")
    phone.tap(GROUP)
    to_members(phone)
    mine = phone.page.locator(".row").filter(has_text="River (You)")
    expect(mine.locator(".face path")).to_have_count(1)
    (avatar,) = [c["avatar"] for c in documents(ana.user, "member_card") if c["alias"] == "River"]
    assert avatar == "heron"


def test_i_come_into_a_group_only_by_its_rules(ana: Ana, ben: Ana, open_phone: OpenPhone) -> None:
    confirm_notice(ben)
    invite(ben, make_group(ana))
    rules = [rule["text"]["es"] for rule in preset()["house_rules"]]
    phone = open_phone(locale="es-US")
    phone.enrol(ben.code, BORN)
    phone.title("¿Puede verte aquí la gente de tu grupo?")
    phone.tap("Sí", exact=True)
    phone.title("Cómo entras")
    for rule in rules:
        phone.says(rule)
    phone.fill("El nombre que ven", "River")
    phone.fill("Tu nombre completo, como firma", "Ben Reyes")
    phone.tap("Firmar y entrar")
    phone.says("Para entrar, di que sí a las reglas.")
    phone.title("Cómo entras")

    phone.keeps_the_app()
    phone.offline()
    phone.pick("Cumplo estas reglas")
    phone.tap("Firmar y entrar")
    phone.says("Tus respuestas están guardadas en este teléfono. Esperan para enviarse.")
    phone.begin()
    assert documents(ben.user, "group") == []
    phone.offline(False)
    phone.tap("Gente")
    phone.tap(GROUP)
    unfold(phone, "Sobre este grupo")
    phone.tap("Reglas de la casa")
    phone.says("Todas las personas aquí dijeron que sí a esto.")
    for rule in rules:
        phone.says(rule)
    cards = documents(ben.user, "member_card")
    assert sorted(card["alias"] for card in cards) == ["Dana", "River"]


def unfold(phone: BrowserPhone, name: str) -> None:
    phone.page.locator("summary").and_(
        phone.page.get_by_label(name).or_(phone.page.get_by_text(name))
    ).tap()


def to_members(phone: BrowserPhone) -> None:
    """From the thread of the group."""
    unfold(phone, "About this group")
    phone.tap("Who is here")


def ask_with_no_signal(phone: BrowserPhone) -> None:
    """Heron asks River."""
    open_thread(phone)
    phone.keeps_the_app()
    phone.offline()
    to_members(phone)
    unfold(phone, "More for River")
    phone.tap("Ask to write to each other")
    phone.title("Connecting with River")
    phone.fill("Your name, as you sign it", "Ana Reyes")
    phone.tap("I agree to connect")
    phone.says("You asked River")


def connection(patient: Ana) -> dict[str, Any]:
    (connection,) = documents(patient.user, "connection")
    return connection


def ask(who: Ana, alias: str) -> None:
    """Ask the member of this alias."""
    cards = documents(who.user, "member_card")
    (card,) = [each["id"] for each in cards if each["alias"] == alias]
    facts = {"id": uuid7(), "card": card, "consent": signed(PAIR, who.user.locale)}
    act(who.user, "alumni.request_connection", now=timezone.now(), **facts)


def connect(ana: Ana, ben: Ana) -> None:
    """Both have said yes."""
    ask(ana, "River")
    facts = {"connection": connection(ben)["id"], "consent": signed(PAIR, ben.user.locale)}
    act(ben.user, "alumni.accept_connection", now=timezone.now(), **facts)
