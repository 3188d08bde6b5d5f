"""Passkeys at the console: to sign in, as the second step, to confirm, and to add one.

A page asks for the options of the browser's dialog, and sends what the dialog gave as a form.
"""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from recovery.console import cookies
from recovery.console.inner import Answer, ask
from recovery.console.signing_in import begun, refused, this_browser
from recovery.signin.urls import sign_in as ceremony


def _of(request: HttpRequest) -> Any:
    """The credential that the dialog gave."""
    try:
        return json.loads(request.POST.get("credential", ""))
    except ValueError:
        return {}


def _options(answer: Answer) -> HttpResponse:
    """What `navigator.credentials` takes. A new ceremony has a cookie of its own."""
    data = answer.body.get("data") or {}
    options = data.get("request_options") or data.get("creation_options") or {}
    response = JsonResponse(options.get("publicKey", {}), status=answer.status)
    if token := answer.meta.get("session_token"):
        cookies.set_cookie(response, cookies.CEREMONY, token)
    return response


def sign_in(request: HttpRequest) -> HttpResponse:
    """Instead of a code: a passkey verifies its owner, so it is both steps."""
    return _in_a_ceremony(request, "auth/webauthn/login")


def second_step(request: HttpRequest) -> HttpResponse:
    """After the code from the e-mail."""
    return _in_a_ceremony(request, "auth/webauthn/authenticate")


def _in_a_ceremony(request: HttpRequest, route: str) -> HttpResponse:
    held = request.COOKIES.get(cookies.CEREMONY, "")
    if request.method != "POST":
        # To sign in begins a ceremony; the second step goes on with one.
        goes_on = "" if route.endswith("login") else held
        return _options(ask(request, ceremony[route], ceremony=goes_on))
    body = {"credential": _of(request), **this_browser(request)}
    answer = ask(request, ceremony[route], body, ceremony=held)
    return begun(request, answer.meta) if answer.is_ok else refused(request, answer)


def confirm(request: HttpRequest) -> HttpResponse:
    """Prove again who one is."""
    return _signed_in(request, "auth/webauthn/reauthenticate", {})


def add(request: HttpRequest) -> HttpResponse:
    """Add a passkey to one's account, soon after one has signed in or confirmed."""
    named = {"name": request.POST.get("name", "")[:80] or "Passkey"}
    return _signed_in(request, "account/authenticators/webauthn", named)


def _signed_in(request: HttpRequest, route: str, more: dict[str, Any]) -> HttpResponse:
    token = request.COOKIES.get(cookies.SESSION, "")
    if request.method != "POST":
        return _options(ask(request, ceremony[route], query="passwordless", token=token))
    body = {"credential": _of(request), **more}
    answer = ask(request, ceremony[route], body, token=token)
    return begun(request, answer.meta) if answer.is_ok else refused(request, answer)
