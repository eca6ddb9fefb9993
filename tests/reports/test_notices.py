from datetime import date, datetime, time

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from governance.models import Risk
from milestones.models import MilestoneStatus
from milestones.services import Position, record_update
from reports.delivery import send_due_deliveries
from reports.due import run_due
from reports.models import Delivery, DeliveryState, Notice, Outcome
from reports.months import WrongState
from reports.notices import chase, write_digests
from reports.schedule import Window
from tests.factories.governance import ExceptionReportFactory, RemedialActionFactory
from tests.reports.outbox import NOON, make_files, queued
from workstreams.models import Role
from workstreams.months import open_month

pytestmark = pytest.mark.django_db


def on(programme, day, hour=8):
    """Run the schedule at an hour of a day of the programme; give what was written by then."""
    programme.demonstration_date = day
    programme.save(update_fields=["demonstration_date"])
    at = timezone.make_aware(datetime.combine(day, time(hour)))
    run_due(at=at)
    return {notice.user: notice for notice in Notice.objects.filter(day=day)}


def sections(notice):
    return {
        section["title"]: [(line["text"], line["path"]) for line in section["lines"]]
        for section in notice.content["sections"]
    }


@pytest.fixture
def quiet(programme):
    """A schedule that has written its first digests: nothing older is news any more."""
    on(programme, date(2016, 3, 14))
    return programme


def test_owners_are_reminded_at_the_cut_off_and_chased_after_the_third_working_day(
    quiet, owned, local_owner, indicator
):
    milestone = owned(reference="WS2-P3-07", title="Datix Web", planned_date=date(2016, 9, 30))
    days = [date(2016, 3, d) for d in (15, 16, 30, 31)] + [date(2016, 4, d) for d in (1, 4, 5, 6)]

    written = {day for day in days if local_owner in on(quiet, day)}

    # The cut-off is 31 March, updates are due on 5 April.
    assert written == {date(2016, 3, 31), date(2016, 4, 6)}
    notice = Notice.objects.filter(user=local_owner).latest("day")
    assert sections(notice) == {
        "Milestones to update": [
            (
                "WS2-P3-07 Datix Web, update due by 5 April 2016",
                f"/las-2016/my-work/#milestone-{milestone.pk}",
            )
        ],
        "Measurements to record": [
            (
                "WS2-I1 Risk registers updated in the month, value of March 2016",
                f"/las-2016/my-work/#indicator-{indicator.pk}",
            )
        ],
    }
    assert notice.subject == "Quality improvement plan: 1 milestone update, 1 measurement"


def test_nothing_is_written_to_whom_nothing_is_due(quiet, owned, local_owner):
    milestone = owned(planned_date=date(2016, 9, 30))
    record_update(
        milestone_id=milestone.pk,
        by=local_owner,
        seen_version=milestone.version,
        position=Position(status=MilestoneStatus.IN_PROGRESS, narrative="On the way"),
    )

    assert on(quiet, date(2016, 3, 31)) == {}


def test_a_digest_is_sent_as_text_and_html_with_links_to_the_rows(
    quiet, owned, local_owner, settings
):
    settings.SITE_URL = "https://tracker.example"
    milestone = owned(reference="WS2-P3-07", title="<b>Datix & co", planned_date=date(2016, 9, 30))

    on(quiet, date(2016, 3, 31))

    [message] = [each for each in mail.outbox if each.to == [local_owner.email]]
    [(html, _)] = message.alternatives
    link = f"https://tracker.example/las-2016/my-work/#milestone-{milestone.pk}"
    assert f"- WS2-P3-07 <b>Datix & co, update due by 5 April 2016\n  {link}\n" in message.body
    assert f'<a href="{link}">WS2-P3-07 &lt;b&gt;Datix &amp; co, update' in html
    assert "demonstration" in message.body
    notice = Notice.objects.get(user=local_owner)
    assert notice.state == DeliveryState.SENT
    assert notice.history.get().outcome == Outcome.SENT


def test_all_that_is_due_from_a_person_comes_in_one_message_a_day(
    quiet, owned, local_owner, workstream
):
    late = owned(planned_date=date(2016, 2, 29))
    report = ExceptionReportFactory(milestone=late, number=9, report_due_date=date(2016, 3, 24))
    action = RemedialActionFactory(
        exception=report, owner=local_owner, text="Train", due_date=date(2016, 3, 30)
    )
    Risk.objects.create(
        programme=quiet,
        number=4,
        level="workstream",
        workstream=workstream,
        title="Supplier",
        owner=local_owner,
        raised_by=local_owner,
        raised_date=date(2016, 3, 1),
        review_date=date(2016, 3, 30),
        **{
            f"{when}_{what}": 3
            for when in ("inherent", "current", "target")
            for what in ("likelihood", "impact")
        },
    )

    for hour in (8, 12, 18):
        on(quiet, date(2016, 3, 31), hour)

    notice = Notice.objects.get(user=local_owner, day=date(2016, 3, 31))
    assert len([each for each in mail.outbox if each.to == [local_owner.email]]) == 1
    found = sections(notice)
    assert list(found) == [
        "Milestones to update",
        "Exception reports to write",
        "Overdue remedial actions",
        "Risks whose review is overdue",
    ]
    assert found["Overdue remedial actions"] == [
        ("Train (EX-009), due 30 March 2016", f"/las-2016/my-work/#action-{action.pk}")
    ]
    assert found["Risks whose review is overdue"][0][1] == "/las-2016/risks/4/"


def test_an_escalated_exception_is_told_to_the_executive_lead_once(quiet, owned, executive_lead):
    ExceptionReportFactory(
        milestone=owned(planned_date=date(2016, 2, 29)),
        report_due_date=date(2016, 3, 14),
        escalated_date=date(2016, 3, 16),
    )

    written = [day for day in (15, 16, 17) if executive_lead in on(quiet, date(2016, 3, day))]

    assert written == [16]
    notice = Notice.objects.get(user=executive_lead)
    assert "Escalated to you: exception reports that are overdue" in sections(notice)


def test_the_elt_gets_the_months_report_with_the_qig_also_when_nothing_waits(quiet, elt_member):
    on(quiet, date(2016, 4, 12))
    before = Notice.objects.filter(user=elt_member).count()

    notice = on(quiet, date(2016, 4, 13))[elt_member]  # the ninth working day

    assert before == 0
    [(summary, path)] = sections(notice)["Exceptions and change requests for the ELT"]
    assert summary.startswith("0 open exceptions")
    assert path == "/las-2016/decisions/"
    assert "the monthly report to the ELT" in notice.subject


def test_an_outage_is_caught_up_with_one_message(quiet, owned, local_owner):
    owned(planned_date=date(2016, 9, 30))

    # Down over the cut-off and the day updates were due.
    on(quiet, date(2016, 4, 6))
    on(quiet, date(2016, 4, 7))

    assert Notice.objects.filter(user=local_owner).count() == 1


def test_the_pmo_is_told_of_messages_that_did_not_arrive_until_they_are_settled(
    quiet, milestone, audiences, pmo_officer, elt_member
):
    queued(quiet, to=[], by=pmo_officer, signed_off_by=elt_member)
    delivery = Delivery.objects.get(email="cqrg@las.example")
    Delivery.objects.filter(pk=delivery.pk).update(
        state=DeliveryState.INFLIGHT, last_error="", attempts=1
    )
    send_due_deliveries(at=NOON)

    told = on(quiet, date(2016, 3, 15))[pmo_officer]
    again = on(quiet, date(2016, 3, 16))

    assert sections(told)["Messages that did not arrive, or may not have"] == [
        ("1 delivery of the packs of March 2016", "/las-2016/months/2016-03/#deliveries")
    ]
    assert pmo_officer not in again


def test_the_pmo_chases_one_owner_once_a_day(march, owned, local_owner, pmo_officer):
    owned(planned_date=date(2016, 9, 30))

    notice = chase(march, local_owner, pmo_officer)
    with pytest.raises(WrongState, match="is being sent a message of 14 March 2016"):
        chase(march, local_owner, pmo_officer)
    send_due_deliveries()
    with pytest.raises(WrongState, match="was sent a message .* the next can go tomorrow"):
        chase(march, local_owner, pmo_officer)

    [message] = mail.outbox
    assert message.to == [local_owner.email]
    assert "Sent by PMO officer of the Programme Management Office." in message.body
    assert notice.caused_by == pmo_officer


def test_who_was_written_to_by_the_schedule_is_not_chased_on_the_same_day(
    quiet, owned, local_owner, pmo_officer
):
    owned(planned_date=date(2016, 9, 30))
    on(quiet, date(2016, 3, 31))

    with pytest.raises(WrongState, match="at most one a day"):
        chase(quiet.months.get(), local_owner, pmo_officer)


def test_nobody_is_chased_without_reason_or_authority(
    march, owned, local_owner, pmo_officer, elt_member
):
    with pytest.raises(WrongState, match="Nothing is due from WS2 local owner for March 2016"):
        chase(march, local_owner, pmo_officer)
    owned(planned_date=date(2016, 9, 30))
    with pytest.raises(PermissionDenied, match="Only the PMO"):
        chase(march, local_owner, elt_member)
    march.state = "frozen"
    march.save()
    with pytest.raises(WrongState, match="March 2016 is frozen"):
        chase(march, local_owner, pmo_officer)

    assert not Notice.objects.exists()


@pytest.mark.parametrize("change", ["inactive", "no member"])
def test_who_has_left_meanwhile_gets_nothing(march, owned, local_owner, pmo_officer, change):
    owned(planned_date=date(2016, 9, 30))
    chase(march, local_owner, pmo_officer)
    if change == "inactive":
        local_owner.is_active = False
        local_owner.save()
    else:
        local_owner.memberships.all().delete()

    send_due_deliveries()

    assert not mail.outbox
    assert "no longer a member" in Notice.objects.get().last_error


def test_nobody_is_told_of_another_programme(quiet, owned, local_owner, member):
    owned(reference="CANARY", planned_date=date(2016, 9, 30))
    other = type(quiet).objects.create(
        slug="other", name="Other", start_date=date(2016, 1, 1), organisation="Other"
    )
    member(Role.LOCAL_OWNER, programme=other)
    open_month(other, date(2016, 3, 1))

    on(quiet, date(2016, 3, 31))

    texts = [f"{notice.programme.slug} {notice.content}" for notice in Notice.objects.all()]
    assert [text.startswith("las-2016") for text in texts if "CANARY" in text] == [True]


def test_digests_cost_the_same_queries_however_much_is_due(quiet, owned, local_owner):
    def cost():
        Notice.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            [notice] = write_digests(
                quiet, Window(date(2016, 3, 31), date(2016, 3, 30)), since_at=NOON, at=NOON
            )
        return len(queries), len(notice.content["sections"][0]["lines"])

    owned(planned_date=date(2016, 9, 30))
    few = cost()
    for _ in range(25):
        owned(planned_date=date(2016, 9, 30))
    many = cost()

    assert (few[1], many[1]) == (1, 26)
    assert few[0] == many[0]


def test_a_month_with_packs_sends_them_and_the_digests_together(quiet, milestone, audiences):
    on(quiet, date(2016, 4, 6))
    make_files(quiet.months.get(month=date(2016, 3, 1)))

    on(quiet, date(2016, 4, 7), hour=0)
    on(quiet, date(2016, 4, 7), hour=8)

    states = Delivery.objects.values_list("email", "state")
    assert dict(states) == {"elt@las.example": DeliveryState.SENT}
