"""allauth's sign-in views, with our limits and audit events."""

from __future__ import annotations

from typing import Any

from allauth.headless.account import views as account
from allauth.headless.account.inputs import RequestLoginCodeInput
from allauth.headless.mfa import views as mfa
from django.utils import timezone

from foundation.mail_addresses import compared
from recovery.limits.consume import consume, give_back
from recovery.limits.limit import Use
from recovery.limits.network import networks
from recovery.signin import allowances
from recovery.signin.ceremony import passkeys
from recovery.signin.ceremony.installs import is_known_install
from recovery.signin.ceremony.trail import audit_refusal
from recovery.signin.models import NOBODY, User


class RequestCodeInput(RequestLoginCodeInput):
    """Runs the same single statement for every address, so that its time reveals nothing."""

    def clean_email(self) -> str:
        email = compared(self.cleaned_data["email"])
        self._user = User.objects.filter(email=email, is_active=True).first()
        return email


class RequestCode(account.RequestLoginCodeView):
    """Request a code by e-mail. The response does not reveal whether there is an account."""

    input_class = RequestCodeInput

    def post(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().post(request, *args, **kwargs)
        _load_no_user(self.input._user)
        return response


class ConfirmCode(account.ConfirmLoginCodeView):
    """Confirm the code in the ceremony that requested it: five attempts within ten minutes."""

    def handle_invalid_input(self, input: Any) -> Any:
        _load_no_user(self.process.user)
        audit_refusal(self.request, self.process.user, "people.confirm_code")
        return super().handle_invalid_input(input)


class SecondFactor(mfa.AuthenticateView):
    """A TOTP or recovery code, after the code by e-mail."""

    def get_input_kwargs(self) -> dict[str, Any]:
        self.guess = Guess(self.request, self.stage.login.user)
        return dict(super().get_input_kwargs())

    def post(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        self.guess.was_right()
        return super().post(request, *args, **kwargs)

    def handle_invalid_input(self, input: Any) -> Any:
        audit_refusal(self.request, self.stage.login.user, "people.second_factor")
        return super().handle_invalid_input(input)


class SecondPasskey(passkeys.OriginChecked, mfa.AuthenticateWebAuthnView):
    """A passkey, after the code by e-mail."""

    def handle_invalid_input(self, input: Any) -> Any:
        audit_refusal(self.request, self.stage.login.user, "people.second_factor")
        return super().handle_invalid_input(input)


class PasskeyLogin(passkeys.OriginChecked, mfa.LoginWebAuthnView):
    """A passkey alone, which is enough because it verifies its user."""

    def handle_invalid_input(self, input: Any) -> Any:
        audit_refusal(self.request, None, "people.passkey")
        return super().handle_invalid_input(input)


class Guess:
    """One attempt at an account's second factor, counted as wrong until it was right.

    A phone that has signed in to the account before is counted by itself, so that somebody who can
    read the person's e-mail cannot use up the guesses of the person's own phone.
    """

    def __init__(self, request: Any, user: User) -> None:
        """Raises SlowDown."""
        self._uses = _guesses(request, user)
        consume(*self._uses, now=timezone.now())

    def was_right(self) -> None:
        give_back((use.key for use in self._uses), now=timezone.now())


def _guesses(request: Any, user: User) -> list[Use]:
    signed_in: User | None = getattr(request.session, "signed_in", None)
    if signed_in is not None:
        phone = str(signed_in.session_id)
    elif is_known_install(user.email or "", request.installed_app["install"]):
        phone = request.installed_app["install"]
    else:
        everywhere = Use(allowances.FACTOR_ACCOUNT, str(user.pk))
        return [*allowances.FACTOR_NETWORK.uses(networks(request), str(user.pk)), everywhere]
    limits = allowances.FACTOR_INSTALL, allowances.FACTOR_INSTALL_DAY
    return [Use(limit, f"{user.pk} {phone}") for limit in limits]


def _load_no_user(user: User | None) -> None:
    """allauth loads the user of a ceremony again. Without a user, run as many statements."""
    if user is None:
        User.objects.filter(id=NOBODY).first()
