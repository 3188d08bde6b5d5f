"""An admission that was a mistake is undone, as long as the person has not answered the notice."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from foundation.problems import CodeUnknown, NotAllowed, NotFound, NotSignedIn
from notifications.models import Letter
from recovery.actions import Refused
from recovery.actions.models import AuditEvent
from recovery.care.models import CareRecord, Episode, EpisodeEnding, WeekOfHours
from recovery.feed.models import Membership
from recovery.people.enrolment import enrol
from recovery.people.models import Invitation
from recovery.signin.authentication import by_access_token
from recovery.signin.models import User
from tests.cast import ADMISSION, ANA, NOW, act, admit, documents, employ, run_daily, scopes_of
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")
DEVICE = {"platform": "android", "app": "1.0.0", "name": "Ana's phone"}


def admitted(staff: User, **facts: Any) -> tuple[dict[str, Any], str]:
    outcome = act(staff, "care.admit_patient", **ADMISSION | facts)
    return outcome.data or {}, (outcome.once or {}).get("code", "")


def undo(staff: User, record: Any) -> None:
    act(staff, "care.undo_admission", record=str(record), reason="The wrong Ana.")


def test_the_code_and_the_account_stop_and_the_rows_stay(clinician: User) -> None:
    data, code = admitted(clinician)
    phone = {"install": secrets.token_urlsafe(16), "device": DEVICE}
    undo(clinician, data["record"])
    with pytest.raises(CodeUnknown):
        enrol(code, ANA["date_of_birth"], now=NOW, **phone)
    assert documents(clinician, "care_record") == []
    assert "care" not in scopes_of(clinician)
    with as_role("jobs"):
        record = CareRecord.objects.get(id=data["record"])
        assert record.entered_in_error_at == NOW
        assert record.legal_name == "Ana Reyes"
        assert not User.objects.get(id=record.user_id).is_active
        assert Invitation.objects.get().revoked_at == NOW
        assert Episode.objects.get().end_reason == "entered_in_error"
        assert EpisodeEnding.objects.get().note == "The wrong Ana."
        ended = Membership.objects.filter(user_id=record.user_id, role="gone").count()
        assert ended == 2
        assert AuditEvent.objects.filter(scope_id=record.id, action="care.undo_admission").exists()


def test_a_phone_that_has_enrolled_is_signed_out(clinician: User) -> None:
    data, code = admitted(clinician)
    phone = {"install": secrets.token_urlsafe(16), "device": DEVICE}
    tokens = enrol(code, ANA["date_of_birth"], now=NOW, **phone)
    assert by_access_token(tokens["access_token"], NOW).id == uuid.UUID(data["user"])
    undo(clinician, data["record"])
    with pytest.raises(NotSignedIn):
        by_access_token(tokens["access_token"], NOW)


def test_nothing_counts_it_any_more(clinician: User) -> None:
    data, _ = admitted(clinician)
    undo(clinician, data["record"])
    with as_role("jobs"):
        weeks = WeekOfHours.objects.count()
    run_daily(NOW.replace(day=12))
    with as_role("jobs"):
        assert WeekOfHours.objects.count() == weeks
    # And the person can be admitted, without the mistake being taken for them.
    admitted(clinician)


def test_a_letter_that_has_not_left_stays(clinician: User) -> None:
    data, _ = admitted(clinician, by_email=True)
    with as_role("jobs"):
        assert Letter.objects.get().expires > Letter.objects.get().due
    undo(clinician, data["record"])
    with as_role("jobs"):
        letter = Letter.objects.get()
        assert letter.expires < letter.due.replace(year=letter.due.year + 1)
        assert letter.state == "planned"
        assert (letter.expires - letter.due).total_seconds() < 3600


def test_what_a_person_has_written_is_never_undone(clinician: User) -> None:
    ana, record = admit(clinician)
    asks = {"id": uuid7(), "record": record, "wanted": "My name is Anna."}
    act(ana, "care.request_correction", **asks)
    with pytest.raises(Refused) as refusal:
        undo(clinician, record)
    assert refusal.value.code == "acknowledged"
    assert "1 correction_request" in refusal.value.title
    with as_role("jobs"):
        assert CareRecord.objects.get().entered_in_error_at is None
        assert User.objects.get(id=ana.id).is_active


def test_only_the_care_team_undoes_it(clinician: User) -> None:
    data, _ = admitted(clinician)
    coordinator = employ(role="alumni_coordinator")
    with pytest.raises(NotFound):
        undo(coordinator, data["record"])
    joins = {"record": data["record"], "user": coordinator.id}
    act(clinician, "care.assign_team_member", **joins)
    with pytest.raises(NotAllowed):
        undo(coordinator, data["record"])
    with as_role("jobs"):
        assert CareRecord.objects.get().entered_in_error_at is None
