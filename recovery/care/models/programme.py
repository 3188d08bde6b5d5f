"""A treatment programme, its settings and the levels of care it runs."""

from django.db import models

from recovery.feed.models import Scoped


class Programme(models.Model):
    """One programme. Settings that the code depends on are columns too.

    `preset` is the file as it was last loaded. A setting that differs from it was changed by an
    administrator, and is kept when the file is loaded again.
    """

    table_class = "reference"
    managed_by = "id"

    id = models.UUIDField(primary_key=True)
    slug = models.TextField(unique=True)
    name = models.TextField()
    time_zone = models.TextField(help_text="IANA name; weeks and days of the programme are in it")
    week_starts_on = models.SmallIntegerField(help_text="0 is Monday")
    minimum_age = models.SmallIntegerField()
    settings = models.JSONField()
    preset = models.JSONField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(week_starts_on__range=(0, 6)), name="programme_week_start"
            ),
            models.CheckConstraint(
                condition=models.Q(minimum_age__gte=18), name="programme_adults_only"
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class LevelOfCare(models.Model):
    """A level of care that a programme has, with its hours per week.

    A code has a meaning only together with its edition, because the editions use the same codes
    for different levels. Both are empty for levels outside the ASAM criteria.
    """

    table_class = "reference"
    managed_by = "programme_id"

    id = models.UUIDField(primary_key=True)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="levels")
    code = models.TextField()
    name = models.JSONField(help_text="by locale")
    asam_edition = models.SmallIntegerField(null=True)
    asam_code = models.TextField(blank=True)
    offered = models.BooleanField()
    position = models.SmallIntegerField(help_text="as listed by the programme")
    minutes_min = models.IntegerField(help_text="a week")
    minutes_target = models.IntegerField(help_text="a week")
    minutes_max = models.IntegerField(help_text="a week")
    days_min = models.SmallIntegerField()
    days_max = models.SmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "code"], name="level_of_programme"),
            models.CheckConstraint(
                condition=models.Q(
                    minutes_min__gte=0,
                    minutes_target__gte=models.F("minutes_min"),
                    minutes_max__gte=models.F("minutes_target"),
                ),
                name="level_hours_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ProgrammeCard(Scoped):
    """The settings that everyone in the programme can read: helplines, hours, levels.

    `id` and `scope_id` are the programme's id.
    """

    content = models.JSONField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(id=models.F("scope_id")), name="programme_card_is_scope"
            )
        ]
