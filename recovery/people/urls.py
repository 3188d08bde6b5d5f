"""The routes of this domain: under /api/v1/ and, for the sign-in ceremony, under /auth/app/v1/."""

from django.urls import path

from recovery.people.views import enrolment, sessions

api = [
    path("enrolment", enrolment.EnrolmentView.as_view()),
    path("sessions", sessions.SessionsView.as_view()),
    path("sessions/refresh", sessions.RefreshView.as_view()),
    path("sessions/sign-out", sessions.SignOutView.as_view()),
    path("sessions/wipe-receipt", sessions.WipeReceiptView.as_view()),
    path("sessions/<uuid:session_id>/revoke", sessions.RevokeView.as_view()),
]
