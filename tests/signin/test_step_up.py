"""Which requests need a proof of identity that is at most five minutes old: the whole matrix.

An action declares it in its rule. Revoking and refusing never need one, and neither does anything
that a patient may have queued while offline.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from recovery.actions.models import Receipt
from recovery.actions.registry import ACTIONS
from recovery.actions.rules import contains
from recovery.signin.models import User
from recovery.signin.rules import proved_recently
from recovery.signin.urls import sign_in as ceremony
from tests.cast import NORTHLIGHT, FakePhone, answer, mutation
from tests.people.clinic import Clinic, confirm_address, later, set_up_totp
from tests.roles import as_role
from tests.signin.authenticator import totp
from tests.signin.ceremony import App

pytestmark = pytest.mark.usefixtures("committed_db")
NEEDING = sorted(name for name, a in ACTIONS.items() if contains(a.allow, proved_recently))
# As easy as giving was, whatever the phone can prove (42 CFR 2.31(a)(6)).
ALWAYS_EASY = {
    "alumni.block_person",
    "alumni.end_connection",
    "groups.leave",
    "people.confirm_recovery",
    "people.refuse_recovery",
    "people.revoke_invitation",
    "people.sign_out",
    "privacy.revoke_consent",
}
NAMES = {"given_name": "Lee", "family_name": "Moss", "email": "lee@example.org"}


class Scene:
    """Fay, an administrator with an address and an authenticator app; her colleagues; Ana."""

    def __init__(self) -> None:
        clinic = Clinic()
        self.fay = App(clinic.hire("admin", "Fay").tokens)
        self.user = uuid.UUID(self.fay.tokens["user"])
        confirm_address(self.fay, "fay@example.org", self.user)
        self.secret = set_up_totp(self.fay)
        self.lee = str(clinic.hire("counsellor", "Lee").user.id)
        desk = FakePhone(User.objects.get(id=self.user))
        self.other = desk.tokens["session"]
        self.ana = clinic.admit(desk)
        self.ana.enrolled()
        self.clinic = clinic

    def waiting_code(self) -> str:
        """A code for Ana that another member of her care team has made."""
        eli = self.clinic.hire("clinician", "Eli")
        ana = self.clinic.admit(eli, given_name="Ben")
        ana.enrolled()
        data = {"invitation": ana.invitation, "by_email": False}
        return str(answer(eli.do("people.renew_invitation", data))["data"]["invitation"])


CASES: dict[str, Callable[[Scene], dict[str, Any]]] = {
    "people.approve_invitation": lambda s: {
        "programme": NORTHLIGHT,
        "invitation": s.waiting_code(),
    },
    "people.change_role": lambda s: {
        "programme": NORTHLIGHT,
        "user": s.lee,
        "role": "clinician",
    },
    "people.end_staff": lambda s: {"programme": NORTHLIGHT, "user": s.lee},
    "people.invite_staff": lambda _: NAMES | {"programme": NORTHLIGHT, "role": "counsellor"},
    "people.renew_invitation": lambda s: {"invitation": s.ana.invitation, "by_email": False},
    "people.report_phone_lost": lambda s: {"session": s.other},
    "people.request_address_code": lambda _: {"email": "new@example.org"},
    "people.revoke_session": lambda s: {"session": s.other},
    "people.sign_out_person": lambda s: {"invitation": s.ana.invitation},
}


def test_each_action_that_needs_a_proof_is_tried_here() -> None:
    print("\nneed a proof of identity within five minutes:", *NEEDING, sep="\n  ")
    assert set(CASES) == set(NEEDING)
    assert set(NEEDING).isdisjoint(ALWAYS_EASY)
    assert set(ACTIONS) >= ALWAYS_EASY


@pytest.mark.parametrize("name", NEEDING)
def test_an_old_proof_is_not_enough_and_a_new_one_is(name: str) -> None:
    scene = Scene()
    data = CASES[name](scene)
    with as_role("jobs"):
        before = Receipt.objects.filter(scope_id=scene.user).count()
    with later(minutes=6):
        refused = scene.fay.do(name, **data)
        assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
        with as_role("jobs"):
            assert Receipt.objects.filter(scope_id=scene.user).count() == before
        proved = scene.fay.post("auth/2fa/reauthenticate", code=totp(scene.secret))
        assert proved.status_code == 200
        assert scene.fay.do(name, **data).status_code == 200


def test_a_proof_from_before_the_clock_was_set_back_is_not_enough() -> None:
    scene = Scene()
    with later(minutes=-6):
        refused = scene.fay.do("people.revoke_session", **CASES["people.revoke_session"](scene))
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")


def test_a_session_that_never_proved_the_second_factor_has_no_fresh_proof() -> None:
    scene = Scene()
    desk = FakePhone(User.objects.get(id=scene.user), methods=["email_code", "recovery_code"])
    assert desk.do("people.request_address_code", {"email": "x@example.org"}).status_code == 200
    ana = FakePhone(User.objects.get(id=scene.ana.user), methods=["email_code"])
    with as_role("jobs"):
        User.objects.filter(id=scene.ana.user).update(email="ana@example.org")
    assert ana.do("people.request_address_code", {"email": "x@example.org"}).status_code == 200
    set_up_totp(App(FakePhone(User.objects.get(id=scene.ana.user)).tokens))
    refused = ana.do("people.request_address_code", {"email": "x@example.org"})
    assert refused.json()["code"] == "step_up_required"


def test_what_waited_in_a_queue_is_rejected_and_the_queue_goes_on() -> None:
    """A phone shows it as not sent. No proof could be given for it while it waited."""
    scene = Scene()
    phone = FakePhone(User.objects.get(id=scene.ana.user), registered=True)
    other = FakePhone(phone.user)
    with as_role("jobs"):
        User.objects.filter(id=phone.user.id).update(email="ana@example.org")
    with later(minutes=6):
        pushed = answer(
            phone.push(
                mutation(1, "people.revoke_session", {"session": other.tokens["session"]}),
                mutation(2, "care.set_reminder_preferences", {"lead_minutes": [30]}),
            )
        )
    assert [(r["status"], r.get("code")) for r in pushed["results"]] == [
        ("rejected", "step_up_required"),
        ("applied", None),
    ]
    assert other.get("account").status_code == 200


def test_the_url_that_ends_a_session_needs_it_too() -> None:
    scene = Scene()
    desk = FakePhone(User.objects.get(id=scene.user), now=timezone.now())
    with later(minutes=6):
        refused = desk.post(f"sessions/{scene.other}/revoke", {})
        assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")


FACTOR_PATHS = sorted(path for path in ceremony if path.startswith("account/authenticators/"))


@pytest.mark.parametrize("path", FACTOR_PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_changing_a_second_factor_needs_it(path: str, method: str) -> None:
    scene = Scene()
    with later(minutes=6):
        refused = scene.fay.ask(method, path, None if method == "GET" else {})
        assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
