import re
from datetime import date
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from milestones.models import MilestoneStatus
from milestones.services import Position, record_update
from reports.models import Delivery, Pack
from reports.months import freeze_month, issue_month, sign_off_month
from reports.packs import render_due_packs
from tests.factories.milestones import MilestoneFactory
from workstreams.models import MonthState, Role
from workstreams.months import open_month

pytestmark = pytest.mark.django_db


def post(client, month, act, **data):
    url = reverse(f"reports:month_{act}", args=[month.programme.slug, month.month])
    return client.post(url, data, follow=True)


def page(client, month):
    return client.get(month.get_absolute_url()).content.decode()


@pytest.fixture
def frozen(march, milestone, audiences, pmo_officer):
    """March, frozen, its packs made."""
    freeze_month(month_id=march.pk, by=pmo_officer)
    render_due_packs()
    march.refresh_from_db()
    return march


@pytest.fixture
def issued(frozen, elt_member, pmo_officer):
    sign_off_month(month_id=frozen.pk, by=elt_member)
    issue_month(month_id=frozen.pk, by=pmo_officer)
    frozen.refresh_from_db()
    return frozen


def test_a_month_goes_from_open_to_issued_through_its_page(
    client_of, march, milestone, audiences, pmo_officer, elt_member
):
    pmo, elt = client_of(pmo_officer), client_of(elt_member)

    post(pmo, march, "freeze", early="yes")
    render_due_packs()
    post(elt, march, "sign_off")
    response = post(pmo, march, "issue")

    march.refresh_from_db()
    assert march.state == MonthState.ISSUED
    assert "March 2016 is issued" in response.content.decode()
    assert {delivery.email for delivery in Delivery.objects.all()} == {
        "elt@las.example",
        "cqrg@las.example",
    }


def test_a_month_is_frozen_before_its_cut_off_only_when_that_is_confirmed(
    client_of, march, milestone, audiences, pmo_officer
):
    pmo = client_of(pmo_officer)

    response = post(pmo, march, "freeze")

    march.refresh_from_db()
    assert march.state == MonthState.OPEN
    assert "Tick the box to freeze it before its cut-off" in response.content.decode()
    assert "before its cut-off, 31 March 2016" in page(pmo, march)


def test_an_open_month_says_who_has_not_updated_and_links_to_their_milestones(
    client_of, march, milestone, pmo_officer, local_owner
):
    MilestoneFactory(
        project=milestone.project,
        local_owner=local_owner,
        status=MilestoneStatus.COMPLETE,
        completed_date=date(2016, 2, 1),
    )
    pmo = client_of(pmo_officer)

    html = page(pmo, march)
    link = re.search(rf'href="([^"]+[?]owner={local_owner.pk}&[^"]+)"', html)
    listed = pmo.get(unescape(link[1]))

    assert "0 of 1" in html
    assert [each.milestone for each in listed.context["rows"]] == [milestone]
    assert "Last update" in listed.content.decode()
    assert "1 open milestone has no update for March 2016" in html


@pytest.mark.parametrize("act", ["sign_off", "issue"])
def test_an_act_too_early_changes_nothing_and_says_why(client_of, march, member, milestone, act):
    person = member(Role.PMO_OFFICER, Role.ELT_MEMBER)

    response = post(client_of(person), march, act)

    march.refresh_from_db()
    assert march.state == MonthState.OPEN
    assert "March 2016 is open" in response.content.decode()


def test_a_month_with_packs_missing_offers_no_sign_off(
    client_of, march, milestone, audiences, pmo_officer, elt_member
):
    freeze_month(month_id=march.pk, by=pmo_officer)

    html = page(client_of(elt_member), march)

    assert "2 of 2 packs are still missing" in html
    assert "sign-off/" not in html


@pytest.mark.parametrize(
    ("role", "act"),
    [
        (Role.ELT_MEMBER, "freeze"),
        (Role.LOCAL_OWNER, "freeze"),
        (Role.PMO_OFFICER, "sign_off"),
        (Role.ELT_MEMBER, "issue"),
        (Role.AUDITOR, "issue"),
    ],
)
def test_who_may_not_act_is_refused_in_a_sentence(client_of, member, march, role, act):
    response = post(client_of(member(role)), march, act)

    march.refresh_from_db()
    assert response.status_code == 403
    assert b"Only" in response.content
    assert march.state == MonthState.OPEN


def test_the_button_is_for_who_may_press_it(client_of, march, pmo_officer, auditor):
    assert "months/2016-03/freeze/" in page(client_of(pmo_officer), march)
    assert "months/2016-03/freeze/" not in page(client_of(auditor), march)


def test_the_packs_stand_with_download_and_hash(client_of, frozen, auditor):
    html = page(client_of(auditor), frozen)

    for pack in Pack.objects.all():
        assert pack.get_absolute_url() in html
        assert pack.sha256 in html


def test_a_pack_that_could_not_be_made_gives_its_reason(client_of, frozen, auditor):
    Pack.objects.filter(audience__code="cqrg").update(
        rendered_at=None, file="", sha256="", failure="The typesetter ran out of time."
    )

    html = page(client_of(auditor), frozen)

    assert "The typesetter ran out of time." in html


def test_deliveries_show_state_attempts_and_the_last_error(client_of, issued, auditor):
    Delivery.objects.filter(email="cqrg@las.example").update(
        state="failed", attempts=8, last_error="550 no such user"
    )

    html = page(client_of(auditor), issued)

    assert "550 no such user" in html
    assert "Failed" in html


def test_a_download_is_the_file_that_was_made(client_of, frozen, auditor):
    pack = Pack.objects.get(audience__code="cqrg")

    response = client_of(auditor).get(pack.get_absolute_url())
    sent = response.getvalue()
    response.close()

    with pack.file.open("rb") as file:
        assert sent == file.read()
    assert response["X-Pack-SHA256"] == pack.sha256
    assert response["Content-Disposition"].startswith("attachment")


def test_an_external_reader_sees_only_the_issued_packs_of_the_own_audience(
    client_of, issued, external_reader
):
    client = client_of(external_reader)

    html = client.get(reverse("reports:month_list", args=["las-2016"])).content.decode()
    own = client.get(Pack.objects.get(audience__code="cqrg").get_absolute_url())
    other = client.get(Pack.objects.get(audience__code="elt").get_absolute_url())
    own.close()

    assert "cqrg.pdf" in html
    assert "elt.pdf" not in html
    assert (own.status_code, other.status_code) == (200, 404)


def test_an_external_reader_sees_nothing_before_the_issue(client_of, frozen, external_reader):
    client = client_of(external_reader)

    html = client.get(reverse("reports:month_list", args=["las-2016"])).content.decode()
    download = client.get(Pack.objects.get(audience__code="cqrg").get_absolute_url())

    assert "No pack has been issued to your group yet" in html
    assert download.status_code == 404


def test_a_reader_taken_off_the_list_sees_the_packs_no_more(
    client_of, issued, external_reader, audiences
):
    audiences[1].recipients.update(is_active=False)

    response = client_of(external_reader).get(
        Pack.objects.get(audience__code="cqrg").get_absolute_url()
    )

    assert response.status_code == 404


def test_a_month_never_opened_is_no_page_and_says_so(client_of, programme, pmo_officer):
    url = reverse("reports:month_detail", args=[programme.slug, date(2019, 1, 1)])

    response = client_of(pmo_officer).get(url)

    assert response.status_code == 404
    assert "2019-01 was never opened" in response.content.decode()


@pytest.mark.parametrize("month", ["2016-13", "0000-01", "2016-1", "abcd-ef", "9999-12"])
def test_what_is_no_month_is_no_page(client_of, programme, pmo_officer, month):
    response = client_of(pmo_officer).get(f"/{programme.slug}/months/{month}/")

    assert response.status_code == 404


def test_the_list_has_the_newest_month_first(client_of, march, auditor):
    open_month(march.programme, date(2016, 4, 1))

    response = client_of(auditor).get(reverse("reports:month_list", args=["las-2016"]))

    assert [str(month) for month, _ in response.context["rows"]] == ["2016-04", "2016-03"]


def test_the_page_asks_the_same_of_the_database_for_one_milestone_and_for_many(
    client_of, march, milestone, audiences, pmo_officer, local_owner, django_assert_num_queries
):
    client = client_of(pmo_officer)
    page(client, march)
    with CaptureQueriesContext(connection) as few:
        page(client, march)
    for number in range(10, 30):
        MilestoneFactory(
            project=milestone.project,
            reference=f"WS2-P3-{number}",
            local_owner=local_owner,
            position=number,
        )

    with django_assert_num_queries(len(few)):
        page(client, march)


def test_who_has_not_updated_leads_to_as_many_milestones_as_are_counted(
    client_of, march, milestone, owned, workstream, pmo_officer, local_owner
):
    updated, other = owned(), MilestoneFactory(project__workstream=workstream, local_owner=None)
    record_update(
        milestone_id=updated.pk,
        by=local_owner,
        seen_version=updated.version,
        position=Position(status=MilestoneStatus.IN_PROGRESS, narrative="On its way."),
    )
    client = client_of(pmo_officer)

    missing = client.get(march.get_absolute_url()).context["page"].missing
    links = re.findall(r'href="([^"]*[?&;]update=none[^"]*)"', page(client, march))

    counted = {row.owner.pk if row.owner else "none": row.left for row in missing}
    lists = [client.get(unescape(link)).context["rows"] for link in links]
    assert counted == {local_owner.pk: 1, "none": 1}
    assert [len(rows) for rows in lists] == [2, *counted.values()]
    assert {row.milestone for row in lists[0]} == {milestone, other}
