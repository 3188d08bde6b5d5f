"""Whatever a phone, a thief, a bad network and the clock do, each session has at most one live
chain, and reuse always ends it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from foundation.problems import NotSignedIn, TokenExpired, Wipe
from recovery.signin.authentication import by_access_token
from recovery.signin.refresh import refresh
from tests.cast import NOW, make_user, sign_in
from tests.signin.device_sessions import revoke

pytestmark = pytest.mark.django_db
MOMENTS = [timedelta(seconds=s) for s in (1, 30, 61, 600, 901)] + [
    timedelta(days=d) for d in (1, 61)
]


class Chains(RuleBasedStateMachine):
    """A phone that may lose answers, and a thief who may copy what the phone has."""

    def __init__(self) -> None:
        super().__init__()
        self.nothing_yet = transaction.savepoint()
        self.now, self.user = NOW, make_user()
        first = sign_in(self.user)
        self.issued = [first]
        self.current = first
        self.before: dict[str, str] | None = None
        self.phone, self.stolen = first, first
        self.arrived, self.over, self.wiped = False, False, False
        self.rotated = self.last_use = NOW

    # Actions of the phone, the thief and the environment.

    @rule()
    def phone_refreshes(self) -> None:
        self.phone = self.present(self.phone) or self.phone

    @rule()
    def the_answer_is_lost(self) -> None:
        self.present(self.phone)

    @rule()
    def thief_copies(self) -> None:
        self.stolen = self.phone

    @rule()
    def thief_refreshes(self) -> None:
        self.stolen = self.present(self.stolen) or self.stolen

    @rule(data=st.data())
    def any_old_token_is_replayed(self, data: st.DataObject) -> None:
        self.present(data.draw(st.sampled_from(self.issued)))

    @rule(thief=st.booleans())
    def access_is_used(self, thief: bool) -> None:
        tokens = self.stolen if thief else self.phone
        if self.works(tokens["access_token"]) and tokens is self.current:
            by_access_token(tokens["access_token"], self.now)
            self.arrived, self.last_use = True, max(self.last_use, self.now)

    @rule(wipe=st.booleans())
    def it_is_revoked(self, wipe: bool) -> None:
        revoke(self.user, self.current, wipe=wipe)
        self.over, self.wiped = True, self.wiped or wipe

    @rule(moment=st.sampled_from(MOMENTS), back=st.booleans())
    def the_clock_moves(self, moment: timedelta, back: bool) -> None:
        self.now += -moment if back and moment < timedelta(minutes=2) else moment

    # Expected results.

    def present(self, tokens: dict[str, str]) -> dict[str, str] | None:
        expected = self.expected(tokens)
        try:
            answer = refresh(tokens["refresh_token"], now=self.now)
        except Wipe:
            assert expected == "wipe"
            return None
        except NotSignedIn:
            assert expected in ("over", "reuse")
            self.over = self.over or expected == "reuse"
            return None
        assert expected in ("rotate", "replace")
        self.take(tokens, answer, expected)
        return answer

    def take(self, tokens: dict[str, str], answer: dict[str, str], how: str) -> None:
        if how == "rotate":
            self.before, self.rotated = tokens, self.now
        self.current, self.arrived, self.last_use = answer, False, self.now
        self.issued.append(answer)

    def expected(self, tokens: dict[str, str]) -> str:
        lost_answer = tokens is self.before and not self.arrived
        if self.wiped and (tokens is self.current or lost_answer):
            return "wipe"
        if self.over or self.now >= self.last_use + timedelta(days=60):
            return "over"
        if tokens is self.current:
            return "rotate"
        in_time = self.now - self.rotated <= timedelta(seconds=60)
        return "replace" if lost_answer and in_time else "reuse"

    def works(self, access_token: str) -> bool:
        """Whether the token is accepted. Has no side effects."""
        try:
            with transaction.atomic():
                by_access_token(access_token, self.now)
                transaction.set_rollback(True)
        except (NotSignedIn, TokenExpired, Wipe):
            return False
        return True

    @invariant()
    def at_most_one_chain_lives(self) -> None:
        live = [tokens for tokens in self.issued if self.works(tokens["access_token"])]
        assert len(live) <= 1
        assert not (live and self.over)

    def teardown(self) -> None:
        """Later examples are not slowed down by the rows of earlier ones."""
        transaction.savepoint_rollback(self.nothing_yet)


def run(examples: int, steps: int) -> None:
    checks: Any = list(HealthCheck)
    run_state_machine_as_test(
        Chains,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            suppress_health_check=checks,
        ),
    )


def test_at_most_one_live_chain_and_reuse_ends_it() -> None:
    run(examples=25, steps=20)


@pytest.mark.soak
def test_at_most_one_live_chain_and_reuse_ends_it_however_long() -> None:
    run(examples=150, steps=40)
