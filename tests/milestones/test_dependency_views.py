from datetime import date

import pytest
from django.urls import reverse

from milestones.models import Dependency, Milestone
from tests.factories.milestones import MilestoneFactory
from tests.factories.workstreams import ProgrammeFactory
from tests.milestones.answers import url
from workstreams.models import Role


@pytest.fixture
def late_predecessor(milestone) -> Milestone:
    """Milestone WS2-P3-01, due 30 April, waits for this one, expected on 12 May."""
    before = MilestoneFactory(
        project=milestone.project,
        reference="WS2-P3-07",
        title="Forms agreed",
        forecast_date=date(2016, 5, 12),
    )
    Dependency.objects.create(predecessor=before, successor=milestone)
    return before


def conflicts_url():
    return reverse("milestones:dependency_conflicts", args=["las-2016"])


def test_the_pmo_adds_a_link_on_the_milestones_page(client_of, milestone, pmo_officer):
    MilestoneFactory(project=milestone.project, reference="WS2-P3-07", title="Forms agreed")
    browser = client_of(pmo_officer)
    before = browser.get(url("milestone_detail", milestone)).content.decode()

    response = browser.post(
        url("dependency_add", milestone), {"predecessor": "ws2-p3-07"}, follow=True
    )

    page = response.content.decode()
    assert url("dependency_add", milestone) in before
    assert '<option value="WS2-P3-07">Forms agreed</option>' in before
    assert "WS2-P3-01 now waits for WS2-P3-07." in page
    assert "Forms agreed" in page.partition('id="dependencies"')[2]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Enter the reference of the milestone that it waits for"),
        ("WS2-P9-99", "This programme has no milestone WS2-P9-99"),
        ("WS2-P3-01", "WS2-P3-01 cannot wait for itself"),
        ("x" * 21, "must be 20 characters or fewer"),
        ("WS2\x00-P3-99", "This programme has no milestone WS2-P3-99"),
        (
            "WS2-P3-08",
            "These milestones would wait for each other in a loop: "
            "WS2-P3-01 -&gt; WS2-P3-08 -&gt; WS2-P3-01",
        ),
    ],
)
def test_what_is_wrong_stands_at_the_field_and_what_was_typed_stays(
    client_of, milestone, pmo_officer, typed, message
):
    after = MilestoneFactory(project=milestone.project, reference="WS2-P3-08")
    Dependency.objects.create(predecessor=milestone, successor=after)

    response = client_of(pmo_officer).post(url("dependency_add", milestone), {"predecessor": typed})

    page = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error: " in page
    assert message in page
    assert f'value="{typed}"'.replace("\x00", "") in page or not typed
    assert Dependency.objects.count() == 1


def test_a_link_is_removed_with_one_press(client_of, milestone, late_predecessor, pmo_officer):
    link = Dependency.objects.get()
    address = reverse(
        "milestones:dependency_remove", args=["las-2016", milestone.reference, link.pk]
    )

    page = client_of(pmo_officer).post(address, follow=True).content.decode()

    assert "WS2-P3-01 no longer waits for WS2-P3-07." in page
    assert not Dependency.objects.exists()
    assert client_of(pmo_officer).post(address).status_code == 404


def test_a_link_is_reached_through_its_own_milestone_only(
    client_of, milestone, late_predecessor, pmo_officer
):
    keys = ["las-2016", late_predecessor.reference, Dependency.objects.get().pk]

    response = client_of(pmo_officer).post(reverse("milestones:dependency_remove", args=keys))

    assert response.status_code == 404
    assert Dependency.objects.exists()


def test_the_owner_sees_the_links_and_is_told_to_ask_the_pmo(
    client_of, milestone, late_predecessor, local_owner, auditor
):
    owned = client_of(local_owner).get(url("milestone_detail", milestone)).content.decode()
    read = client_of(auditor).get(url("milestone_detail", milestone)).content.decode()

    for page in (owned, read):
        assert "Forms agreed" in page
        assert url("dependency_add", milestone) not in page
        assert "dependencies/" not in page
    assert "Ask the PMO to add it here." in owned
    assert "Ask the PMO to add it here." not in read


def test_both_pages_mark_the_conflict(client_of, milestone, late_predecessor, auditor):
    browser = client_of(auditor)

    held = browser.get(url("milestone_detail", milestone)).content.decode()
    holding = browser.get(url("milestone_detail", late_predecessor)).content.decode()

    assert '<strong class="qip-late">Waits for WS2-P3-07, 12 days too late</strong>' in held
    assert "12 days too late" in held.partition("<h3>Waits for</h3>")[2]
    assert "12 days too late" in holding.partition("Must finish before")[2]


def test_the_register_marks_the_successor_and_nothing_else(
    client_of, milestone, late_predecessor, auditor
):
    register = reverse("milestones:milestone_list", args=["las-2016"])

    page = client_of(auditor).get(register).content.decode()

    assert page.count("aits for WS2-P3-07, 12 days too late") == 1
    assert conflicts_url() in page


def test_the_conflicts_of_the_programme_are_listed(client_of, milestone, late_predecessor, auditor):
    page = client_of(auditor).get(conflicts_url()).content.decode()

    for words in [
        "1 conflict<",
        "30\N{NO-BREAK SPACE}Apr\N{NO-BREAK SPACE}2016",
        "planned date",
        "12\N{NO-BREAK SPACE}May\N{NO-BREAK SPACE}2016",
        "12 days too late",
        late_predecessor.get_absolute_url(),
        milestone.get_absolute_url(),
    ]:
        assert words in page


def test_without_a_conflict_the_page_says_so(client_of, programme, auditor):
    page = client_of(auditor).get(conflicts_url()).content.decode()

    assert "No milestone waits for one that comes too late." in page


@pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 30, "2"])
def test_any_page_number_gives_a_page(client_of, late_predecessor, auditor, number):
    response = client_of(auditor).get(conflicts_url(), {"page": number})

    assert response.status_code == 200
    assert len(response.context["page"]) == 1


@pytest.mark.parametrize("rows", [1, 60])
def test_the_conflicts_cost_the_same_queries_however_many_there_are(
    client_of, late_predecessor, auditor, django_assert_num_queries, rows
):
    later = MilestoneFactory.create_batch(rows - 1, project=late_predecessor.project)
    Dependency.objects.bulk_create(
        Dependency(predecessor=late_predecessor, successor=each) for each in later
    )
    browser = client_of(auditor)

    with django_assert_num_queries(5):  # session, user, programme, roles, links
        response = browser.get(conflicts_url())

    assert response.context["count"] == rows


def test_members_of_another_programme_find_no_link_there(
    client_of, late_predecessor, milestone, member
):
    other = ProgrammeFactory(slug="other-trust", name="Other")
    stranger = member(Role.PMO_ADMINISTRATOR, programme=other)
    keys = ["other-trust", milestone.reference, Dependency.objects.get().pk]

    response = client_of(stranger).post(reverse("milestones:dependency_remove", args=keys))

    assert response.status_code == 404
    assert Dependency.objects.exists()
