"""Everything public is in recovery.api.urls."""

from django.urls import include, path

urlpatterns = [path("", include("recovery.api.urls"))]
