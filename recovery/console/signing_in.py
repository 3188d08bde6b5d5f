"""The way in and out: a code by e-mail, then a second step. The first time: an invitation, and
setting up the second step.

The pages ask the API's own endpoints (`inner.py`), so limits, traces and answers are the same.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from allauth.mfa.adapter import get_adapter
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from foundation.problems import NotAuthenticated
from recovery.actions import Call, perform
from recovery.console import cookies, session
from recovery.console.desk import Desk
from recovery.console.inner import Answer, ask
from recovery.console.page import frame
from recovery.people.urls import api as people
from recovery.signin.authentication import authenticate
from recovery.signin.urls import sign_in as ceremony

enrolment: Any = next(route.callback for route in people if str(route.pattern) == "enrolment")
NEXT = "next"


def _next(request: HttpRequest) -> str:
    """Where to go on, on this host."""
    path = request.GET.get(NEXT, "")
    is_ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_ours else "/"


def _on(request: HttpRequest, path: str) -> HttpResponseRedirect:
    """The next page of the way in."""
    there = f"{path}?{urlencode({NEXT: _next(request)})}"
    return HttpResponseRedirect(there, status=HTTPStatus.SEE_OTHER)


def begun(request: HttpRequest, tokens: dict[str, Any], path: str = "") -> HttpResponse:
    """The person is in: go on to where they were going."""
    response = HttpResponseRedirect(path or _next(request), status=HTTPStatus.SEE_OTHER)
    session.begin(response, request, tokens)
    return response


def door(
    request: HttpRequest, name: str, answer: Answer | None = None, **shown: Any
) -> HttpResponse:
    """A page of the way in; again, with the reason, if the form was refused."""
    wrong = gettext(answer.sentence) if answer else ""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if answer else HTTPStatus.OK
    context = {**frame(), "wrong": wrong, NEXT: _next(request), **shown}
    return render(request, f"console/{name}.html", context, status=status)


def refused(request: HttpRequest, answer: Answer) -> HttpResponse:
    """A passkey was of no use: say why, and lead back to where it was asked for."""
    back, _, _ = request.get_full_path().partition("/passkey")
    return door(request, "passkey_refused", answer, back=f"{back}?{request.GET.urlencode()}")


def this_browser(request: HttpRequest) -> dict[str, Any]:
    """This browser, as the person's list of devices shows it."""
    device = {"platform": "web", "app": "console", "name": gettext("Console")}
    return {"install": cookies.install(request), "device": device}


def email(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return door(request, "sign_in")
    address = request.POST.get("email", "")
    body = {"email": address, "install": cookies.install(request)}
    answer = ask(request, ceremony["auth/code/request"], body)
    token = answer.meta.get("session_token")
    if not token:
        return door(request, "sign_in", answer, email=address)
    response = _on(request, "/sign-in/code")
    cookies.set_cookie(response, cookies.CEREMONY, token)
    cookies.set_cookie(response, cookies.INSTALL, body["install"], cookies.A_YEAR)
    return response


def code(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return door(request, "sign_in_code")
    answer = _proved(request, "auth/code/confirm")
    if answer.is_ok:
        return begun(request, answer.meta)
    if answer.body.get("code") == "sign_in_unfinished" and not answer.body.get("errors"):
        return _on(request, "/sign-in/second-step")
    return door(request, "sign_in_code", answer)


def second_step(request: HttpRequest) -> HttpResponse:
    shown: dict[str, Any] = {"passkey_path": "/sign-in/second-step/passkey"}
    if request.method != "POST":
        return door(request, "second_factor", **shown)
    answer = _proved(request, "auth/2fa/authenticate")
    if not answer.is_ok:
        return door(request, "second_factor", answer, **shown)
    return begun(request, answer.meta)


def _proved(request: HttpRequest, route: str) -> Answer:
    typed = "".join(request.POST.get("code", "").split())
    held = request.COOKIES.get(cookies.CEREMONY, "")
    return ask(request, ceremony[route], {"code": typed, **this_browser(request)}, ceremony=held)


def invitation(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return door(request, "invitation")
    typed = request.POST.get("code", "")
    body = {
        "code": typed,
        "second_factor": request.POST.get("second_factor", ""),
        **this_browser(request),
    }
    answer = ask(request, enrolment, body)
    if not answer.is_ok:
        needs_factor = str(answer.body.get("code", "")).startswith("factor_code")
        return door(request, "invitation", answer, code=typed, needs_factor=needs_factor)
    return begun(request, answer.body, f"/second-factor?{urlencode({NEXT: _next(request)})}")


def set_up(request: HttpRequest) -> HttpResponse:
    """Set up the second step. The paper codes are shown after it."""
    token = request.COOKIES.get(cookies.SESSION, "")
    totp = ceremony["account/authenticators/totp"]
    if request.method == "POST":
        typed = "".join(request.POST.get("code", "").split())
        answer = ask(request, totp, {"code": typed}, token=token)
        if not answer.is_ok:
            # Without the square: each one that is drawn has a new key.
            return door(request, "set_up_factor", answer)
        response = _paper_codes(request, answer.meta["access_token"])
        session.begin(response, request, answer.meta)
        return response
    offer = ask(request, totp, token=token)
    if "secret" not in offer.meta:
        # Set up already, or nobody is signed in.
        return _on(request, "/sign-in")
    _, _, square = get_adapter().build_totp_svg(offer.meta["totp_url"]).partition("?>")
    shown = {"square": SafeString(square), "secret": offer.meta["secret"]}  # our own
    return door(request, "set_up_factor", **shown)


def _paper_codes(request: HttpRequest, token: str) -> HttpResponse:
    made = ask(request, ceremony["account/authenticators/recovery-codes"], {}, token=token)
    codes = made.body.get("data", {}).get("unused_codes", [])
    return door(request, "paper_codes", codes=codes)


def confirm(request: HttpRequest) -> HttpResponse:
    """Prove again who one is, before something that must not happen at a desk left alone."""
    shown: dict[str, Any] = {"passkey_path": "/confirm/passkey"}
    if request.method != "POST":
        return door(request, "second_factor", **shown)
    typed = "".join(request.POST.get("code", "").split())
    token = request.COOKIES.get(cookies.SESSION, "")
    answer = ask(request, ceremony["auth/2fa/reauthenticate"], {"code": typed}, token=token)
    if not answer.is_ok:
        return door(request, "second_factor", answer, **shown)
    return begun(request, answer.meta)


def signed_in(request: HttpRequest) -> HttpResponse:
    """Where the way in ends that was shown on top of another page."""
    authenticate(request, token=request.COOKIES.get(cookies.SESSION, ""))
    return render(request, "console/signed_in.html", {**frame(), "signed_in": True})


def here(request: HttpRequest) -> HttpResponse:
    """The person is writing on an open page, so their session goes on."""
    user = authenticate(request, token=request.COOKIES.get(cookies.SESSION, ""))
    session.keep_alive(Desk(request, user, timezone.now()))
    return HttpResponse(status=204)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, here and in the list of devices."""
    try:
        user = authenticate(
            request, second_factor=False, token=request.COOKIES.get(cookies.SESSION, "")
        )
        call = Call(user, timezone.now(), session_id=user.session_id)
        perform("people.sign_out", data={}, call=call)
    except NotAuthenticated:
        pass  # it has ended already
    response = render(request, "console/signed_out.html", frame())
    session.end(response)
    return response


@require_POST
def choose_programme(request: HttpRequest) -> HttpResponse:
    """Which of several programmes the pages show."""
    response = HttpResponseRedirect("/", status=HTTPStatus.SEE_OTHER)
    cookies.set_cookie(response, cookies.PROGRAMME, request.POST.get("programme", "")[:36])
    return response
