"""The URLs of the live tier in the web process: tickets and the AsyncAPI document."""

from django.urls import path

from foundation.openapi import about_the_api
from recovery.limits.consume import by_network
from recovery.live import views
from recovery.signin.allowances import DOCUMENT

urlpatterns = [
    path("api/v1/live/ticket", views.issue_ticket),
    path("api/asyncapi", about_the_api(by_network(DOCUMENT, views.asyncapi))),
]
