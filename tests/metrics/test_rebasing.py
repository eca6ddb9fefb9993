from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from accounts.models import AuditEntry
from metrics.models import Annotation, Rebase
from metrics.rebasing import (
    annotate,
    months_to_rebase,
    rebase,
    take_back_annotation,
    take_back_rebase,
)
from tests.factories.metrics import IndicatorFactory, MeasurementFactory

JANUARY, FEBRUARY, MARCH = date(2016, 1, 1), date(2016, 2, 1), date(2016, 3, 1)
REASON = "Calls are counted at pick-up since February"


@pytest.fixture
def indicator(workstream, local_owner):
    """An indicator with values for January and February, none for March."""
    indicator = IndicatorFactory(workstream=workstream, local_owner=local_owner, reference="WS2-I1")
    MeasurementFactory(indicator=indicator, month=JANUARY, value=Decimal(70))
    MeasurementFactory(indicator=indicator, month=FEBRUARY, value=Decimal(80))
    return indicator


def begin_step(indicator, by, month=FEBRUARY, reason=REASON):
    return rebase(indicator_id=indicator.pk, month=month, reason=reason, by=by)


def test_a_rebase_names_its_month_its_reason_and_its_person(indicator, pmo_officer):
    begin_step(indicator, pmo_officer)

    made = indicator.rebases.standing().get()
    assert (made.month, made.reason, made.made_by) == (FEBRUARY, REASON, pmo_officer)
    entry = AuditEntry.objects.get(action="indicator.rebased")
    assert entry.details == {"month": "2016-02", "text": REASON}


@pytest.mark.parametrize(
    ("month", "reason", "field"),
    [
        (MARCH, REASON, "month"),  # no value
        (JANUARY, REASON, "month"),  # where the chart begins anyway
        (FEBRUARY, "   ", "reason"),
    ],
)
def test_a_rebase_without_a_value_a_past_or_a_reason_is_refused(
    indicator, pmo_officer, month, reason, field
):
    with pytest.raises(ValidationError) as refused:
        begin_step(indicator, pmo_officer, month, reason)

    assert list(refused.value.message_dict) == [field]
    assert not Rebase.objects.exists()


def test_a_month_begins_one_step_and_another_after_it_is_taken_back(indicator, pmo_officer):
    first = begin_step(indicator, pmo_officer)
    with pytest.raises(ValidationError):
        begin_step(indicator, pmo_officer)
    assert months_to_rebase(indicator) == []

    take_back_rebase(rebase_id=first.pk, by=pmo_officer)
    take_back_rebase(rebase_id=first.pk, by=pmo_officer)  # a double press changes nothing

    assert months_to_rebase(indicator) == [FEBRUARY]
    begin_step(indicator, pmo_officer)
    assert indicator.rebases.count() == 2
    assert AuditEntry.objects.filter(action="indicator.rebase_taken_back").count() == 1


def test_only_the_pmo_rebases(indicator, local_owner, executive_lead, pmo_officer):
    made = begin_step(indicator, pmo_officer)

    for person in (local_owner, executive_lead):
        with pytest.raises(PermissionDenied):
            begin_step(indicator, person)
        with pytest.raises(PermissionDenied):
            take_back_rebase(rebase_id=made.pk, by=person)


def test_the_owner_marks_a_month_and_takes_the_mark_back(indicator, local_owner, auditor):
    with pytest.raises(PermissionDenied):
        annotate(indicator_id=indicator.pk, month=FEBRUARY, text="Strike", by=auditor)
    made = annotate(indicator_id=indicator.pk, month=FEBRUARY, text="Strike", by=local_owner)
    with pytest.raises(PermissionDenied):
        take_back_annotation(annotation_id=made.pk, by=auditor)

    take_back_annotation(annotation_id=made.pk, by=local_owner)

    assert not indicator.annotations.standing().exists()
    assert Annotation.objects.get().removed_by == local_owner


@pytest.mark.parametrize(("month", "text", "field"), [(MARCH, "x", "month"), (JANUARY, "", "text")])
def test_a_mark_needs_words_and_a_month_with_a_value(indicator, pmo_officer, month, text, field):
    with pytest.raises(ValidationError) as refused:
        annotate(indicator_id=indicator.pk, month=month, text=text, by=pmo_officer)

    assert list(refused.value.message_dict) == [field]


def test_the_forms_keep_what_was_typed_and_say_what_is_missing(indicator, pmo_officer, client_of):
    browser = client_of(pmo_officer)
    address = reverse("metrics:rebase_create", args=["las-2016", "WS2-I1"])

    refused = browser.post(address, {"month": "2016-03", "reason": REASON})
    done = browser.post(address, {"month": "2016-02", "reason": REASON})
    listed = browser.get(address).content.decode()

    assert refused.status_code == 422
    assert REASON in refused.content.decode()
    assert "Choose the month" in refused.content.decode()
    assert done.status_code == 302
    assert REASON in listed
    assert f"/rebase/{Rebase.objects.get().pk}/remove/" in listed


def test_a_mark_of_another_indicator_is_not_found(indicator, pmo_officer, client_of):
    other = IndicatorFactory(workstream=indicator.workstream, reference="WS2-I2")
    made = annotate(indicator_id=indicator.pk, month=JANUARY, text="Strike", by=pmo_officer)
    address = reverse("metrics:annotation_remove", args=["las-2016", other.reference, made.pk])

    assert client_of(pmo_officer).post(address).status_code == 404
