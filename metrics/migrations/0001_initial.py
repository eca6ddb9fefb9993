import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("workstreams", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Indicator",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(max_length=20)),
                ("bullet", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=200)),
                ("note", models.TextField(blank=True)),
                ("unit", models.CharField(blank=True, max_length=40)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("number", "Number"),
                            ("percent", "Per cent"),
                            ("rate", "Rate"),
                            ("duration", "Duration"),
                            ("yes_no", "Yes or no"),
                            ("narrative", "Narrative"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "direction",
                    models.CharField(
                        choices=[
                            ("up", "Up is good"),
                            ("down", "Down is good"),
                            ("neither", "Neither is good"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "attainment_method",
                    models.CharField(
                        choices=[
                            ("ratio", "Ratio of the value to the trajectory"),
                            ("progress", "Progress from the baseline to the trajectory"),
                        ],
                        default="ratio",
                        max_length=10,
                    ),
                ),
                ("met_threshold", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("near_threshold", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "baseline_value",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True),
                ),
                ("baseline_month", models.DateField(blank=True, null=True)),
                (
                    "final_target",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True),
                ),
                ("is_target_inferred", models.BooleanField(default=False)),
                ("source", models.CharField(blank=True, max_length=200)),
                (
                    "frequency",
                    models.CharField(
                        choices=[("monthly", "Every month"), ("quarterly", "Every quarter")],
                        default="monthly",
                        max_length=10,
                    ),
                ),
                ("screen_outliers", models.BooleanField(default=False)),
                (
                    "fix_after",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(12)],
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("position", models.PositiveIntegerField()),
                ("source_lines", models.CharField(blank=True, max_length=60)),
                (
                    "local_owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="owned_indicators",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="indicators",
                        to="workstreams.programme",
                    ),
                ),
                (
                    "projects",
                    models.ManyToManyField(
                        blank=True, related_name="indicators", to="workstreams.project"
                    ),
                ),
                (
                    "workstream",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="indicators",
                        to="workstreams.workstream",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "reference"), name="indicator_reference_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Annotation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField()),
                ("made_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                ("text", models.CharField(max_length=120)),
                (
                    "made_by",
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
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="annotations",
                        to="metrics.indicator",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)),
                        name="annotation_month_is_a_first_day",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Measurement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField()),
                (
                    "value",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True),
                ),
                ("text", models.TextField(blank=True, max_length=2000)),
                ("is_provisional", models.BooleanField(default=False)),
                (
                    "channel",
                    models.CharField(
                        choices=[("page", "Page"), ("grid", "Grid"), ("import", "Import")],
                        default="page",
                        max_length=10,
                    ),
                ),
                ("is_from_plan", models.BooleanField(default=False)),
                ("recorded_at", models.DateTimeField()),
                ("correction_reason", models.CharField(blank=True, max_length=300)),
                ("replaced_at", models.DateTimeField(blank=True, null=True)),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="measurements",
                        to="metrics.indicator",
                    ),
                ),
                (
                    "recorded_by",
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
                        condition=models.Q(("replaced_at__isnull", True)),
                        fields=("indicator", "month"),
                        name="measurement_in_force_once_per_month",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)),
                        name="measurement_month_is_a_first_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("value__isnull", False),
                            models.Q(("text", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="measurement_has_value_or_text",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MeasurementFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file_name", models.CharField(max_length=150)),
                ("sha256", models.CharField(max_length=64)),
                ("rows", models.JSONField()),
                ("uploaded_at", models.DateTimeField()),
                ("imported_at", models.DateTimeField(blank=True, null=True)),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workstreams.programme",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Rebase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField()),
                ("made_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(max_length=300)),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rebases",
                        to="metrics.indicator",
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
                    "removed_by",
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
                        condition=models.Q(("removed_by__isnull", True)),
                        fields=("indicator", "month"),
                        name="rebase_once_per_month",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="rebase_month_is_a_first_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="rebase_has_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TrajectoryPoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField()),
                ("value", models.DecimalField(decimal_places=4, max_digits=16)),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="trajectory_points",
                        to="metrics.indicator",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("indicator", "month"), name="trajectory_point_once_per_month"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)),
                        name="trajectory_month_is_a_first_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TrajectoryVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("values", models.JSONField()),
                ("final_target", models.DecimalField(decimal_places=4, max_digits=16, null=True)),
                ("change_request_number", models.PositiveIntegerField(blank=True, null=True)),
                ("made_date", models.DateField()),
                ("made_at", models.DateTimeField()),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trajectory_versions",
                        to="metrics.indicator",
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
                        fields=("indicator", "number"), name="trajectory_version_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("change_request_number__isnull", True), ("number", 1)),
                            models.Q(("change_request_number__isnull", False), ("number__gt", 1)),
                            _connector="OR",
                        ),
                        name="trajectory_version_after_first_names_its_request",
                    ),
                ],
            },
        ),
    ]
