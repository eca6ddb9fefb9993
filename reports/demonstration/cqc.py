"""CQC actions in every state, with the evidence that their owners kept."""

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from governance.cqc import CqcEvent, evidence_for, take_step
from milestones import evidence
from milestones.models import Milestone, MilestoneStatus
from workstreams.models import CqcAction, Programme

EVIDENCE_DAY = date(2016, 4, 18)
OWNER = "owner"
CLAIM, SUBMIT = (CqcEvent.CLAIM, OWNER), (CqcEvent.SUBMIT, OWNER)
ASSURE, EMBED = (CqcEvent.ASSURE, "elt"), (CqcEvent.EMBED, "elt")
REOPEN = (CqcEvent.REOPEN, "elt-2")
# Of the actions whose projects are furthest, so many live each of these lives, in this order.
LIVES = [
    (
        2,
        [
            (date(2016, 5, 16), *CLAIM),
            (date(2016, 5, 23), *SUBMIT),
            (date(2016, 6, 13), *ASSURE),
            (date(2016, 9, 26), *EMBED),
        ],
    ),
    (1, [(date(2016, 6, 20), *CLAIM), (date(2016, 6, 27), *SUBMIT), (date(2016, 7, 18), *ASSURE)]),
    (2, [(date(2016, 9, 5), *CLAIM), (date(2016, 9, 12), *SUBMIT), (date(2016, 10, 10), *ASSURE)]),
    (2, [(date(2016, 10, 24), *CLAIM), (date(2016, 11, 7), *SUBMIT)]),
    (2, [(date(2016, 11, 7), *CLAIM)]),
    (1, [(date(2016, 8, 8), *CLAIM), (date(2016, 8, 15), *SUBMIT), (date(2016, 9, 19), *REOPEN)]),
]
WORDS = {
    CqcEvent.CLAIM: "The steps are done and the team works this way now.",
    CqcEvent.SUBMIT: "What the board saw, with the record of each step.",
    CqcEvent.ASSURE: "Read the evidence and asked two teams how they work now.",
    CqcEvent.EMBED: "Asked again three months later: two teams still work this way.",
    CqcEvent.REOPEN: "One of the two stations asked does not work this way yet.",
}


class CqcLives:
    """Takes the actions whose projects are furthest along their way, through the services."""

    def __init__(self, programme: Programme, people: Mapping[str, User]) -> None:
        self.programme, self.people = programme, people
        self.waiting: deque[tuple[date, CqcAction, CqcEvent, str]] | None = None

    def live(self, *, until: date) -> None:
        """Take every step that is due by a day and was not taken yet, each on its own day."""
        if until < EVIDENCE_DAY:
            return
        if self.waiting is None:
            self.waiting = self._begin()
        while self.waiting and self.waiting[0][0] <= until:
            day, action, event, who = self.waiting.popleft()
            self._today(day)
            by = action.local_owner if who == OWNER else self.people[who]
            _step(action, event, by or self.people["pmo"])

    def _begin(self) -> deque[tuple[date, CqcAction, CqcEvent, str]]:
        """Name the owners, keep the evidence, and give the steps to come in order of time."""
        for workstream in self.programme.workstreams.in_order():
            owner = self.people[f"owner-{workstream.code.lower()}"]
            workstream.cqc_actions.filter(local_owner=None).update(local_owner=owner)
        self._today(EVIDENCE_DAY)
        actions = list(_furthest_first(self.programme))[: sum(number for number, _ in LIVES)]
        for action in actions:
            _keep_evidence(action)
        lives = [life for number, life in LIVES for _ in range(number)]
        # Fewer in a smaller plan.
        pairs = zip(actions, lives, strict=False)
        steps = [(day, action, event, who) for action, life in pairs for day, event, who in life]
        return deque(sorted(steps, key=lambda step: step[0]))

    def _today(self, day: date) -> None:
        self.programme.demonstration_date = day
        self.programme.save(update_fields=["demonstration_date"])


def _furthest_first(programme: Programme) -> Iterator[CqcAction]:
    """The actions with something complete: those with the least left first."""
    found = []
    actions = programme.cqc_actions.select_related("local_owner", "workstream")
    for action in actions.order_by("position", "pk"):
        milestones = Milestone.objects.filter(project__in=action.projects.all()).in_plan()
        complete = milestones.filter(status=MilestoneStatus.COMPLETE).count()
        if complete:
            left = milestones.count() - complete
            found.append((left, action.workstream.position, action.position, action.pk, action))
    return (each[-1] for each in sorted(found, key=lambda each: each[:-1]))


def _keep_evidence(action: CqcAction) -> None:
    """Put a note and a link on what is complete, where nothing is kept yet."""
    complete = Milestone.objects.filter(
        project__in=action.projects.all(), status=MilestoneStatus.COMPLETE, evidence=None
    )
    for index, milestone in enumerate(complete.in_plan_order().with_people()[:3]):
        by = milestone.local_owner
        assert by is not None  # everybody accountable was named before
        if index == 1:
            url = f"https://intranet.las.example/plan/{milestone.reference.lower()}"
            evidence.add_link(milestone_id=milestone.pk, by=by, title="Page of the team", url=url)
            continue
        words = f"Illustrative evidence.\n\n{milestone}\n\nWhat was done, and how the team knows.\n"
        upload = SimpleUploadedFile("closing note.txt", words.encode())
        evidence.add_file(milestone_id=milestone.pk, by=by, title="Closing note", upload=upload)


def _step(action: CqcAction, event: CqcEvent, by: User) -> None:
    pieces = [piece.pk for piece in evidence_for(action)] if event == CqcEvent.SUBMIT else []
    take_step(
        action_id=action.pk,
        by=by,
        event=event,
        seen_number=action.steps.count(),
        comment=WORDS[event],
        evidence=pieces,
    )
