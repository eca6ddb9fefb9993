"""What a milestone waits for: links between the milestones of a programme, and who waits late."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F

from accounts import audit
from accounts.models import User
from milestones.models import Dependency, Milestone, MilestoneStatus
from milestones.rating import finish_date
from workstreams.models import Programme

Link = tuple[int, int]
# A list to choose from is a help for what one has in mind, not the plan: any other may be typed.
MOST_TO_CHOOSE_FROM = 300


@transaction.atomic
def add_dependency(*, successor_id: int, predecessor_reference: str, by: User) -> Dependency:
    """Say that a milestone waits for another of its programme, given by its reference.

    Before the baseline and after: it is no baselined field. Raises PermissionDenied, and
    ValidationError at "predecessor" for a reference that is unknown, the milestone's own, there
    already, withdrawn, or that would close a loop, which the message names.
    """
    successor = _locked_with_programme(successor_id)
    require_linking(milestone=successor, by=by)
    predecessor = _predecessor(predecessor_reference, successor)
    links = Dependency.objects.filter(successor__programme=successor.programme)
    loop = loop_closed_by(
        (predecessor.pk, successor.pk), links.values_list("predecessor", "successor")
    )
    if loop:
        names = dict(Milestone.objects.filter(pk__in=loop).values_list("pk", "reference"))
        shown = " -> ".join(names[pk] for pk in loop)
        raise _refused(f"These milestones would wait for each other in a loop: {shown}")
    dependency = Dependency.objects.create(predecessor=predecessor, successor=successor)
    _record("added", dependency, by=by)
    return dependency


@transaction.atomic
def remove_dependency(*, dependency_id: int, by: User) -> Dependency:
    """Take a link away; the journal keeps it. Raises PermissionDenied.

    Raises Dependency.DoesNotExist when somebody else was quicker.
    """
    links = Dependency.objects.select_related("predecessor", "successor__programme")
    successor = _locked_with_programme(links.get(pk=dependency_id).successor_id)
    require_linking(milestone=successor, by=by)
    dependency = links.get(pk=dependency_id)
    _record("removed", dependency, by=by)
    dependency.delete()
    return dependency


def require_linking(*, milestone: Milestone, by: User) -> None:
    """Raise PermissionDenied, with the sentence for the page, for who is not the PMO."""
    if not by.has_perm("milestones.link_milestones", milestone):
        raise PermissionDenied("Only the PMO says which milestones wait for each other: ask it to.")
    if milestone.status == MilestoneStatus.WITHDRAWN:
        raise PermissionDenied("This milestone was withdrawn, so it waits for nothing.")


def references_to_wait_for(milestone: Milestone) -> list[tuple[str, str]]:
    """Give reference and title of the open milestones to choose from; one query."""
    others = Milestone.objects.filter(programme=milestone.programme).open().exclude(pk=milestone.pk)
    rows = others.in_plan_order().values_list("reference", "title")
    return list(rows[:MOST_TO_CHOOSE_FROM])


def loop_closed_by(new: Link, links: Iterable[Link]) -> list[int]:
    """Give the loop that a new link (predecessor, successor) would close; empty if none.

    The ids of the milestones round it, each waiting for the next, from the new link's successor
    back to itself; a shortest one where there are several.
    """
    predecessor, successor = new
    waits_for: dict[int, list[int]] = {}
    for before, after in links:
        waits_for.setdefault(after, []).append(before)
    came_from = {predecessor: successor}
    row = [predecessor]
    while row and successor not in row:
        following = []
        for pk in row:
            for before in waits_for.get(pk, []):
                if before not in came_from:
                    came_from[before] = pk
                    following.append(before)
        row = following
    if not row:
        return []
    loop = [successor]
    while len(loop) == 1 or loop[-1] != successor:
        loop.append(came_from[loop[-1]])
    return loop[::-1]


@dataclass(frozen=True)
class Wait:
    """A milestone that waits for another, seen on a day; built from people-loaded milestones."""

    dependency: Dependency
    as_of: date

    @property
    def predecessor(self) -> Milestone:
        return self.dependency.predecessor

    @property
    def successor(self) -> Milestone:
        return self.dependency.successor

    @property
    def finish(self) -> date | None:
        """When the predecessor was done or is to be expected (``rating.finish_date``)."""
        before = self.predecessor
        return finish_date(
            planned=before.planned_date,
            forecast=before.forecast_date,
            completed=before.completed_date,
            as_of=self.as_of,
        )

    @property
    def needed(self) -> date | None:
        """The last day that holds nothing up: the successor's planned start, or planned date."""
        days = (self.successor.planned_start_date, self.successor.planned_date)
        return min((day for day in days if day), default=None)

    @property
    def days_too_late(self) -> int:
        """Days by which the predecessor comes after the day it is needed; 0 if it does not.

        0 as well once the successor is done, and while either of the two is withdrawn.
        """
        is_out = self.predecessor.status == MilestoneStatus.WITHDRAWN or not self.successor.is_open
        if is_out or self.finish is None or self.needed is None:
            return 0
        return max(0, (self.finish - self.needed).days)

    @property
    def text(self) -> str:
        """The mark on the successor, "waits for WS2-P3-03, 12 days too late"; empty if none."""
        if not self.days_too_late:
            return ""
        verb = "waits" if self.predecessor.is_open else "waited"
        return f"{verb} for {self.predecessor.reference}, {self.late_text}"

    @property
    def late_text(self) -> str:
        days = self.days_too_late
        return "1 day too late" if days == 1 else f"{days} days too late"


def waits_of(milestone: Milestone, *, as_of: date) -> list[Wait]:
    """Give what a milestone waits for, in the plan's order. One query."""
    return _waits(successor=milestone, as_of=as_of)


def waiting_for(milestone: Milestone, *, as_of: date) -> list[Wait]:
    """Give what waits for a milestone, in the plan's order. One query."""
    return _waits(predecessor=milestone, as_of=as_of)


def late_waits_of(milestones: Collection[Milestone], *, as_of: date) -> dict[int, list[Wait]]:
    """Give what holds each of a list's milestones up, the worst first, by its id. One query."""
    held: dict[int, list[Wait]] = {}
    listed = [milestone.pk for milestone in milestones]
    for wait in _worst_first(_waits(successor__in=listed, as_of=as_of)):
        held.setdefault(wait.successor.pk, []).append(wait)
    return held


def conflicts(programme: Programme, *, as_of: date) -> list[Wait]:
    """Give every late wait of a programme, the worst first. One query."""
    return _worst_first(_waits(successor__programme=programme, as_of=as_of))


def _worst_first(waits: Iterable[Wait]) -> list[Wait]:
    late = [wait for wait in waits if wait.days_too_late]
    return sorted(late, key=lambda wait: -wait.days_too_late)


def _waits(*, as_of: date, **which: object) -> list[Wait]:
    people = ("programme", "project__workstream", "enabler", "local_owner")
    both = [f"{end}__{name}" for end in ("predecessor", "successor") for name in people]
    links = Dependency.objects.filter(**which).select_related("predecessor", "successor", *both)
    other = "successor" if "predecessor" in which else "predecessor"
    ordered = links.order_by(
        F(f"{other}__project__workstream__position").asc(nulls_last=True),
        F(f"{other}__project__position").asc(nulls_last=True),
        f"{other}__position",
        "pk",
    )
    return [Wait(dependency, as_of) for dependency in ordered]


def _locked_with_programme(milestone_id: int) -> Milestone:
    """Give the milestone; until the transaction ends nobody else links any of its programme.

    Two links that are each in order may close a loop together.
    """
    milestone = Milestone.objects.with_people().get(pk=milestone_id)
    Programme.objects.select_for_update(no_key=True).get(pk=milestone.programme_id)
    return milestone


def _predecessor(reference: str, successor: Milestone) -> Milestone:
    """Find the milestone that is to be waited for, or say what is wrong with it."""
    reference = reference.strip()
    own = Milestone.objects.filter(programme=successor.programme)
    # PostgreSQL refuses to look for a text with a NUL character.
    found = own.filter(reference__iexact=reference).first() if reference.isprintable() else None
    if found is None:
        raise _refused(f"This programme has no milestone {reference[:20]}")
    if found == successor:
        raise _refused(f"{found.reference} cannot wait for itself")
    if found.status == MilestoneStatus.WITHDRAWN:
        raise _refused(f"{found.reference} was withdrawn, so nothing waits for it")
    if Dependency.objects.filter(predecessor=found, successor=successor).exists():
        raise _refused(f"{successor.reference} waits for {found.reference} already")
    return found


def _refused(message: str) -> ValidationError:
    return ValidationError({"predecessor": message})


def _record(act: str, dependency: Dependency, *, by: User) -> None:
    audit.record(
        actor=by,
        action=f"milestone.dependency_{act}",
        target=dependency.successor,
        details={"waits_for": dependency.predecessor.reference},
    )
