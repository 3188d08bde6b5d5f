"""Notification types that only tests use."""

from datetime import timedelta

from notifications import notification_type

HOUR = timedelta(hours=1)
NEWS = notification_type("tests.news", push_class="sync", ttl=HOUR)
OTHER_NEWS = notification_type("tests.other_news", push_class="sync", ttl=2 * HOUR)
SCATTERED = notification_type("tests.scattered", push_class="sync", ttl=HOUR, jitter=HOUR / 2)
REMINDER = notification_type("tests.reminder", push_class="reminder", ttl=HOUR)
ALARM = notification_type("tests.alarm", push_class="urgent", ttl=HOUR)
CODE = notification_type("tests.code", mail="code", ttl=HOUR)
OPEN_APP = notification_type("tests.open_app", mail="open_app", ttl=HOUR)
