"""The phones that synchronise."""

from django.db import models

from recovery.feed.models import Personal


class SyncClient(Personal):
    """One copy of the data on one install, and how far its queued mutations have been taken.

    `lmid` maps a lane to the last mutation id taken from it.
    """

    session_id = models.UUIDField()
    platform = models.TextField()
    app = models.TextField()
    schema = models.IntegerField()
    lmid = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    last_seen = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
