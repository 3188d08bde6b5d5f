"""Every public URL."""

from django.conf import settings

from foundation.http import handler400, handler404, handler500
from recovery.api import urls as api
from recovery.live import urls as live
from recovery.webapp import urls as webapp

__all__ = ["handler400", "handler404", "handler500", "urlpatterns"]

urlpatterns = [*api.urlpatterns, *live.urlpatterns]
if settings.WEB_APP != "off":
    urlpatterns += webapp.urlpatterns
