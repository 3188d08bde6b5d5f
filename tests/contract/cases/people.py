"""Invitations, sessions and staff."""

from __future__ import annotations

from typing import Any

from recovery.actions import SYSTEM
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

SESSION = {"person/device_session"}
APP = {"platform": "ios", "app": "1.0.0", "name": "Ana's phone"}
ELSEWHERE = "invitations are on nobody's phone: staff read them where they admit"
NOT_SHOWN = "how a phone can be reached is the push service's business, and no document"
COLLEAGUE: dict[str, Any] = {
    "programme": HOME,
    "given_name": "Lee",
    "family_name": "Moss",
    "email": "lee@example.org",
    "role": "counsellor",
    "by_email": False,
}
PLACES = {"program/members", "staff/members"}
CARD = "program/staff_member"


def invited_staff() -> User:
    """A colleague who has not come in yet."""
    return User.objects.get(id=act_as_system("people.invite_staff", **COLLEAGUE).data["user"])


def with_session(**more: Any) -> tuple[User, str]:
    user = make_user()
    return user, sign_in(user, **more)["session"]


@story("people.invite_staff", "people.accept_invitation", "people.change_role", "people.end_staff")
def a_colleague_comes_changes_and_goes() -> Scene:
    load_programme(NORTHLIGHT)
    admin = employ(HOME, "admin")
    opened = {"person/person", "person/members", "library/members", CARD} | PLACES
    told = yield Move("people.invite_staff", admin, COLLEAGUE, tells=opened)
    lee = User.objects.get(id=told["user"])
    enters = {"by_email": True}
    yield Move("people.accept_invitation", lee, enters, tells=PLACES)
    admit(lee, programme=HOME)
    sign_in(lee)
    who = {"programme": HOME, "user": lee.id}
    changes = {CARD, "care/members"} | PLACES
    clinician = who | {"role": "clinician"}
    yield Move("people.change_role", admin, clinician, tells=changes)
    yield Move("people.end_staff", admin, who, tells=changes | SESSION)


@story("people.invite_staff", "people.change_role")
def a_role_changes_before_its_owner_came() -> Scene:
    load_programme(NORTHLIGHT)
    yield Move("people.invite_staff", SYSTEM, COLLEAGUE, tells={
        "person/person", "person/members", "library/members", CARD} | PLACES)  # fmt: skip
    lee = User.objects.get(locale="en", is_staff=True)
    who = {"programme": HOME, "user": lee.id, "role": "clinician"}
    yield Move("people.change_role", employ(HOME, "admin"), who, tells={CARD} | PLACES)


@story(
    "people.accept_invitation",
    "people.renew_invitation",
    "people.revoke_invitation",
    "people.sign_out_person",
)
def a_patient_comes_in_and_has_a_new_phone() -> Scene:
    load_programme(NORTHLIGHT)
    staff = employ(HOME)
    told = act(staff, "care.admit_patient", **ADMISSION | {"programme": HOME}).data
    ana, invitation = User.objects.get(id=told["user"]), {"invitation": told["invitation"]}
    held = "a patient's places begin with their answer to the notice"
    yield Move("people.accept_invitation", ana, {"by_email": False}, because=held)
    sign_in(ana)
    yield Move("people.accept_invitation", ana, {"by_email": False}, tells=SESSION)
    again = invitation | {"by_email": False}
    new = yield Move("people.renew_invitation", staff, again, because=ELSEWHERE)
    yield Move("people.revoke_invitation", staff, new, because=ELSEWHERE)
    sign_in(ana)
    yield Move("people.sign_out_person", staff, invitation, tells=SESSION)


@story("people.sign_in", "people.confirm_identity", "people.note_factor_change")
def somebody_signs_in() -> Scene:
    ana = make_user()
    given = {"install": "a secret of this install", "device": APP, "methods": ["email_code"]}
    told = yield Move("people.sign_in", ana, given, tells=SESSION)
    yield Move("people.sign_in", ana, given, tells=SESSION)
    ana.session_id = told["session"]
    proof = {"methods": ["totp"]}
    yield Move("people.confirm_identity", ana, proof, tells=SESSION)
    pushed = "the devices are told by push; factors are asked for where they are used"
    yield Move("people.note_factor_change", ana, {}, because=pushed)


@story("people.register_push", "people.unregister_push", "people.sign_out")
def a_phone_can_be_reached_until_it_signs_out() -> Scene:
    ana, session = with_session()
    here = {"kind": "token", "value": "a-token-of-firebase", "platform": "ios"}
    mine: dict[str, Any] = {"session": session, "anyone": True}
    yield Move("people.register_push", ana, here, because=NOT_SHOWN, **mine)
    yield Move("people.unregister_push", ana, {}, because=NOT_SHOWN, **mine)
    yield Move("people.sign_out", ana, {}, tells=SESSION, session=session)


@story("people.revoke_session", "people.report_phone_lost", "people.acknowledge_wipe")
def phones_are_signed_out_from_afar() -> Scene:
    ana, old = with_session()
    lost, here = sign_in(ana)["session"], sign_in(ana)["session"]
    yield Move("people.revoke_session", ana, {"session": old}, tells=SESSION, session=here)
    gone = {"session": lost}
    yield Move("people.report_phone_lost", ana, gone, tells=SESSION, session=here)
    yield Move("people.acknowledge_wipe", ana, gone, tells=SESSION)
    twice = "it counts once"
    yield Move("people.acknowledge_wipe", ana, gone, because=twice)


@story("people.end_reused_session")
def a_stolen_token_ends_the_session() -> Scene:
    ana, session = with_session(now=NOW)
    yield Move("people.end_reused_session", ana, {"session": session}, tells=SESSION)
