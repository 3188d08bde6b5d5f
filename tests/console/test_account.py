"""Staff see how they sign in, and change it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from recovery.feed.context import set_actor
from recovery.signin.models import DeviceSession, User
from tests.cast import ConsoleBrowser, in_care, sign_in
from tests.roles import set_scene
from tests.signin.ceremony import letters

pytestmark = pytest.mark.django_db


@pytest.fixture
def dana() -> Any:
    return in_care().counsellor


def living(user: User) -> set[str]:
    with transaction.atomic():
        set_actor(user.id)
        rows = DeviceSession.objects.in_scope(user.id).filter(revoked_at=None)
        return {str(each.id) for each in rows}


def test_staff_who_have_no_address_yet_confirms_one(dana: User) -> None:
    browser = ConsoleBrowser(dana)
    assert "No address is confirmed yet" in browser.reads("/account")
    asked_for = browser.do("/account", "send_code", email="dana@example.org")
    assert "on its way to dana@example.org" in asked_for.content.decode()
    [(_, address, context)] = letters(dana.id)
    assert address == "dana@example.org"
    wrong = browser.do("/account", "confirm_address", code="AAAA-AAAA")
    assert (wrong.status_code, User.objects.get(id=dana.id).email) == (422, None)
    right = browser.do("/account", "confirm_address", code=context["code"])
    assert right.status_code == 200
    assert User.objects.get(id=dana.id).email == "dana@example.org"
    assert "<b>dana@example.org</b>" in browser.reads("/account")


def test_a_change_needs_a_fresh_second_step(dana: User) -> None:
    with transaction.atomic(), set_scene():
        User.objects.filter(id=dana.id).update(email="dana@example.org")
    browser = ConsoleBrowser(dana)
    other = sign_in(dana, now=timezone.now())["session"]
    earlier = timezone.now() - timedelta(minutes=6)
    with transaction.atomic():
        set_actor(dana.id)
        mine = DeviceSession.objects.in_scope(dana.id).get(id=browser.tokens["session"])
        mine.auth_time = earlier
        mine.save(update_fields=["auth_time"])
    response = browser.do("/account", "end", session=other)
    assert response.status_code == 422
    assert 'href="/confirm?next=%2Faccount"' in response.content.decode()
    assert other in living(dana)
