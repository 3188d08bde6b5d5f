"""Strangers use up whatever they can, from many networks. Then the person whose account or code it
is comes, and gets in."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from redis.exceptions import RedisError

from foundation.valkey import valkey
from notifications.models import Letter
from recovery.actions.models import AuditEvent
from recovery.feed.context import set_actor
from recovery.limits.consume import consume
from recovery.limits.limit import Limit, Use, hashed
from recovery.limits.models import Attempts
from recovery.limits.network import networks_of
from recovery.people import allowances as people
from recovery.people.codes import code_hash, new_code
from recovery.signin import allowances
from recovery.signin.models import SignInAttempts
from tests.cast import ANA as ANA_S_DATA
from tests.cast import answer, invite_patient, make_fay, make_user, sign_in
from tests.signin.authenticator import totp
from tests.signin.ceremony import DEVICE, App, mailed_code

pytestmark = pytest.mark.django_db
ANA = "ana@example.org"
BORN = ANA_S_DATA["date_of_birth"].isoformat()
FRESH = "198.51.100.7"


@pytest.fixture(params=["valkey", "postgresql"], autouse=True)
def with_and_without_valkey(request: pytest.FixtureRequest) -> None:
    if request.param == "postgresql":
        request.getfixturevalue("no_valkey")


def networks(count: int) -> list[str]:
    """Addresses of strangers: of IPv4, and of IPv6 in one /48 and in many."""
    return [
        [f"203.0.113.{n}", f"2001:db8:1:{n:x}::1", f"2001:db8:{n:x}::1"][n % 3]
        for n in range(1, count + 1)
    ]


def use_up(limit: Limit, address: str, but: int = 0) -> None:
    """Count as many requests from this address as the limit allows, but these few."""
    for _ in range(limit.most - but):
        consume(*limit.uses(networks_of(address, "")), now=timezone.now())


def enrol(code: str, network: str, born: str = BORN) -> Any:
    body = {"code": code, "date_of_birth": born, "install": "i" * 20, "device": DEVICE}
    client = Client(REMOTE_ADDR=network)
    return client.post("/api/v1/enrolment", body, "application/json")


def app_in(network: str) -> App:
    app = App()
    app.http = Client(REMOTE_ADDR=network)
    return app


def code_for(app: App, email: str = ANA, **more: Any) -> int:
    status: int = app.post("auth/code/request", email=email, **more).status_code
    return status


def test_strangers_who_guess_codes_keep_nobody_from_enrolling() -> None:
    fay, programme = make_fay()
    code = invite_patient(fay, programme.id, now=timezone.now()).code or ""
    for network in networks(100):
        assert enrol(new_code(), network).status_code == 404
    use_up(people.ENROLMENT_FAILED, "203.0.113.200")
    assert enrol(new_code(), "203.0.113.200").status_code == 429
    assert enrol(code, "203.0.113.200").status_code == 201


def test_who_has_a_code_guesses_its_date_of_birth_fifteen_times_from_anywhere() -> None:
    fay, programme = make_fay()
    code = invite_patient(fay, programme.id, now=timezone.now()).code or ""
    dates = [f"19{year}-05-01" for year in range(60, 80)]
    refused = [
        enrol(code, network, date) for network, date in zip(networks(20), dates, strict=True)
    ]
    assert {answer(each, 404)["code"] for each in refused} == {"code_unknown"}
    # From the sixteenth on not even the true date is accepted: the code is in the wrong hands.
    assert answer(enrol(code, FRESH), 404)["code"] == "code_unknown"


def test_a_person_who_mistypes_their_date_of_birth_waits_an_hour_at_most() -> None:
    fay, programme = make_fay()
    code = invite_patient(fay, programme.id, now=timezone.now()).code or ""
    for day in range(1, 5):
        assert enrol(code, FRESH, f"1990-05-0{day}").status_code == 404
    assert enrol(code, FRESH).status_code == 201
    assert enrol(code, FRESH).status_code == 201  # the answer was lost


def test_a_failure_of_ours_is_not_a_wrong_date() -> None:
    fay, programme = make_fay()
    code = invite_patient(fay, programme.id, now=timezone.now()).code or ""
    for _ in range(people.ENROLMENT_CODE.most + 1):
        assert enrol(code, FRESH).status_code == 201


def test_strangers_who_ask_for_codes_keep_nobody_from_signing_in() -> None:
    """They come from hundreds of networks, and also from the person's own."""
    user, known = make_user(ANA), app_in(FRESH)
    code_for(known)
    assert known.finish("auth/code/confirm", code=mailed_code(user.id)).status_code == 200
    for network in [*networks(100), *["192.0.2.9"] * 6]:
        code_for(app_in(network))
    assert code_for(app_in("192.0.2.9")) == 429
    # In a network that strangers use too, the phone is known.
    again = app_in("192.0.2.9")
    assert code_for(again, install=known.install) == 401
    again.install = known.install
    assert again.finish("auth/code/confirm", code=mailed_code(user.id)).status_code == 200
    # On a new phone, in a fresh network.
    other = app_in("198.51.100.8")
    assert code_for(other) == 401
    assert other.finish("auth/code/confirm", code=mailed_code(user.id)).status_code == 200


def test_a_busy_address_gets_one_letter_from_each_network() -> None:
    make_user(ANA)
    for network in networks(allowances.CODES_TO_ONE.most):
        code_for(app_in(network))
    is_counted = bool(_counted_by_address())
    expected = [401] + [429 if is_counted else 401] * 2
    assert [code_for(app_in("198.51.100.9")) for _ in range(3)] == expected


def _counted_by_address() -> int:
    """Without Valkey, alarms are not counted, and each network has five."""
    try:
        return len(valkey().keys("alarm.code.to_one_address.*"))
    except Exception:  # noqa: BLE001  # there is no Valkey
        return 0


def test_the_install_of_another_account_is_no_way_past_the_limits() -> None:
    make_user(ANA)
    other, theirs = make_user("other@example.org"), app_in(FRESH)
    code_for(theirs, "other@example.org")
    theirs.finish("auth/code/confirm", code=mailed_code(other.id))
    statuses = [code_for(app_in(FRESH), install=theirs.install) for _ in range(6)]
    assert statuses == [401] * 5 + [429]


def test_who_signs_in_uses_up_nothing() -> None:
    """A clinic's staff share a network and sign in all day."""
    users = [make_user(f"nurse{n}@example.org") for n in range(4)]
    for _ in range(allowances.CODE_ADDRESS.most + 1):
        for user in users:
            app = app_in(FRESH)
            assert code_for(app, user.email) == 401
            code = mailed_code(user.id)
            assert app.finish("auth/code/confirm", code=code).status_code == 200


def test_wrong_ceremonies_bar_no_true_one_in_the_same_network() -> None:
    user, mine = make_user(ANA), app_in(FRESH)
    code_for(mine)
    use_up(allowances.PROOF_FAILED, FRESH, but=1)
    statuses = []
    for n in range(2):
        stranger = app_in(FRESH)
        stranger.ceremony = f"{n:032}"
        statuses.append(stranger.finish("auth/code/confirm", code="WRNG-WRNG").status_code)
    assert statuses == [409, 429]
    assert mine.finish("auth/code/confirm", code=mailed_code(user.id)).status_code == 200


def second_factor(app: App, user: Any, code: str) -> int:
    code_for(app)
    app.finish("auth/code/confirm", code=mailed_code(user.id))
    status: int = app.finish("auth/2fa/authenticate", code=code).status_code
    return status


def test_who_reads_the_mailbox_cannot_use_up_the_second_factor_of_the_persons_phone() -> None:
    user = make_user(ANA)
    phone = App(sign_in(user, now=timezone.now()))
    secret = phone.ask("GET", "account/authenticators/totp").json()["meta"]["secret"]
    assert phone.post("account/authenticators/totp", code=totp(secret)).status_code == 200
    known = app_in(FRESH)
    now = timezone.now()
    with time_machine.travel(now + timedelta(minutes=1)):
        assert second_factor(known, user, totp(secret)) == 200
        wrong = [second_factor(app_in(network), user, "000000") for network in networks(31)]
    assert wrong == [400] * allowances.FACTOR_ACCOUNT.most + [429]
    again = app_in(FRESH)
    again.install = known.install
    # Later than anything above, however slow the machine is.
    with time_machine.travel(now + timedelta(hours=1)):
        assert second_factor(again, user, totp(secret)) == 200


def test_blanks_capitals_and_the_spelling_of_the_domain_make_no_new_address() -> None:
    user = make_user("ana@xn--bcher-kva.example")
    spellings = [" ana@bücher.example", "ANA@BÜCHER.example\t", "ana@xn--BCHER-kva.example\u00a0"]
    statuses = [code_for(app_in(FRESH), spellings[n % 3]) for n in range(12)]
    assert statuses == [401] * 5 + [429] * 7
    set_actor(user.id)
    assert Letter.objects.filter(scope_id=user.id).count() == 5


def test_what_strangers_ask_for_leaves_one_row_for_their_network() -> None:
    make_user(ANA)
    letters, events = Letter.objects.count, AuditEvent.objects.count
    before = letters(), events()
    for n in range(20):
        app = app_in(f"2001:db8:7:{n}::1")
        code_for(app, f"nobody{n}@example.org")
        app.finish("auth/code/confirm", code="WRNG-WRNG")
        enrol(new_code(), f"2001:db8:7:{n}::1")
    assert (letters(), events()) == before
    counted = {row.action: (row.count, row.refused) for row in SignInAttempts.objects.all()}
    assert counted == {
        "people.request_code": (20, 0),
        "people.confirm_code": (20, 20),
        "people.enrol": (20, 20),
    }


def is_counted(key: bytes) -> bool:
    """In Valkey or, while it is away, in PostgreSQL."""
    with suppress(RedisError):
        return bool(valkey().exists(key))
    return Attempts.objects.filter(key=key).exists()


def test_what_strangers_make_up_leaves_no_counters() -> None:
    """Neither codes that nobody was given, nor addresses once their network is refused."""
    fay, programme = make_fay()
    invited = invite_patient(fay, programme.id, now=timezone.now()).code or ""
    for code, was_made in ((new_code(), False), (invited, True)):
        assert enrol(code, FRESH, "1990-05-01").status_code == 404
        by = code_hash(code).hex()
        here = people.ENROLMENT_DATES.uses(networks_of(FRESH, ""), by)
        for use in (*here, Use(people.ENROLMENT_CODE, by)):
            assert is_counted(use.key) == was_made, use
    use_up(allowances.CODE_NETWORK, FRESH)
    assert code_for(app_in(FRESH), "made-up@example.org") == 429
    alarm = f"alarm.{allowances.CODES_TO_ONE.name}.{hashed('made-up@example.org')}".encode()
    assert not is_counted(alarm)


def test_what_strangers_do_to_an_account_is_audited_twenty_times_an_hour_at_most() -> None:
    user = make_user(ANA)
    for network in networks(30):
        code_for(app_in(network))
    set_actor(user.id)
    events = AuditEvent.objects.in_scope(user.id).filter(action="people.request_code")
    assert events.count() == 20


def test_a_limit_for_strangers_cannot_be_counted_without_their_network() -> None:
    with pytest.raises(ValueError, match="count it by network"):
        consume(Use(allowances.CODE_ADDRESS, ANA), now=timezone.now())
