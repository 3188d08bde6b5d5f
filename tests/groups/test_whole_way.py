"""From admission to alumna by real actions alone: notice, group, connection, announcement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from uuid_utils.compat import uuid7

from foundation.problems import Refused
from recovery.signin.models import User
from tests.factories.care import ANA, do, load_programme, make_staff, preset, run_jobs
from tests.factories.peers import scopes_of, seen
from tests.factories.privacy import form_id
from tests.roles import as_role

NORTHLIGHT = preset()["id"]


@dataclass
class Patient:
    user: User
    record: str

    def signs(self, kind: str) -> dict[str, str]:
        locale = self.user.locale
        return {"form": form_id(kind, locale=locale), "signature": "Ana Reyes"}


@pytest.fixture
def counsellor(committed_db: None) -> User:
    with as_role("jobs"):
        call_command("load_notice")
    load_programme()
    return make_staff("counsellor")


def admit(counsellor: User, email: str, locale: str) -> Patient:
    facts = {"programme": NORTHLIGHT} | ANA | {"email": email, "locale": locale}
    told = do(counsellor, "care.admit_patient", **facts)
    return Patient(User.objects.get(id=told["user"]), told["record"])


def on_phone(user: User, kind: str) -> list[dict[str, Any]]:
    with transaction.atomic():
        return seen(user, kind)


def kinds_of_scopes(user: User) -> list[str]:
    with transaction.atomic():
        return scopes_of(user)


def confirm(patient: Patient) -> None:
    """What the phone does with the notice it found."""
    [notice] = on_phone(patient.user, "notice")
    assert notice["locale"] == patient.user.locale
    do(patient.user, "privacy.acknowledge_notice", notice=notice["id"], signed_name="Ana Reyes")


def join(patient: Patient, counsellor: User, group: str, alias: str) -> str:
    do(counsellor, "groups.invite_member", group=group, record=patient.record)
    [invitation] = on_phone(patient.user, "group_invitation")
    told = do(
        patient.user,
        "groups.join",
        invitation=invitation["id"],
        alias=alias,
        rules_accepted=True,
        consent=patient.signs("peer_group_visibility"),
    )
    return str(told["member_card"])


def test_from_admission_to_alumna(counsellor: User) -> None:
    group = str(uuid7())
    do(
        counsellor,
        "groups.create",
        id=group,
        programme=NORTHLIGHT,
        name="Tuesday evening",
        alias="Dana",
    )
    ana = admit(counsellor, "ana@example.org", "es")
    ben = admit(counsellor, "ben@example.org", "en")

    assert kinds_of_scopes(ana.user) == ["library", "person"]
    with pytest.raises(Refused, match="privacy notice"):
        do(counsellor, "groups.invite_member", group=group, record=ana.record)
    for patient in (ana, ben):
        confirm(patient)
    assert kinds_of_scopes(ana.user) == ["care", "library", "person", "program"]

    cards = [join(ana, counsellor, group, "Sol"), join(ben, counsellor, group, "River")]
    do(ana.user, "groups.post_message", id=str(uuid7()), group=group, text="Hola")
    assert [message["text"] for message in on_phone(ben.user, "message")] == ["Hola"]
    [consent] = on_phone(ana.user, "consent")
    assert (consent["locale"], consent["discloser"]) == ("es", preset()["name"])

    do(counsellor, "care.make_alumnus", record=ana.record, reason="Goals met")
    request = {"id": str(uuid7()), "card": cards[1]}
    consent_to_pair = ana.signs("peer_pair_visibility")
    do(ana.user, "alumni.request_connection", consent=consent_to_pair, **request)
    [waiting] = on_phone(ben.user, "connection")
    assert waiting["alias"] == "Sol"
    told = do(
        ben.user,
        "alumni.accept_connection",
        connection=waiting["id"],
        consent=ben.signs("peer_pair_visibility"),
    )
    do(ana.user, "alumni.post_message", id=str(uuid7()), pair=told["pair"], text="Gracias")
    assert [m["text"] for m in on_phone(ben.user, "message")] == ["Hola", "Gracias"]

    opal, campaign = make_staff("alumni_coordinator"), str(uuid7())
    text = {"en": "Picnic", "es": "Picnic"}
    do(opal, "alumni.draft_announcement", id=campaign, programme=NORTHLIGHT, text=text)
    do(opal, "alumni.announce", campaign=campaign)
    assert "alumni.deliver" in run_jobs()
    assert [item["text"] for item in on_phone(ana.user, "inbox_item")] == [text]
    assert on_phone(ben.user, "inbox_item") == on_phone(counsellor, "inbox_item") == []
    [shown] = on_phone(opal, "campaign")
    assert (shown["state"], shown["reached"]) == ("sent", 1)
