"""The counters that replace Valkey while it is away."""

from django.db import models


class Attempts(models.Model):
    """The number of requests under one key in its current window."""

    # Written before anyone is signed in, so row-level security cannot apply. The key is a hash
    # that identifies no one.
    table_class = "account"

    key = models.BinaryField(primary_key=True, max_length=32)
    count = models.IntegerField()
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["until"], name="attempts_until")]
