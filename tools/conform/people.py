"""`python -m tools.conform.people`: makes the people of the stories, and acts for them.

A process of its own, in role `jobs`, because Django uses one database for the life of a process.
It reads one call a line, `["name", {arguments}]`, and answers each with a line: `{"value": …}`, or
`{"refused": code}`.
"""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import django

PROGRAMME = Path(__file__).parents[2] / "content" / "programmes" / "northlight.yaml"
LOADS = (["load_notice"], ["load_library"], ["load_programme", str(PROGRAMME)])
BORN = "1990-04-01"


class People:
    """One counsellor for all stories. Each story has a group of its own, with Ana and Ben in it."""

    def __init__(self) -> None:
        from django.core.management import call_command

        from recovery.care.models import Programme

        for command in LOADS:
            call_command(*command)
        self.programme = str(Programme.objects.get(slug="northlight").id)
        self.dana = self._employ()

    def story(self, confirmed: bool) -> dict[str, Any]:
        """A new group with Ben in it, and Ana, who has not signed in on any phone. `confirmed`:
        she has acknowledged the notice and has joined the group."""
        group = _new_id()
        names = {"name": "Evening circle", "alias": "Dana"}
        opened = {"id": group, "programme": self.programme, **names}
        self.act(self.dana, "groups.create", opened)
        ben, ana = self._admit("Ben", "Marsh"), self._admit("Ana", "Reyes")
        self._acknowledge(ben)
        self._join(ben, group, "Heron")
        if confirmed:
            self._acknowledge(ana)
            self._join(ana, group, "Fern")
        return {
            "group": group,
            "ben": ben["user"],
            "dana": self.dana,
            "ana": ana["user"],
            "record": ana["record"],
            "code": ana["code"],
            "date_of_birth": BORN,
            "notice": self._notice(),
            "form": self._form(),
        }

    def act(
        self, by: str, action: str, data: dict[str, Any], base: dict[str, int] | None = None
    ) -> dict[str, Any]:
        """The answer of an action that comes from no phone's outbox. `by`: "" is the system."""
        from django.utils import timezone

        from recovery.actions import SYSTEM, Call, perform
        from recovery.signin.models import User

        actor = User.objects.get(id=by) if by else SYSTEM
        call = Call(actor, timezone.now(), base=base or {})
        outcome = perform(action, data=data, call=call)
        return {**(outcome.data or {}), **(outcome.once or {})}

    def age(self) -> None:
        """What was said in any group so far leaves the feed, as it does after 180 days."""
        from django.utils import timezone

        from recovery.feed import ageing

        ageing.age(timezone.now() + ageing.KEEP)

    def new_epoch(self) -> None:
        """What the operator does after a restore."""
        from django.core.management import call_command

        call_command("rotate_epoch")

    def _employ(self) -> str:
        names = {"given_name": "Dana", "family_name": "Hale", "email": f"{_new_id()}@staff.example"}
        invitation: dict[str, Any] = {"role": "counsellor", "by_email": False}
        invitation |= {"programme": self.programme}
        user = str(self.act("", "people.invite_staff", invitation | names)["user"])
        self.act(user, "people.accept_invitation", {"by_email": True})
        return user

    def _admit(self, first: str, last: str) -> dict[str, Any]:
        """Admit a patient. Every one is another person, although all have the same names."""
        person = {"given_name": first, "family_name": last, "date_of_birth": BORN}
        address = {"email": f"{_new_id()}@mail.example", "by_email": False, "locale": "en"}
        care = {"programme": self.programme, "level": "iop", "separate": True}
        return self.act(self.dana, "care.admit_patient", person | address | care)

    def _acknowledge(self, patient: dict[str, Any]) -> None:
        signature = {"notice": self._notice(), "signed_name": "As on paper"}
        self.act(patient["user"], "privacy.acknowledge_notice", signature)

    def invite(self, group: str, record: str) -> str:
        """Returns the invitation's id."""
        invited = self.act(self.dana, "groups.invite_member", {"group": group, "record": record})
        return str(invited["group_invitation"])

    def _join(self, patient: dict[str, Any], group: str, alias: str) -> None:
        consent = {"form": self._form(), "signature": "As on paper"}
        joining = {"alias": alias, "avatar": "fern", "rules_accepted": True, "consent": consent}
        invitation = self.invite(group, patient["record"])
        self.act(patient["user"], "groups.join", {"invitation": invitation, **joining})

    def _notice(self) -> str:
        from recovery.privacy.queries import notice_in_force

        return _id_in_force(notice_in_force)

    def _form(self) -> str:
        from recovery.privacy.queries import form_in_force

        return _id_in_force(form_in_force, "peer_group_visibility")


def _id_in_force(wording_in_force: Any, *kind: str) -> str:
    from django.utils import timezone

    from recovery.feed import scopes

    library = scopes.scope_id("library:en")
    return str(wording_in_force(library, *kind, timezone.now().date()).id)


def _new_id() -> str:
    from uuid_utils.compat import uuid7

    return str(uuid7())


def main() -> None:
    django.setup()
    from foundation.problems import Problem

    answers = sys.stdout
    with redirect_stdout(sys.stderr):
        people = People()
        print(json.dumps({"value": "ready"}), file=answers, flush=True)
        for line in sys.stdin:
            name, arguments = json.loads(line)
            try:
                answer = {"value": getattr(people, name)(**arguments)}
            except Problem as problem:
                answer = {"refused": problem.code}
            print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
