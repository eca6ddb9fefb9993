import re
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import QueryDict

from accounts.models import AuditEntry
from governance.models import ExceptionReport
from milestones import bulk
from milestones.bulk import BulkChange, apply_change
from milestones.models import FieldChange, Milestone, MilestoneStatus, UpdateChannel
from milestones.services import Position, record_update
from tests.factories.milestones import BaselinedMilestoneFactory, MilestoneFactory
from tests.factories.workstreams import ProgrammeFactory, ProjectFactory, WorkstreamFactory
from tests.journal import changes_of
from tests.milestones.answers import flatten
from workstreams.models import Role

BULK = "/las-2016/milestones/bulk/"
FORECAST = date(2016, 7, 30)


@pytest.fixture
def plan(workstream, local_owner):
    """Two milestones of the owner, one of somebody else, one withdrawn. Today: 14 March 2016."""
    project = ProjectFactory(workstream=workstream)
    own = {"project": project, "local_owner": local_owner}
    return [
        BaselinedMilestoneFactory(reference="ONE", title="First", **own),
        MilestoneFactory(reference="TWO", title="Second", forecast_date=FORECAST, **own),
        MilestoneFactory(reference="OTHER", title="Third", project=project),
        MilestoneFactory(reference="GONE", status=MilestoneStatus.WITHDRAWN, **own),
    ]


def answers(**given):
    empty = {
        "local_owner": "",
        "status": "",
        "completed_date": None,
        "forecast_date": None,
        "narrative": "",
        "reason": "Agreed at the work stream meeting",
    }
    return flatten(empty | given)


def picked(*references):
    query = QueryDict(mutable=True)
    query.setlist("pick", references)
    return f"{BULK}?{query.urlencode()}"


def preview_and_apply(browser, address, sent, **beside):
    preview = browser.post(address, sent)
    seen = re.search(r'name="seen" value="([^"]*)"', preview.content.decode())
    return preview, browser.post(address, sent | {"apply": "1", "seen": seen[1]} | beside)


def test_a_change_is_previewed_in_full_and_then_applied(client_of, plan, pmo_officer, local_owner):
    browser = client_of(pmo_officer)
    sent = answers(forecast_date=date(2016, 6, 15), narrative="Supplier late.")

    preview = browser.post(picked("ONE", "TWO"), sent).content.decode()
    before = FieldChange.objects.count()
    _, response = preview_and_apply(browser, picked("ONE", "TWO"), sent)

    assert before == 0
    for words in ["30 Jul 2016", "15 Jun 2016", "Supplier late.", "2 milestones will change"]:
        assert words in preview
    assert response.status_code == 302
    for reference in ("ONE", "TWO"):
        milestone = Milestone.objects.get(reference=reference)
        update = milestone.updates.get()
        assert milestone.forecast_date == date(2016, 6, 15)
        assert (update.channel, update.narrative) == (UpdateChannel.BULK, "Supplier late.")
        assert update.reason == "Agreed at the work stream meeting"


def test_every_item_is_journalled_and_every_field_recorded(plan, programme, pmo_officer):
    change = BulkChange(forecast_date=date(2016, 6, 15), reason="Agreed")
    seen = {plan[0].pk: 1, plan[1].pk: 1}

    apply_change(programme_id=programme.pk, seen=seen, change=change, by=pmo_officer)

    entries = AuditEntry.objects.filter(action="milestone.bulk_changed").order_by("pk")
    assert [entry.actor for entry in entries] == [pmo_officer, pmo_officer]
    assert entries[1].details == {"why": "Agreed"}
    assert changes_of("milestone.bulk_changed") == {"forecast date": ("30 Jul 2016", "15 Jun 2016")}
    recorded = FieldChange.objects.filter(field="forecast_date")
    assert {(each.channel, each.reason) for each in recorded} == {("bulk", "Agreed")}


def test_exceptions_open_as_for_single_updates(plan, programme, pmo_officer):
    change = BulkChange(forecast_date=date(2016, 6, 15), reason="Agreed")

    apply_change(
        programme_id=programme.pk, seen={each.pk: 1 for each in plan}, change=change, by=pmo_officer
    )

    opened = ExceptionReport.objects.order_by("number").values_list("milestone__reference")
    assert [row[0] for row in opened] == ["ONE", "TWO", "OTHER"]


def test_the_preview_says_what_cannot_be_changed_and_why(client_of, plan, local_owner):
    sent = answers(forecast_date=FORECAST)
    browser = client_of(local_owner)

    preview, applied = preview_and_apply(browser, picked("ONE", "TWO", "OTHER", "GONE"), sent)

    page = preview.content.decode()
    assert "1 milestone will change" in page
    assert "3 will stay as they are" in page
    assert bulk.NO_CHANGE in page
    assert bulk.NOT_YOURS in page
    assert bulk.WITHDRAWN in page
    assert applied.status_code == 302
    changed = Milestone.objects.filter(version__gt=1)
    assert [milestone.reference for milestone in changed] == ["ONE"]


def test_versions_sent_beside_the_preview_give_no_right(client_of, plan, local_owner):
    seen = " ".join(f"{each.pk}:1" for each in plan)
    sent = answers(narrative="Mine") | {"apply": "1", "seen": seen}

    response = client_of(local_owner).post(picked("ONE"), sent)

    assert response.status_code == 409
    changed = Milestone.objects.filter(version__gt=1).order_by("reference")
    assert [milestone.reference for milestone in changed] == ["ONE", "TWO"]


def test_what_moved_since_the_preview_is_left_alone_and_told(
    client_of, plan, pmo_officer, local_owner
):
    browser, sent = client_of(pmo_officer), answers(forecast_date=date(2016, 6, 15))
    preview = browser.post(picked("ONE", "TWO"), sent).content.decode()
    seen = re.search(r'name="seen" value="([^"]*)"', preview)[1]
    theirs = Position(status=MilestoneStatus.NOT_STARTED, forecast_date=FORECAST)
    record_update(milestone_id=plan[1].pk, by=local_owner, seen_version=1, position=theirs)

    response = browser.post(picked("ONE", "TWO"), sent | {"apply": "1", "seen": seen})

    page = response.content.decode()
    assert response.status_code == 409
    assert "1 changed, 1 not." in page
    assert "It was changed by WS2 local owner after you looked" in page
    assert "Status: In progress → Not started" in page
    assert Milestone.objects.get(reference="ONE").forecast_date == date(2016, 6, 15)
    assert Milestone.objects.get(reference="TWO").forecast_date == FORECAST
    assert AuditEntry.objects.filter(action="milestone.bulk_changed").count() == 1


def test_sending_the_same_preview_twice_changes_once(client_of, plan, pmo_officer):
    browser, sent = client_of(pmo_officer), answers(narrative="Once")
    sent |= {"apply": "1", "seen": f"{plan[0].pk}:1"}

    first, second = browser.post(picked("ONE"), sent), browser.post(picked("ONE"), sent)

    assert (first.status_code, second.status_code) == (302, 409)
    assert plan[0].updates.count() == 1


def test_baselined_fields_are_out_of_reach_whatever_is_posted(client_of, plan, pmo_officer):
    moved = flatten({"planned_date": date(2017, 1, 1), "baseline_date": date(2017, 1, 1)})
    beside = moved | {
        "title": "Changed",
        "reference": "NEW",
        "planned_precision": "year",
        "baseline_precision": "year",
        "project": "",
        "lead_director": pmo_officer.pk,
        "version": 9,
    }
    names = [*beside, "planned_date", "baseline_date", "lead_director_id"]
    fixed = [name for name in names if hasattr(Milestone, name) and name != "version"]
    before = Milestone.objects.filter(reference="ONE").values(*fixed).get()

    _, response = preview_and_apply(
        client_of(pmo_officer), picked("ONE"), answers(narrative="Words") | beside
    )

    assert response.status_code == 302
    assert Milestone.objects.filter(pk=plan[0].pk).values(*fixed).get() == before
    assert not FieldChange.objects.filter(milestone=plan[0]).exists()
    assert plan[0].plan_versions.count() == 0


def test_only_the_pmo_gives_milestones_to_another_owner(
    client_of, plan, programme, pmo_officer, local_owner, member
):
    heir = member(Role.LOCAL_OWNER, full_name="New owner")
    sent = answers(local_owner=heir.pk)

    refused = client_of(local_owner).post(picked("ONE"), sent)
    change = BulkChange(local_owner=heir, reason="Taken over")
    forged = apply_change(
        programme_id=programme.pk, seen={plan[0].pk: 1}, change=change, by=local_owner
    )
    _, given = preview_and_apply(client_of(pmo_officer), picked("ONE", "TWO"), sent)

    assert refused.status_code == 422
    assert "Only the PMO" in forged.refused[0].why
    assert given.status_code == 302
    assert Milestone.objects.filter(local_owner=heir).count() == 2
    recorded = FieldChange.objects.filter(field="local_owner_id").first()
    assert (recorded.old_value, recorded.new_value) == (local_owner.pk, heir.pk)


def test_owner_and_forecast_change_together(plan, programme, pmo_officer, member):
    heir = member(Role.LOCAL_OWNER)
    change = BulkChange(local_owner=heir, forecast_date=date(2016, 5, 1), reason="Taken over")

    outcome = apply_change(
        programme_id=programme.pk, seen={plan[0].pk: 1}, change=change, by=pmo_officer
    )

    stored = Milestone.objects.get(reference="ONE")
    assert outcome.refused == []
    assert (stored.local_owner, stored.forecast_date) == (heir, date(2016, 5, 1))


def test_a_stranger_neither_changes_nor_becomes_owner(plan, programme, pmo_officer, member):
    stranger = member(Role.PMO_OFFICER, programme=ProgrammeFactory(slug="other-trust"))
    seen = {plan[0].pk: 1}

    with pytest.raises(PermissionDenied):
        apply_change(
            programme_id=programme.pk,
            seen=seen,
            change=BulkChange(narrative="x", reason="y"),
            by=stranger,
        )
    with pytest.raises(ValidationError, match="no member"):
        apply_change(
            programme_id=programme.pk,
            seen=seen,
            change=BulkChange(local_owner=stranger, reason="y"),
            by=pmo_officer,
        )


def test_another_programmes_milestones_stay_out_of_reach(client_of, plan, pmo_officer):
    other = WorkstreamFactory(programme=ProgrammeFactory(slug="other-trust"), code="WS1")
    foreign = MilestoneFactory(project=ProjectFactory(workstream=other), reference="FOREIGN")
    sent = answers(narrative="x") | {"apply": "1", "seen": f"{foreign.pk}:1"}
    browser = client_of(pmo_officer)

    picked_page = browser.get(picked("FOREIGN")).content.decode()
    browser.post(picked("ONE"), sent)

    assert "Tick at least one milestone" in picked_page
    assert Milestone.objects.get(pk=foreign.pk).version == 1


def test_all_that_match_the_filter_are_chosen(client_of, plan, pmo_officer):
    page = client_of(pmo_officer).get(BULK, {"all": "1", "search": "o", "sort": "title"})

    chosen = [milestone.reference for milestone in page.context["chosen"].milestones]
    assert chosen == ["ONE", "TWO", "OTHER"]
    assert "/las-2016/milestones/?search=o&amp;sort=title" in page.content.decode()


def test_completing_takes_the_reason_for_the_missing_evidence(client_of, plan, pmo_officer):
    sent = answers(status="complete", completed_date=date(2016, 3, 1), reason="Seen on a visit")

    preview_and_apply(client_of(pmo_officer), picked("ONE", "TWO"), sent)

    done = Milestone.objects.filter(completed_date=date(2016, 3, 1))
    assert done.count() == 2
    assert done[0].updates.get().reason == "Seen on a visit"


def test_back_brings_the_form_with_what_was_typed(client_of, plan, pmo_officer):
    sent = answers(narrative="Typed words") | {"back": "1", "seen": "1:1"}

    page = client_of(pmo_officer).post(picked("ONE"), sent).content.decode()

    assert "Typed words" in page
    assert "Preview the changes" in page


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "Choose at least one change"),
        ({"narrative": "x", "reason": ""}, "Enter the reason for the change"),
        ({"narrative": "x", "reason": "r" * 301}, "must be 300 characters or fewer"),
        ({"narrative": "x" * 2001}, "must be 2000 characters or fewer"),
        ({"forecast_date": date(1999, 1, 1)}, "Forecast date must be on or after"),
        ({"forecast_date": date(2090, 1, 1)}, "within 10 years of today"),
        ({"status": "complete"}, "Enter the date on which they were completed"),
        ({"completed_date": date(2016, 3, 1)}, "Remove the completed date, or choose Complete"),
        ({"status": "complete", "completed_date": date(2016, 3, 15)}, "or in the past"),
        ({"status": "withdrawn"}, "Choose the status from the list"),
        ({"local_owner": "99999999999999999999"}, "Choose the local owner from the list"),
    ],
)
def test_a_wrong_answer_gets_its_message(client_of, plan, pmo_officer, given, message):
    response = client_of(pmo_officer).post(picked("ONE"), answers(**given))

    assert response.status_code == 422
    assert message in response.content.decode()


@pytest.mark.parametrize(
    "seen", ["", "x", "1", "1:2:3", "1:-1", "0:1", "1:99999999999999", "²:1", "1:1 " * 251]
)
def test_a_broken_preview_changes_nothing_and_says_so(client_of, plan, pmo_officer, seen):
    sent = answers(narrative="x") | {"apply": "1", "seen": seen}

    response = client_of(pmo_officer).post(picked("ONE"), sent)

    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()
    assert not Milestone.objects.filter(version__gt=1).exists()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "Tick at least one milestone"),
        ("pick=NONE&pick=%00", "Tick at least one milestone"),
        ("all=1&rating=purple", "The filter holds a value that is none"),
        ("all=1&search=zebra", "Tick at least one milestone"),
        ("all=1&as-at=2016-03-01", "Only the list of today changes milestones"),
        ("all=1&as-at=never", "The filter holds a value that is none"),
    ],
)
def test_an_empty_choice_says_what_to_do(client_of, plan, pmo_officer, query, message):
    browser = client_of(pmo_officer)

    response = browser.get(f"{BULK}?{query}")

    assert message in response.content.decode()
    assert browser.post(f"{BULK}?{query}", answers(narrative="x")).status_code == 422


def test_more_than_may_change_at_once_are_refused_with_the_number(
    client_of, plan, pmo_officer, monkeypatch
):
    monkeypatch.setattr("milestones.views_bulk.MOST_ITEMS", 2)

    page = client_of(pmo_officer).get(f"{BULK}?all=1").content.decode()

    assert "Change at most 2 milestones at a time." in page


@pytest.mark.parametrize("rows", [2, 40])
def test_a_preview_costs_the_same_queries_however_many_it_lists(
    client_of, workstream, pmo_officer, django_assert_num_queries, rows
):
    MilestoneFactory.create_batch(rows, project=ProjectFactory(workstream=workstream))
    browser = client_of(pmo_officer)

    # Session, user, programme, roles; work streams, projects, owners; items and their updates.
    with django_assert_num_queries(9):
        response = browser.post(f"{BULK}?all=1", answers(narrative="x"))

    assert len(response.context["ready"]) == rows
