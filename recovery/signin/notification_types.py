"""Push and e-mail about signing in. The texts are constant and name no one."""

from datetime import timedelta

from notifications import notification_type

DEVICE_ALERT = notification_type(
    "people.device_alert",
    push_class="reminder",
    quiet="at_once",  # a stranger may be signing in
    ttl=timedelta(hours=24),
)
SIGN_IN_CODE = notification_type("people.sign_in_code", mail="code", ttl=timedelta(minutes=10))
