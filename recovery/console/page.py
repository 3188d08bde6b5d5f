"""A page of the console: what it shows, and what can be done on it.

    @page("console/caseload.html")
    def caseload(desk: Desk) -> dict[str, Any]: …

    @caseload.act
    def put_off(desk: Desk) -> str: …

The first reads in one transaction as the person who is signed in, and returns what its template
shows. A form on the page names one of its acts in `do`; the act returns a sentence, and the page is
drawn again with it. If it is refused, the page is drawn with the reason and with what was typed.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import wraps
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request, gettext
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.gzip import gzip_page

from foundation.http import problem_of
from foundation.problems import (
    Invalid,
    KeyRequired,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Problem,
    Refused,
    SecondFactorRequired,
    StepUpRequired,
)
from recovery.console import cookies
from recovery.console.built import index, url
from recovery.console.dates import written
from recovery.console.desk import Desk
from recovery.console.session import is_looked_at, keep_alive
from recovery.signin.authentication import authenticate

View = Callable[..., HttpResponse]


def policy() -> dict[str, list[str]]:
    """A page runs its own script and style, and speaks to its own host and socket."""
    parts = urlsplit(settings.CONSOLE_LIVE_URL)
    socket = [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []
    return {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF, *socket],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }


def of_the_console(view: View) -> View:
    """What every answer of the console has: the language, the policy, the check for forgery."""

    @wraps(view)
    def in_language(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        with translation.override(get_language_from_request(request)):
            try:
                response = view(request, *arguments, **named)
            except Exception as error:
                problem = problem_of(error)
                if problem is None:
                    raise
                response = failed(request, problem)
        patch_vary_headers(response, ("Cookie", "Accept-Language"))
        response["Permissions-Policy"] = FEATURES
        # With `no-referrer` browsers hide the origin of a form too, which tells forged ones apart.
        response["Referrer-Policy"] = "same-origin"
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["Cross-Origin-Opener-Policy"] = "same-origin"
        return response

    protected: Any = csrf_protect(in_language)
    return cast("View", csp_replace(policy())(gzip_page(protected)))


FEATURES = (
    "accelerometer=(), autoplay=(), camera=(), display-capture=(), fullscreen=(), geolocation=(),"
    " gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
)


def failed(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The page about a problem. Where the person has to sign in first, the way there."""
    if isinstance(problem, NotAuthenticated):
        if is_looked_at(request):
            # The script shows the way in on top of the page, so that nothing typed is lost.
            return render(request, "console/signed_out.html", frame(), status=401)
        back = urlencode({"next": request.get_full_path()})
        where = "/second-factor" if isinstance(problem, SecondFactorRequired) else "/sign-in"
        return HttpResponseRedirect(f"{where}?{back}", status=HTTPStatus.SEE_OTHER)
    response = render(
        request,
        "console/problem.html",
        {**frame(), "title": gettext(problem.title), "status": problem.status},
        status=problem.status,
    )
    for name, value in problem.headers.items():
        response[name] = value
    return response


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No page has this address."""
    return failed(request, NotFound())


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that this host has not made, or a browser that keeps no cookie."""
    return failed(request, NotAllowed())


def frame() -> dict[str, Any]:
    """What the document around every page needs."""
    built = index()
    return {
        "script": url(built["script"]),
        "style": url(built["style"]),
        "sign": url(built["sign"]),
        "live": settings.CONSOLE_LIVE_URL,
    }


@dataclass
class Page:
    """A view, and the acts of the forms on it by their names."""

    template: str
    show: Callable[..., dict[str, Any]]
    acts: dict[str, Callable[..., str | HttpResponse]] = field(default_factory=dict)

    def act(self, run: Callable[..., str | HttpResponse]) -> Callable[..., str | HttpResponse]:
        self.acts[run.__name__] = run
        return run

    def __call__(self, request: HttpRequest, **named: Any) -> HttpResponse:
        user = authenticate(request, token=request.COOKIES.get(cookies.SESSION, ""))
        if not user.is_staff:
            raise NotFound
        desk = Desk(request, user, timezone.now())
        keep_alive(desk)
        with translation.override(user.locale):
            shown: dict[str, Any] = {"posted": QueryDict(), "problem": None}
            status = HTTPStatus.OK
            if request.method == "POST":
                outcome = self._acted(desk, named, shown)
                if isinstance(outcome, HttpResponse):
                    return outcome
                status = outcome
            return self._drawn(desk, named, shown, status)

    def _acted(
        self, desk: Desk, named: dict[str, Any], shown: dict[str, Any]
    ) -> HTTPStatus | HttpResponse:
        """Do what the form says. A refusal is shown on the page, with what was typed."""
        form = desk.request.POST
        try:
            desk.key = _key(form)
            desk.find_place()
            done = self._chosen(form)(desk, **named)
        except StepUpRequired:
            back = urlencode({"next": desk.request.get_full_path()})
            shown |= {"posted": form, "confirm": f"/confirm?{back}"}
            return HTTPStatus.UNPROCESSABLE_ENTITY
        except Exception as error:
            problem = problem_of(error)
            if problem is None or isinstance(problem, NotAuthenticated):
                raise
            desk.refused = problem
            shown |= {"posted": form, "problem": explained(problem)}
            return HTTPStatus.UNPROCESSABLE_ENTITY
        if isinstance(done, HttpResponse):
            return done
        desk.outcome = done
        return HTTPStatus.OK

    def _chosen(self, form: QueryDict) -> Callable[..., str | HttpResponse]:
        run = self.acts.get(form.get("do", ""))
        if run is None:
            raise NotFound
        return run

    def _drawn(
        self, desk: Desk, named: dict[str, Any], shown: dict[str, Any], status: HTTPStatus
    ) -> HttpResponse:
        with desk.reading():
            with timezone.override(desk.zone):
                context = self.show(desk, **named) | shown | frame() | {"desk": desk}
                response = render(desk.request, self.template, context, status=status)
            desk.note_reads()
        return response


def _key(form: QueryDict) -> uuid.UUID:
    try:
        return uuid.UUID(form.get("key", ""))
    except ValueError:
        raise KeyRequired from None


def page(template: str) -> Callable[[Callable[..., dict[str, Any]]], Page]:
    return lambda show: Page(template, show)


def moved(desk: Desk, path: str) -> HttpResponse:
    """The answer of an act after which another page is shown."""
    if is_looked_at(desk.request):
        return HttpResponse(headers={"HX-Redirect": path})
    return HttpResponseRedirect(path, status=HTTPStatus.SEE_OTHER)


def sentence(problem: Problem) -> str:
    """What the problem says, in the reader's language."""
    if not isinstance(problem, Refused):
        return gettext(problem.title)
    values = {
        name: written(value, "l, F j, Y") if isinstance(value, date) else value
        for name, value in problem.values.items()
    }
    return gettext(problem.template) % values if values else gettext(problem.template)


def explained(problem: Problem) -> dict[str, Any]:
    """A problem for a template: its sentence, and by field what is wrong there."""
    errors = problem.errors if isinstance(problem, Invalid) else {}
    return {
        "title": sentence(problem),
        "errors": {name: gettext(str(text)) for name, text in _by_field(errors or {})},
    }


def _by_field(errors: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What is wrong with each field, also with those of an object within the input."""
    for name, error in errors.items():
        if isinstance(error, dict):
            yield from _by_field(error)
        else:
            yield name, _first(error)


def _first(error: Any) -> Any:
    while isinstance(error, list | dict) and error:
        error = next(iter(error.values() if isinstance(error, dict) else error))
    return error
