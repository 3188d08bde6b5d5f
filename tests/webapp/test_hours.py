"""The hours that Ben agreed to for a week, on his phone in Spanish."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from uuid_utils.compat import uuid7

from tests.cast import act, documents
from tests.clients.ana import Ana
from tools.webapp.browser_phone import ZONE, BrowserPhone

pytestmark = pytest.mark.soak


def test_i_see_how_many_hours_are_done_and_which_are_left(
    ben: Ana, bens_phone: BrowserPhone
) -> None:
    phone = bens_phone
    # Whatever time it is, two have begun, and one is not over.
    planned(ben, "Consejería", "00:00", minutes=180)
    planned(ben, "Taller", "00:00", minutes=60)
    planned(ben, "Terapia", "12:00", minutes=12 * 60 - 1)
    phone.begin()
    phone.keeps_the_app()
    phone.tap("Yo", exact=True)
    phone.says("0 de 9 horas hechas")
    phone.tap("Mi semana")
    phone.title("Horas de esta semana")
    phone.says("0 de 9")
    phone.says("Tu nivel es Ambulatorio intensivo: de 9 a 20 horas por semana.")
    confirmed(ben, "Consejería")
    phone.says("3 de 9")
    phone.says("3 horas. Confirmado.")
    phone.says("Con Terapia, el ")

    phone.offline()
    phone.go("me/hours")
    phone.says("3 de 9")
    phone.says("Con Terapia, el ")
    confirmed(ben, "Taller")
    phone.offline(False)
    phone.says("4 de 9")
    phone.tap("Yo", exact=True)
    phone.tap("Hoy", exact=True)
    phone.says("4 de 9 horas hechas.")


def planned(ben: Ana, title: str, time: str, *, minutes: int) -> None:
    """A session of today, by the clock of the programme."""
    today = timezone.now().astimezone(ZoneInfo(ZONE)).date()
    once = {"rule": "FREQ=DAILY;COUNT=1", "first_date": today, "times": [time]}
    facts = {"id": uuid7(), "scope": f"care:{ben.record}", "kind": "individual", "title": title}
    act(ben.dana, "care.create_series", now=timezone.now(), minutes=minutes, **once, **facts)


def confirmed(ben: Ana, title: str) -> None:
    """Dana confirms that Ben was there."""
    sessions = documents(ben.user, "appointment")
    (session,) = [each["id"] for each in sessions if each["title"] == title]
    facts = {"record": ben.record, "appointment": session, "status": "present"}
    act(ben.dana, "care.record_attendance", now=timezone.now(), **facts)
