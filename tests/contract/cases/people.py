"""Invitations, sessions and staff."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from notifications.models import PushRegistration
from recovery.actions import SYSTEM
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.cast import (
    ADMISSION,
    NOW,
    act,
    act_as_system,
    admit,
    employ,
    load_programme,
    make_user,
    sign_in,
)
from tests.contract.cases.care import HOME, NORTHLIGHT
from tests.contract.story import Move, Scene, story
from tests.signin.ceremony import mailed_code

SESSION = {"person/device_session"}
RECOVERY = {"person/account_recovery"}
APP = {"platform": "ios", "app": "1.0.0", "name": "Ana's phone"}
ELSEWHERE = "invitations are on no phone: staff read them on the admission page"
NOT_SHOWN = "a push address is not a document"
COLLEAGUE: dict[str, Any] = {
    "programme": HOME,
    "given_name": "Lee",
    "family_name": "Moss",
    "email": "lee@example.org",
    "role": "counsellor",
    "by_email": False,
}
MEMBERSHIPS = {"program/members", "staff/members"}
CARD = "program/staff_member"


def invited_staff() -> User:
    """A colleague who has not accepted their invitation yet."""
    return User.objects.get(id=act_as_system("people.invite_staff", **COLLEAGUE).data["user"])


def with_session(**more: Any) -> tuple[User, str]:
    user = make_user()
    return user, sign_in(user, **more)["session"]


@story("people.invite_staff", "people.accept_invitation", "people.change_role", "people.end_staff")
def a_colleague_joins_changes_role_and_leaves() -> Scene:
    load_programme(NORTHLIGHT)
    admin = employ(HOME, "admin")
    opened = {"person/person", "person/members", "library/members", CARD} | MEMBERSHIPS
    invited = yield Move("people.invite_staff", admin, COLLEAGUE, tells=opened)
    lee = User.objects.get(id=invited["user"])
    enters = {"by_email": True}
    yield Move("people.accept_invitation", lee, enters, tells=MEMBERSHIPS)
    admit(lee, programme=HOME)
    sign_in(lee)
    who = {"programme": HOME, "user": lee.id}
    changes = {CARD, "care/members", "care/care_team_member"} | MEMBERSHIPS
    clinician = who | {"role": "clinician"}
    yield Move("people.change_role", admin, clinician, tells=changes)
    leaves = who | {"successor": admin.id}
    yield Move("people.end_staff", admin, leaves, tells=changes | SESSION)


@story("people.correct_staff")
def a_colleague_s_name_is_corrected() -> Scene:
    load_programme(NORTHLIGHT)
    admin, lee = employ(HOME, "admin"), invited_staff()
    who = {"programme": HOME, "user": lee.id}
    names = who | {"changes": {"given_name": "Leigh"}, "expected": {"given_name": "Lee"}}
    own = {"person/staff_correction", "person/person"}
    yield Move("people.correct_staff", admin, names, tells=own | {CARD})
    phone = who | {"changes": {"phone": "555-0142"}}
    yield Move("people.correct_staff", admin, phone, tells=own)
    yield Move("people.correct_staff", admin, phone, because="the number is the same already")


@story("people.invite_staff", "people.change_role")
def a_role_changes_before_the_colleague_accepts() -> Scene:
    load_programme(NORTHLIGHT)
    yield Move("people.invite_staff", SYSTEM, COLLEAGUE, tells={
        "person/person", "person/members", "library/members", CARD} | MEMBERSHIPS)  # fmt: skip
    lee = User.objects.get(locale="en", is_staff=True)
    who = {"programme": HOME, "user": lee.id, "role": "clinician"}
    yield Move("people.change_role", employ(HOME, "admin"), who, tells={CARD} | MEMBERSHIPS)


@story(
    "people.accept_invitation",
    "people.renew_invitation",
    "people.approve_invitation",
    "people.confirm_recovery",
    "people.refuse_recovery",
    "people.revoke_invitation",
    "people.sign_out_person",
)
def a_patient_accepts_and_gets_a_new_phone() -> Scene:
    load_programme(NORTHLIGHT)
    staff = employ(HOME)
    data = act(staff, "care.admit_patient", **ADMISSION | {"programme": HOME}).data
    ana = User.objects.get(id=data["user"])
    invitation = {"invitation": data["invitation"]}
    because = "a patient's memberships begin with their answer to the notice"
    yield Move("people.accept_invitation", ana, {"by_email": False}, because=because)
    sign_in(ana)
    yield Move("people.accept_invitation", ana, {"by_email": False}, tells=SESSION)
    again = invitation | {"by_email": False}
    new = yield Move("people.renew_invitation", staff, again, tells=RECOVERY)
    yield Move("people.revoke_invitation", staff, {"invitation": new["invitation"]}, tells=RECOVERY)
    new = yield Move("people.renew_invitation", staff, again, tells=RECOVERY)
    shown = {"recovery": new["invitation"]}
    yield Move("people.confirm_recovery", ana, shown, tells=RECOVERY)
    approval = {"programme": HOME, "invitation": new["invitation"]}
    yield Move("people.approve_invitation", employ(HOME), approval, tells=RECOVERY)
    yield Move("people.refuse_recovery", ana, shown, tells=RECOVERY)
    new = yield Move("people.renew_invitation", staff, again, tells=RECOVERY)
    used = {"by_email": False, "invitation": new["invitation"]}
    yield Move("people.accept_invitation", ana, used, tells=RECOVERY)
    sign_in(ana)
    yield Move("people.sign_out_person", staff, invitation, tells=SESSION)


@story("people.end_sessions")
def an_operator_signs_everyone_out() -> Scene:
    ana = make_user()
    sign_in(ana)
    yield Move("people.end_sessions", SYSTEM, {"user": ana.id}, tells=SESSION)
    yield Move("people.end_sessions", SYSTEM, {"user": ana.id}, because="there is none left")


@story("people.sign_in", "people.confirm_identity", "people.note_factor_change")
def a_person_signs_in() -> Scene:
    ana = make_user()
    sign_in_args = {"install": "a secret of this install", "device": APP, "methods": ["email_code"]}
    signed_in = yield Move("people.sign_in", ana, sign_in_args, tells=SESSION)
    yield Move("people.sign_in", ana, sign_in_args, tells=SESSION)
    ana.session_id = signed_in["session"]
    proof = {"methods": ["totp"]}
    yield Move("people.confirm_identity", ana, proof, tells=SESSION)
    because = "devices are notified by push, and factors are read where they are used"
    yield Move("people.note_factor_change", ana, {}, because=because)


@story("people.register_push", "people.unregister_push", "people.sign_out")
def a_phone_can_be_reached_until_it_signs_out() -> Scene:
    ana, session = with_session()
    here = {"kind": "token", "value": "a-token-of-firebase", "platform": "ios"}
    mine: dict[str, Any] = {"session": session, "anyone": True}
    yield Move("people.register_push", ana, here, because=NOT_SHOWN, **mine)
    yield Move("people.unregister_push", ana, {}, because=NOT_SHOWN, **mine)
    yield Move("people.sign_out", ana, {}, tells=SESSION, session=session)


@story("people.register_push", "people.note_stopped_pushes", "people.unregister_push")
def a_phone_is_reached_no_longer_and_registers_again() -> Scene:
    ana, session = with_session()
    here = {"kind": "token", "value": "a-token-of-firebase", "platform": "ios"}
    mine: dict[str, Any] = {"session": session, "anyone": True}
    stopped = {"scope_id": ana.id, "session": session}
    active = "its pushes arrive"
    yield Move("people.register_push", ana, here, because=NOT_SHOWN, **mine)
    yield Move("people.note_stopped_pushes", SYSTEM, stopped, because=active)
    for action, data in (("people.register_push", here), ("people.unregister_push", {})):
        the_push_service_knows_it_no_longer(ana)
        yield Move("people.note_stopped_pushes", SYSTEM, stopped, tells=SESSION)
        yield Move("people.note_stopped_pushes", SYSTEM, stopped, because="it is noted already")
        yield Move(action, ana, data, tells=SESSION, **mine)


def the_push_service_knows_it_no_longer(user: User) -> None:
    with transaction.atomic():
        set_actor(user.id)
        PushRegistration.objects.filter(scope_id=user.id).update(state="dead", reason="gone")


@story("people.revoke_session", "people.report_phone_lost", "people.acknowledge_wipe")
def phones_are_signed_out_remotely() -> Scene:
    ana, old = with_session()
    lost, here = sign_in(ana)["session"], sign_in(ana)["session"]
    yield Move("people.revoke_session", ana, {"session": old}, tells=SESSION, session=here)
    lost_session = {"session": lost}
    yield Move("people.report_phone_lost", ana, lost_session, tells=SESSION, session=here)
    yield Move("people.acknowledge_wipe", ana, lost_session, tells=SESSION)
    twice = "a second acknowledgement changes nothing"
    yield Move("people.acknowledge_wipe", ana, lost_session, because=twice)


@story("people.end_reused_session")
def a_stolen_token_ends_the_session() -> Scene:
    ana, session = with_session(now=NOW)
    yield Move("people.end_reused_session", ana, {"session": session}, tells=SESSION)


@story("people.recover_staff")
def an_operator_makes_a_code_for_the_only_administrator() -> Scene:
    load_programme(NORTHLIGHT)
    lee = invited_staff()
    act(lee, "people.accept_invitation", by_email=False)
    sign_in(lee)
    who = {"programme": HOME, "user": lee.id}
    yield Move("people.recover_staff", SYSTEM, who, tells=RECOVERY)


@story("people.request_address_code", "people.confirm_address")
def a_person_confirms_an_address() -> Scene:
    ana, session = with_session()
    because = "the address is read where it is used, and devices are notified by push"
    mine: dict[str, Any] = {"session": session, "anyone": True, "because": because}
    address = {"email": "ana@example.org"}
    yield Move("people.request_address_code", ana, address, **mine)
    code = {"code": mailed_code(ana.id)}
    yield Move("people.confirm_address", ana, code, **mine)
