"""The notification types of sign-in. Their texts are constant and name no one."""

from datetime import timedelta

from notifications import notification_type

DEVICE_ALERT = notification_type(
    "people.device_alert", push_class="reminder", ttl=timedelta(hours=24)
)
SIGN_IN_CODE = notification_type("people.sign_in_code", mail="code", ttl=timedelta(minutes=10))
