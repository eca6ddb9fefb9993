"""Ten months of the plan, lived through the same services that people use."""

from datetime import date, timedelta

from django.db.models import Q

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
from reports.demonstration.positions import (
    done_on,
    finish_of,
    needs_new_date,
    position_of,
    rating_of,
    recovery_of,
)
from reports.demonstration.requests import Asking, agree_trajectories
from reports.demonstration.words import date_reason, narrative, report_words
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
# Of the last month: what its owners report, and ask a new date for, before the month is frozen.
EARLY = ("WS1-P6-03", "WS4-P5-14", "WS4-I6")
# What moved in the month under way, on which day it was done or is expected now.
MOVED_DAY = date(2016, 11, 10)
DONE_SINCE = {"WS2-P1-11": date(2016, 11, 8), "WS4-P4-05": date(2016, 11, 10)}
SLIPPED_SINCE = {"WS5-P1-01": date(2017, 1, 20)}
# What the ELT decides on requests, by their number.
FATES = [Outcome.APPROVED, Outcome.APPROVED, Outcome.REJECTED, Outcome.APPROVED, Outcome.RETURNED]


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
        self._move_on()
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
        if month.month == LAST_FROZEN_MONTH:
            self._bring_before_the_elt(dates.updates_due)
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
            self._update(milestone, position_of(milestone, today))

    def _move_on(self) -> None:
        """Finish some milestones of the month under way, and let one slip."""
        self._today(MOVED_DAY)
        for reference, day in DONE_SINCE.items():
            self._update(self._milestone(reference), done_on(reference, day))
        for reference, day in SLIPPED_SINCE.items():
            milestone = self._milestone(reference)
            self._update(
                milestone,
                Position(
                    status=MilestoneStatus.IN_PROGRESS,
                    forecast_date=day,
                    owner_view=rating_of(milestone, MOVED_DAY, day),
                    narrative=narrative("late", reference, MOVED_DAY),
                ),
            )

    def _milestone(self, reference: str) -> Milestone:
        return self.programme.milestones.with_people().get(reference=reference)

    def _update(self, milestone: Milestone, position: Position) -> None:
        milestone.programme = self.programme
        milestone_services.record_update(
            milestone_id=milestone.pk,
            by=milestone.local_owner or self.people["pmo"],
            seen_version=milestone.version,
            position=position,
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

    def _bring_before_the_elt(self, day: date) -> None:
        """Let some owners report and ask before the freeze, so that the pack has what to decide."""
        self._today(day)
        reports = ExceptionReport.objects.filter(programme=self.programme).open().with_subject()
        early = reports.filter(
            Q(indicator__reference__in=EARLY) | Q(milestone__reference__in=EARLY)
        )
        for report in early.order_by("number"):
            self._submit(report)
            if report.milestone:
                request = self._ask_for_new_date(report.milestone)
                if request:
                    self._endorse_and_check(request)

    def _finish_actions(self, *, on: date) -> None:
        """Let owners finish most of their remedial actions by the day on which these are due."""
        actions = RemedialAction.objects.of_programme(self.programme).overdue(on=on)
        for action in actions.with_record().order_by("pk"):
            if drawn("finishes", action.record.number, on) < 0.7:
                complete_action(action_id=action.pk, by=action.owner)

    def _submit(self, report: ExceptionReport) -> None:
        owner = report.subject.local_owner or self.people["pmo"]
        today = self.programme.today()
        words = report_words(report.number, is_milestone=report.milestone is not None)
        named = set(report.remedial_actions.values_list("text", flat=True))
        action = ActionLine(
            text=next((text for text in words.actions if text not in named), words.actions[0]),
            owner=owner,
            due_date=add_working_days(today, 10),
        )
        exceptions.file_report(
            exception_id=report.pk,
            by=owner,
            seen_version=report.version,
            submit=True,
            content=ReportContent(
                cause=words.cause,
                consequence=words.consequence,
                options=words.options,
                delivery_impact=words.delivery_impact,
                recovery_date=recovery_of(report, today),
                actions=(action,),
            ),
        )

    def _ask_for_new_date(
        self, milestone: Milestone, *, submit: bool = True
    ) -> ChangeRequest | None:
        if not needs_new_date(milestone):
            return None
        return change_requests.raise_change_request(
            milestone_id=milestone.pk,
            by=milestone.local_owner or self.people["pmo"],
            submit=submit,
            proposal=Proposal(
                planned_date=finish_of(milestone),
                reason=date_reason(milestone.reference),
                delivery_impact="Patients: none. CQC: the action closes with the new date. "
                "Dependants: as listed. Cost: none.",
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
            if rating_of(milestone, DEMONSTRATION_DATE) in OFF_PLAN and needs_new_date(milestone)
        ]
        for index, milestone in enumerate(late):
            self._ask_for_new_date(milestone, submit=index != 0)
        submitted = ChangeRequest.objects.filter(programme=self.programme, state="submitted")
        for index, request in enumerate(submitted.with_subject().order_by("number")):
            if index == 1:
                change_requests.withdraw(change_request_id=request.pk, by=request.raised_by)
            elif index >= 2:
                self._endorse_and_check(request, check=index != 2)
