import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.request_id


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("metrics", "0001_initial"),
        ("milestones", "0001_initial"),
        ("workstreams", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ExceptionReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Report due"),
                            ("submitted", "Submitted"),
                            ("returned", "Returned"),
                            ("accepted", "Accepted"),
                            ("closed", "Closed"),
                        ],
                        default="draft",
                        max_length=20,
                    ),
                ),
                ("trigger", models.CharField(max_length=400)),
                ("opened_date", models.DateField()),
                ("report_due_date", models.DateField()),
                ("cause", models.TextField(blank=True, max_length=3000)),
                ("consequence", models.TextField(blank=True, max_length=3000)),
                ("options", models.TextField(blank=True, max_length=3000)),
                ("delivery_impact", models.TextField(blank=True, max_length=3000)),
                ("recovery_date", models.DateField(blank=True, null=True)),
                ("escalated_date", models.DateField(blank=True, null=True)),
                ("submitted_date", models.DateField(blank=True, null=True)),
                ("closed_date", models.DateField(blank=True, null=True)),
                ("closed_because", models.CharField(blank=True, max_length=300)),
                ("version", models.PositiveIntegerField(default=1)),
                ("authors", models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "indicator",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exceptions",
                        to="metrics.indicator",
                    ),
                ),
                (
                    "milestone",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exceptions",
                        to="milestones.milestone",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exceptions",
                        to="workstreams.programme",
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "number"), name="exception_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("indicator__isnull", True), ("milestone__isnull", False)),
                            models.Q(("indicator__isnull", False), ("milestone__isnull", True)),
                            _connector="OR",
                        ),
                        name="exception_has_one_subject",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "closed"), _negated=True),
                        fields=("milestone",),
                        name="exception_one_open_per_milestone",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "closed"), _negated=True),
                        fields=("indicator",),
                        name="exception_one_open_per_indicator",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_date__isnull", False), ("state", "closed")),
                            models.Q(
                                models.Q(("state", "closed"), _negated=True),
                                ("closed_date__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="exception_closed_has_date",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChangeRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("endorsed", "Endorsed"),
                            ("checked", "Waiting for ELT"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("returned", "Returned"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="draft",
                        max_length=20,
                    ),
                ),
                ("reason", models.TextField(max_length=3000)),
                ("delivery_impact", models.TextField(max_length=3000)),
                ("raised_date", models.DateField()),
                ("endorsed_date", models.DateField(blank=True, null=True)),
                ("checked_date", models.DateField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "added_milestone",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="added_by_request",
                        to="milestones.milestone",
                    ),
                ),
                ("authors", models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "checked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "endorsed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "indicator",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="change_requests",
                        to="metrics.indicator",
                    ),
                ),
                (
                    "milestone",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="change_requests",
                        to="milestones.milestone",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="change_requests",
                        to="workstreams.programme",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="change_requests",
                        to="workstreams.project",
                    ),
                ),
                (
                    "raised_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "exception",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="change_requests",
                        to="governance.exceptionreport",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "number"), name="change_request_number_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("state__in", ("draft", "submitted", "endorsed", "checked", "returned"))
                        ),
                        fields=("milestone",),
                        name="change_request_one_under_way_per_milestone",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("state__in", ("draft", "submitted", "endorsed", "checked", "returned"))
                        ),
                        fields=("indicator",),
                        name="change_request_one_under_way_per_indicator",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("indicator__isnull", True),
                                ("milestone__isnull", False),
                                ("project__isnull", True),
                            ),
                            models.Q(
                                ("indicator__isnull", False),
                                ("milestone__isnull", True),
                                ("project__isnull", True),
                            ),
                            models.Q(
                                ("indicator__isnull", True),
                                ("milestone__isnull", True),
                                ("project__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="change_request_has_one_subject",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("added_milestone__isnull", True),
                            models.Q(("project__isnull", False), ("state", "approved")),
                            _connector="OR",
                        ),
                        name="change_request_adds_once_approved",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Meeting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("elt", "ELT meeting"),
                            ("qig", "QIG meeting"),
                            ("workstream", "Work stream meeting"),
                        ],
                        default="elt",
                        max_length=20,
                    ),
                ),
                ("held_date", models.DateField()),
                ("apologies", models.CharField(blank=True, max_length=500)),
                ("notes", models.TextField(blank=True, max_length=5000)),
                ("closed_date", models.DateField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "attendees",
                    models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meetings",
                        to="workstreams.programme",
                    ),
                ),
                (
                    "workstream",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meetings",
                        to="workstreams.workstream",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("workstream__isnull", True)),
                        fields=("programme", "kind", "held_date"),
                        name="meeting_once_per_day",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("workstream__isnull", False)),
                        fields=("workstream", "held_date"),
                        name="workstream_meeting_once_per_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "workstream"), ("workstream__isnull", False)),
                            models.Q(
                                models.Q(("kind", "workstream"), _negated=True),
                                ("workstream__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="meeting_of_a_workstream_names_it",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("approved", "Approved"),
                            ("accepted", "Accepted"),
                            ("rejected", "Rejected"),
                            ("returned", "Returned"),
                        ],
                        max_length=20,
                    ),
                ),
                ("comment", models.TextField(blank=True, max_length=3000)),
                ("chairs_action_reason", models.CharField(blank=True, max_length=500)),
                ("decided_date", models.DateField()),
                ("decided_at", models.DateTimeField()),
                (
                    "change_request",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="governance.changerequest",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="workstreams.programme",
                    ),
                ),
                (
                    "supersedes",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="superseded_by",
                        to="governance.decision",
                    ),
                ),
                (
                    "exception",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="governance.exceptionreport",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="governance.meeting",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("change_request__isnull", False), ("exception__isnull", True)
                            ),
                            models.Q(
                                ("change_request__isnull", True), ("exception__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="decision_on_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("chairs_action_reason", ""), ("meeting__isnull", False)),
                            models.Q(
                                ("meeting__isnull", True),
                                models.Q(("chairs_action_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="decision_at_meeting_or_chairs_action",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome__in", ["approved", "accepted"]),
                            models.Q(("comment", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="decision_refusal_has_comment",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MeetingAction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=500)),
                ("due_date", models.DateField()),
                ("done_date", models.DateField(blank=True, null=True)),
                (
                    "done_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="actions",
                        to="governance.meeting",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meeting_actions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MonthlyLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("on_track", "On track"),
                            ("concern", "Concern"),
                            ("off_track", "Off track"),
                            ("done", "Done"),
                        ],
                        max_length=20,
                    ),
                ),
                ("text", models.CharField(max_length=500)),
                ("made_date", models.DateField()),
                ("made_at", models.DateTimeField()),
                (
                    "commitment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="monthly_lines",
                        to="workstreams.partnercommitment",
                    ),
                ),
                (
                    "enabler",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="monthly_lines",
                        to="workstreams.enabler",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="monthly_lines",
                        to="workstreams.programme",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("commitment__isnull", True), ("enabler__isnull", False)),
                            models.Q(("commitment__isnull", False), ("enabler__isnull", True)),
                            _connector="OR",
                        ),
                        name="monthly_line_on_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)),
                        name="monthly_line_month_is_a_first_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Ratification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ratified_date", models.DateField()),
                ("ratified_at", models.DateTimeField()),
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ratification",
                        to="governance.decision",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ratifications",
                        to="governance.meeting",
                    ),
                ),
                (
                    "ratified_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RemedialAction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=500)),
                ("due_date", models.DateField()),
                ("done_date", models.DateField(blank=True, null=True)),
                (
                    "change_request",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="remedial_actions",
                        to="governance.changerequest",
                    ),
                ),
                (
                    "exception",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="remedial_actions",
                        to="governance.exceptionreport",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="remedial_actions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("change_request__isnull", True), ("exception__isnull", False)
                            ),
                            models.Q(
                                ("change_request__isnull", False), ("exception__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="remedial_action_of_one_record",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Risk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("risk", "Risk"), ("issue", "Issue")],
                        default="risk",
                        max_length=10,
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("project", "Project"),
                            ("workstream", "Work stream"),
                            ("programme", "Programme"),
                        ],
                        default="project",
                        max_length=20,
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("cause", models.TextField(blank=True, max_length=2000)),
                ("effect", models.TextField(blank=True, max_length=2000)),
                (
                    "inherent_likelihood",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ]
                    ),
                ),
                (
                    "inherent_impact",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ]
                    ),
                ),
                (
                    "current_likelihood",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ]
                    ),
                ),
                (
                    "current_impact",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ]
                    ),
                ),
                (
                    "target_likelihood",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ]
                    ),
                ),
                (
                    "target_impact",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ]
                    ),
                ),
                (
                    "response",
                    models.CharField(
                        choices=[
                            ("treat", "Treat"),
                            ("tolerate", "Tolerate"),
                            ("transfer", "Transfer"),
                            ("terminate", "Terminate"),
                        ],
                        default="treat",
                        max_length=20,
                    ),
                ),
                ("response_text", models.TextField(blank=True, max_length=2000)),
                ("review_date", models.DateField()),
                ("raised_date", models.DateField()),
                ("closed_date", models.DateField(blank=True, null=True)),
                ("closed_because", models.CharField(blank=True, max_length=300)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "happened_as",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="came_from",
                        to="governance.risk",
                    ),
                ),
                (
                    "indicators",
                    models.ManyToManyField(
                        blank=True, related_name="risks", to="metrics.indicator"
                    ),
                ),
                (
                    "milestones",
                    models.ManyToManyField(
                        blank=True, related_name="risks", to="milestones.milestone"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="owned_risks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="risks",
                        to="workstreams.programme",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="risks",
                        to="workstreams.project",
                    ),
                ),
                (
                    "raised_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workstream",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="risks",
                        to="workstreams.workstream",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "number"), name="risk_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("current_impact__range", (1, 5)),
                            ("current_likelihood__range", (1, 5)),
                            ("inherent_impact__range", (1, 5)),
                            ("inherent_likelihood__range", (1, 5)),
                            ("target_impact__range", (1, 5)),
                            ("target_likelihood__range", (1, 5)),
                        ),
                        name="risk_scores_are_one_to_five",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_because", ""), ("closed_date__isnull", True)),
                            models.Q(
                                ("closed_date__isnull", False),
                                models.Q(("closed_because", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="risk_closed_with_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("level", "project"), _negated=True),
                            ("project__isnull", False),
                            _connector="OR",
                        ),
                        name="risk_of_a_project_names_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("level", "programme"), ("workstream__isnull", False), _connector="OR"
                        ),
                        name="risk_of_a_workstream_names_it",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="exceptionreport",
            name="risk",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="exceptions",
                to="governance.risk",
            ),
        ),
        migrations.CreateModel(
            name="RiskChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("field", models.CharField(max_length=40)),
                ("old_value", models.JSONField(null=True)),
                ("new_value", models.JSONField(null=True)),
                ("made_date", models.DateField()),
                ("made_at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "request_id",
                    models.CharField(
                        blank=True, default=accounts.request_id.current_request_id, max_length=36
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "risk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="governance.risk",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("risk", "version", "field"), name="risk_change_once_per_version"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("planned_date", "Planned date"),
                            ("title", "Title"),
                            ("scope", "Scope"),
                            ("withdrawal", "Withdrawal"),
                            ("trajectory", "Trajectory"),
                            ("final_target", "Final target"),
                            ("addition", "New milestone"),
                        ],
                        max_length=20,
                    ),
                ),
                ("old_value", models.JSONField(null=True)),
                ("new_value", models.JSONField()),
                ("is_applied", models.BooleanField(default=False)),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="governance.changerequest",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("request", "kind"), name="change_kind_once_per_request"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("new_value", models.F("old_value")), _negated=True),
                        name="change_changes_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "addition"), ("old_value__isnull", True)),
                            models.Q(
                                models.Q(("kind", "addition"), _negated=True),
                                ("old_value__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="change_only_addition_has_no_old_value",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CqcStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("claimed", "Owner says complete"),
                            ("submitted", "Evidence submitted"),
                            ("assured", "Assured"),
                            ("embedded", "Embedded"),
                            ("reopened", "Reopened"),
                        ],
                        max_length=20,
                    ),
                ),
                ("comment", models.TextField(blank=True, max_length=3000)),
                ("recheck_date", models.DateField(blank=True, null=True)),
                ("made_date", models.DateField()),
                ("made_at", models.DateTimeField()),
                (
                    "cqc_action",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="workstreams.cqcaction",
                    ),
                ),
                (
                    "evidence",
                    models.ManyToManyField(
                        blank=True, related_name="cqc_steps", to="milestones.evidence"
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("cqc_action", "number"), name="cqc_step_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "reopened"), _negated=True),
                            models.Q(("comment", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="cqc_reopened_with_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "assured"), _negated=True),
                            ("recheck_date__isnull", False),
                            _connector="OR",
                        ),
                        name="cqc_assured_is_checked_again",
                    ),
                ],
            },
        ),
    ]
