"""allauth's sign-in views, with our limits and audit events."""

from __future__ import annotations

from typing import Any

from allauth.headless.account import views as account
from allauth.headless.account.inputs import RequestLoginCodeInput
from allauth.headless.mfa import views as mfa

from foundation.mail_addresses import compared
from recovery.limits.network import networks
from recovery.signin.ceremony import passkeys
from recovery.signin.ceremony.guesses import Guess
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
        install = self.request.installed_app["install"]
        self.guess = Guess(self.stage.login.user, networks(self.request), install=install)
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


def _load_no_user(user: User | None) -> None:
    """allauth loads the user of a ceremony again. Without a user, run as many statements."""
    if user is None:
        User.objects.filter(id=NOBODY).first()
