"""E-mails about codes and sign-in addresses. Their texts are constant and name no one."""

from datetime import timedelta

from notifications import notification_type

ADDRESS_CODE_LIFE = timedelta(minutes=10)

INVITATION = notification_type("people.invitation", mail="code", ttl=timedelta(hours=24))
ADDRESS_CODE = notification_type("people.address_code", mail="code", ttl=ADDRESS_CODE_LIFE)
ADDRESS_TAKEN = notification_type(
    "people.address_taken", mail="address_taken", ttl=timedelta(hours=24)
)
ADDRESS_CHANGED = notification_type(
    "people.address_changed", mail="address_changed", ttl=timedelta(hours=72)
)
ACCOUNT_RECOVERY = notification_type(
    "people.account_recovery", mail="account_recovery", ttl=timedelta(hours=72)
)
