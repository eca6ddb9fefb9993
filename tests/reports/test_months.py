from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import AuditEntry
from milestones import services as milestone_services
from milestones.models import MilestoneStatus
from milestones.services import Position
from reports.models import Delivery, DeliveryState, Snapshot
from reports.months import WrongState, freeze_month, issue_month, sign_off_month
from reports.packs import render_due_packs
from reports.snapshots import sha256_of
from workstreams.models import MonthState

pytestmark = pytest.mark.django_db


def forecast(milestone, by, day):
    milestone.refresh_from_db()
    return milestone_services.record_update(
        milestone_id=milestone.pk,
        by=by,
        seen_version=milestone.version,
        position=Position(status=MilestoneStatus.IN_PROGRESS, forecast_date=day),
    )


def test_a_freeze_keeps_the_figures_with_their_hash_and_makes_a_pack_per_audience(
    march, milestone, audiences, pmo_officer
):
    snapshot = freeze_month(month_id=march.pk, by=pmo_officer)

    march.refresh_from_db()
    assert march.state == MonthState.FROZEN
    assert snapshot.sha256 == sha256_of(snapshot.content)
    assert snapshot.data["workstreams"][0]["projects"][0]["milestones"][0]["planned"] == "Apr 2016"
    assert [pack.audience.code for pack in snapshot.packs.order_by("pk")] == ["elt", "cqrg"]


def test_a_second_freeze_gives_the_same_snapshot(march, milestone, audiences, pmo_officer):
    first = freeze_month(month_id=march.pk, by=pmo_officer)

    second = freeze_month(month_id=march.pk, by=pmo_officer)

    assert second == first
    assert Snapshot.objects.count() == 1


def test_an_update_after_the_freeze_belongs_to_the_next_month(
    march, milestone, audiences, pmo_officer, local_owner
):
    before = forecast(milestone, local_owner, date(2016, 5, 3))
    freeze_month(month_id=march.pk, by=pmo_officer)

    after = forecast(milestone, local_owner, date(2016, 6, 4))

    assert str(before.month) == "2016-03"
    assert str(after.month) == "2016-04"


def test_a_snapshot_is_untouched_by_what_happens_later(
    march, milestone, audiences, pmo_officer, local_owner
):
    snapshot = freeze_month(month_id=march.pk, by=pmo_officer)

    forecast(milestone, local_owner, date(2016, 6, 4))

    snapshot.refresh_from_db()
    assert "4 Jun 2016" not in snapshot.content
    assert snapshot.sha256 == sha256_of(snapshot.content)


def test_only_the_pmo_freezes_and_issues_and_only_the_elt_signs_off(
    march, milestone, audiences, pmo_officer, elt_member, local_owner
):
    with pytest.raises(PermissionDenied, match="Only the PMO freezes"):
        freeze_month(month_id=march.pk, by=elt_member)
    freeze_month(month_id=march.pk, by=pmo_officer)
    render_due_packs()
    with pytest.raises(PermissionDenied, match="Executive Leadership Team"):
        sign_off_month(month_id=march.pk, by=pmo_officer)
    sign_off_month(month_id=march.pk, by=elt_member)
    with pytest.raises(PermissionDenied, match="Only the PMO issues"):
        issue_month(month_id=march.pk, by=local_owner)


def test_a_month_is_signed_off_only_when_every_pack_can_be_read(
    march, milestone, audiences, pmo_officer, elt_member
):
    freeze_month(month_id=march.pk, by=pmo_officer)

    with pytest.raises(WrongState, match="still being made"):
        sign_off_month(month_id=march.pk, by=elt_member)

    render_due_packs()
    snapshot = sign_off_month(month_id=march.pk, by=elt_member)
    assert snapshot.signed_off_by == elt_member


def test_nothing_leaves_the_trust_before_the_sign_off(
    march, milestone, audiences, pmo_officer, elt_member
):
    freeze_month(month_id=march.pk, by=pmo_officer)
    render_due_packs()

    with pytest.raises(WrongState, match="only a signed-off month is issued"):
        issue_month(month_id=march.pk, by=pmo_officer)
    inside = list(Delivery.objects.values_list("email", flat=True))
    sign_off_month(month_id=march.pk, by=elt_member)
    outside = issue_month(month_id=march.pk, by=pmo_officer)

    assert inside == ["elt@las.example"]
    assert [delivery.email for delivery in outside] == ["cqrg@las.example"]
    assert outside[0].state == DeliveryState.QUEUED


def test_freeze_sign_off_and_issue_are_in_the_journal(
    march, milestone, audiences, pmo_officer, elt_member
):
    freeze_month(month_id=march.pk, by=pmo_officer)
    render_due_packs()
    sign_off_month(month_id=march.pk, by=elt_member)
    issue_month(month_id=march.pk, by=pmo_officer)

    acts = AuditEntry.objects.filter(action__startswith="month.").order_by("pk")
    assert [act.action for act in acts] == ["month.frozen", "month.signed_off", "month.issued"]
    assert all(act.programme == "las-2016" for act in acts)
    assert [(act.field, act.new_value) for act in acts] == [
        ("state", "frozen"),
        ("state", "signed_off"),
        ("state", "issued"),
    ]


def test_the_position_reported_is_never_past_the_cut_off(march, programme):
    early = march.as_of(date(2016, 3, 14))
    late = march.as_of(date(2016, 4, 7))

    assert early == date(2016, 3, 14)
    assert late == date(2016, 3, 31)
