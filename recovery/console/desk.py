"""Who sits at the desk: the person of one request, what they read and what they do."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import Http404, HttpRequest

from foundation.problems import Problem
from recovery.actions import Call, perform
from recovery.actions.ledger import note_reads
from recovery.actions.receipts import Outcome
from recovery.care.models import Programme
from recovery.console import cookies
from recovery.feed.context import set_actor
from recovery.feed.models import Scoped, ScopedQuerySet
from recovery.people.models import StaffMember
from recovery.people.roles import DUTIES, ROLE_NAMES, Duty
from recovery.signin.models import NOBODY, User
from recovery.signin.rules import STAFF

Row = TypeVar("Row", bound=Scoped)


@dataclass
class Desk:
    """One request of a member of staff. Its reads belong into a transaction in which `user` is the
    acting user, its acts into none: each has its own."""

    request: HttpRequest
    user: User
    now: datetime
    key: uuid.UUID = NOBODY  # of the form that was sent
    outcome: str = ""  # of the form, in a sentence
    done: Outcome | None = None  # of the last act
    refused: Problem | None = None
    _seen: list[tuple[uuid.UUID, str, uuid.UUID]] = field(default_factory=list)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A transaction in which the person's rows can be read."""
        with transaction.atomic():
            set_actor(self.user.id)
            yield

    def rows(self, model: type[Row]) -> ScopedQuerySet:
        """The rows of this model that the person may see."""
        return model.objects.visible_to(self.user)

    def read(self, rows: Iterable[Row]) -> list[Row]:
        """The rows, which are about to be shown: that is noted, for whom they are about."""
        shown = list(rows)
        self._seen += [(row.scope_id, str(row._meta.model_name), row.pk) for row in shown]
        return shown

    def read_one(self, rows: Any) -> Any:
        """The one row of a query. Http404, where there is none that the person may see."""
        first = self.read(rows[:1])
        if not first:
            raise Http404
        return first[0]

    def note_reads(self) -> None:
        """Write what was shown into the audit. Pages call this once, when they have been drawn."""
        page = self.request.resolver_match
        seen = dict.fromkeys(self._seen)  # what several parts of a page show is one thing
        note_reads(seen, f"read {page.url_name if page else ''}", self.user, self.now)

    def act(
        self,
        name: str,
        data: dict[str, Any],
        *,
        part: str = "",
        base: Mapping[str, int] | None = None,
    ) -> Outcome:
        """Perform an action, once for each form that was sent. `part`: which of several that one
        form performs. `base`: what the person had seen, as in a Call. Raises a Refusal."""
        key = uuid.uuid5(self.key, part) if part else self.key
        call = Call(self.user, self.now, key, base=base or {}, session_id=self.user.session_id)
        self.done = perform(name, data=data, call=call)
        return self.done

    def find_place(self) -> None:
        """Read where the person works, before an act needs it: outside a transaction nothing can be
        seen, and that nothing would be kept."""
        with self.reading():
            _ = self.place, self.programme

    @cached_property
    def places(self) -> list[StaffMember]:
        """The person on the staff of each programme that they work for, whose id is `scope_id`."""
        mine = self.rows(StaffMember).filter(user_id=self.user.id, left_at=None)
        return list(mine.order_by("scope_id"))

    @cached_property
    def place(self) -> StaffMember | None:
        """Their place in the programme that is shown: the one that they chose, or the first."""
        chosen = self.request.COOKIES.get(cookies.PROGRAMME, "")
        here = [place for place in self.places if str(place.scope_id) == chosen]
        return next(iter(here or self.places), None)

    @cached_property
    def programmes(self) -> list[Programme]:
        """The programmes that the person works for, by name."""
        ids = [place.scope_id for place in self.places]
        return list(Programme.objects.filter(id__in=ids).order_by("name"))

    @cached_property
    def programme(self) -> Programme | None:
        """The programme that is shown. None, if the person works for none any more."""
        shown = self.place and self.place.scope_id
        return next((each for each in self.programmes if each.id == shown), None)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.programme.time_zone if self.programme else "UTC")

    @property
    def today(self) -> date:
        """The day at the programme."""
        return self.now.astimezone(self.zone).date()

    @property
    def role_title(self) -> str:
        return str(ROLE_NAMES[self.place.role]) if self.place else ""

    @property
    def idle_seconds(self) -> int:
        return int(STAFF.idle.total_seconds())

    def has(self, duty: Duty) -> bool:
        """Whether their role on the staff carries the duty. It says what a page offers; the rules
        of the actions say what they may."""
        return self.place is not None and duty in DUTIES[self.place.role]
