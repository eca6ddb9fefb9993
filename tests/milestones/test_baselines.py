from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.models import AuditEntry
from milestones.baselines import BaselinesRefused, baseline_work, set_baselines
from milestones.models import Milestone, MilestoneStatus, MissingFact, PlanVersion
from tests.factories.milestones import BaselinedMilestoneFactory, MilestoneFactory
from tests.factories.workstreams import ProgrammeFactory, ProjectFactory, WorkstreamFactory

DONE = {"status": MilestoneStatus.COMPLETE, "completed_date": date(2016, 3, 1)}


@pytest.fixture
def page_url(programme):
    return reverse("milestones:baselines", args=[programme.slug])


@pytest.fixture
def ready(milestone):
    """Three milestones that have their people and a date."""
    others = [
        MilestoneFactory(project=milestone.project, reference=f"WS2-P3-0{number}")
        for number in (2, 3)
    ]
    return [milestone, *others]


@pytest.fixture
def other_trust_milestone(db):
    other = ProgrammeFactory(slug="other-trust", name="Other")
    return MilestoneFactory(
        project=ProjectFactory(workstream=WorkstreamFactory(programme=other, code="WS1"))
    )


def seen(milestones):
    return {milestone.pk: milestone.version for milestone in milestones}


def ticked(milestones):
    return {"milestones": [f"{each.pk}-{each.version}" for each in milestones]}


def test_what_is_ready_and_what_is_missing_make_up_the_open_ones_without_a_baseline(ready):
    project = ready[0].project
    lacking = [
        MilestoneFactory(project=project, planned_date=None, planned_precision=""),
        MilestoneFactory(project=project, local_owner=None, lead_director=None),
    ]
    BaselinedMilestoneFactory(project=project)
    MilestoneFactory(project=project, **DONE)
    MilestoneFactory(project=project, status=MilestoneStatus.WITHDRAWN)

    work = baseline_work(project.programme)

    assert work.ready == ready
    assert work.lacking == lacking
    unset = Milestone.objects.missing(MissingFact.BASELINE)
    assert unset.count() == len(work.ready) + len(work.lacking)


def test_one_press_sets_all_with_a_plan_version_and_a_journal_entry_each(ready, pmo_officer):
    versions = set_baselines(
        programme_id=ready[0].programme_id, by=pmo_officer, seen_versions=seen(ready)
    )

    assert [version.milestone for version in versions] == ready
    assert {version.number for version in PlanVersion.objects.all()} == {1}
    dates = Milestone.objects.values_list("baseline_date", "baseline_precision", "version")
    assert set(dates) == {(date(2016, 4, 30), "month", 2)}
    assert AuditEntry.objects.filter(action="milestone.baselined").count() == len(ready)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"local_owner": None}, "WS2-P3-02 still needs a local owner."),
        ({"planned_date": None}, "WS2-P3-02 still needs a planned date."),
        ({"version": 2}, "WS2-P3-02 was changed while you looked at this page."),
        ({"baseline_date": date(2016, 4, 30)}, "WS2-P3-02 has its baseline already."),
    ],
)
def test_one_that_cannot_take_it_stops_them_all_and_is_named(ready, pmo_officer, change, reason):
    asked = seen(ready)
    Milestone.objects.filter(pk=ready[1].pk).update(**change)

    with pytest.raises(BaselinesRefused) as refusal:
        set_baselines(programme_id=ready[0].programme_id, by=pmo_officer, seen_versions=asked)

    assert refusal.value.reasons == [reason]
    assert not PlanVersion.objects.exists()


def test_a_milestone_of_another_programme_is_not_found_and_stops_them_all(
    ready, pmo_officer, other_trust_milestone
):
    asked = seen([*ready, other_trust_milestone])

    with pytest.raises(BaselinesRefused, match="does not exist in this programme"):
        set_baselines(programme_id=ready[0].programme_id, by=pmo_officer, seen_versions=asked)

    assert not PlanVersion.objects.exists()


def test_only_the_pmo_sets_baselines(ready, executive_lead, local_owner, elt_member, auditor):
    for person in (executive_lead, local_owner, elt_member, auditor):
        with pytest.raises(PermissionDenied, match="Only the PMO sets baselines"):
            set_baselines(programme_id=ready[0].programme_id, by=person, seen_versions=seen(ready))

    assert not PlanVersion.objects.exists()


def test_the_page_ticks_all_that_are_ready_and_says_what_the_others_lack(
    client_of, pmo_officer, ready, page_url
):
    lacking = MilestoneFactory(
        project=ready[0].project, reference="WS2-P3-09", local_owner=None, planned_date=None
    )

    page = client_of(pmo_officer).get(page_url).content.decode()

    assert page.count(" checked") == len(ready)
    assert "a local owner and a planned date" in page
    assert reverse("milestones:milestone_edit", args=["las-2016", lacking.reference]) in page
    assert "Ready: 3 milestones" in page


def test_pressing_the_button_sets_the_ticked_ones_and_leaves_the_others(
    client_of, pmo_officer, ready, page_url
):
    response = client_of(pmo_officer).post(page_url, ticked(ready[:2]), follow=True)

    page = response.content.decode()
    assert response.redirect_chain == [(page_url, 302)]
    assert "2 baselines are set." in page
    assert list(Milestone.objects.filter(baseline_date=None)) == [ready[2]]


def test_a_stale_page_sets_nothing_and_shows_what_is_stored_now(
    client_of, pmo_officer, ready, page_url
):
    asked = ticked(ready)
    Milestone.objects.filter(pk=ready[1].pk).update(planned_date=date(2016, 5, 31), version=2)

    response = client_of(pmo_officer).post(page_url, asked)

    page = response.content.decode()
    assert response.status_code == 409
    assert "WS2-P3-02 was changed while you looked at this page." in page
    assert f'value="{ready[1].pk}-2"' in page
    assert not PlanVersion.objects.exists()


@pytest.mark.parametrize(
    "answers",
    [{}, {"milestones": []}, {"milestones": ["1"]}, {"milestones": ["x-1", "1-1"]}]
    + [{"milestones": [text]} for text in ("1-1-1", "-1", "٣-1", "9" * 30 + "-1", "1-\x00")],
)
def test_nothing_ticked_or_rubbish_sent_is_a_message(
    client_of, pmo_officer, ready, page_url, answers
):
    response = client_of(pmo_officer).post(page_url, answers)

    assert response.status_code == 422
    assert "Tick at least one milestone" in response.content.decode()
    assert not PlanVersion.objects.exists()


def test_what_was_unticked_stays_unticked_when_something_is_wrong(
    client_of, pmo_officer, ready, page_url
):
    asked = ticked(ready[:2])
    Milestone.objects.filter(pk=ready[0].pk).update(version=2)

    page = client_of(pmo_officer).post(page_url, asked).content.decode()

    assert page.count(" checked") == 2


def test_without_anything_to_do_the_page_says_so(client_of, pmo_officer, programme, page_url):
    page = client_of(pmo_officer).get(page_url).content.decode()

    assert "Every open milestone has its baseline." in page


@pytest.mark.parametrize("rows", [1, 25])
def test_the_page_costs_the_same_queries_however_many_it_lists(
    client_of, pmo_officer, milestone, page_url, django_assert_num_queries, rows
):
    MilestoneFactory.create_batch(rows, project=milestone.project)
    MilestoneFactory.create_batch(rows, project=milestone.project, local_owner=None)
    browser = client_of(pmo_officer)

    with django_assert_num_queries(6):  # session, user, programme, roles, permission, list
        response = browser.get(page_url)

    assert len(response.context["work"].ready) == rows + 1


def test_the_register_and_the_plan_lead_the_pmo_there_and_nobody_else(
    client_of, pmo_officer, auditor, milestone, page_url
):
    for name in ("milestones:milestone_list", "reports:plan"):
        address = reverse(name, args=["las-2016"])
        assert page_url in client_of(pmo_officer).get(address).content.decode()
        assert page_url not in client_of(auditor).get(address).content.decode()
