"""Whatever staff, the owner and the clock do, in any order: a code opens the account only when two
members of staff have agreed and the owner has not refused, and no second factor goes unasked."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from uuid_utils.compat import uuid7

from foundation.problems import CodeNotYet, CodeUnknown, FactorCodeRequired
from recovery.actions import Refused
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.people.enrolment import enrol
from recovery.signin.models import User
from recovery.signin.second_factors import has_second_factor, seal_new
from tests.cast import ANA, NOW, act, employ, invite_patient, make_programme, sign_in
from tests.roles import set_scene

pytestmark = pytest.mark.django_db
BORN = ANA["date_of_birth"]
DEVICE = {"platform": "android", "app": "1.0.0"}
DAYS = timedelta(hours=72)
MOMENTS = [timedelta(minutes=1), timedelta(hours=30), timedelta(hours=73)]
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@dataclass
class Code:
    """What must be true of one code."""

    id: str
    text: str
    resets: bool
    expires: datetime
    usable: datetime | None = None
    confirmed: bool = False
    over: bool = False


class Codes(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.nothing_yet = transaction.savepoint()
        self.now, self.codes = NOW, list[Code]()
        programme = make_programme()
        self.programme = programme.id
        self.dana = employ(programme)
        self.eli = employ(programme, "clinician")
        invited = invite_patient(self.dana, programme.id)
        self.invitation = str(invited.invitation_id)
        self.ana = User.objects.get(id=invited.user_id)
        with transaction.atomic(), collecting(), set_scene():
            record = scopes.open_scope(
                "care", uuid7(), home_id=programme.id, user_id=self.dana.id, role="counsellor"
            )
            scopes.grant(record, self.ana.id, "patient", held=True)
        sign_in(self.ana)
        self.add_factor()

    # What people and the clock do.

    @rule(resets=st.booleans())
    def dana_makes_a_code(self, resets: bool) -> None:
        data = {"invitation": self.invitation, "by_email": False, "resets_factors": resets}
        made = act(self.dana, "people.renew_invitation", now=self.now, **data)
        for code in self.codes:
            code.over = True
        id_, text = made.data["invitation"], made.once["code"]
        self.codes.append(Code(id_, text, resets, self.now + DAYS))

    @rule(data=st.data(), by_dana=st.booleans())
    def someone_approves(self, data: st.DataObject, by_dana: bool) -> None:
        if not self.codes:
            return
        code = data.draw(st.sampled_from(self.codes))
        input_ = {"programme": self.programme, "invitation": code.id}
        waits = not code.over and code.usable is None and self.now < code.expires
        try:
            by = self.dana if by_dana else self.eli
            act(by, "people.approve_invitation", now=self.now, **input_)
        except Refused:
            assert by_dana or not waits
            return
        assert waits
        assert not by_dana
        code.resets = code.resets and has_second_factor(self.ana.id)
        delayed = code.resets and not code.confirmed
        code.usable = self.now + DAYS if delayed else self.now
        code.expires = code.usable + DAYS

    @rule(data=st.data(), refuse=st.booleans())
    def ana_answers(self, data: st.DataObject, refuse: bool) -> None:
        if not self.codes:
            return
        code = data.draw(st.sampled_from(self.codes))
        name = "people.refuse_recovery" if refuse else "people.confirm_recovery"
        try:
            act(self.ana, name, now=self.now, recovery=code.id)
        except Refused:
            assert code.over or self.now >= code.expires
            return
        # Answered before: the same answer again changes nothing.
        if not code.over and self.now < code.expires:
            code.over = code.over or refuse
            if not refuse and not code.confirmed:
                code.confirmed = True
                code.usable = min(code.usable, self.now) if code.usable else None

    @rule(moment=st.sampled_from(MOMENTS))
    def time_passes(self, moment: timedelta) -> None:
        self.now += moment

    @rule()
    def add_factor(self) -> None:
        if not has_second_factor(self.ana.id):
            data = {"secret": seal_new(SECRET)}
            Authenticator.objects.create(user=self.ana, type="totp", data=data)

    @rule(data=st.data())
    def someone_enters_a_code(self, data: st.DataObject) -> None:
        if not self.codes:
            return
        code = data.draw(st.sampled_from(self.codes))
        expected, had_factor = self.expected(code), has_second_factor(self.ana.id)
        assert self.outcome(code) == expected
        if expected == "in":
            code.over = True
        assert has_second_factor(self.ana.id) == (had_factor and expected != "in")

    # What must come of it.

    def expected(self, code: Code) -> str:
        if code.over or self.now >= code.expires:
            return "unknown"
        if code.usable is None or self.now < code.usable:
            return "not yet"
        return "factor" if has_second_factor(self.ana.id) and not code.resets else "in"

    def outcome(self, code: Code) -> str:
        try:
            install = secrets.token_urlsafe(16)
            enrol(code.text, BORN, install=install, device=DEVICE, now=self.now)
        except CodeUnknown:
            return "unknown"
        except CodeNotYet:
            return "not yet"
        except FactorCodeRequired:
            return "factor"
        return "in"

    @invariant()
    def at_most_one_code_can_still_work(self) -> None:
        assert sum(not code.over for code in self.codes) <= 1

    def teardown(self) -> None:
        """Later examples are not slowed down by the rows of earlier ones."""
        transaction.savepoint_rollback(self.nothing_yet)


def run(examples: int, steps: int) -> None:
    checks: Any = list(HealthCheck)
    run_state_machine_as_test(
        Codes,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, suppress_health_check=checks
        ),
    )


def test_a_code_opens_an_account_only_when_two_agree_and_its_owner_does_not_refuse() -> None:
    run(examples=25, steps=15)


@pytest.mark.soak
def test_the_same_for_longer() -> None:
    run(examples=200, steps=30)
