"""Every public URL."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.utils import timezone
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from recovery.alumni import urls as alumni
from recovery.api import actions, blobs, errors, health, schema  # noqa: F401  # schema: registered
from recovery.api.live import views as live
from recovery.api.sync import views as sync
from recovery.care import urls as care
from recovery.groups import urls as groups
from recovery.people import urls as people
from recovery.people.allowances import DOCUMENT
from recovery.people.limits import Use, consume, network
from recovery.practice import urls as practice


def by_address(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A document of the API for anybody, so often."""

    @errors.answers_problems
    def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        consume(Use(DOCUMENT, network(request)), now=timezone.now())
        return view(request, *args, **kwargs)

    return limited


# The hot paths first: Django tries the patterns in their order.
v1: list[URLPattern | URLResolver] = [
    path("sync/pull", sync.pull_view),
    path("sync/push", sync.push_view),
    path("sync/clients", sync.register_client),
    path("sync/digest", sync.digest_view),
    path("sync/history", sync.history_view),
    path("live/ticket", live.issue_ticket),
    *actions.urls(),
    path("blobs", blobs.declare),
    path("blobs/pieces", blobs.take_piece),
    path("blobs/read", blobs.read),
    *people.api,
    *care.api,
    *practice.api,
    *groups.api,
    *alumni.api,
]
sign_in = [path(route, errors.answers_problems(view)) for route, view in people.sign_in.items()]
urlpatterns = [
    path("api/v1/", include(v1)),
    path("auth/app/v1/", include(sign_in)),
    path("api/schema", by_address(SpectacularAPIView.as_view()), name="schema"),
    path("api/asyncapi", by_address(live.asyncapi)),
    path("api/docs", by_address(SpectacularSwaggerView.as_view(url_name="schema"))),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
]
handler400 = errors.bad_request
handler404 = errors.not_found
handler500 = errors.unexpected
