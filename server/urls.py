"""Every public URL."""

from foundation.http import handler400, handler404, handler500
from recovery.api import urls as api
from recovery.live import urls as live

__all__ = ["handler400", "handler404", "handler500", "urlpatterns"]

urlpatterns = [*api.urlpatterns, *live.urlpatterns]
