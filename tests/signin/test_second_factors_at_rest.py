"""The secret of a second factor opens only in the row it was sealed for."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone

from foundation.sealing import seal
from recovery.signin.jobs import bind_second_factors
from recovery.signin.models import User
from recovery.signin.second_factors import SECRETS, UNBOUND, method_of_code
from tests.cast import make_user, sign_in
from tests.people.clinic import later
from tests.signin.authenticator import totp
from tests.signin.ceremony import App, mailed_code

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def with_factors(email: str) -> tuple[User, str, list[str]]:
    """A person with an authenticator app: its secret, and their recovery codes."""
    user = make_user(email)
    app = App(sign_in(user, now=timezone.now()))
    secret = app.ask("GET", "account/authenticators/totp").json()["meta"]["secret"]
    assert app.post("account/authenticators/totp", code=totp(secret)).status_code == 200
    codes = app.ask("GET", "account/authenticators/recovery-codes").json()["data"]["unused_codes"]
    return user, secret, codes


def second_factor(user: User, code: str) -> Any:
    app = App()
    app.post("auth/code/request", email=user.email)
    app.finish("auth/code/confirm", code=mailed_code(user.id))
    return app.finish("auth/2fa/authenticate", code=code)


def stored(user: AbstractBaseUser, type_: str) -> dict[str, Any]:
    rows = Authenticator.objects.filter(user=user, type=type_)
    return dict(rows.values_list("data", flat=True).get())


@pytest.mark.parametrize("type_", ["totp", "recovery_codes"])
def test_a_secret_that_was_moved_to_another_row_does_not_open(type_: str) -> None:
    ana, _, _ = with_factors("ana@example.org")
    ben, secret, codes = with_factors("ben@example.org")
    Authenticator.objects.filter(user=ana, type=type_).update(data=stored(ben, type_))
    code = totp(secret) if type_ == "totp" else codes[0]
    moved = second_factor(ana, code)
    assert moved.status_code == 400
    # In its own row it still opens.
    assert second_factor(ben, code).status_code == 200


def test_a_secret_does_not_open_as_one_of_another_type() -> None:
    ana, secret, _ = with_factors("ana@example.org")
    seed = {"seed": stored(ana, "totp")["secret"], "used_mask": 0}
    Authenticator.objects.filter(user=ana, type="recovery_codes").update(data=seed)
    [row] = Authenticator.objects.filter(user=ana, type="recovery_codes")
    opened = row.wrap().generate_codes()
    row.data = {"seed": base64.b64encode(seal(UNBOUND, secret.encode())).decode()}
    assert opened != row.wrap().generate_codes()


def make_unbound(user: User) -> None:
    """The row as an earlier release wrote it."""
    sealed = base64.b64encode(seal(UNBOUND, SECRET.encode())).decode()
    Authenticator.objects.bulk_create(
        [Authenticator(user=user, type="totp", data={"secret": sealed})]
    )


def test_a_secret_from_an_earlier_release_opens_and_the_job_binds_it() -> None:
    ana, ben = make_user("ana@example.org"), make_user("ben@example.org")
    make_unbound(ana)
    assert method_of_code(ana.id, totp(SECRET)) == "totp"
    bind_second_factors(0)
    bound = stored(ana, "totp")
    bind_second_factors(0)
    assert stored(ana, "totp") == bound
    Authenticator.objects.bulk_create([Authenticator(user=ben, type="totp", data=bound)])
    with later(seconds=60):  # each code counts once
        assert method_of_code(ana.id, totp(SECRET)) == "totp"
        assert method_of_code(ben.id, totp(SECRET)) is None


def test_every_secret_is_bound_when_it_is_saved() -> None:
    ana, _, _ = with_factors("ana@example.org")
    rows = Authenticator.objects.filter(user=ana)
    before = {row.type: dict(row.data) for row in rows}
    assert {name for data in before.values() for name in SECRETS if name in data} == set(SECRETS)
    bind_second_factors(0)
    assert {row.type: dict(row.data) for row in rows.all()} == before
