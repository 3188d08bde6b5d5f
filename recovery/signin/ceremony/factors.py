"""A signed-in user's own factors: confirm, add and remove them.

Confirming or adding a factor proves the user's identity again. The session then gets new tokens,
in the response's `meta`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from allauth.headless.mfa import views as mfa
from allauth.mfa.models import Authenticator
from django.http import HttpResponse
from django.utils import timezone

from foundation.problems import NotSignedIn, SecondFactorRequired, StepUpRequired
from recovery.actions import Call, perform
from recovery.limits.network import networks
from recovery.signin import rules
from recovery.signin.ceremony import passkeys
from recovery.signin.ceremony.guesses import Guess
from recovery.signin.models import User


class BearerRequired:
    """Requires the access token of a device session."""

    request: Any

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        person: User | None = getattr(request.session, "signed_in", None)
        if person is None:
            raise NotSignedIn
        self.person = person
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def with_new_tokens(self, response: HttpResponse, method: str) -> HttpResponse:
        """Add the session's new tokens to the response if it was a success."""
        if response.status_code != 200:
            return response
        outcome = perform("people.confirm_identity", data={"methods": [method]}, call=self.call())
        body = json.loads(response.content)
        body["meta"] = {**body.get("meta", {}), **(outcome.once or {})}
        response.content = json.dumps(body).encode()
        return response

    def call(self) -> Call:
        return Call(actor=self.person, now=timezone.now())


class FactorChange(BearerRequired):
    """A change of factors: requires a recent proof of identity and notifies every device."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        _require_step_up(getattr(request.session, "signed_in", None))
        response = super().dispatch(request, *args, **kwargs)
        if request.method != "GET" and response.status_code == 200:
            perform("people.note_factor_change", data={}, call=self.call())
        return response


class Authenticators(BearerRequired, mfa.AuthenticatorsView):
    """List the user's own factors."""


class ConfirmCode(BearerRequired, mfa.ReauthenticateView):
    """Prove one's identity again, with a TOTP or recovery code."""

    def get_input_kwargs(self) -> dict[str, Any]:
        session = self.person.session_id
        self.guess = Guess(self.person, networks(self.request), session=session)
        return dict(super().get_input_kwargs())

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.guess.was_right()
        is_totp = self.input.authenticator.type == Authenticator.Type.TOTP
        method = "totp" if is_totp else "recovery_code"
        return self.with_new_tokens(super().post(request, *args, **kwargs), method)


class ConfirmPasskey(passkeys.OriginChecked, BearerRequired, mfa.ReauthenticateWebAuthnView):
    """Prove one's identity again, with a passkey."""

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.with_new_tokens(super().post(request, *args, **kwargs), "passkey")


class Totp(FactorChange, mfa.ManageTOTPView):
    """Add an authenticator app (get the secret, then send a first code), or remove it."""

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.with_new_tokens(super().post(request, *args, **kwargs), "totp")

    def delete(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        _require_one_left(request.user, Authenticator.objects.filter(type="totp"))
        return super().delete(request, *args, **kwargs)


class Passkeys(passkeys.OriginChecked, FactorChange, mfa.ManageWebAuthnView):
    """Passkeys and hardware keys."""

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.with_new_tokens(super().post(request, *args, **kwargs), "passkey")

    def delete(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        _require_one_left(request.user, self.input.cleaned_data["authenticators"])
        return super().delete(request, *args, **kwargs)


class RecoveryCodes(FactorChange, mfa.ManageRecoveryCodesView):
    """Codes for a user who has lost every other factor. They are shown once."""


def _require_step_up(person: User | None) -> None:
    """Raises NotSignedIn, SecondFactorRequired or StepUpRequired."""
    if person is None:
        raise NotSignedIn
    has_factor = Authenticator.objects.filter(user_id=person.id).exists()
    # A user with a factor must prove it first. A code from the clinic or by e-mail is not enough
    # to add another one.
    if has_factor and not rules.SECOND_FACTORS.intersection(person.methods):
        raise SecondFactorRequired
    # The first factor gets more time, because the user may have to install an app.
    within = rules.STEP_UP if has_factor else rules.FIRST_FACTOR
    if not rules.stepped_up(person.auth_time, timezone.now(), within):
        raise StepUpRequired


def _require_one_left(user: User, removed: Iterable[Authenticator]) -> None:
    """Staff cannot be without a second factor, not even for a moment. Recovery codes are none."""
    mine = Authenticator.objects.filter(user_id=user.pk)
    factors = mine.exclude(type=Authenticator.Type.RECOVERY_CODES)
    if user.is_staff and not factors.exclude(pk__in=[factor.pk for factor in removed]).exists():
        raise SecondFactorRequired
