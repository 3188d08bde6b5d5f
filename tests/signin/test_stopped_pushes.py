"""A push service knows a phone no longer, and its owner learns it from the phone itself."""

from __future__ import annotations

import pytest

from notifications.models import PushRegistration
from recovery.signin import jobs
from tests.cast import FakePhone, make_user
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")


def test_a_person_learns_that_reminders_have_stopped_on_a_phone() -> None:
    user = make_user()
    phone, tablet = (FakePhone(user, registered=True) for _ in range(2))
    for device, value in ((phone, "token-of-the-phone"), (tablet, "token-of-the-tablet")):
        device.do("people.register_push", token(value))
    assert stopped(phone) == set()
    with as_role("pump"):
        rows = PushRegistration.objects.filter(session_id=phone.tokens["session"])
        rows.update(state="dead", reason="unregistered")
    tell_people()
    assert stopped(tablet) == {phone.tokens["session"]}
    tell_people()
    phone.do("people.register_push", token("another-token-of-the-phone"))
    assert stopped(tablet) == set()
    tell_people()
    assert stopped(tablet) == set()


def token(value: str) -> dict[str, str]:
    return {"kind": "token", "value": value, "platform": "android"}


def tell_people() -> None:
    with as_role("jobs"):
        jobs.note_stopped_pushes(0)


def stopped(phone: FakePhone) -> set[str]:
    """The devices on which pushes have stopped, as this one shows it."""
    person = phone.first_pull()[f"person:{phone.user.id}"]
    return {
        entry[1]
        for entry in person["put"]
        if entry[0] == "device_session" and entry[3]["pushes_stopped_at"]
    }
