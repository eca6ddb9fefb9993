"""How enablers and partners' commitments stand: one line a month."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import audit
from accounts.models import User
from governance.models import LineState, MonthlyLine
from governance.review import lock_numbers
from workstreams.models import Enabler, PartnerCommitment, Programme, ReportingMonth
from workstreams.months import month_taking_updates

Subject = Enabler | PartnerCommitment


@dataclass(frozen=True)
class Standing:
    """An enabler or a commitment with the line of a month, and the one before it."""

    subject: Subject
    line: MonthlyLine | None
    before: MonthlyLine | None

    @property
    def is_enabler(self) -> bool:
        return isinstance(self.subject, Enabler)


@transaction.atomic
def write_line(*, subject: Subject, by: User, state: LineState | str, text: str) -> MonthlyLine:
    """Say how it stands in the month under way. The newest line of a month is the month's.

    The same line again is not written twice. Raises PermissionDenied, and ValidationError by field.
    """
    programme = lock_numbers(subject.programme.pk)
    if not by.has_perm("governance.write_line", subject):
        raise PermissionDenied("Only the PMO or who answers for it writes its monthly line.")
    if not text.strip():
        raise ValidationError({"text": "Enter how it stands, in one line"})
    month = month_taking_updates(programme, today=programme.today()).month
    newest = lines_of(subject).filter(month=month).first()
    if newest and (newest.state, newest.text, newest.made_by_id) == (state, text.strip(), by.pk):
        return newest
    line = MonthlyLine.objects.create(
        programme=programme,
        enabler=subject if isinstance(subject, Enabler) else None,
        commitment=subject if isinstance(subject, PartnerCommitment) else None,
        month=month,
        state=state,
        text=text.strip(),
        made_by=by,
        made_date=programme.today(),
        made_at=timezone.now(),
    )
    audit.record(
        actor=by,
        action="monthly_line.written",
        target=subject,
        details={"month": f"{month:%Y-%m}", "state": str(state), "text": line.text},
    )
    return line


def lines_of(subject: Subject) -> QuerySet[MonthlyLine]:
    """Give every line of it, the newest first."""
    lines = MonthlyLine.objects.select_related("made_by").order_by("-month", "-pk")
    if isinstance(subject, Enabler):
        return lines.filter(enabler=subject)
    return lines.filter(commitment=subject)


def standings(
    programme: Programme, *, month: ReportingMonth
) -> tuple[list[Standing], list[Standing]]:
    """Give the enablers and the commitments as they stand in a month; three queries."""
    lines = MonthlyLine.objects.filter(programme=programme, month__lte=month.month)
    known = list(lines.select_related("made_by").order_by("month", "pk"))
    now = _newest(line for line in known if line.month == month.month)
    earlier = _newest(line for line in known if line.month < month.month)

    def stand(subject: Subject) -> Standing:
        key = (type(subject), subject.pk)
        return Standing(subject, now.get(key), earlier.get(key))

    enablers = programme.enablers.select_related("programme", "local_owner")
    commitments = programme.partner_commitments.select_related("programme", "local_owner")
    return (
        [stand(each) for each in enablers.order_by("position", "pk")],
        [stand(each) for each in commitments.order_by("position", "pk")],
    )


def _newest(lines: Iterable[MonthlyLine]) -> dict[tuple[type[Subject], int], MonthlyLine]:
    """Give the last of the lines, which come in order, of each thing."""
    newest: dict[tuple[type[Subject], int], MonthlyLine] = {}
    for line in lines:
        if line.enabler_id:
            newest[Enabler, line.enabler_id] = line
        elif line.commitment_id:
            newest[PartnerCommitment, line.commitment_id] = line
    return newest
