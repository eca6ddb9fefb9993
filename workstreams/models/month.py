from datetime import date

from django.db import models
from django.urls import reverse

from workstreams.calendar import MonthDates, format_month, month_dates
from workstreams.dates import long_month
from workstreams.models.programme import Programme


class MonthState(models.TextChoices):
    OPEN = "open", "Open"
    COLLECTING = "collecting", "Collecting"
    FROZEN = "frozen", "Frozen"
    SIGNED_OFF = "signed_off", "Signed off"
    ISSUED = "issued", "Issued"


TAKES_UPDATES = [MonthState.OPEN, MonthState.COLLECTING]


class ReportingMonthQuerySet(models.QuerySet["ReportingMonth"]):
    def taking_updates(self) -> "ReportingMonthQuerySet":
        """Months that are not frozen yet, the earliest first: an update belongs to that one."""
        return self.filter(state__in=TAKES_UPDATES).order_by("month")


class ReportingMonth(models.Model):
    """One month's cycle of a programme, from open to issued.

    The PMO freezes and issues it, an ELT member signs it off (see ``reports.services``).
    """

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="months")
    month = models.DateField(help_text="The first day of the month.")
    state = models.CharField(max_length=20, choices=MonthState, default=MonthState.OPEN)

    objects = ReportingMonthQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="reporting_month_once", fields=["programme", "month"]),
            models.CheckConstraint(
                name="reporting_month_is_a_first_day", condition=models.Q(month__day=1)
            ),
        ]

    def __str__(self) -> str:
        return format_month(self.month)

    def get_absolute_url(self) -> str:
        return reverse("reports:month_detail", args=[self.programme.slug, self.month])

    @property
    def name(self) -> str:
        """Give the month in words: "November 2016"."""
        return long_month(self.month)

    @property
    def dates(self) -> MonthDates:
        return month_dates(self.month, self.programme.month_offsets)

    @property
    def takes_updates(self) -> bool:
        return self.state in TAKES_UPDATES

    def as_of(self, today: date) -> date:
        """Give the day whose position this month reports: today, but never past the cut-off."""
        return min(today, self.dates.cut_off)
