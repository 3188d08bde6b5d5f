"""The routes of this domain under /api/v1/."""

from django.urls import path

from recovery.care import views

api = [
    path("care/records", views.Caseload.as_view()),
    path("care/hours", views.Hours.as_view()),
    path("care/sessions", views.Sessions.as_view()),
    path("care/attendance", views.AttendanceList.as_view()),
    path("care/sessions/<uuid:session_id>/roster", views.Roster.as_view()),
]
