"""The paths of the phone app. The first words are those of PATHS in its router.ts; a test compares
them. Every other path that is not known stays a 404."""

from django.urls import URLPattern, path, re_path

from recovery.webapp import views

FIRST_WORDS = (
    "check-in",
    "check-ins",
    "help",
    "install",
    "invitations",
    "me",
    "people",
    "promises",
    "session",
    "sessions",
    "tools",
)
PAGES = rf"^(?:{'|'.join(FIRST_WORDS)})(?:/[^.]*)?$"

urlpatterns: list[URLPattern] = [
    path("", views.page),
    path("sw.js", views.worker),
    path("manifest.webmanifest", views.manifest),
    re_path(PAGES, views.page),
]
