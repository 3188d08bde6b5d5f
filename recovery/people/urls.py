"""The routes of this domain under /api/v1/."""

from django.urls import path

from recovery.people.views import enrolment

api = [path("enrolment", enrolment.EnrolmentView.as_view())]
