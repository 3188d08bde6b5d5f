"""From an invitation to a signed-in phone."""

from __future__ import annotations

import secrets
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from foundation.problems import CodeUnknown, NotAllowed, NotFound, NotSignedIn
from notifications.models import Letter
from recovery.actions import Refused
from recovery.care.models import Programme
from recovery.feed import scopes
from recovery.feed.context import set_actor
from recovery.feed.models import FeedEntry
from recovery.people import rules
from recovery.people.codes import code_hash, new_code, normal
from recovery.people.enrolment import enrol
from recovery.people.models import Invitation, Person
from recovery.signin.authentication import by_access_token
from recovery.signin.models import DeviceSession, User
from tests.cast import (
    ANA,
    NOW,
    act,
    employ,
    invite_patient,
    make_fay,
    make_olive,
    make_user,
    sign_in,
)

BORN = ANA["date_of_birth"]
DEVICE = {"platform": "android", "app": "1.0.0", "name": "Ana's phone"}
pytestmark = pytest.mark.django_db


def enrol_with(code: str, born: date | None = BORN, **options: Any) -> dict[str, str]:
    request = {"install": secrets.token_urlsafe(16), "now": NOW, **options}
    return enrol(code, born, device=DEVICE, **request)


def test_an_invited_patient_enrols_with_code_and_date_of_birth() -> None:
    fay, programme = make_fay()
    invited = invite_patient(fay, programme.id)
    tokens = enrol_with(invited.code or "")
    assert by_access_token(tokens["access_token"], NOW).id == invited.user_id
    person = Person.objects.in_scope(invited.user_id).get()
    assert (person.given_name, person.date_of_birth) == ("Ana", BORN)
    assert scopes.role_of(scopes.scope_id("library:es"), invited.user_id) == "reader"
    kinds = FeedEntry.objects.filter(scope_id=invited.user_id).values_list("kind", flat=True)
    assert sorted(kinds) == ["device_session", "person"]


def test_staff_do_not_see_a_persons_own_scope() -> None:
    fay, programme = make_fay()
    invited = invite_patient(fay, programme.id)
    enrol_with(invited.code or "")
    with transaction.atomic():
        set_actor(fay.id)
        assert not Person.objects.in_scope(invited.user_id).exists()
        assert not DeviceSession.objects.in_scope(invited.user_id).exists()


@pytest.mark.parametrize(
    ("born", "today", "is_adult"),
    [
        (date(2008, 3, 2), date(2026, 3, 2), True),
        (date(2008, 3, 3), date(2026, 3, 2), False),
        (date(2008, 2, 29), date(2026, 2, 28), False),
        (date(2008, 2, 29), date(2026, 3, 1), True),
    ],
)
def test_patients_must_be_18_on_the_programmes_date(
    born: date, today: date, is_adult: bool
) -> None:
    fay, programme = make_fay()
    before = User.objects.count()
    if is_adult:
        assert invite_patient(fay, programme.id, date_of_birth=born, today=today).code
        return
    with pytest.raises(Refused, match="18"):
        invite_patient(fay, programme.id, date_of_birth=born, today=today)
    assert User.objects.count() == before


def test_a_code_sent_by_e_mail_is_not_shown_to_staff_and_confirms_nothing_yet() -> None:
    fay, programme = make_fay()
    invited = invite_patient(fay, programme.id, by_email=True)
    assert invited.code is None
    assert invited.once() is None
    assert Letter.objects.filter(scope_id=rules.staff_scope(programme.id)).count() == 1
    assert User.objects.get(id=invited.user_id).email is None


def test_an_address_is_confirmed_by_using_the_code_sent_to_it() -> None:
    fay, programme = make_fay()
    by_hand = invite_patient(fay, programme.id)
    enrol_with(by_hand.code or "")
    assert User.objects.get(id=by_hand.user_id).email is None
    by_mail = invite_patient(fay, programme.id)
    mailed = known_code(by_mail.invitation_id)
    enrol_with(mailed)
    assert User.objects.get(id=by_mail.user_id).email == "ana@example.org"


def known_code(invitation_id: uuid.UUID) -> str:
    """Give an invitation a code that the test knows, as if it had been sent by e-mail."""
    code = new_code()
    Invitation.objects.filter(id=invitation_id).update(
        code_hash=code_hash(code, BORN), by_email=True
    )
    return code


def test_an_address_of_another_account_is_left_with_it_silently() -> None:
    fay, programme = make_fay()
    other = make_user("ana@example.org")
    set_actor(fay.id)
    invited = invite_patient(fay, programme.id)
    assert enrol_with(known_code(invited.invitation_id))
    assert User.objects.get(id=other.id).email == "ana@example.org"
    assert User.objects.get(id=invited.user_id).email is None


def test_the_address_of_an_account_that_has_ended_is_free_again() -> None:
    fay, programme = make_fay()
    ended = make_user("ana@example.org", is_active=False)
    set_actor(fay.id)
    invited = invite_patient(fay, programme.id)
    enrol_with(known_code(invited.invitation_id))
    assert User.objects.get(id=invited.user_id).email == "ana@example.org"
    assert User.objects.get(id=ended.id).email is None


def test_every_failing_code_takes_the_same_statements() -> None:
    fay, programme = make_fay()

    def code() -> str:
        return invite_patient(fay, programme.id).code or ""

    used, revoked = code(), code()
    enrol_with(used)
    set_actor(fay.id)
    Invitation.objects.filter(code_hash=code_hash(revoked)).update(revoked_at=NOW)
    failing: list[tuple[str, Any]] = [
        (new_code(), {}),
        (code(), {"born": date(1990, 4, 2)}),
        (code(), {"born": None}),
        (code(), {"now": NOW + timedelta(hours=72)}),
        (used, {}),
        (revoked, {}),
        ("", {}),
        ("\x00é" * 20, {}),
    ]
    seen = set()
    for attempt, options in failing:
        with CaptureQueriesContext(connection) as statements, pytest.raises(CodeUnknown) as refusal:
            enrol_with(attempt, **options)
        sql = [q["sql"].split("(")[0] for q in statements if "SAVEPOINT" not in q["sql"]]
        seen.add((tuple(sql), str(refusal.value), refusal.value.status))
    assert len(seen) == 1


def test_the_same_install_may_retry_for_ten_minutes() -> None:
    fay, programme = make_fay()
    code, install = invite_patient(fay, programme.id).code or "", secrets.token_urlsafe(16)
    lost = enrol_with(code, install=install)
    again = enrol_with(code, install=install, now=NOW + timedelta(minutes=9))
    assert again["session"] == lost["session"]
    with pytest.raises(CodeUnknown):
        enrol_with(code, now=NOW + timedelta(minutes=1))
    with pytest.raises(CodeUnknown):
        enrol_with(code, install=install, now=NOW + timedelta(minutes=10))


def test_a_revoked_code_does_not_work_and_a_used_one_cannot_be_revoked() -> None:
    fay, programme = make_fay()
    first, second = invite_patient(fay, programme.id), invite_patient(fay, programme.id)
    act(fay, "people.revoke_invitation", invitation=str(first.invitation_id))
    with pytest.raises(CodeUnknown):
        enrol_with(first.code or "")
    enrol_with(second.code or "")
    with pytest.raises(Refused, match="already"):
        act(fay, "people.revoke_invitation", invitation=str(second.invitation_id))


def test_strangers_cannot_find_an_invitation_and_coordinators_cannot_renew_it() -> None:
    fay, programme = make_fay()
    invited = invite_patient(fay, programme.id)
    coordinator = employ(programme, "alumni_coordinator")
    stranger = make_olive("admin")
    data = {"invitation": str(invited.invitation_id)}
    with pytest.raises(NotFound):
        act(stranger, "people.renew_invitation", **data)
    with pytest.raises(NotAllowed):
        act(coordinator, "people.renew_invitation", **data)
    assert enrol_with(invited.code or "")


def test_staff_sign_a_person_out_of_every_device() -> None:
    fay, programme = make_fay()
    invited = invite_patient(fay, programme.id)
    tokens = enrol_with(invited.code or "")
    data = {"invitation": str(invited.invitation_id), "wipe": True}
    act(fay, "people.sign_out_person", **data)
    set_actor(invited.user_id)
    row = DeviceSession.objects.in_scope(invited.user_id).get(id=tokens["session"])
    assert (row.revoked_why, row.wipe_requested_at) == ("by_staff", NOW)


def test_codes_are_easy_to_copy() -> None:
    code = new_code()
    assert normal(code.lower().replace("-", " ")) == normal(code)
    assert normal("o1il") == "0111"
    assert len({new_code() for _ in range(1000)}) == 1000


STAFF = {"given_name": "Sam", "family_name": "Lee", "email": "sam@example.org"}


def test_staff_invited_by_an_administrator_become_members_when_they_enrol() -> None:
    fay, programme = make_fay()
    outcome = act(
        fay,
        "people.invite_staff",
        programme=str(programme.id),
        role="counsellor",
        by_email=False,
        **STAFF,
    )
    user_id = uuid.UUID(outcome.data["user"])
    staff_scope = rules.staff_scope(programme.id)
    assert scopes.role_of(staff_scope, user_id) is None
    tokens = enrol_with(outcome.once["code"], None)
    assert scopes.role_of(staff_scope, user_id) == "counsellor"
    assert by_access_token(tokens["access_token"], NOW, second_factor=False).is_staff


def test_only_administrators_invite_staff() -> None:
    _, programme = make_fay()
    counsellor = employ(programme, "counsellor")
    before = User.objects.count()
    with pytest.raises(NotAllowed):
        act(counsellor, "people.invite_staff", programme=str(programme.id), role="admin", **STAFF)
    assert User.objects.count() == before


def enrolled_staff(programme: Programme, fay: User, role: str) -> uuid.UUID:
    data = {"programme": str(programme.id), "role": role, "by_email": False, **STAFF}
    outcome = act(fay, "people.invite_staff", **data)
    enrol_with(outcome.once["code"], None)
    return uuid.UUID(outcome.data["user"])


def test_an_administrator_changes_and_ends_a_role() -> None:
    fay, programme = make_fay()
    user_id = enrolled_staff(programme, fay, "counsellor")
    user = User.objects.get(id=user_id)
    tokens = sign_in(user)
    data = {"programme": str(programme.id), "user": str(user_id)}
    act(fay, "people.change_role", role="clinician", **data)
    assert scopes.role_of(rules.staff_scope(programme.id), user_id) == "clinician"
    with pytest.raises(NotAllowed):
        act(user, "people.end_staff", **data)
    act(fay, "people.end_staff", **data)
    assert scopes.role_of(rules.staff_scope(programme.id), user_id) is None
    with pytest.raises(NotSignedIn):
        by_access_token(tokens["access_token"], NOW)
    with pytest.raises(NotFound):
        act(fay, "people.end_staff", **data)


def test_an_administrator_cannot_end_their_own_role() -> None:
    fay, programme = make_fay()
    other = User.objects.get(id=enrolled_staff(programme, fay, "admin"))
    data = {"programme": str(programme.id), "user": str(other.id)}
    with pytest.raises(Refused, match="another administrator"):
        act(other, "people.end_staff", **data)
    assert scopes.role_of(rules.staff_scope(programme.id), other.id) == "admin"
