"""The counters that stand in for Valkey."""

from django.db import models


class Attempts(models.Model):
    """How often something was tried in the present window, while Valkey cannot count it."""

    # Counted before anybody is signed in; the key is a hash that names nobody.
    table_class = "account"

    key = models.BinaryField(primary_key=True, max_length=32)
    count = models.IntegerField()
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["until"], name="attempts_until")]
