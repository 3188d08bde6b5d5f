"""Notification types that only tests use."""

from datetime import timedelta

from notifications import notification_type

HOUR = timedelta(hours=1)
NEWS = notification_type("tests.news", push_class="sync", quiet="silent", ttl=HOUR)
OTHER_NEWS = notification_type("tests.other_news", push_class="sync", quiet="silent", ttl=2 * HOUR)
SCATTERED = notification_type(
    "tests.scattered", push_class="sync", quiet="silent", ttl=HOUR, jitter=HOUR / 2
)
REMINDER = notification_type("tests.reminder", push_class="reminder", quiet="at_once", ttl=HOUR)
PATIENT_NEWS = notification_type(
    "tests.patient_news", push_class="reminder", quiet="morning", ttl=24 * HOUR
)
ALARM = notification_type("tests.alarm", push_class="urgent", quiet="at_once", ttl=HOUR)
CODE = notification_type("tests.code", mail="code", ttl=HOUR)
OPEN_APP = notification_type("tests.open_app", mail="open_app", ttl=HOUR)
