from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from workstreams.calendar import MonthOffsets

# A programme of this name would hide a page of the product.
RESERVED_SLUGS = frozenset(
    ["accounts", "admin", "api", "health", "media", "portfolio", "search", "static"]
)

percentage = [MinValueValidator(1), MaxValueValidator(100)]
working_day = [MinValueValidator(1), MaxValueValidator(18)]


class Role(models.TextChoices):
    PMO_ADMINISTRATOR = "pmo_administrator", "PMO administrator"
    PMO_OFFICER = "pmo_officer", "PMO officer"
    EXECUTIVE_LEAD = "executive_lead", "Executive lead"
    LOCAL_OWNER = "local_owner", "Local owner"
    ELT_MEMBER = "elt_member", "ELT member"
    AUDITOR = "auditor", "Auditor"
    EXTERNAL_READER = "external_reader", "External reader"


LIVE_ROLES = frozenset(Role) - {Role.EXTERNAL_READER}
# Who leads, decides or runs the programme.
LEADING_ROLES = frozenset(
    [Role.PMO_ADMINISTRATOR, Role.PMO_OFFICER, Role.EXECUTIVE_LEAD, Role.ELT_MEMBER]
)


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def of_member(self, user: User) -> "ProgrammeQuerySet":
        """Programmes that the person is a member of, in whatever role."""
        return self.filter(memberships__user=user).distinct().order_by("name", "pk")


class Programme(models.Model):
    """One improvement plan of one organisation; everything below belongs to exactly one.

    Its figures (tolerance, thresholds, quorum, working days) are changed by the PMO
    administrator; every snapshot keeps the ones that were in force.
    """

    slug = models.SlugField(
        max_length=60,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*$")],
    )
    name = models.CharField(max_length=200)
    organisation = models.CharField(max_length=200)
    office = models.CharField(max_length=200, default="Programme Management Office")
    lead_role = models.CharField(max_length=200, blank=True)
    start_date = models.DateField()
    # What the regulator found: overall, domains, inspections. Facts of the plan file.
    cqc = models.JSONField(default=dict, blank=True)
    other_figures = models.JSONField(default=list, blank=True)
    source = models.CharField(max_length=300, blank=True)

    tolerance_days = models.PositiveSmallIntegerField(
        default=28,
        validators=[MaxValueValidator(365)],
        help_text="A milestone later than this many days is At risk.",
    )
    met_threshold = models.PositiveSmallIntegerField(
        default=95, validators=percentage, help_text="Per cent of trajectory that counts as Met."
    )
    near_threshold = models.PositiveSmallIntegerField(
        default=85, validators=percentage, help_text="Per cent of trajectory that counts as Near."
    )
    elt_quorum = models.PositiveSmallIntegerField(
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(30)],
        help_text="ELT members who must attend for a meeting to decide.",
    )
    report_working_days = models.PositiveSmallIntegerField(
        default=5,
        validators=working_day,
        help_text="Working days that a local owner has to file an exception report.",
    )
    recheck_months = models.PositiveSmallIntegerField(
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(24)],
        help_text="Months after which an assured CQC action is checked again.",
    )
    updates_due_working_day = models.PositiveSmallIntegerField(default=3, validators=working_day)
    pmo_check_working_day = models.PositiveSmallIntegerField(default=5, validators=working_day)
    meetings_working_day = models.PositiveSmallIntegerField(default=7, validators=working_day)
    qig_working_day = models.PositiveSmallIntegerField(default=9, validators=working_day)
    elt_working_day = models.PositiveSmallIntegerField(default=11, validators=working_day)
    issue_working_day = models.PositiveSmallIntegerField(default=12, validators=working_day)
    # Own words for ratings, by their code; a missing one has the standard word.
    rating_words = models.JSONField(default=dict, blank=True)

    next_inspection_date = models.DateField(
        null=True,
        blank=True,
        help_text="The regulator’s next visit, as far as it is known. Empty while it is not.",
    )
    demonstration_date = models.DateField(
        null=True,
        blank=True,
        help_text="Set only for a demonstration: this day is used wherever today decides.",
    )

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="programme_slug_not_reserved",
                condition=~Q(slug__in=sorted(RESERVED_SLUGS)),
            ),
            models.CheckConstraint(
                name="programme_near_below_met",
                condition=Q(near_threshold__lt=F("met_threshold")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("reports:dashboard", args=[self.slug])

    @property
    def programme(self) -> "Programme":
        """Itself, so that permissions and the journal ask every object the same question."""
        return self

    @property
    def is_demonstration(self) -> bool:
        return self.demonstration_date is not None

    def today(self) -> date:
        """Give the day that decides everything here: the demonstration's, else London's."""
        return self.demonstration_date or timezone.localdate()

    @property
    def month_offsets(self) -> MonthOffsets:
        return MonthOffsets(
            updates_due=self.updates_due_working_day,
            pmo_check=self.pmo_check_working_day,
            workstream_meetings=self.meetings_working_day,
            qig=self.qig_working_day,
            elt=self.elt_working_day,
            issue=self.issue_working_day,
        )

    def word_for(self, rating: models.TextChoices) -> str:
        """Give the word this programme uses for a delivery or performance rating."""
        return self.rating_words.get(rating.value) or str(rating.label)

    def roles_of(self, user: User) -> frozenset[str]:
        """Give the roles that the person holds here; empty for who is no member."""
        return frozenset(
            Membership.objects.filter(programme=self, user=user).values_list("role", flat=True)
        )

    def active_people(self) -> frozenset[int]:
        """Give the ids of who holds a role here and can sign in."""
        members = self.memberships.filter(user__is_active=True)
        return frozenset(members.values_list("user", flat=True))


class Membership(models.Model):
    """One role of one person in one programme. Set by the PMO administrator."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="membership_once_per_role", fields=["programme", "user", "role"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}"
