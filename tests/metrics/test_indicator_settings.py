from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from accounts.models import AuditEntry
from metrics.indicator_settings import FIELDS, StaleIndicator, edit_indicator
from metrics.models import Frequency, IndicatorKind
from metrics.rating import Direction
from metrics.trajectories import baseline_trajectory
from tests.factories.metrics import IndicatorFactory, MeasurementFactory
from tests.journal import changes_of

PAGE = reverse("metrics:indicator_edit", args=["las-2016", "WS2-I1"])


@pytest.fixture
def indicator(workstream, local_owner):
    return IndicatorFactory(
        workstream=workstream,
        local_owner=local_owner,
        reference="WS2-I1",
        final_target=Decimal(95),
    )


def edit(indicator, by, **changes):
    indicator.refresh_from_db()
    return edit_indicator(
        indicator_id=indicator.pk,
        by=by,
        seen_version=indicator.version,
        settings={name: getattr(indicator, name) for name in FIELDS} | changes,
    )


def typed(indicator, **changes):
    values = {name: getattr(indicator, name) for name in FIELDS} | {"version": indicator.version}
    values["local_owner"] = indicator.local_owner_id
    values = {name: value for name, value in values.items() if value not in (None, False)}
    return values | changes


def test_each_changed_setting_is_on_the_journal_with_what_it_was(indicator, pmo_officer):
    edit(indicator, pmo_officer, source="Datix", frequency=Frequency.QUARTERLY, met_threshold=98)

    indicator.refresh_from_db()
    assert (indicator.source, indicator.is_quarterly, indicator.met_percent) == ("Datix", True, 98)
    assert indicator.version == 2
    assert changes_of("indicator.edited") == {
        "source": ("", "Datix"),
        "frequency": ("monthly", "quarterly"),
        "met_threshold": (None, 98),
    }


def test_saving_it_unchanged_leaves_no_trace(indicator, pmo_officer):
    edit(indicator, pmo_officer)

    indicator.refresh_from_db()
    assert indicator.version == 1
    assert not AuditEntry.objects.filter(action="indicator.edited").exists()


@pytest.mark.parametrize("changes", [{"unit": "minutes"}, {"kind": IndicatorKind.NUMBER}])
def test_unit_and_kind_stay_once_there_are_values(indicator, pmo_officer, changes):
    edit(indicator, pmo_officer, unit="%")
    MeasurementFactory(indicator=indicator)

    with pytest.raises(ValidationError, match="There are values already") as refused:
        edit(indicator, pmo_officer, **changes)

    assert list(refused.value.message_dict) == list(changes)


def test_what_was_agreed_with_the_trajectory_stays(indicator, pmo_officer):
    baseline_trajectory(indicator_id=indicator.pk, by=pmo_officer, seen_version=1)

    with pytest.raises(ValidationError, match="agreed with the trajectory"):
        edit(indicator, pmo_officer, direction=Direction.DOWN)
    edit(indicator, pmo_officer, source="Datix")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"met_threshold": 80}, "near_threshold"),  # below the programme's 85 for Near
        ({"met_threshold": 90, "near_threshold": 90}, "near_threshold"),
        ({"met_threshold": 101}, "near_threshold"),
        ({"fix_after": 11}, "fix_after"),
    ],
)
def test_thresholds_out_of_order_and_too_few_points_are_refused(
    indicator, pmo_officer, changes, field
):
    with pytest.raises(ValidationError) as refused:
        edit(indicator, pmo_officer, **changes)

    assert list(refused.value.message_dict) == [field]


def test_only_the_pmo_edits_and_only_what_it_saw(indicator, pmo_officer, executive_lead):
    with pytest.raises(PermissionDenied):
        edit(indicator, executive_lead, source="Datix")
    edit(indicator, pmo_officer, source="Datix")

    with pytest.raises(StaleIndicator):
        edit_indicator(
            indicator_id=indicator.pk,
            by=pmo_officer,
            seen_version=1,
            settings={name: getattr(indicator, name) for name in FIELDS},
        )


def test_the_form_saves_and_keeps_what_cannot_be_saved(indicator, pmo_officer, client_of):
    browser = client_of(pmo_officer)

    refused = browser.post(PAGE, typed(indicator, source="Datix", fix_after="5"))
    saved = browser.post(PAGE, typed(indicator, source="Datix", fix_after="12"))

    assert refused.status_code == 422
    assert "Datix" in refused.content.decode()
    assert "12" in refused.context["form"].errors["fix_after"][0]
    assert saved.status_code == 302
    indicator.refresh_from_db()
    assert (indicator.source, indicator.fix_after) == ("Datix", 12)


def test_who_saves_second_sees_both_and_decides(indicator, pmo_officer, client_of):
    browser = client_of(pmo_officer)
    late = typed(indicator, source="Audit")
    browser.post(PAGE, typed(indicator, source="Datix"))

    conflict = browser.post(PAGE, late)
    again = browser.post(PAGE, late | {"version": conflict.context["form"]["version"].value()})

    assert conflict.status_code == 409
    assert "Where the values come from: stored Datix, you typed Audit" in conflict.content.decode()
    assert again.status_code == 302
    indicator.refresh_from_db()
    assert indicator.source == "Audit"
