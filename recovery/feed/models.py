"""Scopes, memberships, feed entries and phones, and the base classes of scoped rows."""

from __future__ import annotations

import functools
import uuid
from typing import Any, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, models
from uuid_utils.compat import uuid7


class AnyOf(models.Lookup):
    """`column = ANY(array)`: PostgreSQL evaluates the array once and then uses an index."""

    lookup_name = "any"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} = ANY({right})", (*left_params, *right_params)


models.UUIDField.register_lookup(AnyOf)


class Scope(models.Model):
    """One audience, the tenant of its rows.

    `seq` numbers its changes, `acl` its changes of membership. Tombstones up to `floor` may have
    been deleted. What people wrote up to the time `aged_until` has left the feed. Not every member
    may see what people wrote up to the number `veiled_to`.
    """

    table_class = "scoped"
    scope_column = "id"
    written_by_functions = True

    id = models.UUIDField(primary_key=True)
    name = models.TextField()
    kind = models.TextField()
    home_id = models.UUIDField(help_text="the treatment organisation; immutable")
    seq = models.BigIntegerField(default=0)
    floor = models.BigIntegerField(default=0)
    aged_until = models.DateTimeField(null=True)
    veiled_to = models.BigIntegerField(db_default=0)
    acl = models.BigIntegerField(default=0)
    is_open = models.BooleanField(default=True)
    active_at = models.DateTimeField()


class Membership(models.Model):
    """A user sees a scope, in a role.

    `held` hides everything until the user acknowledges the notice. What people wrote up to the
    number `visible_from`, or before the time `visible_since`, is hidden from this member.
    """

    table_class = "scoped"
    written_by_functions = True

    pk = models.CompositePrimaryKey("scope_id", "user_id")
    scope_id = models.UUIDField()
    user_id = models.UUIDField()
    role = models.TextField()
    grant = models.BigIntegerField(default=1)
    visible_from = models.BigIntegerField(default=0)
    visible_since = models.DateTimeField(null=True)
    held = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["user_id"], include=["scope_id"], name="membership_user"),
            # Partial, because the largest scopes have tens of thousands of members and hide
            # nothing from any of them.
            models.Index(
                fields=["scope_id", "visible_from"],
                condition=models.Q(visible_from__gt=0),
                name="membership_from_now",
            ),
        ]

    @classmethod
    def scopes_of(cls, user_id: uuid.UUID) -> ArraySubquery:
        """The ids of the scopes that `user_id` is in, as one array."""
        mine = cls.objects.filter(user_id=user_id, held=False)
        return ArraySubquery(mine.values("scope_id"))


class FeedEntry(models.Model):
    """The current document of one object in one scope, stored ready to send.

    `since` is the number at which something people write was first published. Edits do not change
    it, so the entry stays hidden from members who joined later. Null for all other kinds.
    """

    table_class = "scoped"
    written_by_functions = True

    pk = models.CompositePrimaryKey("scope_id", "kind", "object_id")
    scope_id = models.UUIDField()
    kind = models.TextField()
    object_id = models.UUIDField()
    seq = models.BigIntegerField()
    since = models.BigIntegerField(null=True)
    deleted = models.BooleanField()
    author_id = models.UUIDField(null=True)
    digest = models.BigIntegerField()
    doc = models.TextField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope_id", "seq"], name="feed_entry_scope_seq")
        ]
        indexes = [
            models.Index(
                fields=["scope_id", "seq"],
                condition=models.Q(deleted=True),
                name="feed_tombstones",
            ),
            models.Index(
                fields=["scope_id", "changed_at"],
                condition=models.Q(deleted=True),
                name="feed_tombstones_by_age",
            ),
        ]


class SyncEpoch(models.Model):
    """The counter that an operator raises after a restore; see `manage.py rotate_epoch`."""

    table_class = "reference"

    id = models.SmallIntegerField(primary_key=True, default=1)
    counter = models.IntegerField(default=1)


class ScopedQuerySet(models.QuerySet[Any]):
    """Every query on scoped rows starts with one of these two methods."""

    def visible_to(self, user: Any) -> Self:
        """Rows of the scopes that `user` (anything with an `id`) is a member of."""
        return self.filter(scope_id__any=Membership.scopes_of(user.id))

    def in_scope(self, scope_id: uuid.UUID) -> Self:
        return self.filter(scope_id=scope_id)


class Scoped(models.Model):
    """A row that the members of one scope see. The scope never changes."""

    table_class = "scoped"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    scope_id = models.UUIDField(editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True

    def _do_insert(
        self, manager: Any, using: Any, fields: Any, returning_fields: Any, raw: Any
    ) -> Any:
        """Insert with cached SQL. To build it, as Django does, takes longer than to send it."""
        values = [f.get_db_prep_save(f.pre_save(self, add=True), connection) for f in fields]
        if returning_fields or any(hasattr(v, "resolve_expression") for v in values):
            return super()._do_insert(  # type: ignore[misc]
                manager, using, fields, returning_fields, raw
            )
        with connection.cursor() as cursor:
            cursor.execute(_insert(type(self), tuple(fields)), values)
        return []

    def _do_update(self, base_qs: Any, *rest: Any) -> bool:  # type: ignore[override]
        """Name the scope in the update, as in every other statement."""
        return bool(super()._do_update(base_qs.filter(scope_id=self.scope_id), *rest))


@functools.cache
def _insert(model: type[models.Model], fields: tuple[models.Field[Any, Any], ...]) -> str:
    quoted = connection.ops.quote_name
    columns = ", ".join(quoted(str(field.column)) for field in fields)
    marks = ", ".join(
        field.get_placeholder(None, None, connection) if hasattr(field, "get_placeholder") else "%s"
        for field in fields
    )
    return f"INSERT INTO {quoted(model._meta.db_table)} ({columns}) VALUES ({marks})"  # noqa: S608


class Personal(Scoped):
    """A row in its owner's `person:` scope, whose id is the owner's id."""

    table_class = "personal"

    class Meta:
        abstract = True


class SyncClient(Personal):
    """A phone: one copy of the data on one install.

    `lmid` maps a lane to the id of the last mutation accepted from it.
    """

    session_id = models.UUIDField(null=True)
    install = models.BinaryField(help_text="SHA-256 of the install's secret")
    platform = models.TextField()
    app = models.TextField()
    schema = models.IntegerField()
    lmid = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    last_seen = models.DateTimeField(help_text="rounded to an hour")
    revoked_at = models.DateTimeField(null=True)
