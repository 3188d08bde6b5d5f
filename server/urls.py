"""Everything public is in recovery.api.urls."""

from recovery.api.urls import handler400, handler404, handler500, urlpatterns

__all__ = ["handler400", "handler404", "handler500", "urlpatterns"]
