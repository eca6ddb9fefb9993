from django.db import models
from django.urls import reverse

from accounts.models import User
from workstreams.models.programme import Programme


class WorkstreamQuerySet(models.QuerySet["Workstream"]):
    def in_order(self) -> "WorkstreamQuerySet":
        return self.order_by("position", "pk")


class Workstream(models.Model):
    """One theme of the programme under an executive lead. Comes from the plan file."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="workstreams")
    code = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    aliases = models.JSONField(default=list, blank=True)
    # As the plan names the lead; `executive_lead` is that person's sign-in, once there is one.
    executive_lead_name = models.CharField(max_length=150, blank=True)
    executive_role = models.CharField(max_length=150)
    executive_lead = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="led_workstreams"
    )
    position = models.PositiveSmallIntegerField()
    source_lines = models.CharField(max_length=60, blank=True)

    objects = WorkstreamQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="workstream_code_once", fields=["programme", "code"])
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("reports:workstream_detail", args=[self.programme.slug, self.code])

    @property
    def workstream(self) -> "Workstream":
        return self


class Project(models.Model):
    """A body of work of a work stream, with an aim and accountable people."""

    workstream = models.ForeignKey(Workstream, on_delete=models.CASCADE, related_name="projects")
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    aliases = models.JSONField(default=list, blank=True)
    aim = models.TextField(blank=True)
    lead_director = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    local_owner = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="owned_projects"
    )
    position = models.PositiveSmallIntegerField()
    source_lines = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="project_code_once", fields=["workstream", "code"])
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("reports:project_detail", args=[self.programme.slug, self.code])

    @property
    def programme(self) -> Programme:
        return self.workstream.programme


class CqcLevel(models.TextChoices):
    MUST = "must", "Must do"
    SHOULD = "should", "Should do"


class CqcAction(models.Model):
    """What the regulator said the trust must or should do; answered by one or more projects."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="cqc_actions")
    workstream = models.ForeignKey(Workstream, on_delete=models.CASCADE, related_name="cqc_actions")
    reference = models.CharField(max_length=20)
    level = models.CharField(max_length=10, choices=CqcLevel)
    text = models.TextField()
    # The heading under which the regulator grouped it, e.g. "WS5-M1 Medicines management".
    heading = models.CharField(max_length=300, blank=True)
    note = models.TextField(blank=True)
    projects = models.ManyToManyField(Project, related_name="cqc_actions", blank=True)
    # Who answers for it; the executive lead of its work stream where nobody is named.
    local_owner = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="owned_cqc_actions"
    )
    position = models.PositiveSmallIntegerField()
    source_lines = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="cqc_action_reference_once", fields=["programme", "reference"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.text}"

    def get_absolute_url(self) -> str:
        return reverse("reports:cqc_action_detail", args=[self.programme.slug, self.reference])


class Enabler(models.Model):
    """What must hold for the whole programme to succeed; may carry milestones of its own."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="enablers")
    code = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    local_owner = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    position = models.PositiveSmallIntegerField()
    source_lines = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="enabler_code_once", fields=["programme", "code"])
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class GovernanceGroup(models.Model):
    """A group that steers, checks or receives the programme's reports."""

    programme = models.ForeignKey(
        Programme, on_delete=models.CASCADE, related_name="governance_groups"
    )
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=20, blank=True)
    purpose = models.TextField(blank=True)
    chair = models.CharField(max_length=200, blank=True)
    cadence = models.CharField(max_length=60, blank=True)
    is_external = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField()
    source_lines = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="governance_group_name_once", fields=["programme", "name"])
        ]

    def __str__(self) -> str:
        return self.name


class PartnerCommitment(models.Model):
    """What a partner of the trust promised to do for the plan."""

    programme = models.ForeignKey(
        Programme, on_delete=models.CASCADE, related_name="partner_commitments"
    )
    partner = models.CharField(max_length=200)
    text = models.TextField()
    # Who in the trust follows it up with the partner.
    local_owner = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    position = models.PositiveSmallIntegerField()
    source_lines = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="partner_commitment_position_once", fields=["programme", "position"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.partner}: {self.text}"


class Improvement(models.Model):
    """Something that the plan reports as done before the programme began."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="improvements")
    section = models.CharField(max_length=100)
    text = models.TextField()
    position = models.PositiveSmallIntegerField()
    source_lines = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="improvement_position_once", fields=["programme", "position"]
            )
        ]

    def __str__(self) -> str:
        return self.text
