"""The cleanup of sign-ins."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django import app

from notifications.models import PushRegistration
from recovery.signin.models import DeviceSession, SignInAttempts

ATTEMPTS_KEPT = timedelta(days=90)
# The same install may sign in again and continue its session, which then gets pushes as before.
RUN_OUT_KEPT = timedelta(days=30)


# Every quarter of an hour: strangers can begin as many ceremonies as their networks allow.
@app.periodic(cron="*/15 * * * *")
@app.task(name="signin.forget", queueing_lock="signin.forget")
def forget(timestamp: int) -> None:
    """Delete ceremonies that were not finished, and old counts of attempts.

    Device sessions stay, because a phone that comes back after a year must still get its wipe
    order. They are erased together with their owner.
    """
    now = timezone.now()
    Session.objects.filter(expire_date__lt=now).delete()
    SignInAttempts.objects.filter(hour__lt=now - ATTEMPTS_KEPT).delete()


@app.periodic(cron="47 2 * * *")
@app.task(name="signin.forget_registrations", queueing_lock="signin.forget_registrations")
def forget_registrations(timestamp: int) -> None:
    """Delete the push registrations of sessions that ran out a month ago.

    They get no push from the moment the session runs out: see notifications/sql/expand.sql.
    """
    old = timezone.now() - RUN_OUT_KEPT
    run_out = DeviceSession.objects.filter(Q(idle_expires_at__lt=old) | Q(expires_at__lt=old))
    PushRegistration.objects.filter(session_id__in=run_out.values("id")).delete()
