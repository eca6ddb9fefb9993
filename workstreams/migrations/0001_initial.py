import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Programme",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "slug",
                    models.SlugField(
                        max_length=60,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator("^[a-z0-9]+(-[a-z0-9]+)*$")
                        ],
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("organisation", models.CharField(max_length=200)),
                ("office", models.CharField(default="Programme Management Office", max_length=200)),
                ("lead_role", models.CharField(blank=True, max_length=200)),
                ("start_date", models.DateField()),
                ("cqc", models.JSONField(blank=True, default=dict)),
                ("other_figures", models.JSONField(blank=True, default=list)),
                ("source", models.CharField(blank=True, max_length=300)),
                (
                    "tolerance_days",
                    models.PositiveSmallIntegerField(
                        default=28,
                        help_text="A milestone later than this many days is At risk.",
                        validators=[django.core.validators.MaxValueValidator(365)],
                    ),
                ),
                (
                    "met_threshold",
                    models.PositiveSmallIntegerField(
                        default=95,
                        help_text="Per cent of trajectory that counts as Met.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100),
                        ],
                    ),
                ),
                (
                    "near_threshold",
                    models.PositiveSmallIntegerField(
                        default=85,
                        help_text="Per cent of trajectory that counts as Near.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100),
                        ],
                    ),
                ),
                (
                    "elt_quorum",
                    models.PositiveSmallIntegerField(
                        default=3,
                        help_text="ELT members who must attend for a meeting to decide.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(30),
                        ],
                    ),
                ),
                (
                    "report_working_days",
                    models.PositiveSmallIntegerField(
                        default=5,
                        help_text="Working days that a local owner has to file an exception report.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(18),
                        ],
                    ),
                ),
                (
                    "recheck_months",
                    models.PositiveSmallIntegerField(
                        default=3,
                        help_text="Months after which an assured CQC action is checked again.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(24),
                        ],
                    ),
                ),
                (
                    "updates_due_working_day",
                    models.PositiveSmallIntegerField(
                        default=3,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(18),
                        ],
                    ),
                ),
                (
                    "pmo_check_working_day",
                    models.PositiveSmallIntegerField(
                        default=5,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(18),
                        ],
                    ),
                ),
                (
                    "meetings_working_day",
                    models.PositiveSmallIntegerField(
                        default=7,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(18),
                        ],
                    ),
                ),
                (
                    "qig_working_day",
                    models.PositiveSmallIntegerField(
                        default=9,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(18),
                        ],
                    ),
                ),
                (
                    "elt_working_day",
                    models.PositiveSmallIntegerField(
                        default=11,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(18),
                        ],
                    ),
                ),
                (
                    "issue_working_day",
                    models.PositiveSmallIntegerField(
                        default=12,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(18),
                        ],
                    ),
                ),
                ("rating_words", models.JSONField(blank=True, default=dict)),
                (
                    "next_inspection_date",
                    models.DateField(
                        blank=True,
                        help_text="The regulator’s next visit, as far as it is known. Empty while it is not.",
                        null=True,
                    ),
                ),
                (
                    "demonstration_date",
                    models.DateField(
                        blank=True,
                        help_text="Set only for a demonstration: this day is used wherever today decides.",
                        null=True,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "slug__in",
                                [
                                    "accounts",
                                    "admin",
                                    "api",
                                    "health",
                                    "media",
                                    "portfolio",
                                    "search",
                                    "static",
                                ],
                            ),
                            _negated=True,
                        ),
                        name="programme_slug_not_reserved",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("near_threshold__lt", models.F("met_threshold"))),
                        name="programme_near_below_met",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Workstream",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=10)),
                ("name", models.CharField(max_length=200)),
                ("aliases", models.JSONField(blank=True, default=list)),
                ("executive_lead_name", models.CharField(blank=True, max_length=150)),
                ("executive_role", models.CharField(max_length=150)),
                ("position", models.PositiveSmallIntegerField()),
                ("source_lines", models.CharField(blank=True, max_length=60)),
                (
                    "executive_lead",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="led_workstreams",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="workstreams",
                        to="workstreams.programme",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "code"), name="workstream_code_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Project",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=200)),
                ("aliases", models.JSONField(blank=True, default=list)),
                ("aim", models.TextField(blank=True)),
                ("position", models.PositiveSmallIntegerField()),
                ("source_lines", models.CharField(blank=True, max_length=60)),
                (
                    "lead_director",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "local_owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="owned_projects",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workstream",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="projects",
                        to="workstreams.workstream",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("workstream", "code"), name="project_code_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="CqcAction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(max_length=20)),
                (
                    "level",
                    models.CharField(
                        choices=[("must", "Must do"), ("should", "Should do")], max_length=10
                    ),
                ),
                ("text", models.TextField()),
                ("heading", models.CharField(blank=True, max_length=300)),
                ("note", models.TextField(blank=True)),
                ("position", models.PositiveSmallIntegerField()),
                ("source_lines", models.CharField(blank=True, max_length=60)),
                (
                    "local_owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="owned_cqc_actions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cqc_actions",
                        to="workstreams.programme",
                    ),
                ),
                (
                    "projects",
                    models.ManyToManyField(
                        blank=True, related_name="cqc_actions", to="workstreams.project"
                    ),
                ),
                (
                    "workstream",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cqc_actions",
                        to="workstreams.workstream",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "reference"), name="cqc_action_reference_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PartnerCommitment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("partner", models.CharField(max_length=200)),
                ("text", models.TextField()),
                ("position", models.PositiveSmallIntegerField()),
                ("source_lines", models.CharField(blank=True, max_length=60)),
                (
                    "local_owner",
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="partner_commitments",
                        to="workstreams.programme",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "position"), name="partner_commitment_position_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
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
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="workstreams.programme",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "user", "role"), name="membership_once_per_role"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Improvement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("section", models.CharField(max_length=100)),
                ("text", models.TextField()),
                ("position", models.PositiveSmallIntegerField()),
                ("source_lines", models.CharField(blank=True, max_length=60)),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="improvements",
                        to="workstreams.programme",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "position"), name="improvement_position_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="GovernanceGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("short_name", models.CharField(blank=True, max_length=20)),
                ("purpose", models.TextField(blank=True)),
                ("chair", models.CharField(blank=True, max_length=200)),
                ("cadence", models.CharField(blank=True, max_length=60)),
                ("is_external", models.BooleanField(default=False)),
                ("note", models.TextField(blank=True)),
                ("position", models.PositiveSmallIntegerField()),
                ("source_lines", models.CharField(blank=True, max_length=60)),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="governance_groups",
                        to="workstreams.programme",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "name"), name="governance_group_name_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Enabler",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=10)),
                ("name", models.CharField(max_length=200)),
                ("text", models.TextField(blank=True)),
                ("position", models.PositiveSmallIntegerField()),
                ("source_lines", models.CharField(blank=True, max_length=60)),
                (
                    "local_owner",
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="enablers",
                        to="workstreams.programme",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("programme", "code"), name="enabler_code_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportingMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(help_text="The first day of the month.")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("collecting", "Collecting"),
                            ("frozen", "Frozen"),
                            ("signed_off", "Signed off"),
                            ("issued", "Issued"),
                        ],
                        default="open",
                        max_length=20,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="months",
                        to="workstreams.programme",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "month"), name="reporting_month_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="reporting_month_is_a_first_day"
                    ),
                ],
            },
        ),
    ]
