"""The URLs of sign-in: under /api/v1/ and, for the sign-in ceremony, under /auth/app/v1/.

Only the allauth views listed here can be reached: no sign-up, no passwords, no e-mail addresses.
"""

from __future__ import annotations

from django.urls import path

from recovery.signin.ceremony import factors
from recovery.signin.ceremony import views as ceremony
from recovery.signin.ceremony.entry import View, entry
from recovery.signin.ceremony.openapi import in_openapi
from recovery.signin.views import push, sessions

api = [
    path("push", push.PushView.as_view()),
    path("sessions", sessions.SessionsView.as_view()),
    path("sessions/refresh", sessions.RefreshView.as_view()),
    path("sessions/sign-out", sessions.SignOutView.as_view()),
    path("sessions/wipe-receipt", sessions.WipeReceiptView.as_view()),
    path("sessions/<uuid:session_id>/revoke", sessions.RevokeView.as_view()),
]
# The two `reauthenticate` views and everything under account/ need the bearer token.
_sign_in: dict[str, View] = {
    "auth/code/request": entry(ceremony.RequestCode, sends_code=True),
    "auth/code/confirm": entry(ceremony.ConfirmCode, signs_in=True),
    "auth/2fa/authenticate": entry(ceremony.SecondFactor, signs_in=True),
    "auth/webauthn/authenticate": entry(ceremony.SecondPasskey, signs_in=True),
    "auth/webauthn/login": entry(ceremony.PasskeyLogin, signs_in=True),
    "auth/2fa/reauthenticate": entry(factors.ConfirmCode),
    "auth/webauthn/reauthenticate": entry(factors.ConfirmPasskey),
    "account/authenticators": entry(factors.Authenticators),
    "account/authenticators/totp": entry(factors.Totp),
    "account/authenticators/webauthn": entry(factors.Passkeys),
    "account/authenticators/recovery-codes": entry(factors.RecoveryCodes),
}
sign_in = {route: in_openapi(route, view) for route, view in _sign_in.items()}
