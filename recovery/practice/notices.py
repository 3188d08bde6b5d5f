"""What practice lets people know: the phone fetches what there is and shows it itself."""

from datetime import timedelta

from notifications import notification_type

ASSIGNED = notification_type("practice.assigned", push_class="sync", ttl=timedelta(hours=24))
REVIEWED = notification_type("practice.reviewed", push_class="sync", ttl=timedelta(hours=24))
