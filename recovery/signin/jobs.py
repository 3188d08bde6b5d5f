"""The cleanup of sign-ins."""

from __future__ import annotations

from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django import app

from notifications.models import PushRegistration
from recovery.actions import SYSTEM, Call, perform
from recovery.signin.models import DeviceSession, SignInAttempts
from recovery.signin.second_factors import bind

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


@app.periodic(cron="*/5 * * * *")
@app.task(name="signin.note_stopped_pushes", queueing_lock="signin.note_stopped_pushes")
def note_stopped_pushes(timestamp: int) -> None:
    """Show people which of their devices the push services no longer know.

    The pump learns it, but may not touch anyone's data.
    """
    stopped = PushRegistration.objects.exclude(state="active").values("session_id")
    unnoted = DeviceSession.objects.filter(revoked_at=None, pushes_stopped_at=None, id__in=stopped)
    for scope_id, session in unnoted.values_list("scope_id", "id"):
        data = {"scope_id": str(scope_id), "session": str(session)}
        perform(
            "people.note_stopped_pushes",
            data=data,
            call=Call(actor=SYSTEM, now=timezone.now()),
        )


@app.periodic(cron="47 2 * * *")
@app.task(name="signin.forget_registrations", queueing_lock="signin.forget_registrations")
def forget_registrations(timestamp: int) -> None:
    """Delete the push registrations of sessions that ran out a month ago.

    They get no push from the moment the session runs out: see notifications/sql/expand.sql.
    """
    old = timezone.now() - RUN_OUT_KEPT
    run_out = DeviceSession.objects.filter(Q(idle_expires_at__lt=old) | Q(expires_at__lt=old))
    PushRegistration.objects.filter(session_id__in=run_out.values("id")).delete()


@app.periodic(cron="52 2 * * *")
@app.task(name="signin.bind_second_factors", queueing_lock="signin.bind_second_factors")
def bind_second_factors(timestamp: int) -> None:
    """Bind secrets that an earlier release sealed without naming their row."""
    for factor_id in Authenticator.objects.order_by("id").values_list("id", flat=True):
        with transaction.atomic():
            factor = (
                Authenticator.objects.select_for_update(no_key=True).filter(id=factor_id).first()
            )
            if factor is not None and bind(factor):
                factor.save(update_fields=["data"])
