"""From admission to alumna through actions only: notice, group, connection, announcement."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.core.management import call_command
from uuid_utils.compat import uuid7

from foundation.problems import Refused
from recovery.signin.models import User
from tests.cast import (
    ADMISSION,
    NORTHLIGHT,
    act,
    documents,
    employ,
    form_id,
    load_programme,
    preset,
    run_jobs,
    scopes_of,
)
from tests.roles import as_role


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
    return employ(role="counsellor")


def admit(counsellor: User, email: str, locale: str) -> Patient:
    facts = ADMISSION | {"email": email, "locale": locale, "separate": True}
    admission = act(counsellor, "care.admit_patient", **facts).data
    return Patient(User.objects.get(id=admission["user"]), admission["record"])


def acknowledge(patient: Patient) -> None:
    """Acknowledge the notice that is on the patient's phone."""
    [notice] = documents(patient.user, "notice")
    assert notice["locale"] == patient.user.locale
    act(patient.user, "privacy.acknowledge_notice", notice=notice["id"], signed_name="Ana Reyes")


def join(patient: Patient, counsellor: User, group: str, alias: str) -> str:
    act(counsellor, "groups.invite_member", group=group, record=patient.record)
    [invitation] = documents(patient.user, "group_invitation")
    membership = act(
        patient.user,
        "groups.join",
        invitation=invitation["id"],
        alias=alias,
        rules_accepted=True,
        consent=patient.signs("peer_group_visibility"),
    ).data
    return str(membership["member_card"])


def test_from_admission_to_alumna(counsellor: User) -> None:
    group = str(uuid7())
    act(
        counsellor,
        "groups.create",
        id=group,
        programme=NORTHLIGHT,
        name="Tuesday evening",
        alias="Dana",
    )
    ana = admit(counsellor, "ana@example.org", "es")
    ben = admit(counsellor, "ben@example.org", "en")

    assert scopes_of(ana.user) == ["library", "person"]
    with pytest.raises(Refused, match="privacy notice"):
        act(counsellor, "groups.invite_member", group=group, record=ana.record)
    for patient in (ana, ben):
        acknowledge(patient)
    assert scopes_of(ana.user) == ["care", "library", "person", "program"]

    cards = [join(ana, counsellor, group, "Sol"), join(ben, counsellor, group, "River")]
    act(ana.user, "groups.post_message", id=str(uuid7()), group=group, text="Hola")
    assert [message["text"] for message in documents(ben.user, "message")] == ["Hola"]
    [consent] = documents(ana.user, "consent")
    assert (consent["locale"], consent["discloser"]) == ("es", preset()["name"])

    act(counsellor, "care.make_alumnus", record=ana.record, reason="Goals met")
    request = {"id": str(uuid7()), "card": cards[1]}
    consent_to_pair = ana.signs("peer_pair_visibility")
    act(ana.user, "alumni.request_connection", consent=consent_to_pair, **request)
    [waiting] = documents(ben.user, "connection")
    assert waiting["alias"] == "Sol"
    connection = act(
        ben.user,
        "alumni.accept_connection",
        connection=waiting["id"],
        consent=ben.signs("peer_pair_visibility"),
    ).data
    act(ana.user, "alumni.post_message", id=str(uuid7()), pair=connection["pair"], text="Gracias")
    assert [m["text"] for m in documents(ben.user, "message")] == ["Hola", "Gracias"]

    opal, campaign = employ(role="alumni_coordinator"), str(uuid7())
    text = {"en": "Picnic", "es": "Picnic"}
    act(opal, "alumni.draft_announcement", id=campaign, programme=NORTHLIGHT, text=text)
    act(opal, "alumni.announce", campaign=campaign)
    assert "alumni.deliver" in run_jobs()
    assert [item["text"] for item in documents(ana.user, "inbox_item")] == [text]
    assert documents(ben.user, "inbox_item") == documents(counsellor, "inbox_item") == []
    [shown] = documents(opal, "campaign")
    assert (shown["state"], shown["reached"]) == ("sent", 1)
