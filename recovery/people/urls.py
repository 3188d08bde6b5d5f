"""The routes of this domain under /api/v1/."""

from django.urls import path

from recovery.people.views import account, enrolment, invitations, unattended

api = [
    path("enrolment", enrolment.EnrolmentView.as_view()),
    path("account", account.AccountView.as_view()),
    path("people/invitations", invitations.Invitations.as_view()),
    path("people/unattended", unattended.UnattendedView.as_view()),
]
