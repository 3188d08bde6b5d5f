"""Ways back into an account: two people agree, the owner can refuse, a factor is never skipped."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from foundation.sealing import unseal
from notifications.models import Intent, Letter
from notifications.queue import letter_aad
from recovery.actions.models import AuditEvent
from recovery.feed.context import set_actor
from recovery.people.models import Invitation, Person
from recovery.people.rules import staff_scope
from recovery.signin.models import DeviceSession, User
from tests.at_once import at_once
from tests.cast import NORTHLIGHT, FakePhone, answer, documents, make_olive
from tests.people.clinic import (
    BORN,
    Clinic,
    Guest,
    approve,
    confirm_address,
    later,
    renew,
    row_of,
    set_up_totp,
    sign_in_by_mail,
)
from tests.roles import as_role
from tests.signin.authenticator import totp
from tests.signin.ceremony import App, letters

pytestmark = pytest.mark.usefixtures("committed_db")
STAFF_SCOPE = staff_scope(uuid.UUID(NORTHLIGHT))


class Team:
    """Ana, enrolled; Dana, who cares for her; Eli and Fay, who work in the same programme."""

    def __init__(self) -> None:
        self.clinic = Clinic()
        self.dana = self.clinic.hire("counsellor", "Dana")
        self.eli = self.clinic.hire("clinician", "Eli")
        self.fay = self.clinic.hire("admin", "Fay")
        self.ana: Guest = self.clinic.admit(self.dana)
        self.phone: App = self.ana.enrolled()

    def recoveries(self) -> list[dict[str, Any]]:
        return documents(User.objects.get(id=self.ana.user), "account_recovery")

    def alerts(self) -> int:
        with transaction.atomic():
            set_actor(self.ana.user)
            mine = Intent.objects.filter(scope_id=self.ana.user, type="people.device_alert")
            return mine.count()

    def audited(self) -> list[str]:
        with as_role("jobs"):
            scopes = [self.ana.user, STAFF_SCOPE]
            rows = AuditEvent.objects.filter(scope_id__in=scopes, outcome="applied")
            return list(rows.order_by("at", "id").values_list("action", flat=True))


def staff_list(of: FakePhone, **parameters: str) -> dict[str, Any]:
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    rows = answer(of.get(f"people/invitations?{query}"))["results"]
    return {row["id"]: row for row in rows}


def sessions_of(user: uuid.UUID) -> list[tuple[list[str], str]]:
    with as_role("jobs"):
        rows = DeviceSession.objects.filter(scope_id=user).order_by("created_at")
        return [(row.methods, row.revoked_why) for row in rows]


def test_a_lost_phone_is_replaced_when_two_members_of_staff_agree() -> None:
    team = Team()
    made = renew(team.dana, team.ana.invitation)
    id_, code = made["data"]["invitation"], made["once"]["code"]
    assert made["data"]["state"] == "needs_approval"
    early = App().enrol(code, BORN)
    assert (early.status_code, early.json()["code"]) == (409, "code_not_yet")
    assert early.json()["usable_from"] is None
    # Ana sees at once who made it.
    [shown] = team.recoveries()
    assert (shown["started_by_name"], shown["approved_by_name"]) == ("Dana Moss", "")
    assert (team.alerts(), shown["needs_approval"]) == (1, True)

    # The one who approves it sees whose account it opens, and by whom it was made.
    row = staff_list(team.eli)[id_]
    assert (row["state"], row["name"]) == ("needs_approval", "Ana Reyes")
    assert row["invited_by"] == str(team.dana.user.id)
    assert approve(team.eli, id_)["data"]["state"] == "waiting"
    [shown] = team.recoveries()
    assert (shown["approved_by_name"], shown["used_at"]) == ("Eli Moss", None)
    new = App()
    assert new.enrol(code, BORN).status_code == 201
    assert team.phone.api("sessions").status_code == 401
    assert sessions_of(team.ana.user) == [
        (["enrolment_code"], "recovered"),
        (["enrolment_code"], ""),
    ]
    [shown] = team.recoveries()
    assert shown["used_at"]
    assert staff_list(team.dana, user=str(team.ana.user))[id_]["state"] == "used"
    acts = ["people.renew_invitation", "people.approve_invitation", "people.accept_invitation"]
    assert [act for act in team.audited() if act in acts][-3:] == acts
    assert team.alerts() >= 3


def refused(answered: dict[str, Any]) -> str:
    return str(answered["code"])


def test_nobody_alone_and_nobody_outside_the_care_team_becomes_the_patient() -> None:
    team = Team()
    olive = FakePhone(make_olive_for_real())
    data = {"invitation": team.ana.invitation, "by_email": False}
    for stranger, code in (
        (team.eli, "not_allowed"),
        (team.fay, "not_allowed"),
        (olive, "not_found"),
    ):
        assert stranger.do("people.renew_invitation", data).json()["code"] == code
    made = renew(team.dana, team.ana.invitation)
    id_ = made["data"]["invitation"]
    assert refused(approve(team.dana, id_, status=409)) == "second_person"
    assert refused(approve(olive, id_, status=403)) == "not_allowed"
    coordinator = team.clinic.hire("alumni_coordinator", "Opal")
    assert refused(approve(coordinator, id_, status=403)) == "not_allowed"
    assert row_of(id_).approved_at is None
    assert App().enrol(made["once"]["code"], BORN).status_code == 409
    assert team.phone.api("sessions").status_code == 200


def make_olive_for_real() -> User:
    """Olive works for another programme; the rows are committed."""
    return make_olive("counsellor")


def test_a_first_code_needs_no_second_person_as_long_as_the_account_was_never_used() -> None:
    clinic = Clinic()
    dana = clinic.hire("counsellor", "Dana")
    ana = clinic.admit(dana)
    made = renew(dana, ana.invitation)
    assert made["data"]["state"] == "waiting"
    assert App().enrol(ana.code, BORN).status_code == 404
    assert App().enrol(made["once"]["code"], BORN).status_code == 201
    assert documents(User.objects.get(id=ana.user), "account_recovery") == []


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_a_code_by_mail_needs_no_second_person_only_at_the_confirmed_address(
    is_confirmed: bool,
) -> None:
    """An address that staff have recorded may be one of their own."""
    team = Team()
    if is_confirmed:
        confirm_address(team.phone, "ana@example.org", team.ana.user)
    with as_role("jobs"):
        Person.objects.filter(scope_id=team.ana.user).update(email="dana.private@example.org")
    made = renew(team.dana, team.ana.invitation, by_email=True)
    id_ = made["data"]["invitation"]
    assert "once" not in made
    assert made["data"]["state"] == ("waiting" if is_confirmed else "needs_approval")
    [shown] = team.recoveries()
    assert shown["by_email"]
    if is_confirmed:
        [(_, address, context)] = letters(STAFF_SCOPE, team.dana.user.id)
        assert address == "ana@example.org"
    else:
        assert letters(STAFF_SCOPE, team.dana.user.id) == []
        row = staff_list(team.eli)[id_]
        assert (row["address"], row["letter"]) == ("dana.private@example.org", None)
        approve(team.eli, id_)
        [(_, address, context)] = letters(STAFF_SCOPE, team.dana.user.id)
        assert address == "dana.private@example.org"
    assert App().enrol(context["code"], BORN).status_code == 201


def correct_address(by: FakePhone, team: Team, before: str, after: str) -> dict[str, Any]:
    changes, seen = {"email": after}, {"email": before}
    data = {"record": team.ana.record, "changes": changes, "expected": seen}
    return answer(by.do("care.correct_person", data))


def mailed(team: Team) -> list[tuple[str, str]]:
    """Address and code of the letters to Ana that wait to be sent."""
    waiting = letters(STAFF_SCOPE, team.dana.user.id)
    return [(address, context["code"]) for _, address, context in waiting]


@pytest.mark.parametrize("is_approved", [True, False])
def test_who_corrects_an_address_does_not_get_into_the_account_alone(is_approved: bool) -> None:
    team = Team()
    made = renew(team.dana, team.ana.invitation, by_email=True)
    earlier = made["data"]["invitation"]
    if is_approved:
        approve(team.eli, earlier)
        [(_, code)] = mailed(team)
    answered = correct_address(team.dana, team, "ana@example.org", "dana.private@example.org")
    id_ = answered["data"]["invitation"]
    assert "once" not in answered
    if is_approved:
        assert App().enrol(code, BORN).status_code == 404
    rows = staff_list(team.eli)
    assert (rows[earlier]["state"], rows[id_]["state"]) == ("revoked", "needs_approval")
    assert rows[id_]["address"] == "dana.private@example.org"
    # The letter to the earlier address, if there was one, does not leave any more.
    assert {address for address, _ in live_letters()} == set()
    assert refused(approve(team.dana, id_, status=409)) == "second_person"
    assert refused(approve(team.eli, earlier, status=409)) == "not_waiting"
    shown = {recovery["id"]: recovery for recovery in team.recoveries()}
    assert shown[earlier]["revoked_at"]
    assert (shown[id_]["revoked_at"], shown[id_]["started_by_name"]) == (None, "Dana Moss")
    assert team.phone.api("sessions").status_code == 200
    approve(team.eli, id_)
    assert {address for address, _ in live_letters()} == {"dana.private@example.org"}


def live_letters() -> list[tuple[str, str]]:
    with as_role("jobs"):
        rows = Letter.objects.filter(scope_id=STAFF_SCOPE, state="planned")
        rows = rows.filter(expires__gt=timezone.now())
        opened = [json.loads(unseal(letter_aad(r.id, r.scope_id), bytes(r.sealed))) for r in rows]
    return [(content["address"], content["context"]["code"]) for content in opened]


def test_who_recorded_an_address_is_not_the_second_person_for_a_code_that_goes_there() -> None:
    """The one who made the code may not have noticed whose address it is."""
    team = Team()
    join = {"record": team.ana.record, "user": str(team.eli.user.id)}
    answer(team.dana.do("care.assign_team_member", join))
    correct_address(team.eli, team, "ana@example.org", "eli.private@example.org")
    id_ = renew(team.dana, team.ana.invitation, by_email=True)["data"]["invitation"]
    assert refused(approve(team.eli, id_, status=409)) == "second_person"
    assert row_of(id_).approved_at is None
    assert live_letters() == []
    # Fay sees the address in the list before she agrees; a code that Dana hands over is no letter.
    assert staff_list(team.fay)[id_]["address"] == "eli.private@example.org"
    by_hand = renew(team.dana, team.ana.invitation)["data"]["invitation"]
    assert approve(team.eli, by_hand)["data"]["state"] == "waiting"


def test_a_correction_leaves_a_code_that_went_to_the_confirmed_address() -> None:
    team = Team()
    confirm_address(team.phone, "ana@example.net", team.ana.user)
    id_ = renew(team.dana, team.ana.invitation, by_email=True)["data"]["invitation"]
    answered = correct_address(team.dana, team, "ana@example.org", "dana.private@example.org")
    assert "invitation" not in answered["data"]
    assert staff_list(team.dana)[id_]["state"] == "waiting"
    [(address, code)] = mailed(team)
    assert address == "ana@example.net"
    assert App().enrol(code, BORN).status_code == 201


def test_a_corrected_address_keeps_the_wish_to_reset_the_factors() -> None:
    team = Team()
    set_up_totp(team.phone)
    renew(team.dana, team.ana.invitation, by_email=True, resets_factors=True)
    answered = correct_address(team.dana, team, "ana@example.org", "")
    id_, code = answered["data"]["invitation"], answered["once"]["code"]
    assert (row_of(id_).resets_factors, row_of(id_).by_email) == (True, False)
    assert App().enrol(code, BORN).status_code == 409
    assert App().enrol(code, BORN).json()["usable_from"] is None


def test_a_letter_of_a_refused_code_does_not_leave() -> None:
    team = Team()
    id_ = renew(team.dana, team.ana.invitation, by_email=True)["data"]["invitation"]
    approve(team.eli, id_)
    other = team.clinic.admit(team.dana, given_name="Ben", email="ben@example.org", by_email=True)
    rows = staff_list(team.dana)
    assert [rows[i]["letter"] for i in (id_, other.invitation)] == ["waiting", "waiting"]
    phone = FakePhone(User.objects.get(id=team.ana.user))
    assert phone.do("people.refuse_recovery", {"recovery": id_}).status_code == 200
    assert [address for address, _ in live_letters()] == ["ben@example.org"]
    answer(team.dana.do("people.revoke_invitation", {"invitation": other.invitation}))
    assert live_letters() == []
    with as_role("jobs"):
        Letter.objects.filter(scope_id=STAFF_SCOPE).update(state="expired")
    assert staff_list(team.dana)[id_]["letter"] == "expired"


@pytest.mark.parametrize("course", ["alumnus", "ended", "returned"])
def test_the_care_team_helps_whatever_has_become_of_the_care(course: str) -> None:
    team = Team()
    record = {"record": team.ana.record}
    if course == "alumnus":
        answer(team.dana.do("care.make_alumnus", record | {"reason": "Done."}))
    else:
        ends = record | {"reason": "left", "follows": "nothing"}
        answer(team.dana.do("care.end_episode", ends))
    if course == "returned":
        back = record | {"level": "iop", "reason": "Came back."}
        answer(team.dana.do("care.readmit", back))
    assert refused(renew(team.eli, team.ana.invitation, status=403)) == "not_allowed"
    made = renew(team.dana, team.ana.invitation)
    approve(team.eli, made["data"]["invitation"])
    assert App().enrol(made["once"]["code"], BORN).status_code == 201


def test_a_link_of_two_records_lets_no_one_outside_of_their_teams_help() -> None:
    team = Team()
    again = team.clinic.admit(team.dana, separate=True)
    for record in (team.ana.record, again.record):
        join = {"record": record, "user": str(team.eli.user.id)}
        answer(team.dana.do("care.assign_team_member", join))
    link = {"record": team.ana.record, "other": again.record, "reason": "One passport."}
    for colleague in (team.dana, team.eli):
        answer(colleague.do("care.link_records", link))
    assert refused(renew(team.fay, again.invitation, status=403)) == "not_allowed"
    for guest in (team.ana, again):
        assert renew(team.eli, guest.invitation)["once"]["code"]
    answer(team.dana.do("care.unlink_records", link | {"reason": "Two people."}))
    for guest in (team.ana, again):
        assert renew(team.eli, guest.invitation)["once"]["code"]
    assert refused(renew(team.fay, team.ana.invitation, status=403)) == "not_allowed"


def test_a_second_factor_is_asked_for() -> None:
    team = Team()
    secret = set_up_totp(team.phone)
    made = renew(team.dana, team.ana.invitation)
    approve(team.eli, made["data"]["invitation"])
    code, app = made["once"]["code"], App()
    for second, wrong in (
        ("", "second_factor_code_required"),
        ("000000", "second_factor_code_wrong"),
    ):
        answered = app.enrol(code, BORN, second_factor=second)
        assert (answered.status_code, answered.json()["code"]) == (403, wrong)
    # Nothing has happened, and the code still works.
    assert team.phone.api("sessions").status_code == 200
    assert app.enrol(code, BORN, second_factor=totp(secret)).status_code == 201
    assert sessions_of(team.ana.user)[-1] == (["enrolment_code", "totp"], "")
    # The answer was lost: the same request again, with a code that was used up.
    assert app.enrol(code, BORN, second_factor=totp(secret)).status_code == 201
    assert sessions_of(team.ana.user)[-1] == (["enrolment_code", "totp"], "")
    assert Authenticator.objects.filter(user_id=team.ana.user, type="totp").exists()


def test_a_recovery_code_counts_as_the_second_factor_once() -> None:
    team = Team()
    set_up_totp(team.phone)
    codes = team.phone.ask("GET", "account/authenticators/recovery-codes")
    [first, *_] = codes.json()["data"]["unused_codes"]
    statuses = []
    for _ in range(2):
        made = renew(team.dana, team.ana.invitation)
        approve(team.eli, made["data"]["invitation"])
        answered = App().enrol(made["once"]["code"], BORN, second_factor=first)
        statuses.append(answered.status_code)
    assert statuses == [201, 403]


def test_guesses_at_the_second_factor_are_limited_per_account() -> None:
    team = Team()
    set_up_totp(team.phone)
    statuses: list[int] = []
    for _ in range(3):
        made = renew(team.dana, team.ana.invitation)
        approve(team.eli, made["data"]["invitation"])
        for _ in range(4):
            answered = App().enrol(made["once"]["code"], BORN, second_factor="000000")
            statuses.append(answered.status_code)
    assert statuses == [403] * 10 + [429] * 2
    with as_role("jobs"):
        noted = AuditEvent.objects.filter(scope_id=team.ana.user, action="people.second_factor")
        assert noted.count() == 10


def reset(team: Team) -> tuple[str, str]:
    """An approved code that resets Ana's factor: its id and the code."""
    confirm_address(team.phone, "ana@example.org", team.ana.user)
    set_up_totp(team.phone)
    made = renew(team.dana, team.ana.invitation, resets_factors=True)
    approve(team.eli, made["data"]["invitation"])
    return made["data"]["invitation"], made["once"]["code"]


def test_a_lost_factor_is_reset_after_three_days_of_notice() -> None:
    team = Team()
    id_, code = reset(team)
    waits = App().enrol(code, BORN)
    assert (waits.status_code, waits.json()["code"]) == (409, "code_not_yet")
    start = datetime.fromisoformat(waits.json()["usable_from"])
    assert timedelta(hours=71) < start - timezone.now() <= timedelta(hours=72)
    assert letters(team.ana.user)[-1] == ("people.account_recovery", "ana@example.org", {})
    [shown] = team.recoveries()
    assert (shown["resets_factors"], shown["approved_by_name"]) == (True, "Eli Moss")
    assert team.phone.api("sessions").status_code == 200
    assert Authenticator.objects.filter(user_id=team.ana.user, type="totp").exists()
    with later(hours=71):
        assert App().enrol(code, BORN).status_code == 409
    with later(hours=73):
        app = App()
        assert app.enrol(code, BORN).status_code == 201
        assert not Authenticator.objects.filter(user_id=team.ana.user).exists()
        assert sessions_of(team.ana.user)[0][1] == "recovered"
        # She sets up a new one and signs in with it.
        secret = set_up_totp(app)
        assert sign_in_by_mail("ana@example.org", team.ana.user, secret)
    assert staff_list(team.dana)[id_]["state"] == "used"


def test_the_owner_refuses_with_one_tap_on_any_device() -> None:
    team = Team()
    id_, code = reset(team)
    [shown] = team.recoveries()
    phone = FakePhone(User.objects.get(id=team.ana.user))
    answered = phone.do("people.refuse_recovery", {"recovery": shown["id"]})
    assert answered.status_code == 200
    again = phone.do("people.refuse_recovery", {"recovery": shown["id"]})
    assert again.status_code == 200
    [shown] = team.recoveries()
    assert shown["refused_at"]
    assert staff_list(team.dana)[id_]["state"] == "refused"
    with later(hours=73):
        assert App().enrol(code, BORN).status_code == 404
    assert Authenticator.objects.filter(user_id=team.ana.user, type="totp").exists()
    assert refused(approve(team.eli, id_, status=409)) == "not_waiting"
    late = phone.do("people.confirm_recovery", {"recovery": shown["id"]})
    assert (late.status_code, late.json()["code"]) == (409, "over")


def test_nobody_else_refuses_or_confirms() -> None:
    team = Team()
    id_, _ = reset(team)
    ben = team.clinic.admit(team.dana, given_name="Ben").enrolled()
    for action in ("people.refuse_recovery", "people.confirm_recovery"):
        assert ben.do(action, recovery=id_).status_code == 404
        assert team.dana.do(action, {"recovery": id_}).status_code == 404
    row = row_of(id_)
    assert row.refused_at is None
    assert row.usable_from
    assert row.usable_from > timezone.now()


@pytest.mark.parametrize("approved_first", [True, False])
def test_the_owner_confirms_on_a_device_and_need_not_wait(approved_first: bool) -> None:
    team = Team()
    set_up_totp(team.phone)
    made = renew(team.dana, team.ana.invitation, resets_factors=True)
    id_, code = made["data"]["invitation"], made["once"]["code"]
    if approved_first:
        approve(team.eli, id_)
    assert team.phone.do("people.confirm_recovery", recovery=id_).status_code == 200
    if not approved_first:
        # The owner alone is not enough either.
        assert App().enrol(code, BORN).status_code == 409
        approve(team.eli, id_)
    assert App().enrol(code, BORN).status_code == 201
    assert not Authenticator.objects.filter(user_id=team.ana.user).exists()


def test_a_factor_that_is_added_later_is_not_reset() -> None:
    """The reset was approved when there was none, so the owner had no time to refuse."""
    team = Team()
    made = renew(team.dana, team.ana.invitation, resets_factors=True)
    approve(team.eli, made["data"]["invitation"])
    set_up_totp(team.phone)
    answered = App().enrol(made["once"]["code"], BORN)
    assert answered.json()["code"] == "second_factor_code_required"
    assert Authenticator.objects.filter(user_id=team.ana.user, type="totp").exists()


def test_a_patient_without_an_address_comes_back() -> None:
    clinic = Clinic()
    dana, eli = clinic.hire("counsellor", "Dana"), clinic.hire("clinician", "Eli")
    ana = clinic.admit(dana, email="")
    ana.enrolled()
    no = dana.do("people.renew_invitation", {"invitation": ana.invitation, "by_email": True})
    assert no.json()["code"] == "no_address"
    made = renew(dana, ana.invitation)
    approve(eli, made["data"]["invitation"])
    assert App().enrol(made["once"]["code"], BORN).status_code == 201


def test_staff_who_lost_every_factor_come_back_when_two_administrators_agree() -> None:
    clinic = Clinic()
    fay, gil = clinic.hire("admin", "Fay"), clinic.hire("admin", "Gil")
    dana = clinic.hire("counsellor", "Dana")
    lee = clinic.hire("counsellor", "Lee")
    desk = App(lee.tokens)
    confirm_address(desk, "lee@example.org", lee.user.id)
    set_up_totp(desk)
    [own] = [row["id"] for row in staff_list(fay, user=str(lee.user.id)).values()]
    # Not by oneself, and not by someone without the duty.
    assert desk.do("people.renew_invitation", invitation=own).status_code == 403
    assert dana.do("people.renew_invitation", {"invitation": own}).status_code == 403
    made = renew(fay, own, by_email=True, resets_factors=True)
    id_ = made["data"]["invitation"]
    assert refused(approve(fay, id_, status=409)) == "second_person"
    assert refused(approve(dana, id_, status=409)) == "second_person"
    assert approve(gil, id_)["data"]["state"] == "waiting"
    [(_, address, context)] = letters(STAFF_SCOPE, fay.user.id)
    assert address == "lee@example.org"
    with later(hours=73):
        app = App()
        assert app.enrol(context["code"]).status_code == 201
        assert app.api("sessions").json()["code"] == "second_factor_required"
        secret = set_up_totp(app)
        assert sign_in_by_mail("lee@example.org", lee.user.id, secret)


def test_with_one_other_administrator_a_colleague_approves() -> None:
    clinic = Clinic()
    fay, dana = clinic.hire("admin", "Fay"), clinic.hire("counsellor", "Dana")
    lee = clinic.hire("clinician", "Lee")
    [own] = [row["id"] for row in staff_list(fay, user=str(lee.user.id)).values()]
    made = renew(fay, own)
    id_ = made["data"]["invitation"]
    assert refused(approve(lee, id_, status=409)) == "second_person"
    assert staff_list(dana)[id_]["name"] == "Lee Moss"
    approve(dana, id_)
    assert App().enrol(made["once"]["code"]).status_code == 201


def command(name: str, *arguments: str) -> str:
    out = StringIO()
    with as_role("jobs"):
        call_command(name, NORTHLIGHT, *arguments, stdout=out)
    return out.getvalue()


def test_the_only_administrator_comes_back_with_the_operator_and_a_colleague() -> None:
    clinic = Clinic()
    fay, dana = clinic.hire("admin", "Fay"), clinic.hire("counsellor", "Dana")
    assert f"{fay.user.id} Fay Moss, admin" in command("renew_invitation")
    with pytest.raises(CommandError, match="renew_invitation"):
        command("invite_administrator", "fay@example.org", "Fay", "Moss")
    code, rest = command("renew_invitation", str(fay.user.id)).splitlines()
    id_ = rest.split()[1].rstrip(":")
    assert rest.endswith("needs_approval")
    # The operator is one of the two, so not the other as well.
    with pytest.raises(CommandError, match="Someone else"):
        command("approve_invitation", id_)
    assert refused(approve(fay, id_, status=409)) == "second_person"
    approve(dana, id_)
    assert App().enrol(code).status_code == 201
    [shown] = documents(fay.user, "account_recovery")
    assert (shown["started_by"], shown["approved_by_name"]) == (None, "Dana Moss")


def test_a_programme_with_one_member_of_staff_has_the_operator_as_the_second_person() -> None:
    clinic = Clinic()
    fay = clinic.hire("admin", "Fay")
    ana = clinic.admit(fay)
    ana.enrolled()
    made = renew(fay, ana.invitation)
    assert "works from" in command("approve_invitation", made["data"]["invitation"])
    assert App().enrol(made["once"]["code"], BORN).status_code == 201
    code, rest = command("renew_invitation", str(fay.user.id)).splitlines()
    command("approve_invitation", rest.split()[1].rstrip(":"))
    assert App().enrol(code).status_code == 201


def test_an_unknown_person_or_code_is_said_so_on_the_server() -> None:
    clinic = Clinic()
    fay = clinic.hire("admin", "Fay")
    ana = clinic.admit(fay)
    for name, id_ in (("renew_invitation", ana.user), ("approve_invitation", uuid7())):
        with pytest.raises(CommandError, match="does not exist"):
            command(name, str(id_))


def test_two_renewals_at_once_leave_exactly_one_code_that_works() -> None:
    clinic = Clinic()
    dana = clinic.hire("counsellor", "Dana")
    ana = clinic.admit(dana)
    second = renew(dana, ana.invitation)["data"]["invitation"]
    rows = [ana.invitation, second] * 2
    made = at_once(*(lambda each=each: renew(dana, each) for each in rows))
    codes = [each["once"]["code"] for each in made]
    with as_role("jobs"):
        open_ = Invitation.objects.filter(user_id=ana.user, revoked_at=None)
        assert open_.count() == 1
    statuses = [App().enrol(code, BORN).status_code for code in codes]
    assert sorted(statuses) == [201, 404, 404, 404]


def test_approval_and_refusal_at_once_never_leave_a_refused_code_working() -> None:
    team = Team()
    for _ in range(3):
        made = renew(team.dana, team.ana.invitation)
        id_ = made["data"]["invitation"]
        data = {"programme": NORTHLIGHT, "invitation": id_}
        at_once(
            lambda data=data: team.eli.do("people.approve_invitation", data),
            lambda id_=id_: team.phone.do("people.refuse_recovery", recovery=id_),
        )
        assert row_of(id_).state(timezone.now()) == "refused"
        assert App().enrol(made["once"]["code"], BORN).status_code == 404


def test_the_list_shows_only_whom_the_caller_may_invite() -> None:
    team = Team()
    mine = staff_list(team.dana)
    assert [row["user"] for row in mine.values()] == [str(team.ana.user)]
    assert mine[team.ana.invitation]["state"] == "used"
    assert {row["for_staff"] for row in staff_list(team.fay).values()} == {True, False}
    opal = team.clinic.hire("alumni_coordinator", "Opal")
    assert staff_list(opal) == {}
    assert staff_list(FakePhone(make_olive_for_real())) == {}
    assert staff_list(FakePhone(User.objects.get(id=team.ana.user))) == {}
    assert staff_list(team.dana, user=str(uuid7())) == {}


def test_the_state_of_each_code_is_listed_and_revoking_says_what_it_did() -> None:
    clinic = Clinic()
    dana = clinic.hire("counsellor", "Dana")
    ana = clinic.admit(dana)
    second = renew(dana, ana.invitation)["data"]["invitation"]
    revoked = answer(dana.do("people.revoke_invitation", {"invitation": second}))
    assert revoked["data"] == {"invitation": second, "state": "revoked"}
    third = renew(dana, second)["data"]["invitation"]
    states = {id_: row["state"] for id_, row in staff_list(dana).items()}
    assert states == {ana.invitation: "revoked", second: "revoked", third: "waiting"}
    with later(hours=73):
        late = FakePhone(dana.user)
        assert staff_list(late)[third]["state"] == "expired"


def test_a_colleague_who_reads_the_name_of_a_waiting_code_is_recorded_with_the_person() -> None:
    team = Team()
    renew(team.dana, team.ana.invitation)
    staff_list(team.eli)
    with as_role("jobs"):
        reads = AuditEvent.objects.filter(scope_id=team.ana.user, action="read person")
        assert list(reads.values_list("actor_id", flat=True)) == [team.eli.user.id]


def test_an_ended_account_gets_no_new_code() -> None:
    clinic = Clinic()
    fay, lee = clinic.hire("admin", "Fay"), clinic.hire("counsellor", "Lee")
    [own] = [row["id"] for row in staff_list(fay, user=str(lee.user.id)).values()]
    ended = fay.do("people.end_staff", {"programme": NORTHLIGHT, "user": str(lee.user.id)})
    assert ended.status_code == 200
    no = fay.do("people.renew_invitation", {"invitation": own, "by_email": False})
    assert (no.status_code, no.json()["code"]) == (409, "ended")
