"""What docs/limits.md says about guessing, computed from the code itself."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from allauth.account import app_settings as account
from allauth.core.internal.cryptokit import _ALPHA_ALLOWED_CHARS
from allauth.mfa import app_settings as mfa

from recovery.limits.limit import Limit
from recovery.people import allowances as people
from recovery.people.actions.invitations import VALID_FOR
from recovery.people.codes import ALPHABET, LENGTH
from recovery.signin import allowances as signin

DAY = timedelta(days=1)
CODES = len(ALPHABET) ** LENGTH
DATES = (date(2008, 1, 1) - date(1936, 1, 1)).days
TRIES_OF_A_YEAR = 1_000 * 365 * 86_400  # more than the servers can answer
SIGN_IN_CODES = len(_ALPHA_ALLOWED_CHARS) ** 8
NETWORKS = 1_000


def a_day(limit: Limit) -> float:
    return limit.most * (DAY / limit.per)


def test_enrolment_codes_need_no_limit_on_the_whole_installation() -> None:
    assert CODES == 2**60
    assert TRIES_OF_A_YEAR * 1_000 / (CODES * DATES) < 1.1e-9
    assert TRIES_OF_A_YEAR * 20 / CODES < 1e-6


def test_a_code_in_the_wrong_hands_gives_its_date_of_birth_fifteen_tries() -> None:
    assert people.ENROLMENT_CODE.used_up_by == "holder"  # counted without a network
    assert people.ENROLMENT_CODE.per >= VALID_FOR
    assert people.ENROLMENT_CODE.most / DATES < 0.0006
    assert people.ENROLMENT_CODE.most / 365 < 0.042


def test_sign_in_codes_withstand_a_thousand_networks() -> None:
    assert account.LOGIN_BY_CODE_FORMAT in ({}, {"numeric": False})
    letters = min(a_day(signin.CODE_ADDRESS), a_day(signin.CODE_ADDRESS_DAY))
    tries = letters * account.LOGIN_BY_CODE_MAX_ATTEMPTS
    assert letters == 20
    assert tries * NETWORKS / SIGN_IN_CODES < 4e-6
    of_all = a_day(signin.CODE_NETWORK) * account.LOGIN_BY_CODE_MAX_ATTEMPTS
    assert of_all * NETWORKS / SIGN_IN_CODES < 5e-4


@pytest.mark.parametrize("limit", [signin.FACTOR_ACCOUNT, signin.FACTOR_INSTALL_DAY])
def test_a_second_factor_withstands_who_reads_the_mailbox(limit: Limit) -> None:
    valid_at_once = 2 * mfa.TOTP_TOLERANCE + 1
    assert a_day(limit) * valid_at_once / 10**mfa.TOTP_DIGITS <= 3e-5
