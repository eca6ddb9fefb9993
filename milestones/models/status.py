from django.db import models
from django.db.models import Q


class MilestoneStatus(models.TextChoices):
    NOT_STARTED = "not_started", "Not started"
    IN_PROGRESS = "in_progress", "In progress"
    COMPLETE = "complete", "Complete"
    WITHDRAWN = "withdrawn", "Withdrawn"


WITHDRAWN = Q(status=MilestoneStatus.WITHDRAWN)
