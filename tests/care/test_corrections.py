"""Staff correct what is recorded about a person; the earlier value is kept and shown."""

from __future__ import annotations

import json
import secrets
from datetime import date
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from uuid_utils.compat import uuid7

from foundation.problems import CodeUnknown, Invalid, NotAllowed, NotFound
from notifications.models import Intent, Letter
from recovery.actions import Refused
from recovery.actions.models import AuditEvent
from recovery.care.models import CareRecord, CorrectionRequest, RecordCorrection
from recovery.feed.context import set_actor
from recovery.feed.models import Membership, Scope
from recovery.people.enrolment import enrol
from recovery.people.models import Invitation, Person
from recovery.signin.models import User
from tests.at_once import at_once
from tests.cast import ADMISSION, ANA, NOW, act, admit, documents, employ, make_circle, make_user
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")
DEVICE = {"platform": "android", "app": "1.0.0", "name": "Ana's phone"}
BORN = ANA["date_of_birth"]


def correct(staff: User, record: Any, **change: tuple[str, str]) -> Any:
    """Correct each field from the value that was seen to another."""
    return act(
        staff,
        "care.correct_person",
        record=str(record),
        changes={name: new for name, (_, new) in change.items()},
        expected={name: old for name, (old, _) in change.items()},
    )


def person(user: User) -> Person:
    with as_role("jobs"):
        return Person.objects.get(id=user.id)


def enrols(code: str, born: date) -> dict[str, str]:
    return enrol(code, born, install=secrets.token_urlsafe(16), device=DEVICE, now=NOW)


def waiting(staff: User, **facts: Any) -> tuple[User, str, str]:
    """A person who has not enrolled yet, with their record and the code if it was handed over."""
    outcome = act(staff, "care.admit_patient", **ADMISSION | facts)
    data = outcome.data or {}
    user = User.objects.get(id=data["user"])
    return user, data["record"], (outcome.once or {}).get("code", "")


def test_the_person_sees_what_was_corrected_and_by_whom(clinician: User) -> None:
    ana, record = admit(clinician)
    correct(clinician, record, given_name=("Ana", "Anna"), phone=("", "555-0142"))
    shown = {c["field"]: c for c in documents(ana, "record_correction")}
    assert (shown["given_name"]["before"], shown["given_name"]["after"]) == ("Ana", "Anna")
    assert shown["phone"]["corrected_by"] == str(clinician.id)
    assert shown["phone"]["corrected_at"] == "2026-03-02T15:00:00Z"
    [card] = documents(ana, "care_record")
    assert (card["given_name"], card["phone"]) == ("Anna", "555-0142")
    assert (person(ana).given_name, person(ana).phone) == ("Anna", "555-0142")
    [own] = documents(ana, "person")
    assert own["given_name"] == "Anna"


def test_a_handed_over_code_works_with_the_right_date(clinician: User) -> None:
    _, record, code = waiting(clinician, date_of_birth="1980-04-01")
    correct(clinician, record, date_of_birth=("1980-04-01", "1990-04-01"))
    with pytest.raises(CodeUnknown):
        enrols(code, date(1980, 4, 1))
    assert enrols(code, BORN)


def test_a_code_goes_to_the_right_address_and_the_old_one_stops(clinician: User) -> None:
    ana, record, _ = waiting(clinician, by_email=True, email="anna@example.org")
    answer = correct(clinician, record, email=("anna@example.org", "ana@example.org"))
    with as_role("jobs"):
        first, second = Invitation.objects.order_by("created_at", "id")
        assert (first.revoked_at, second.revoked_at) == (NOW, None)
        assert answer.data["invitation"] == str(second.id)
        assert answer.once is None
        letters = {letter.dedupe: letter for letter in Letter.objects.all()}
    old, new = (letters[f"invitation:{row.id}"] for row in (first, second))
    assert (old.expires - old.due).total_seconds() < 3600 < (new.expires - new.due).total_seconds()
    assert person(ana).email == "ana@example.org"


def test_without_an_address_staff_get_the_code(clinician: User) -> None:
    _, record, _ = waiting(clinician, by_email=True)
    answer = correct(clinician, record, email=("ana@example.org", ""))
    assert enrols(answer.once["code"], BORN)


def test_a_sign_in_address_does_not_change(clinician: User) -> None:
    ana, record = admit(clinician)
    act(ana, "people.accept_invitation", by_email=True)
    correct(clinician, record, email=("ana@example.org", "mallory@example.org"))
    with as_role("jobs"):
        assert User.objects.get(id=ana.id).email == "ana@example.org"
        alerts = Intent.objects.filter(scope_id=ana.id, type="people.device_alert")
        assert alerts.exists()
        assert Letter.objects.count() == 0


def test_from_now_on_everything_is_in_the_other_language(clinician: User) -> None:
    ana, record = admit(clinician, locale="en")
    for before, after in (("en", "es"), ("es", "en")):
        correct(clinician, record, locale=(before, after))
        with as_role("jobs"):
            assert User.objects.get(id=ana.id).locale == after
        assert libraries(ana) == [f"library:{after}"]


def libraries(user: User) -> list[str]:
    with as_role("jobs"):
        mine = Membership.objects.filter(user_id=user.id, held=False).values("scope_id")
        return list(
            Scope.objects.filter(id__in=mine, kind="library").values_list("name", flat=True)
        )


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"date_of_birth": ("1990-04-01", "1026-04-01")}, Invalid),
        ({"date_of_birth": ("1990-04-01", "2010-04-01")}, Refused),
        ({"given_name": ("Ana", ""), "family_name": ("Reyes", "")}, Invalid),
        ({"phone": ("", "12")}, Invalid),
        ({"locale": ("en", "fr")}, Invalid),
        ({"email": ("ana@example.org", "no address")}, Invalid),
        ({"given_name": ("Eva", "Anna")}, Refused),
    ],
)
def test_a_slip_changes_nothing(
    clinician: User, change: dict[str, tuple[str, str]], kind: type[Exception]
) -> None:
    ana, record = admit(clinician)
    before = vars(person(ana))
    with pytest.raises(kind):
        correct(clinician, record, **change)
    after = vars(person(ana))
    assert {n: v for n, v in before.items() if n != "_state"} == {
        n: v for n, v in after.items() if n != "_state"
    }
    with as_role("jobs"):
        assert RecordCorrection.objects.count() == 0


def test_two_colleagues_do_not_overwrite_each_other(clinician: User) -> None:
    _, record = admit(clinician)
    colleague = employ(role="clinician")
    act(clinician, "care.assign_team_member", record=str(record), user=str(colleague.id))
    both = [
        partial(correct, staff, record, given_name=("Ana", name))
        for staff, name in ((clinician, "Anna"), (colleague, "Anya"))
    ]
    refused = [each for each in at_once(*both) if isinstance(each, Refused)]
    assert [refusal.code for refusal in refused] == ["conflict"]
    with as_role("jobs"):
        [kept] = RecordCorrection.objects.all()
        assert CareRecord.objects.get().given_name == kept.after


def test_the_values_that_were_seen_are_required(clinician: User) -> None:
    _, record = admit(clinician)
    with pytest.raises(Invalid) as refusal:
        act(
            clinician,
            "care.correct_person",
            record=str(record),
            changes={"given_name": "Anna"},
            expected={},
        )
    assert "given_name" in refusal.value.errors["expected"][0]


def test_only_the_care_team_corrects(clinician: User) -> None:
    ana, record = admit(clinician)
    with pytest.raises(NotFound):
        correct(employ(role="clinician"), record, given_name=("Ana", "Anna"))
    with pytest.raises(NotAllowed):
        correct(ana, record, given_name=("Ana", "Anna"))
    assert person(ana).given_name == "Ana"


def test_a_person_asks_and_staff_correct(clinician: User) -> None:
    ana, record = admit(clinician)
    request = uuid7()
    asks = {"id": request, "record": record, "field": "given_name", "wanted": "Anna, please."}
    act(ana, "care.request_correction", **asks)
    [row] = documents(clinician, "correction_request")
    assert (row["wanted"], row["state"]) == ("Anna, please.", "open")
    act(
        clinician,
        "care.correct_person",
        record=str(record),
        changes={"given_name": "Anna"},
        expected={"given_name": "Ana"},
        request=str(request),
        reason="As in the passport.",
    )
    [answered] = documents(ana, "correction_request")
    assert (answered["state"], answered["answer"]) == ("accepted", "As in the passport.")
    [correction] = documents(ana, "record_correction")
    assert correction["request"] == str(request)


def test_a_request_can_be_declined_only_with_a_reason(clinician: User) -> None:
    ana, record = admit(clinician)
    request = uuid7()
    act(ana, "care.request_correction", id=request, record=record, wanted="I am 20.")
    for nothing in ("", "\u2800 "):
        with pytest.raises(Invalid):
            answer(clinician, request, accepted=False, reason=nothing)
    answer(clinician, request, accepted=False, reason="The passport says 1990.")
    [declined] = documents(ana, "correction_request")
    assert (declined["state"], declined["answer"]) == ("declined", "The passport says 1990.")
    with pytest.raises(Refused) as refusal:
        answer(clinician, request, accepted=True)
    assert refusal.value.code == "answered"


def answer(staff: User, request: Any, **facts: Any) -> None:
    act(staff, "care.answer_correction_request", request=str(request), **facts)


@pytest.mark.parametrize("field", ["pronouns", "", "x" * 200])
def test_the_words_arrive_whatever_the_app_calls_the_field(clinician: User, field: str) -> None:
    ana, record = admit(clinician)
    act(ana, "care.request_correction", id=uuid7(), record=record, field=field, wanted="She/her.")
    with as_role("jobs"):
        kept = CorrectionRequest.objects.get()
    assert (kept.field, kept.asked_field, kept.wanted) == ("other", field, "She/her.")


def test_nobody_asks_for_another(clinician: User) -> None:
    _, record = admit(clinician)
    for other in (make_user(), admit(clinician)[0]):
        with pytest.raises(NotFound):
            act(other, "care.request_correction", id=uuid7(), record=record, wanted="x")
    with as_role("jobs"):
        assert CorrectionRequest.objects.count() == 0


def test_consents_keep_the_name_that_was_signed() -> None:
    circle = make_circle()
    # The circle's people are in the tables without a row of their own.
    with transaction.atomic():
        set_actor(circle.ana.id)
        Person(id=circle.ana.id, scope_id=circle.ana.id, given_name="Canary").save(
            force_insert=True
        )
    correct(circle.dana, circle.records["ana"].id, given_name=("Canary", "Wren"))
    [consent] = documents(circle.ana, "consent")
    assert consent["patient_name"] == "Canary Goldsworthy"
    [card] = documents(circle.ana, "care_record")
    assert card["given_name"] == "Wren"


def test_the_audit_has_no_names(clinician: User) -> None:
    _, record = admit(clinician)
    correct(clinician, record, given_name=("Ana", "Zoraida"))
    with as_role("jobs"):
        events = list(AuditEvent.objects.values())
    assert "Zoraida" not in json.dumps(events, default=str)
