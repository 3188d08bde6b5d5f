"""No stored value can be used as a credential."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator

import pytest
from django.contrib.sessions.models import Session
from django.db import models
from django.utils import timezone

from foundation.problems import CodeUnknown, NotSignedIn
from recovery.feed.context import set_actor
from recovery.people.enrolment import enrol
from recovery.people.models import Invitation
from recovery.signin.authentication import by_access_token
from recovery.signin.models import DeviceSession
from recovery.signin.refresh import refresh
from tests.cast import ANA, NOW, invite_patient, make_fay, sign_in
from tests.signin.ceremony import DEVICE, App

pytestmark = pytest.mark.django_db


def stored(rows: Iterable[models.Model]) -> Iterator[str]:
    """Every stored value, in every form in which an attacker might send it."""
    for row in rows:
        for field in row._meta.concrete_fields:
            value = getattr(row, field.attname)
            raw = value if isinstance(value, bytes) else str(value).encode()
            yield raw.decode(errors="replace")
            yield raw.hex()
            yield base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_no_stored_value_is_a_bearer_a_refresh_token_or_a_code() -> None:
    fay, programme = make_fay()
    invite_patient(fay, programme.id)
    sign_in(fay)
    set_actor(fay.id)
    rows = [*DeviceSession.objects.in_scope(fay.id), *Invitation.objects.all()]
    assert len(rows) == 2
    for value in stored(rows):
        for token in (value, f"hra_{value}", f"hra_{value[:43]}"):
            with pytest.raises(NotSignedIn):
                by_access_token(token, NOW)
        for token in (value, f"hrr_{value}", f"hrr_{value[:64]}"):
            with pytest.raises(NotSignedIn):
                refresh(token, now=NOW)
        with pytest.raises(CodeUnknown):
            enrol(value, ANA["date_of_birth"], install="i" * 16, device=DEVICE, now=NOW)


def test_an_unfinished_ceremony_cannot_be_taken_over_from_the_database() -> None:
    app = App()
    app.post("auth/code/request", email="ana@example.org")
    assert Session.objects.filter(expire_date__gt=timezone.now()).count() == 1
    for value in stored(list(Session.objects.all())):
        other = App()
        other.ceremony = "".join(c for c in value if c.isprintable() and c.isascii())[:4000]
        assert other.finish("auth/code/confirm", code="BCDF-GHJK").status_code == 409
    assert "ana@example.org" not in str(Session.objects.values_list("session_data").get())
