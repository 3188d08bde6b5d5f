"""The page that the app starts in, its manifest and its service worker. They hold nothing about
anyone, ask nobody who they are, and touch no database."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language_from_request
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from recovery.limits.limit import limited
from recovery.webapp.built import index, service_worker, url

View = Callable[..., HttpResponse]
RETIRED_WORKER = Path(__file__).parent / "retired_worker.js"
# All that a page may use of the phone: camera and microphone for pictures and recordings.
FEATURES = (
    "accelerometer=(), autoplay=(), camera=(self), display-capture=(), fullscreen=(),"
    " geolocation=(), gyroscope=(), magnetometer=(), microphone=(self), midi=(), payment=(), usb=()"
)
PAPER = "#fbfaf7"


def _live_origin() -> list[str]:
    """Where the socket is, unless it is beside the pages."""
    if not settings.LIVE_URL:
        return []
    parts = urlsplit(settings.LIVE_URL)
    return [f"{parts.scheme}://{parts.netloc}"]


# The app loads only its own files and makes no markup from text: the browser refuses anything else.
# The one policy for trusted types is for the worker's address.
POLICY = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF, "blob:"],
    "media-src": [SELF, "blob:"],
    "connect-src": [SELF, *_live_origin()],
    "manifest-src": [SELF],
    "worker-src": [SELF],
    "base-uri": [NONE],
    # A form that sent itself would put what was typed into an address.
    "form-action": [NONE],
    "frame-ancestors": [NONE],
    "require-trusted-types-for": ["'script'"],
    "trusted-types": ["handrail-sw"],
}


def of_the_app(view: View) -> View:
    """Compress the app's own pages, and set their headers. There is nothing in them that their
    length could tell."""

    @wraps(view)
    def with_headers(request: HttpRequest, *arguments: object, **named: object) -> HttpResponse:
        response = view(request, *arguments, **named)
        response["Permissions-Policy"] = FEATURES
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        return response

    return cast("View", limited(())(csp_replace(POLICY)(require_safe(gzip_page(with_headers)))))


@of_the_app
def page(request: HttpRequest) -> HttpResponse:
    """The same page for every path of the app: its script reads the path.

    It must not vary by language: a service worker asks without that header, a browser with it, and
    then the kept page would not be found. No cache but the worker's stores it."""
    return HttpResponse(_page(get_language_from_request(request)))


@of_the_app
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, or one that ends it."""
    if settings.WEB_APP == "retired":
        source = RETIRED_WORKER.read_text(encoding="utf-8")
    else:
        source = service_worker(_page("en"))
    return HttpResponse(source, "text/javascript")


@of_the_app
@vary_on_headers("Accept-Language")
def manifest(request: HttpRequest) -> HttpResponse:
    """The name and icon that the person chose for their home screen: `?name=day`."""
    names = index()["names"]
    chosen = names.get(request.GET.get("name", next(iter(names))))
    if chosen is None:
        raise Http404
    language = get_language_from_request(request)
    title, icons = chosen[language], chosen["icons"]
    return JsonResponse(
        {
            "id": "/",
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "name": title,
            "short_name": title,
            "lang": language,
            "background_color": PAPER,
            "theme_color": PAPER,
            # An iPhone reads them too, as long as the page has no link to an icon for it.
            "icons": [
                *({**_icon(icons, size), "purpose": "any"} for size in ("180", "192", "512")),
                {**_icon(icons, "512"), "purpose": "maskable"},
            ],
        },
        content_type="application/manifest+json",
    )


def _icon(icons: dict[str, str], size: str) -> dict[str, str]:
    return {"src": url(icons[size]), "sizes": f"{size}x{size}", "type": "image/png"}


def _page(language: str) -> str:
    built = index()
    names = built["names"]
    first = next(iter(names))
    return render_to_string(
        "webapp/page.html",
        {
            "language": language,
            "title": names[first][language],
            "script": url(built["script"]),
            "parts": [url(part) for part in built["parts"]],
            "soon": [url(part) for part in built["soon"]],
            "style": url(built["style"]),
            "svg": url(names[first]["icons"]["svg"]),
            "live": settings.LIVE_URL,
            "paper": PAPER,
        },
    )
