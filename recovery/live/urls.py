"""What the web process serves of the live tier: tickets, and the description of the socket."""

from django.urls import path

from recovery.limits.consume import by_network
from recovery.live import views
from recovery.signin.allowances import DOCUMENT

urlpatterns = [
    path("api/v1/live/ticket", views.issue_ticket),
    path("api/asyncapi", by_network(DOCUMENT, views.asyncapi)),
]
