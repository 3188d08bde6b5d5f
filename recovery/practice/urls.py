"""The routes of this domain under /api/v1/."""

from django.urls import path

from recovery.practice import views

api = [
    path("practice/assignments", views.Assignments.as_view()),
    path("practice/attempts", views.Attempts.as_view()),
    path("practice/check-ins", views.CheckIns.as_view()),
]
