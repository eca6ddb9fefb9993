from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from metrics.models import IndicatorKind, TrajectoryPoint, TrajectoryVersion
from metrics.trajectories import (
    Baselined,
    NotBaselined,
    StaleTrajectory,
    baseline_trajectory,
    filled_between,
    is_baselined,
    lacking,
    move_trajectory,
    set_trajectory,
)
from tests.factories.metrics import IndicatorFactory

MARCH, APRIL, MAY, JUNE = (date(2016, month, 1) for month in (3, 4, 5, 6))


@pytest.fixture
def indicator(workstream, local_owner):
    return IndicatorFactory(workstream=workstream, local_owner=local_owner, reference="WS2-I1")


def put(indicator, by, values, final_target=None):
    indicator.refresh_from_db()
    return set_trajectory(
        indicator_id=indicator.pk,
        by=by,
        seen_version=indicator.version,
        values=values,
        final_target=final_target,
    )


def agree(indicator, by):
    indicator.refresh_from_db()
    return baseline_trajectory(indicator_id=indicator.pk, by=by, seen_version=indicator.version)


def points(indicator):
    return dict(indicator.trajectory_points.values_list("month", "value"))


def test_the_pmo_sets_changes_and_takes_out_months(indicator, pmo_officer):
    put(indicator, pmo_officer, {MARCH: Decimal(80), APRIL: Decimal(85)}, Decimal(95))
    put(indicator, pmo_officer, {MARCH: None, APRIL: Decimal("86.5")}, Decimal(95))

    indicator.refresh_from_db()
    assert points(indicator) == {APRIL: Decimal("86.5")}
    assert indicator.final_target == 95
    assert indicator.version == 3


@pytest.mark.parametrize("who", ["local_owner", "executive_lead", "elt_member", "auditor"])
def test_nobody_else_sets_or_agrees_it(indicator, request, who):
    person = request.getfixturevalue(who)

    with pytest.raises(PermissionDenied):
        put(indicator, person, {MARCH: Decimal(80)})
    with pytest.raises(PermissionDenied):
        agree(indicator, person)


def test_a_form_older_than_the_indicator_is_refused(indicator, pmo_officer):
    put(indicator, pmo_officer, {MARCH: Decimal(80)})

    with pytest.raises(StaleTrajectory):
        set_trajectory(
            indicator_id=indicator.pk,
            by=pmo_officer,
            seen_version=1,
            values={MARCH: Decimal(90)},
            final_target=None,
        )
    assert points(indicator) == {MARCH: 80}


@pytest.mark.parametrize(
    ("kind", "frequency", "month", "value"),
    [
        (IndicatorKind.PERCENT, "monthly", MARCH, "140"),
        (IndicatorKind.PERCENT, "monthly", MARCH, "-1"),
        (IndicatorKind.NUMBER, "monthly", MARCH, "NaN"),
        (IndicatorKind.NUMBER, "monthly", MARCH, "100000000000"),
        (IndicatorKind.YES_NO, "monthly", MARCH, "2"),
        (IndicatorKind.NUMBER, "quarterly", APRIL, "5"),
        (IndicatorKind.NUMBER, "monthly", date(2016, 3, 2), "5"),
    ],
)
def test_a_figure_that_does_not_fit_writes_nothing(
    indicator, pmo_officer, kind, frequency, month, value
):
    indicator.kind, indicator.frequency = kind, frequency
    indicator.save()

    with pytest.raises(ValidationError) as refused:
        put(indicator, pmo_officer, {JUNE: Decimal(1), month: Decimal(value)})

    assert list(refused.value.message_dict) == [f"{month:%Y-%m}"]
    assert not TrajectoryPoint.objects.exists()


def test_the_baseline_is_version_1_and_ends_the_free_editing(indicator, pmo_officer):
    put(indicator, pmo_officer, {MARCH: Decimal(80), APRIL: Decimal("85.50")}, Decimal(95))

    version = agree(indicator, pmo_officer)

    assert (version.number, version.change_request_number) == (1, None)
    assert version.values == {"2016-03": "80", "2016-04": "85.5"}
    assert version.final_target == 95
    assert is_baselined(indicator)
    with pytest.raises(Baselined, match="change request"):
        put(indicator, pmo_officer, {MARCH: Decimal(70)})
    with pytest.raises(Baselined):
        agree(indicator, pmo_officer)


def test_without_an_owner_or_a_target_there_is_nothing_to_agree(workstream, pmo_officer):
    bare = IndicatorFactory(workstream=workstream, local_owner=None)

    assert lacking(bare) == "no local owner and neither a trajectory nor a final target"
    with pytest.raises(ValidationError, match="no local owner"):
        agree(bare, pmo_officer)
    assert not is_baselined(bare)


def test_an_approved_request_moves_it_and_every_version_is_kept(indicator, pmo_officer, elt_member):
    put(indicator, pmo_officer, {MARCH: Decimal(80), APRIL: Decimal(85)}, Decimal(95))
    agree(indicator, pmo_officer)

    move_trajectory(
        indicator_id=indicator.pk,
        values={MARCH: None, MAY: Decimal(90)},
        change_request_number=4,
        by=elt_member,
    )
    second = move_trajectory(
        indicator_id=indicator.pk,
        values={},
        final_target=Decimal(92),
        change_request_number=5,
        by=elt_member,
    )

    assert points(indicator) == {APRIL: 85, MAY: 90}
    kept = indicator.trajectory_versions.order_by("number")
    assert [(row.number, row.change_request_number) for row in kept] == [(1, None), (2, 4), (3, 5)]
    assert [row.final_target for row in kept] == [95, 95, 92]
    assert kept[0].values == {"2016-03": "80", "2016-04": "85"}
    assert second.values == {"2016-04": "85", "2016-05": "90"}


def test_a_request_moves_nothing_that_was_never_agreed(indicator, elt_member):
    with pytest.raises(NotBaselined):
        move_trajectory(
            indicator_id=indicator.pk,
            values={MARCH: Decimal(80)},
            change_request_number=1,
            by=elt_member,
        )


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_database_refuses_to_change_a_version(indicator, pmo_officer, act):
    put(indicator, pmo_officer, {MARCH: Decimal(80)})
    version = agree(indicator, pmo_officer)
    rows = TrajectoryVersion.objects.filter(pk=version.pk)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(number=9) if act == "update" else rows.delete()


@pytest.mark.parametrize(
    ("given", "filled"),
    [
        ({}, {}),
        ({MARCH: 80}, {MARCH: 80}),
        ({MARCH: 80, JUNE: 95}, {MARCH: 80, APRIL: 85, MAY: 90, JUNE: 95}),
        ({MARCH: 95, JUNE: 80, APRIL: None}, {MARCH: 95, APRIL: 90, MAY: 85, JUNE: 80}),
        ({MARCH: 1, MAY: 2, JUNE: None}, {MARCH: 1, APRIL: Decimal("1.5"), MAY: 2}),
        (
            {MARCH: 0, JUNE: 1},
            {MARCH: 0, APRIL: Decimal("0.3333"), MAY: Decimal("0.6667"), JUNE: 1},
        ),
    ],
)
def test_empty_months_between_given_ones_lie_on_a_straight_line(given, filled):
    typed = {month: None if value is None else Decimal(value) for month, value in given.items()}

    assert filled_between(typed) == filled


def test_filling_goes_on_across_the_turn_of_a_year():
    filled = filled_between({date(2016, 11, 1): Decimal(10), date(2017, 2, 1): Decimal(40)})

    assert list(filled.values()) == [10, 20, 30, 40]
