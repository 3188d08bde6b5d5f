"""What the nightly jobs delete, and how a programme gets its first administrator."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from foundation.problems import CodeUnknown
from recovery.actions import SYSTEM
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.limits import jobs as limits
from recovery.limits.models import Attempts
from recovery.people import jobs as invitations
from recovery.people.enrolment import enrol
from recovery.people.models import Invitation
from recovery.signin import jobs as sign_ins
from tests.cast import ANA, FakePhone, documents, invite_patient, make_fay, make_user
from tests.roles import as_role
from tests.signin.ceremony import DEVICE

pytestmark = pytest.mark.usefixtures("committed_db")


def test_only_what_has_expired_is_deleted() -> None:
    now = timezone.now()
    fay, programme = make_fay()
    old = invite_patient(fay, programme.id, now=now - timedelta(days=34))
    new = invite_patient(fay, programme.id, now=now)
    for n, until in enumerate((now - timedelta(hours=1), now + timedelta(hours=1))):
        Attempts(key=bytes([n]) * 32, count=1, until=until).save()
        Session(session_key=str(n), session_data="", expire_date=until).save()
    with as_role("jobs"):
        for jobs in (invitations, sign_ins, limits):
            jobs.forget(0)
        kept = {row.id: bytes(row.code_hash) for row in Invitation.objects.all()}
    assert kept[old.invitation_id] == b""
    assert kept[new.invitation_id]
    assert Attempts.objects.count() == Session.objects.count() == 1
    request: dict[str, Any] = {"install": "i" * 16, "device": DEVICE, "now": now}
    assert enrol(new.code or "", ANA["date_of_birth"], **request)
    with pytest.raises(CodeUnknown):
        enrol(old.code or "", ANA["date_of_birth"], **request)


def test_the_first_administrator_is_invited_from_the_command_line() -> None:
    programme_id = uuid7()
    out = io.StringIO()
    with as_role("jobs"):
        with transaction.atomic(), collecting():
            for kind in ("program", "staff"):
                scopes.open_scope(
                    kind, programme_id, home_id=programme_id, user_id=SYSTEM.id, role="system"
                )
        person = ("sam@example.org", "Sam", "Lee")
        call_command("invite_administrator", str(programme_id), *person, stdout=out)
    code = out.getvalue().strip()
    assert enrol(code, None, install="i" * 16, device=DEVICE, now=timezone.now())


def test_an_operator_signs_everyone_out_at_once() -> None:
    phones = [FakePhone(make_user(is_staff=is_staff)) for is_staff in (False, True)]
    assert [phone.get("sessions").status_code for phone in phones] == [200, 200]
    with as_role("jobs"):
        call_command("sign_out_everyone", stdout=io.StringIO())
    for phone in phones:
        assert phone.get("sessions").status_code == 401
        assert phone.refresh().status_code == 401
        [session] = documents(phone.user, "device_session")
        assert session["revoked_why"] == "by_staff"
    with as_role("jobs"):
        call_command("sign_out_everyone", stdout=(again := io.StringIO()))
    assert again.getvalue() == "0 people were signed out.\n"
