"""The e-mail with an enrolment code. Its text is constant and names no one."""

from datetime import timedelta

from notifications import notification_type

INVITATION = notification_type("people.invitation", mail="code", ttl=timedelta(hours=24))
