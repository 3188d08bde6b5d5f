"""An announcement reaches every alumnus of the programme once, and nobody else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from uuid_utils.compat import uuid7

from foundation.problems import Invalid, NotAllowed, NotFound, Refused
from notifications.models import Intent, Preferences
from recovery.alumni import jobs as job
from recovery.alumni import queries
from recovery.alumni.jobs import IncompleteError, deliver
from recovery.alumni.models import Campaign, InboxItem
from recovery.care.models import Programme
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.cast import (
    NOW,
    act,
    act_as_system,
    documents,
    employ,
    load_wordings,
    make_patient,
    make_programme,
    user_of,
)
from tests.roles import as_role, set_scene

TEXT = {"en": "Picnic on Saturday", "es": "Picnic el sábado"}
pytestmark = pytest.mark.usefixtures("committed_db")


@dataclass
class Town:
    """Opal coordinates the alumni Ivy and Juniper; Kit is still a patient, Linden's
    membership is held until the notice, Moss is an alumnus of another programme."""

    programme: Programme
    dana: User
    opal: User
    ivy: User
    juniper: User
    kit: User
    linden: User
    moss: User

    def outsiders(self) -> list[User]:
        return [self.dana, self.opal, self.kit, self.linden, self.moss]


@pytest.fixture
def town(committed_db: None) -> Town:
    load_wordings()
    programme, other = make_programme(), make_programme(slug="elsewhere")
    dana, oak = employ(programme), employ(other)
    people = [
        make_patient(programme, dana, role="alumnus"),
        make_patient(programme, dana, role="alumnus"),
        make_patient(programme, dana),
        make_patient(programme, dana, role="alumnus", confirmed=False),
        make_patient(other, oak, role="alumnus"),
    ]
    opal = employ(programme, "alumni_coordinator")
    return Town(programme, dana, opal, *map(user_of, people))


def draft(town: Town, by: User | None = None, **changes: Any) -> str:
    data = {"id": uuid7(), "programme": town.programme.id, "text": TEXT} | changes
    act(by or town.opal, "alumni.draft_announcement", **data)
    return str(data["id"])


def run(town: Town, campaign: str) -> None:
    """Run the delivery job as the worker does."""
    with as_role("jobs"):
        deliver(programme=str(town.programme.id), campaign=campaign)


def announce(town: Town) -> str:
    campaign = draft(town)
    act(town.opal, "alumni.announce", campaign=campaign)
    run(town, campaign)
    return campaign


def inbox(user: User) -> list[dict[str, Any]]:
    return documents(user, "inbox_item")


def campaigns(user: User) -> list[dict[str, Any]]:
    return documents(user, "campaign")


def pushes(user: User) -> list[Intent]:
    with as_role("jobs"):
        mine = Intent.objects.filter(scope_id=user.id, type="alumni.announcement")
        return list(mine.order_by("due"))


def jobs() -> list[Any]:
    with as_role("jobs"), connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'alumni.deliver'")
        return [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in cursor]


def test_an_announcement_reaches_every_alumnus_and_nobody_else(town: Town) -> None:
    campaign = announce(town)
    for user in (town.ivy, town.juniper):
        [item] = inbox(user)
        assert (item["text"], item["programme_name"]) == (TEXT, "Harbor House")
        [push] = pushes(user)
        assert (push.push_class, push.role, push.except_user) == ("sync", None, None)
    for user in town.outsiders():
        assert inbox(user) == []
        assert pushes(user) == []
    [shown] = campaigns(town.opal)
    assert shown["id"] == campaign
    assert (shown["state"], shown["reached"], shown["held_back"]) == ("sent", 2, 0)


def test_a_draft_is_visible_to_staff_and_reaches_nobody(town: Town) -> None:
    campaign = draft(town)
    assert [(c["id"], c["state"]) for c in campaigns(town.dana)] == [(campaign, "draft")]
    for user in (town.ivy, town.kit):
        assert campaigns(user) == inbox(user) == []
    assert jobs() == []


def test_announcing_enqueues_the_job_in_the_same_transaction(town: Town) -> None:
    campaign = draft(town)
    act(town.opal, "alumni.announce", campaign=campaign)
    assert jobs() == [{"programme": str(town.programme.id), "campaign": campaign}]
    assert campaigns(town.opal)[0]["state"] == "sending"


def test_a_job_that_runs_twice_delivers_once(town: Town) -> None:
    campaign = announce(town)
    run(town, campaign)
    assert len(inbox(town.ivy)) == len(pushes(town.ivy)) == 1
    assert campaigns(town.opal)[0]["reached"] == 2


def test_a_second_run_succeeds_though_a_recipient_is_no_longer_an_alumnus(town: Town) -> None:
    campaign = announce(town)
    with transaction.atomic(), collecting(), set_scene():
        scopes.grant(town.programme.id, town.ivy.id, "patient")
    run(town, campaign)
    assert campaigns(town.opal)[0]["reached"] == 2


def test_a_failure_for_one_recipient_does_not_stop_the_others(town: Town) -> None:
    """The job fails so that it is retried; the retry reaches the recipient who was left out."""
    broken = min(town.ivy, town.juniper, key=lambda user: user.id)
    other = max(town.ivy, town.juniper, key=lambda user: user.id)
    with transaction.atomic():
        set_actor(broken.id)
        quiet = {"quiet_start": time(22), "quiet_end": time(7)}
        Preferences(scope_id=broken.id, time_zone="Nowhere/At_All", **quiet).save(force_insert=True)
    campaign = draft(town)
    act(town.opal, "alumni.announce", campaign=campaign)
    with pytest.raises(IncompleteError):
        run(town, campaign)
    assert (len(inbox(broken)), len(inbox(other))) == (0, 1)
    assert campaigns(town.opal)[0]["state"] == "sending"
    with as_role("jobs"):
        Preferences.objects.filter(scope_id=broken.id).update(time_zone="America/New_York")
    run(town, campaign)
    assert (len(inbox(broken)), len(inbox(other))) == (1, 1)
    [shown] = campaigns(town.opal)
    assert (shown["state"], shown["reached"]) == ("sent", 2)


def test_an_announcement_is_sent_once(town: Town) -> None:
    campaign = announce(town)
    with pytest.raises(Refused) as refusal:
        act(town.opal, "alumni.announce", campaign=campaign)
    assert refusal.value.code == "sent_already"
    assert len(jobs()) == 1
    assert campaigns(town.opal)[0]["state"] == "sent"


def test_only_coordinators_draft_and_announce(town: Town) -> None:
    campaign = draft(town)
    for name, more in (
        ("announce", {}),
        ("stop_announcement", {}),
        ("change_announcement", {"text": TEXT}),
    ):
        for other, error in (
            (town.dana, NotAllowed),  # a counsellor, who sees the campaign
            (town.ivy, NotFound),
            (town.moss, NotFound),
        ):
            with pytest.raises(error):
                act(other, f"alumni.{name}", campaign=campaign, **more)
    for other, error in (
        (town.dana, NotAllowed),
        (town.ivy, NotAllowed),
        (town.moss, NotFound),
    ):
        with pytest.raises(error):
            draft(town, by=other)
    assert [c["state"] for c in campaigns(town.opal)] == ["draft"]
    assert jobs() == []


@pytest.mark.parametrize(
    "text", [{"en": "Hello"}, {"en": "Hello", "es": " "}, {"en": "x" * 1001, "es": "x"}, "Hello"]
)
def test_an_announcement_needs_text_in_every_language(town: Town, text: Any) -> None:
    with pytest.raises(Invalid):
        draft(town, text=text)
    assert campaigns(town.opal) == []


def test_no_one_gets_more_in_a_week_than_the_programme_allows(town: Town) -> None:
    for _ in range(2):
        announce(town)
    with as_role("jobs"):
        InboxItem.objects.filter(scope_id=town.juniper.id).update(
            received_at=datetime.now(UTC) - timedelta(days=8)
        )
    announce(town)
    assert (len(inbox(town.ivy)), len(pushes(town.ivy))) == (2, 2)
    assert len(inbox(town.juniper)) == 3
    assert [(c["reached"], c["held_back"]) for c in campaigns(town.opal)] == [
        (2, 0),
        (2, 0),
        (1, 1),
    ]


def test_a_former_alumnus_is_not_reached(town: Town) -> None:
    campaign = draft(town)
    act(town.opal, "alumni.announce", campaign=campaign)
    with transaction.atomic(), collecting(), set_scene():
        scopes.grant(town.programme.id, town.ivy.id, "patient")
    run(town, campaign)
    assert (len(inbox(town.ivy)), len(inbox(town.juniper))) == (0, 1)


def stop_after(town: Town, reached: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """An announcement that Opal stops once a number of people have it, while the job runs."""
    campaign, so_far = draft(town), 0
    act(town.opal, "alumni.announce", campaign=campaign)

    def deliver_and_stop(*delivery: Any) -> str:
        nonlocal so_far
        if so_far == reached:
            stop(town, campaign)
        so_far += 1
        return outcome_of(*delivery)

    outcome_of = job._deliver_to
    monkeypatch.setattr(job, "_deliver_to", deliver_and_stop)
    run(town, campaign)
    monkeypatch.undo()
    return campaign


def stop(town: Town, campaign: str) -> None:
    """From a connection of its own, as the console's process has."""

    def at_once() -> None:
        try:
            act(town.opal, "alumni.stop_announcement", campaign=campaign)
        finally:
            connection.close()

    aside = Thread(target=at_once)
    aside.start()
    aside.join()


@pytest.mark.parametrize("reached", [0, 1])
def test_nobody_else_gets_what_was_stopped(
    town: Town, reached: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = stop_after(town, reached, monkeypatch)
    assert len(inbox(town.ivy) + inbox(town.juniper)) == reached
    assert len(pushes(town.ivy) + pushes(town.juniper)) == reached
    [shown] = campaigns(town.opal)
    assert (shown["state"], shown["planned"], shown["reached"]) == ("stopped", 2, reached)
    assert (shown["stopped_by"], shown["sent_at"]) == (str(town.opal.id), None)
    run(town, campaign)  # as after a crash
    assert len(inbox(town.ivy) + inbox(town.juniper)) == reached
    assert campaigns(town.opal) == [shown]


def test_a_delivery_that_has_begun_ends_before_the_stop_does(town: Town) -> None:
    """So that nobody gets it after the coordinator has read that it is stopped."""
    campaign = draft(town)
    with transaction.atomic(), set_scene():
        held = queries.campaign_of(town.programme.id, UUID(campaign))
        assert held.state == "draft"
        aside = Thread(target=stop, args=(town, campaign))
        aside.start()
        aside.join(timeout=0.3)
        assert aside.is_alive()
    aside.join()
    assert campaigns(town.opal)[0]["state"] == "stopped"


def test_a_draft_that_was_put_away_is_never_sent(town: Town) -> None:
    campaign = draft(town)
    act(town.opal, "alumni.stop_announcement", campaign=campaign)
    with pytest.raises(Refused) as refusal:
        act(town.opal, "alumni.announce", campaign=campaign)
    assert refusal.value.code == "stopped"
    with pytest.raises(Refused) as refusal:
        act(town.opal, "alumni.change_announcement", campaign=campaign, text=TEXT)
    assert refusal.value.code == "stopped"
    assert jobs() == []


def test_what_was_sent_is_neither_changed_nor_stopped(town: Town) -> None:
    campaign = announce(town)
    [before] = campaigns(town.opal)
    for name, more in (("change", {"text": {"en": "No", "es": "No"}}), ("stop", {})):
        with pytest.raises(Refused) as refusal:
            act(town.opal, f"alumni.{name}_announcement", campaign=campaign, **more)
        assert refusal.value.code == "sent_already"
    assert campaigns(town.opal) == [before]


def test_a_draft_is_written_again_and_sent_as_it_is_then(town: Town) -> None:
    campaign = draft(town)
    text = {"en": "Picnic on Sunday", "es": "Picnic el domingo"}
    act(town.opal, "alumni.change_announcement", campaign=campaign, text=text)
    act(town.opal, "alumni.announce", campaign=campaign)
    run(town, campaign)
    assert [item["text"] for item in inbox(town.ivy)] == [text]


def test_staff_see_how_far_it_is(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each batch; and what a repeated run counts again is not shown as less."""
    monkeypatch.setattr(job, "BATCH", 1)
    campaign, seen = draft(town), []
    act(town.opal, "alumni.announce", campaign=campaign)
    real = job.perform

    def watched(name: str, **options: Any) -> Any:
        outcome = real(name, **options)
        if name == "alumni.count_announcement":
            with transaction.atomic(), set_scene():
                row = queries.campaign_of(town.programme.id, UUID(campaign))
                seen.append((row.state, row.reached, row.planned))
        return outcome

    monkeypatch.setattr(job, "perform", watched)
    run(town, campaign)
    assert seen == [("sending", 0, 2), ("sending", 1, 2)]
    run(town, campaign)
    assert [reached for _, reached, _ in seen] == [0, 1, 2, 2]


def test_staff_count_the_alumni_of_their_programme_by_language(town: Town) -> None:
    town.juniper.locale = "es"
    with transaction.atomic(), set_scene():
        town.juniper.save(update_fields=["locale"])
    counts = {}
    for user in (town.opal, town.moss):
        with transaction.atomic():
            set_actor(user.id)
            counts[user.id] = queries.alumni_by_locale(town.programme.id)
    assert counts[town.opal.id] == {"en": 1, "es": 1}
    assert counts[town.moss.id] == {}


def deliver_to(town: Town, user: User, campaign: str, now: datetime) -> None:
    data = {"programme": town.programme.id, "campaign": campaign, "user": user.id}
    act_as_system("alumni.deliver_announcement", now=now, **data)


def test_the_delivery_action_refuses_outsiders(town: Town) -> None:
    campaign = draft(town)
    for user in town.outsiders():
        with pytest.raises(Refused) as refusal:
            deliver_to(town, user, campaign, NOW)
        assert refusal.value.code == "not_an_alumnus"
        assert inbox(user) == []


# 04:00 in New York; the programme is quiet from 22:00 to 07:00.
NIGHT = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


def test_at_night_the_item_arrives_and_the_push_waits_until_morning(town: Town) -> None:
    deliver_to(town, town.ivy, draft(town), NIGHT)
    assert len(inbox(town.ivy)) == 1
    assert [push.due for push in pushes(town.ivy)] == [datetime(2026, 3, 3, 12, 0, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("quiet", "due"),
    [
        ((time(3), time(9)), datetime(2026, 3, 3, 17, 0, tzinfo=UTC)),
        ((None, None), NIGHT),
    ],
)
def test_a_users_quiet_hours_override_the_programmes(
    town: Town, quiet: tuple[Any, Any], due: datetime
) -> None:
    """It is 04:00 in Los Angeles. Without quiet hours the push goes out at once."""
    now = NIGHT if quiet == (None, None) else NIGHT + timedelta(hours=3)
    with transaction.atomic():
        set_actor(town.ivy.id)
        Preferences(
            scope_id=town.ivy.id,
            time_zone="America/Los_Angeles",
            quiet_start=quiet[0],
            quiet_end=quiet[1],
        ).save(force_insert=True)
    deliver_to(town, town.ivy, draft(town), now)
    assert [push.due for push in pushes(town.ivy)] == [due]


def test_users_cannot_perform_the_systems_actions(town: Town) -> None:
    campaign = draft(town)
    data = {"programme": town.programme.id, "campaign": campaign}
    for name, more in (
        ("deliver_announcement", {"user": town.ivy.id}),
        ("count_announcement", {"planned": 1, "reached": 1, "held_back": 0}),
        ("finish_announcement", {"reached": 1, "held_back": 0}),
    ):
        with pytest.raises(NotAllowed):
            act(town.opal, f"alumni.{name}", **data | more)
    assert inbox(town.ivy) == []
    with transaction.atomic():
        set_actor(town.opal.id)
        assert Campaign.objects.visible_to(town.opal).get().state == "draft"
