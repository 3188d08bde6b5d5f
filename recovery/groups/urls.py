"""The routes of this domain under /api/v1/."""

from django.urls import path

from recovery.groups import views

api = [
    path("groups/groups", views.Groups.as_view()),
    path("groups/members", views.Roster.as_view()),
]
