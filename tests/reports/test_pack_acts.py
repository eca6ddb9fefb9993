"""Previews, progress, and packs that could not be made."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from reports import packs
from reports import preview as previews
from reports.commentary import SUMMARY, save_commentary
from reports.models import Delivery, Notice, Pack, Snapshot
from reports.months import WrongState, freeze_month
from reports.packs import MOST_ATTEMPTS, NothingToRetry, render_due_packs, retry
from reports.preview import preview
from reports.progress import progress_of
from reports.rendering import RenderFailed
from tests.reports.test_packs import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def broken(monkeypatch):
    """The typesetter fails until the list of its faults is emptied."""
    faults = ["The chart is broken."]

    def typeset(**given):
        if faults:
            raise RenderFailed(faults[0])
        return b"%PDF made"

    monkeypatch.setattr(packs, "render_pack", typeset)
    return faults


def url(name, month, *keys):
    return reverse(f"reports:{name}", args=["las-2016", month.month, *keys])


def test_a_preview_is_marked_and_nothing_of_it_is_kept(
    march, milestone, audiences, pmo_officer, client_of
):
    save_commentary(
        month_id=march.pk, section=SUMMARY, by=pmo_officer, seen_version=0,
        text="Words for the preview.", accept=True,
    )  # fmt: skip

    response = client_of(pmo_officer).get(url("pack_preview", march, "cqrg"))

    text = text_of(response.content)
    assert response["Content-Disposition"].endswith('"las-2016-2016-03-cqrg-draft.pdf"')
    assert "Draft, not frozen" in text
    assert "Words for the preview." in text
    assert "Datix Web launched" in text
    assert not Pack.objects.exists()
    assert not Snapshot.objects.exists()
    assert not Delivery.objects.exists()


def test_a_frozen_month_has_packs_and_no_preview(
    march, milestone, audiences, pmo_officer, client_of
):
    freeze_month(month_id=march.pk, by=pmo_officer)

    response = client_of(pmo_officer).get(url("pack_preview", march, "cqrg"), follow=True)

    assert "read its packs instead of a preview" in response.content.decode()


def test_one_preview_at_a_time_is_made(march, milestone, audiences, monkeypatch):
    monkeypatch.setattr(previews, "render_pack", lambda **given: preview(march, audiences[1]))

    with pytest.raises(WrongState, match="Another preview is being made"):
        preview(march, audiences[0])


def test_an_audience_that_does_not_exist_has_no_preview(march, audiences, pmo_officer, client_of):
    assert client_of(pmo_officer).get(url("pack_preview", march, "press")).status_code == 404


def test_a_programme_without_milestones_has_a_pack_that_says_so(
    march, workstream, audiences, pmo_officer
):
    freeze_month(month_id=march.pk, by=pmo_officer)

    made = render_due_packs()

    assert all(pack.rendered_at for pack in made)
    assert "The plan holds no milestones yet." in text_of(made[1].read())


def test_a_pack_that_fails_is_tried_three_times_and_then_waits_for_a_person(
    march, milestone, audiences, pmo_officer, broken
):
    freeze_month(month_id=march.pk, by=pmo_officer)

    tried = [len(render_due_packs()) for _ in range(5)]

    assert tried == [2, 2, 2, 0, 0]
    pack = Pack.objects.first()
    assert (pack.attempts, pack.failure) == (MOST_ATTEMPTS, "The chart is broken.")


def test_the_pmo_has_a_failed_pack_made_again_from_the_page(
    march, milestone, audiences, pmo_officer, auditor, broken, client_of
):
    freeze_month(month_id=march.pk, by=pmo_officer)
    for _ in range(MOST_ATTEMPTS):
        render_due_packs()
    page = client_of(pmo_officer).get(march.get_absolute_url()).content.decode()
    assert "The chart is broken." in page
    assert url("pack_retry", march, "cqrg") in page
    assert url("pack_retry", march, "cqrg") not in (
        client_of(auditor).get(march.get_absolute_url()).content.decode()
    )

    broken.clear()
    response = client_of(pmo_officer).post(url("pack_retry", march, "cqrg"), follow=True)
    made = render_due_packs()

    assert "The pack is made again within a minute" in response.content.decode()
    assert [(pack.audience.code, bool(pack.rendered_at)) for pack in made] == [("cqrg", True)]


def test_only_a_failed_pack_is_made_again_and_only_by_the_pmo(
    march, milestone, audiences, pmo_officer, elt_member
):
    freeze_month(month_id=march.pk, by=pmo_officer)
    pack = Pack.objects.first()

    with pytest.raises(NothingToRetry, match="has not failed"):
        retry(pack_id=pack.pk, by=pmo_officer)
    with pytest.raises(PermissionDenied, match="Only the PMO"):
        retry(pack_id=pack.pk, by=elt_member)


def test_the_progress_asks_again_only_while_something_is_under_way(
    march, milestone, audiences, pmo_officer, client_of, monkeypatch
):
    monkeypatch.setattr(packs, "render_pack", lambda **given: b"%PDF made")
    snapshot = freeze_month(month_id=march.pk, by=pmo_officer)
    client = client_of(pmo_officer)

    before = client.get(url("month_progress", march)).content.decode()
    render_due_packs()
    between = client.get(url("month_progress", march)).content.decode()
    Delivery.objects.update(state="sent")
    after = client.get(url("month_progress", march)).content.decode()

    assert "0 of 2 packs made." in before
    assert "hx-trigger" in before
    assert "2 of 2 packs made." in between
    assert "0 of 1 messages sent." in between
    assert "hx-trigger" in between
    assert "1 of 1 messages sent." in after
    assert "hx-trigger" not in after
    assert march.get_absolute_url() in after
    assert not progress_of(snapshot, list(snapshot.packs.current())).is_told


def test_an_owner_is_chased_from_the_page_at_most_once_a_day(
    march, milestone, audiences, pmo_officer, local_owner, auditor, client_of
):
    client = client_of(pmo_officer)
    address = url("month_chase", march, local_owner.pk)
    assert address in client.get(march.get_absolute_url()).content.decode()
    assert address not in client_of(auditor).get(march.get_absolute_url()).content.decode()

    first = client.post(address, follow=True).content.decode()
    second = client.post(address, follow=True).content.decode()

    assert "WS2 local owner gets a message within a minute" in first
    assert "14\xa0Mar\xa02016" in first
    assert "There is at most one a day" in second
    assert Notice.objects.get().user == local_owner


def test_everybody_who_has_not_updated_is_chased_with_one_press(
    march, milestone, audiences, pmo_officer, local_owner, client_of
):
    client = client_of(pmo_officer)

    first = client.post(url("month_chase_all", march), follow=True).content.decode()
    second = client.post(url("month_chase_all", march), follow=True).content.decode()

    assert "1 person gets a message within a minute" in first
    assert "0 people get a message within a minute. 1 had one today already" in second
    assert Notice.objects.count() == 1
