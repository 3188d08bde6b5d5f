"""The routes of this domain under /api/v1/."""

from django.urls import path

from recovery.alumni import views

api = [path("alumni/campaigns", views.Campaigns.as_view())]
