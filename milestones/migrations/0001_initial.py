import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.request_id


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("workstreams", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Dependency",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Milestone",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(max_length=20)),
                ("title", models.CharField(max_length=300)),
                ("note", models.TextField(blank=True)),
                (
                    "quantity",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True),
                ),
                ("unit", models.CharField(blank=True, max_length=40)),
                ("lead_role", models.CharField(blank=True, max_length=150)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("not_started", "Not started"),
                            ("in_progress", "In progress"),
                            ("complete", "Complete"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="not_started",
                        max_length=20,
                    ),
                ),
                ("stated_date", models.DateField(blank=True, null=True)),
                ("baseline_date", models.DateField(blank=True, null=True)),
                (
                    "baseline_precision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("day", "Day"),
                            ("month", "Month"),
                            ("quarter", "Quarter"),
                            ("financial_year", "Financial year"),
                            ("by", "By (done by then, day unknown)"),
                        ],
                        max_length=20,
                    ),
                ),
                ("planned_date", models.DateField(blank=True, null=True)),
                (
                    "planned_precision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("day", "Day"),
                            ("month", "Month"),
                            ("quarter", "Quarter"),
                            ("financial_year", "Financial year"),
                            ("by", "By (done by then, day unknown)"),
                        ],
                        max_length=20,
                    ),
                ),
                ("planned_start_date", models.DateField(blank=True, null=True)),
                ("forecast_date", models.DateField(blank=True, null=True)),
                ("completed_date", models.DateField(blank=True, null=True)),
                (
                    "completed_precision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("day", "Day"),
                            ("month", "Month"),
                            ("quarter", "Quarter"),
                            ("financial_year", "Financial year"),
                            ("by", "By (done by then, day unknown)"),
                        ],
                        max_length=20,
                    ),
                ),
                ("reopened_count", models.PositiveSmallIntegerField(default=0)),
                ("position", models.PositiveIntegerField()),
                ("source_lines", models.CharField(blank=True, max_length=60)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "enabler",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="milestones",
                        to="workstreams.enabler",
                    ),
                ),
                (
                    "lead_director",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="directed_milestones",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "local_owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="owned_milestones",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "predecessors",
                    models.ManyToManyField(
                        related_name="successors",
                        through="milestones.Dependency",
                        through_fields=("successor", "predecessor"),
                        to="milestones.milestone",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="milestones",
                        to="workstreams.programme",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="milestones",
                        to="workstreams.project",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "reference"), name="milestone_reference_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("enabler__isnull", True), ("project__isnull", False)),
                            models.Q(("enabler__isnull", False), ("project__isnull", True)),
                            _connector="OR",
                        ),
                        name="milestone_of_project_or_enabler",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("completed_date__isnull", False), ("status", "complete")),
                            models.Q(
                                models.Q(("status", "complete"), _negated=True),
                                ("completed_date__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="milestone_completed_date_iff_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("baseline_date__isnull", True),
                            models.Q(
                                ("lead_director__isnull", False),
                                ("local_owner__isnull", False),
                                ("planned_date__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="milestone_baselined_has_people_and_date",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FieldChange",
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
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("page", "Page"),
                            ("bulk", "Bulk change"),
                            ("import", "Import"),
                            ("job", "Job"),
                        ],
                        default="page",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("change_request_number", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "request_id",
                    models.CharField(
                        blank=True, default=accounts.request_id.current_request_id, max_length=36
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "milestone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="milestones.milestone",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("milestone", "version", "field"),
                        name="field_change_once_per_version",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("url", models.URLField(blank=True, max_length=500)),
                ("file", models.FileField(blank=True, max_length=200, upload_to="")),
                ("file_name", models.CharField(blank=True, max_length=150)),
                ("content_type", models.CharField(blank=True, max_length=100)),
                ("size", models.PositiveBigIntegerField(blank=True, null=True)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("added_date", models.DateField()),
                ("added_at", models.DateTimeField()),
                ("removed_date", models.DateField(blank=True, null=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "removed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "milestone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="milestones.milestone",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("url", ""),
                                models.Q(("file", ""), _negated=True),
                                models.Q(("sha256", ""), _negated=True),
                            ),
                            models.Q(models.Q(("url", ""), _negated=True), ("file", "")),
                            _connector="OR",
                        ),
                        name="evidence_is_file_or_link",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("removed_by__isnull", True), ("removed_date__isnull", True)),
                            models.Q(
                                ("removed_by__isnull", False), ("removed_date__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="evidence_removed_by_somebody",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="dependency",
            name="predecessor",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="links_to_successors",
                to="milestones.milestone",
            ),
        ),
        migrations.AddField(
            model_name="dependency",
            name="successor",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="links_to_predecessors",
                to="milestones.milestone",
            ),
        ),
        migrations.CreateModel(
            name="Assurance",
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
                        choices=[("assured", "Assured"), ("returned", "Returned")], max_length=10
                    ),
                ),
                ("comment", models.TextField(blank=True, max_length=2000)),
                ("completed_date", models.DateField()),
                ("given_date", models.DateField()),
                ("given_at", models.DateTimeField()),
                (
                    "given_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "milestone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assurances",
                        to="milestones.milestone",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome", "assured"),
                            models.Q(("comment", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="assurance_return_has_comment",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MilestoneUpdate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("not_started", "Not started"),
                            ("in_progress", "In progress"),
                            ("complete", "Complete"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        max_length=20,
                    ),
                ),
                ("forecast_date", models.DateField(blank=True, null=True)),
                ("completed_date", models.DateField(blank=True, null=True)),
                (
                    "owner_view",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("complete", "Complete"),
                            ("on_track", "On track"),
                            ("delayed", "Delayed"),
                            ("at_risk", "At risk"),
                            ("no_date", "No date"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        max_length=20,
                    ),
                ),
                ("narrative", models.TextField(blank=True, max_length=2000)),
                ("made_date", models.DateField()),
                ("made_at", models.DateTimeField()),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("page", "Page"),
                            ("bulk", "Bulk change"),
                            ("import", "Import"),
                            ("job", "Job"),
                        ],
                        default="page",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("version", models.PositiveIntegerField(default=0)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "milestone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="updates",
                        to="milestones.milestone",
                    ),
                ),
                (
                    "month",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workstreams.reportingmonth",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PlanVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("planned_date", models.DateField()),
                (
                    "planned_precision",
                    models.CharField(
                        choices=[
                            ("day", "Day"),
                            ("month", "Month"),
                            ("quarter", "Quarter"),
                            ("financial_year", "Financial year"),
                            ("by", "By (done by then, day unknown)"),
                        ],
                        max_length=20,
                    ),
                ),
                ("change_request_number", models.PositiveIntegerField(blank=True, null=True)),
                ("made_date", models.DateField()),
                ("made_at", models.DateTimeField()),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "milestone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plan_versions",
                        to="milestones.milestone",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("milestone", "number"), name="plan_version_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("change_request_number__isnull", True), ("number", 1)),
                            models.Q(("change_request_number__isnull", False), ("number__gt", 1)),
                            _connector="OR",
                        ),
                        name="plan_version_after_first_names_its_request",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("query", models.CharField(blank=True, max_length=1000)),
                (
                    "shared_with",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("pmo_administrator", "PMO administrator"),
                            ("pmo_officer", "PMO officer"),
                            ("executive_lead", "Executive lead"),
                            ("local_owner", "Local owner"),
                            ("elt_member", "ELT member"),
                            ("auditor", "Auditor"),
                            ("external_reader", "External reader"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to="workstreams.programme",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "owner", "shared_with", "name"),
                        name="saved_view_name_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("owner__isnull", False), ("shared_with", "")),
                            models.Q(
                                ("owner__isnull", True),
                                models.Q(("shared_with", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="saved_view_of_person_or_role",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SubTask",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("due_date", models.DateField(blank=True, null=True)),
                ("done_date", models.DateField(blank=True, null=True)),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "milestone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sub_tasks",
                        to="milestones.milestone",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="milestone",
            index=models.Index(
                fields=["programme", "planned_date"], name="milestone_by_planned_date"
            ),
        ),
        migrations.AddIndex(
            model_name="fieldchange",
            index=models.Index(fields=["milestone", "made_date"], name="field_change_by_day"),
        ),
        migrations.AddConstraint(
            model_name="dependency",
            constraint=models.UniqueConstraint(
                fields=("predecessor", "successor"), name="dependency_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="dependency",
            constraint=models.CheckConstraint(
                condition=models.Q(("predecessor", models.F("successor")), _negated=True),
                name="dependency_not_on_itself",
            ),
        ),
    ]
