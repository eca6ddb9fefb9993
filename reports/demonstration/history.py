"""Ten months of the plan, lived through the same services that people use."""

from datetime import date, timedelta

from accounts.models import User
from governance import change_requests, decisions, exceptions, review
from governance.actions import ActionLine
from governance.decisions import Sitting
from governance.exceptions import ReportContent
from governance.models import (
    ChangeRequest,
    ExceptionReport,
    ExceptionState,
    Outcome,
    RemedialAction,
)
from governance.proposals import Proposal
from governance.reasons import OFF_PLAN
from governance.remedial_actions import complete_action
from milestones import services as milestone_services
from milestones.assurance import give_assurance, is_assured
from milestones.models import AssuranceOutcome, Milestone, MilestoneStatus
from milestones.rating import DeliveryRating, delivery_rating
from milestones.services import Position
from milestones.writing import Act, write
from reports.commentary import save_commentary, sections_of
from reports.demonstration import DEMONSTRATION_DATE, drawn
from reports.demonstration.cqc import CqcLives
from reports.demonstration.measurements import months_between
from reports.demonstration.meetings import (
    hold_other_meetings,
    minute_elt_meeting,
    take_chairs_action,
)
from reports.demonstration.requests import Asking, agree_trajectories
from reports.drafting import draft_for
from reports.models import Snapshot
from reports.months import freeze_month, issue_month, sign_off_month
from reports.packs import render_due_packs
from workstreams.calendar import add_working_days, next_month
from workstreams.dates import DatePrecision
from workstreams.models import Programme, ReportingMonth
from workstreams.months import open_month

BASELINE_DAY = date(2016, 1, 29)
FIRST_MONTH, LAST_FROZEN_MONTH = date(2016, 2, 1), date(2016, 10, 1)
# What the ELT decides on requests, by their number.
FATES = [Outcome.APPROVED, Outcome.APPROVED, Outcome.REJECTED, Outcome.APPROVED, Outcome.RETURNED]
NARRATIVES = {
    "done": "Finished and handed over to the team that runs it.",
    "late": "The supplier and the rota both cost us time; the steps left are listed and dated.",
    "steady": "Work goes on as planned and nothing stands in the way.",
    "later": "Not due yet; the preparation has begun.",
}
NO_EVIDENCE = "The papers that show it are kept by the team that runs it."


class History:
    """Lives a programme's months with its people; `domain` is that of their addresses."""

    def __init__(self, programme: Programme, *, domain: str) -> None:
        self.programme = programme
        users = User.objects.filter(email__endswith=f"@{domain}")
        self.people = {user.email.split("@")[0]: user for user in users}
        self.cqc = CqcLives(programme, self.people)

    def live(self) -> None:
        """Baseline the plan, then live month after month up to the demonstration's date."""
        self._today(BASELINE_DAY)
        self._plan_dates()
        agree_trajectories(self.programme, by=self.people["pmo"])
        for month in months_between(FIRST_MONTH, LAST_FROZEN_MONTH):
            self._live_month(open_month(self.programme, month))
        current = open_month(self.programme, next_month(LAST_FROZEN_MONTH))
        self.cqc.live(until=DEMONSTRATION_DATE)
        self._today(DEMONSTRATION_DATE)
        self._update_milestones(current, share=0.35)
        review.raise_exceptions(programme_id=self.programme.pk, as_of=DEMONSTRATION_DATE)
        self._show_every_state()
        decided = Asking(self.programme, self.people).ask_for_every_kind()
        self._decide_request(decided, DEMONSTRATION_DATE, Outcome.APPROVED)
        minute_elt_meeting(self.programme, self.people, DEMONSTRATION_DATE)
        hold_other_meetings(self.programme, self.people, LAST_FROZEN_MONTH)
        take_chairs_action(self.programme, self.people)

    def _today(self, day: date) -> None:
        self.programme.demonstration_date = day
        self.programme.save(update_fields=["demonstration_date"])

    def _plan_dates(self) -> None:
        """Give most undated milestones an illustrative date, and baseline what can be."""
        milestones = self.programme.milestones.with_people().in_plan_order()
        for index, milestone in enumerate(milestones.open().filter(project__isnull=False)):
            if milestone.planned_date is None and index % 8:
                months = 1 + int(13 * drawn("month", milestone.reference))
                planned = next_month(BASELINE_DAY)
                for _ in range(months):
                    planned = next_month(planned)
                milestone.programme = self.programme
                write(
                    milestone,
                    seen_version=milestone.version,
                    fields={
                        "planned_date": planned - timedelta(days=1),
                        "planned_precision": DatePrecision.MONTH,
                    },
                    act=Act(by=self.people["pmo"]),
                )
        for milestone in milestones.open().filter(planned_date__isnull=False, local_owner__gt=0):
            milestone_services.set_baseline(milestone_id=milestone.pk, by=self.people["pmo"])

    def _live_month(self, month: ReportingMonth) -> None:
        dates = month.dates
        self.cqc.live(until=dates.cut_off)
        self._today(dates.cut_off)
        self._update_milestones(month, share=0.93)
        review.raise_exceptions(programme_id=self.programme.pk, as_of=dates.cut_off)
        self._today(dates.pmo_check)
        self._comment(freeze_month(month_id=month.pk, by=self.people["pmo"]))
        render_due_packs()
        self._assure_completions()
        self._report_exceptions(due_by=dates.qig)
        if month.month < LAST_FROZEN_MONTH:
            self._today(dates.elt)
            self._decide(dates.elt)
            minute_elt_meeting(self.programme, self.people, dates.elt)
            sign_off_month(month_id=month.pk, by=self.people["elt"])
            self._today(dates.issue)
            issue_month(month_id=month.pk, by=self.people["pmo"])

    def _comment(self, snapshot: Snapshot) -> None:
        """Accept the words drafted from the figures; in the last month, not all of them yet."""
        is_last = snapshot.month.month == LAST_FROZEN_MONTH
        content = snapshot.data
        for place, section in enumerate(sections_of(snapshot.month)):
            save_commentary(
                month_id=snapshot.month_id,
                section=section.code,
                by=self.people["pmo"],
                seen_version=0,
                text=draft_for(content, section.code),
                accept=not is_last or place < 4,
            )

    def _update_milestones(self, month: ReportingMonth, *, share: float) -> None:
        today = self.programme.today()
        milestones = self.programme.milestones.with_people().in_plan_order().open()
        for milestone in milestones.filter(baseline_date__isnull=False):
            if drawn("updates", milestone.reference, month) >= share:
                continue
            milestone.programme = self.programme
            milestone_services.record_update(
                milestone_id=milestone.pk,
                by=milestone.local_owner or self.people["pmo"],
                seen_version=milestone.version,
                position=_position(milestone, today),
            )

    def _assure_completions(self) -> None:
        """Let the ELT look at what owners completed, most of it."""
        completed = self.programme.milestones.in_plan_order().filter(
            status=MilestoneStatus.COMPLETE, updates__status=MilestoneStatus.COMPLETE
        )
        for milestone in completed.distinct():
            if drawn("assured", milestone.reference) < 0.7 and not is_assured(milestone):
                give_assurance(
                    milestone_id=milestone.pk,
                    by=self.people["elt"],
                    seen_version=milestone.version,
                    outcome=AssuranceOutcome.ASSURED,
                )

    def _report_exceptions(self, *, due_by: date) -> None:
        """Let owners report most open exceptions and ask for a new date where it must move."""
        self._today(due_by)
        self._finish_actions(on=due_by)
        reports = ExceptionReport.objects.filter(programme=self.programme).open().with_subject()
        for report in reports.order_by("number"):
            if report.takes_report and drawn("reports", report.number, due_by) < 0.8:
                self._submit(report)
                if report.milestone and drawn("asks", report.number) < 0.6:
                    self._ask_for_new_date(report.milestone)

    def _finish_actions(self, *, on: date) -> None:
        """Let owners finish most of their remedial actions by the day on which these are due."""
        actions = RemedialAction.objects.of_programme(self.programme).overdue(on=on)
        for action in actions.with_record().order_by("pk"):
            if drawn("finishes", action.record.number, on) < 0.7:
                complete_action(action_id=action.pk, by=action.owner)

    def _submit(self, report: ExceptionReport) -> None:
        owner = report.subject.local_owner or self.people["pmo"]
        today = self.programme.today()
        action = ActionLine(
            text="Agree the remaining steps week by week and review them each Monday",
            owner=owner,
            due_date=add_working_days(today, 10),
        )
        exceptions.file_report(
            exception_id=report.pk,
            by=owner,
            seen_version=report.version,
            submit=True,
            content=ReportContent(
                cause="Staff who were to do this covered winter rotas.",
                consequence="The benefit comes later; nothing that works today is lost.",
                options="Wait until the rotas allow it, or let another team do the rest. Waiting "
                "costs nothing and keeps the knowledge in the team, so it was chosen.",
                delivery_impact="Patients: no change in safety. CQC: the action closes later. "
                "Dependants: told. Cost: none.",
                recovery_date=_recovery_of(report, today),
                actions=(action,),
            ),
        )

    def _ask_for_new_date(self, milestone: Milestone, *, submit: bool = True) -> None:
        if not _needs_new_date(milestone):
            return
        change_requests.raise_change_request(
            milestone_id=milestone.pk,
            by=milestone.local_owner or self.people["pmo"],
            submit=submit,
            proposal=Proposal(
                planned_date=_finish_of(milestone),
                reason="The steps left were dated one by one, and this is when the last ends.",
                delivery_impact="Patients: none. CQC: the action closes with the new date. "
                "Dependants: listed. Cost: none.",
            ),
        )

    def _endorse_and_check(self, request: ChangeRequest, *, check: bool = True) -> None:
        workstream = request.workstream
        if workstream and workstream.executive_lead:
            change_requests.endorse(change_request_id=request.pk, by=workstream.executive_lead)
        if check:
            change_requests.check(change_request_id=request.pk, by=self.people["pmo"])

    def _decide(self, day: date) -> None:
        """Hold the ELT's meeting: decide what waits, mostly as asked."""
        for report in ExceptionReport.objects.filter(
            programme=self.programme, state=ExceptionState.SUBMITTED
        ).with_subject():
            returned = drawn("returned", report.number, day) < 0.3
            decisions.decide_exception(
                exception_id=report.pk,
                by=self.people["elt"],
                outcome=Outcome.RETURNED if returned else Outcome.ACCEPTED,
                sitting=self._sitting(day),
                comment="Name the owner of each step." if returned else "",
            )
        for request in ChangeRequest.objects.under_way().filter(programme=self.programme):
            if request.state == "submitted":
                self._endorse_and_check(request)
        for request in ChangeRequest.objects.awaiting_decision().filter(programme=self.programme):
            self._decide_request(request, day)

    def _decide_request(
        self, request: ChangeRequest, day: date, outcome: Outcome | None = None
    ) -> None:
        outcome = outcome or FATES[request.number % len(FATES)]
        decisions.decide_change_request(
            change_request_id=request.pk,
            by=self.people["elt"],
            outcome=outcome,
            sitting=self._sitting(day),
            seen_version=request.version,
            comment="" if outcome == Outcome.APPROVED else "Show how it can be recovered first.",
        )

    def _sitting(self, day: date) -> Sitting:
        names = ("elt", "elt-2", *sorted(name for name in self.people if "lead-" in name))
        return Sitting(held_date=day, attendees=frozenset(self.people[name] for name in names[:4]))

    def _show_every_state(self) -> None:
        """Leave work in each state, so that every page has something to show."""
        milestones = self.programme.milestones.with_people().in_plan_order().open()
        late = [
            milestone
            for milestone in milestones.filter(baseline_date__isnull=False)
            if _rating(milestone, DEMONSTRATION_DATE) in OFF_PLAN and _needs_new_date(milestone)
        ]
        for index, milestone in enumerate(late):
            self._ask_for_new_date(milestone, submit=index != 0)
        submitted = ChangeRequest.objects.filter(programme=self.programme, state="submitted")
        for index, request in enumerate(submitted.with_subject().order_by("number")):
            if index == 1:
                change_requests.withdraw(change_request_id=request.pk, by=request.raised_by)
            elif index >= 2:
                self._endorse_and_check(request, check=index != 2)


def _needs_new_date(milestone: Milestone) -> bool:
    """Whether it cannot be done by its date in force, and nobody has asked for another yet."""
    if milestone.planned_date is None or not milestone.is_baselined:
        return False
    is_asked = milestone.change_requests.under_way().exists()
    return _finish_of(milestone) > milestone.planned_date and not is_asked


def _recovery_of(report: ExceptionReport, today: date) -> date:
    later = today + timedelta(days=45)
    return max(later, _finish_of(report.milestone)) if report.milestone else later


def _finish_of(milestone: Milestone) -> date:
    """When the milestone will truly be done: fixed by its name, whatever was approved since."""
    planned = milestone.baseline_date or milestone.planned_date or DEMONSTRATION_DATE
    luck = drawn("slip", milestone.reference)
    if luck < 0.55:
        return planned - timedelta(days=int(12 * luck))
    if luck < 0.8:
        return planned + timedelta(days=int(8 + 80 * (luck - 0.55)))
    return planned + timedelta(days=int(35 + 700 * (luck - 0.8)))


def _position(milestone: Milestone, today: date) -> Position:
    planned, finish = milestone.planned_date or today, _finish_of(milestone)
    if finish <= today:
        return Position(
            status=MilestoneStatus.COMPLETE,
            completed_date=finish,
            owner_view=DeliveryRating.COMPLETE,
            narrative=NARRATIVES["done"],
            no_evidence_reason=NO_EVIDENCE,
        )
    is_near = planned - today < timedelta(days=75)
    late = finish > planned
    forecast = finish if is_near and late else planned
    hopeful = late and drawn("hopeful", milestone.reference) < 0.3
    view = DeliveryRating.ON_TRACK if hopeful else _rating(milestone, today, forecast)
    words = "later" if not is_near else "late" if late else "steady"
    return Position(
        status=MilestoneStatus.IN_PROGRESS if is_near else MilestoneStatus.NOT_STARTED,
        forecast_date=forecast,
        owner_view=view,
        narrative=NARRATIVES[words],
    )


def _rating(milestone: Milestone, today: date, forecast: date | None = None) -> DeliveryRating:
    return delivery_rating(
        planned=milestone.planned_date,
        forecast=forecast or milestone.forecast_date,
        completed=None,
        as_of=today,
        tolerance_days=milestone.programme.tolerance_days,
    )
