from datetime import date, timedelta

import pytest
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from milestones.assurance import give_assurance
from milestones.columns import SORT_CHOICES
from milestones.filters import RegisterFilter
from milestones.models import AssuranceOutcome, Evidence, Milestone, MilestoneStatus
from milestones.quality import Gap
from milestones.register_as_at import listed_as_at
from milestones.services import Position, record_update
from milestones.writing import Act, write
from tests.factories.accounts import UserFactory
from tests.factories.milestones import MilestoneFactory
from tests.factories.workstreams import EnablerFactory, ProjectFactory, WorkstreamFactory

TODAY = date(2016, 3, 14)
LIST = "/las-2016/milestones/"
ANSWERS = [
    {},
    *({"rating": [word]} for word in ("at_risk", "delayed", "on_track", "no_date", "complete")),
    {"rating": ["withdrawn", "at_risk"]},
    {"workstream": ["WS2"]},
    {"workstream": ["enablers"]},
    {"project": ["WS2-P3"]},
    *({"owner": [who]} for who in ("me", "none")),
    *({"due": [when]} for when in ("overdue", "next_30_days", "next_90_days", "this_month")),
    *({"missing": [what]} for what in ("date", "owner", "baseline")),
    {"update": ["none"]},
    *({"assurance": [state]} for state in ("assured", "not_assured")),
    *({"gap": [gap]} for gap in Gap),
    {"search": ["datix WEB"]},
    {"search": ["incident"]},
    *({"sort": [code]} for code, _ in SORT_CHOICES),
]


@pytest.fixture
def varied(programme, workstream, local_owner, pmo_officer):
    """Milestones of all kinds, as they stand today."""
    project = ProjectFactory(workstream=workstream, code="WS2-P3", name="Incident reporting")
    other = ProjectFactory(
        workstream=WorkstreamFactory(programme=programme, code="WS1", position=9), code="WS1-P1"
    )
    days = [None, *(TODAY + timedelta(days=days) for days in (-60, -10, 0, 5, 40, 95))]
    for index, planned in enumerate(days):
        fields = {"planned_date": planned, "planned_precision": "day" if planned else ""}
        MilestoneFactory(project=project, local_owner=local_owner, **fields)
        MilestoneFactory(
            project=other,
            title=f"Rota {index}",
            forecast_date=TODAY + timedelta(days=index * 9),
            baseline_date=planned,
            **fields,
        )
    enabler = EnablerFactory(programme=programme)
    MilestoneFactory(project=None, enabler=enabler, programme=programme, local_owner=None)
    done = {"status": MilestoneStatus.COMPLETE, "completed_date": date(2016, 3, 1)}
    MilestoneFactory(project=project, **done)
    MilestoneFactory(project=project, status=MilestoneStatus.WITHDRAWN)
    updated = MilestoneFactory(project=project, local_owner=local_owner)
    position = Position(
        status=MilestoneStatus.IN_PROGRESS, narrative="On its way.", owner_view="delayed"
    )
    record_update(milestone_id=updated.pk, by=local_owner, seen_version=1, position=position)
    for added, removed in [("2016-03-01", None), ("2015-11-01", None), ("2016-03-01", TODAY)]:
        proven = MilestoneFactory(project=project, local_owner=local_owner, **done)
        Evidence.objects.create(
            milestone=proven,
            title="Minutes",
            url="https://las.example/",
            added_by=local_owner,
            added_date=date.fromisoformat(added),
            added_at=timezone.now(),
            removed_by=local_owner if removed else None,
            removed_date=removed,
        )
    give_assurance(
        milestone_id=proven.pk,
        by=pmo_officer,
        seen_version=proven.version,
        outcome=AssuranceOutcome.ASSURED,
    )
    return Milestone.objects.filter(programme=programme)


def found_by(answers, *, programme, user):
    request = RequestFactory().get(LIST, answers)
    request.user, request.programme, request.roles = user, programme, frozenset()
    return RegisterFilter(request.GET, programme.milestones.for_list(), request=request)


@pytest.mark.parametrize("answers", ANSWERS, ids=str)
def test_a_day_without_later_changes_lists_what_the_database_lists(
    varied, programme, local_owner, answers
):
    found = found_by(answers, programme=programme, user=local_owner)
    assert found.is_valid(), found.errors

    then = listed_as_at(found.queryset, found.form.cleaned_data, day=TODAY, user=local_owner)

    assert [each.reference for each in then] == [each.reference for each in found.qs]
    rules = {"as_of": TODAY, "tolerance_days": programme.tolerance_days}
    assert then.count_by_rating(**rules) == found.qs.count_by_rating(**rules)


def test_every_filter_and_order_is_held_against_the_database(varied, programme, local_owner):
    known = set(found_by({}, programme=programme, user=local_owner).filters)

    assert {name for answers in ANSWERS for name in answers} == known - {"columns", "as-at"}


@pytest.fixture
def slipped(milestone, programme, local_owner):
    """On track on 14 March; on 1 April its owner forecasts it two months late; now 1 May."""
    programme.demonstration_date = date(2016, 4, 1)
    programme.save()
    late = Position(status=MilestoneStatus.IN_PROGRESS, forecast_date=date(2016, 6, 30))
    record_update(milestone_id=milestone.pk, by=local_owner, seen_version=1, position=late)
    programme.demonstration_date = date(2016, 5, 1)
    programme.save()
    return milestone


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        ("as-at=2016-03-31&rating=on_track", 1),
        ("as-at=2016-03-31&rating=at_risk", 0),
        ("as-at=2016-04-01&rating=at_risk", 1),
        ("rating=at_risk", 1),
    ],
)
def test_the_register_filters_by_the_rating_of_that_day(
    client_of, slipped, pmo_officer, query, listed
):
    response = client_of(pmo_officer).get(f"{LIST}?{query}")

    page = response.content.decode()
    assert len(response.context["rows"]) == listed
    assert ("Back to today" in page) == ("as-at" in query)
    assert response.context["may_change"] == ("as-at" not in query)
    assert 'name="pick"' not in page or "as-at" not in query


@pytest.mark.parametrize("day", ["2016-05-02", "2015-05-31", "2016-02-30", "x", "9" * 300])
def test_a_day_without_a_state_is_told_at_the_field(client_of, slipped, auditor, day):
    response = client_of(auditor).get(LIST, {"as-at": day})

    page = response.content.decode()
    assert response.status_code == 200
    assert page.count("The day must be") == 2
    assert "Nothing is listed until the filter is put right." in page


def test_a_row_cannot_be_edited_as_at_a_day(client_of, slipped, pmo_officer):
    page = client_of(pmo_officer).get(LIST, {"as-at": "2016-03-31", "edit": slipped.reference})

    assert page.context["edited"] is None
    assert f"{slipped.reference}/?as-at=2016-03-31" in page.content.decode()


@pytest.mark.parametrize("rows", [1, 60])
def test_the_register_as_at_a_day_costs_the_same_queries_however_many_it_lists(
    client_of, slipped, auditor, django_assert_max_num_queries, rows
):
    owner = UserFactory()
    for milestone in MilestoneFactory.create_batch(rows, project=slipped.project):
        fields = {"local_owner": owner, "forecast_date": date(2016, 7, 1)}
        write(milestone, seen_version=1, fields=fields, act=Act(by=None))
    browser = client_of(auditor)

    with django_assert_max_num_queries(20):
        response = browser.get(
            reverse("milestones:milestone_list", args=["las-2016"]) + "?as-at=2016-03-31"
        )

    assert response.context["paginator"].count == rows + 1
