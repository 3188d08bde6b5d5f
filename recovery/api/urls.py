"""The public URLs of phones and staff."""

from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularSwaggerSplitView

from foundation.http import answers_problems
from foundation.openapi import about_the_api
from recovery.alumni import urls as alumni
from recovery.api import actions, blobs, documents, health, schema
from recovery.api.sync import views as sync
from recovery.care import urls as care
from recovery.groups import urls as groups
from recovery.limits.consume import by_network
from recovery.people import urls as people
from recovery.practice import urls as practice
from recovery.signin import urls as signin
from recovery.signin.allowances import DOCUMENT

# The one page that is HTML. Its script is a file of its own; its style sheet is not.
docs: Any = csp_update(
    {
        "connect-src": [SELF],
        "img-src": [SELF, "data:"],
        "script-src": [SELF],
        "style-src": [SELF, UNSAFE_INLINE],
    }
)(SpectacularSwaggerSplitView.as_view(url_name="schema"))
# The hot paths come first, because Django tries the patterns in order.
v1: list[URLPattern | URLResolver] = [
    path("sync/pull", sync.pull_view),
    path("sync/push", sync.push_view),
    path("sync/clients", sync.register_client),
    path("sync/digest", sync.digest_view),
    path("sync/history", sync.history_view),
    *actions.urls(),
    path("blobs", blobs.declare),
    path("blobs/pieces", blobs.take_piece),
    path("blobs/read", blobs.read),
    *signin.api,
    *people.api,
    *care.api,
    *practice.api,
    *groups.api,
    *alumni.api,
]
sign_in = [path(route, answers_problems(view)) for route, view in signin.sign_in.items()]
urlpatterns = [
    path("api/v1/", include(v1)),
    path("auth/app/v1/", include(sign_in)),
    path("api/schema", about_the_api(by_network(DOCUMENT, schema.schema)), name="schema"),
    path("api/docs", about_the_api(by_network(DOCUMENT, docs))),
    path("api/documents", about_the_api(documents.documents_view)),
    path("api/problems", answers_problems(documents.problems_view)),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
]
