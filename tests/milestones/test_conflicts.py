"""No lost update: different fields merge, the same field shows both values and asks."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from accounts.models import AuditEntry
from milestones.models import FieldChange, Milestone, MilestoneStatus
from milestones.services import (
    PlanText,
    Position,
    edit_plan,
    move_planned_date,
    record_update,
    set_baseline,
)
from milestones.versions import UNKNOWN_VERSION
from milestones.writing import StaleVersion
from tests.milestones.answers import plan_data, update_data, url

TODAY = date(2016, 3, 14)
MAY, JUNE = date(2016, 5, 20), date(2016, 6, 4)
IN_PROGRESS = MilestoneStatus.IN_PROGRESS


def update(milestone, by, seen_version=1, **answers):
    position = Position(**{"status": IN_PROGRESS} | answers)
    return record_update(
        milestone_id=milestone.pk, by=by, seen_version=seen_version, position=position
    )


def edit(milestone, by, **changed):
    plan = {
        "title": milestone.title,
        "planned_date": milestone.planned_date,
        "planned_precision": milestone.planned_precision,
    }
    return edit_plan(
        milestone_id=milestone.pk, by=by, seen_version=1, plan=PlanText(**plan | changed)
    )


@pytest.fixture
def unled(milestone):
    """The milestone before anybody is accountable for it, so that its plan form has no people."""
    Milestone.objects.update(lead_director=None, local_owner=None)
    return Milestone.objects.get()


def test_two_who_change_different_fields_both_keep_what_they_said(
    milestone, pmo_officer, local_owner
):
    update(milestone, pmo_officer, forecast_date=JUNE)

    made = update(milestone, local_owner, narrative="Supplier late")

    milestone.refresh_from_db()
    assert milestone.forecast_date == JUNE
    assert (made.forecast_date, made.narrative, made.version) == (JUNE, "Supplier late", 3)


def test_the_same_field_changed_otherwise_writes_nothing_and_says_who_and_when(
    milestone, pmo_officer, local_owner
):
    theirs = update(milestone, pmo_officer, forecast_date=JUNE, narrative="Supplier late")

    with pytest.raises(StaleVersion) as refused:
        update(milestone, local_owner, forecast_date=MAY)

    [conflict] = refused.value.conflicts
    assert (conflict.field, conflict.mine, conflict.theirs) == ("forecast_date", MAY, JUNE)
    assert conflict.by == pmo_officer
    assert (conflict.at, conflict.on) == (FieldChange.objects.last().made_at, TODAY)
    assert refused.value.taken == {"narrative": "Supplier late"}
    assert refused.value.milestone.version == 2
    assert milestone.updates.get() == theirs


def test_words_in_dispute_name_who_wrote_them_and_not_who_saved_last(
    milestone, pmo_officer, executive_lead, local_owner
):
    update(milestone, pmo_officer, narrative="Supplier late")
    update(milestone, executive_lead, 2, narrative="Supplier late", forecast_date=JUNE)

    with pytest.raises(StaleVersion) as refused:
        update(milestone, local_owner, narrative="All well")

    [conflict] = refused.value.conflicts
    assert (conflict.field, conflict.theirs) == ("narrative", "Supplier late")
    assert conflict.by == pmo_officer


def test_a_later_form_disputes_only_what_changed_after_it(milestone, pmo_officer, local_owner):
    update(milestone, pmo_officer, forecast_date=JUNE, narrative="Supplier late")

    made = update(milestone, local_owner, 2, forecast_date=MAY, narrative="Supplier late")

    assert made.forecast_date == MAY


def test_status_and_completed_date_are_disputed_as_one(milestone, pmo_officer, local_owner):
    done = {"status": MilestoneStatus.COMPLETE, "no_evidence_reason": "Seen on the ward"}
    update(milestone, pmo_officer, completed_date=TODAY, **done)

    with pytest.raises(StaleVersion) as refused:
        update(milestone, local_owner, status=MilestoneStatus.NOT_STARTED)

    assert [conflict.field for conflict in refused.value.conflicts] == ["status", "completed_date"]
    assert {conflict.by for conflict in refused.value.conflicts} == {pmo_officer}


def test_still_on_track_does_not_undo_a_completion(milestone, pmo_officer, local_owner):
    update(
        milestone,
        pmo_officer,
        status=MilestoneStatus.COMPLETE,
        completed_date=TODAY,
        no_evidence_reason="Seen on the ward",
    )

    made = update(milestone, local_owner, narrative="Going well")

    assert (made.status, made.completed_date) == (MilestoneStatus.COMPLETE, TODAY)


def test_a_merged_update_must_still_be_a_right_one(milestone, pmo_officer, local_owner):
    update(milestone, pmo_officer, forecast_date=JUNE)

    with pytest.raises(ValidationError) as refused:
        update(milestone, local_owner, status=MilestoneStatus.COMPLETE)

    assert "completed_date" in refused.value.message_dict


def test_an_approved_change_of_the_plan_and_an_update_merge(milestone, pmo_officer, local_owner):
    set_baseline(milestone_id=milestone.pk, by=pmo_officer)
    move_planned_date(
        milestone_id=milestone.pk,
        to=JUNE,
        precision="day",
        change_request_number=1,
        by=pmo_officer,
    )

    update(milestone, local_owner, 2, forecast_date=MAY)

    milestone.refresh_from_db()
    assert (milestone.planned_date, milestone.forecast_date) == (JUNE, MAY)


@pytest.mark.parametrize("version", [0, -1, 3, 2**31 - 1])
def test_a_version_that_never_was_is_refused_with_a_sentence(
    milestone, local_owner, pmo_officer, version
):
    update(milestone, local_owner)

    with pytest.raises(ValidationError) as refused:
        update(milestone, local_owner, version, narrative="Mine")
    with pytest.raises(ValidationError) as refused_plan:
        edit_plan(
            milestone_id=milestone.pk, by=pmo_officer, seen_version=version, plan=PlanText(title="")
        )

    assert refused.value.messages == refused_plan.value.messages == [UNKNOWN_VERSION]
    assert milestone.updates.count() == 1


def test_the_same_form_sent_twice_is_one_update(milestone, local_owner):
    first = update(milestone, local_owner, forecast_date=MAY, narrative="Mine")

    second = update(milestone, local_owner, forecast_date=MAY, narrative="Mine")

    assert second == first
    assert milestone.updates.count() == 1
    milestone.refresh_from_db()
    assert milestone.version == 2


def test_the_same_words_by_another_person_are_another_update(milestone, local_owner, pmo_officer):
    update(milestone, local_owner, forecast_date=MAY)

    update(milestone, pmo_officer, forecast_date=MAY)

    assert milestone.updates.count() == 2


def test_saying_the_same_again_on_a_fresh_form_is_another_update(milestone, local_owner):
    update(milestone, local_owner, forecast_date=MAY)

    update(milestone, local_owner, 2, forecast_date=MAY)

    assert milestone.updates.count() == 2


def test_two_who_change_different_parts_of_the_plan_both_keep_them(
    unled, pmo_officer, pmo_administrator, local_owner
):
    edit(unled, pmo_officer, title="Datix Web in use")

    edit(unled, pmo_administrator, local_owner=local_owner, planned_date=MAY)

    unled.refresh_from_db()
    assert (unled.title, unled.local_owner) == ("Datix Web in use", local_owner)
    assert unled.planned_date == date(2016, 5, 31)


def test_a_person_of_the_plan_is_disputed_by_name(
    unled, pmo_officer, pmo_administrator, local_owner, executive_lead
):
    edit(unled, pmo_officer, local_owner=executive_lead)

    with pytest.raises(StaleVersion) as refused:
        edit(unled, pmo_administrator, local_owner=local_owner)

    [conflict] = refused.value.conflicts
    assert (conflict.field, conflict.mine, conflict.theirs, conflict.by) == (
        "local_owner",
        local_owner,
        executive_lead,
        pmo_officer,
    )


def test_the_same_plan_sent_twice_is_journalled_once(unled, pmo_officer):
    edit(unled, pmo_officer, title="Datix Web in use")

    edit(unled, pmo_officer, title="Datix Web in use")

    unled.refresh_from_db()
    assert unled.version == 2
    assert AuditEntry.objects.count() == 1


def test_the_page_shows_both_values_who_and_when_and_saves_when_sent_again(
    client_of, milestone, local_owner, pmo_officer
):
    update(milestone, pmo_officer, forecast_date=MAY, narrative="Theirs", owner_view="delayed")
    browser = client_of(local_owner)
    mine = update_data(milestone, forecast_date=JUNE, narrative="Mine")

    asked = browser.post(url("milestone_update", milestone), mine)

    page = asked.content.decode()
    assert asked.status_code == 409
    assert "<title>Error: " in page
    assert "There is a problem" in page
    assert "PMO officer changed Forecast date: “20 May 2016”, on 14 March 2016 at " in page
    shown = [(row.label, row.stored, row.typed, row.by) for row in asked.context["differences"]]
    assert shown == [
        ("Forecast date", "20 May 2016", "4 Jun 2016", "PMO officer"),
        ("What happened this month?", "Theirs", "Mine", "PMO officer"),
    ]
    form = asked.context["form"]
    assert form["narrative"].value() == "Mine"
    assert form["owner_view"].value() == "delayed"
    assert asked.context["taken"] == ["Your own view of the rating"]
    again = browser.post(url("milestone_update", milestone), form.data)
    assert again.status_code == 302
    last = milestone.updates.last()
    assert (last.forecast_date, last.narrative, last.owner_view) == (JUNE, "Mine", "delayed")


def test_a_long_text_of_the_others_stands_once_on_the_page_and_in_full(
    client_of, milestone, local_owner, pmo_officer
):
    theirs = "The supplier is late. " * 20
    update(milestone, pmo_officer, narrative=theirs.strip(), owner_view="delayed")
    mine = update_data(milestone, narrative="Mine", owner_view="at_risk")

    asked = client_of(local_owner).post(url("milestone_update", milestone), mine)

    assert asked.content.decode().count(theirs.strip()) == 1
    said = asked.context["form"].errors["narrative"][0]
    assert said.startswith("PMO officer also answered “What happened this month?”, on 14 March")
    views = [row for row in asked.context["differences"] if row.label.startswith("Your own view")]
    assert [(row.stored, row.typed) for row in views] == [("Delayed", "At risk")]


def test_a_merged_save_says_that_what_the_others_changed_is_kept(
    client_of, milestone, local_owner, pmo_officer
):
    update(milestone, pmo_officer, forecast_date=MAY)

    saved = client_of(local_owner).post(
        url("milestone_update", milestone), update_data(milestone, narrative="Mine"), follow=True
    )

    assert "What others changed while you were typing is kept." in saved.content.decode()
    assert milestone.updates.last().forecast_date == MAY


def test_the_page_of_a_dispute_carries_over_dates_that_only_the_other_changed(
    client_of, milestone, local_owner, pmo_officer
):
    update(milestone, pmo_officer, forecast_date=MAY, narrative="Theirs")

    asked = client_of(local_owner).post(
        url("milestone_update", milestone), update_data(milestone, narrative="Mine")
    )

    form = asked.context["form"]
    assert form["forecast_date"].value() == ["20", "5", "2016"]
    assert 'value="2016"' in asked.content.decode()


def test_two_editors_of_the_plan_both_see_both_values(client_of, unled, pmo_officer):
    edit(unled, pmo_officer, title="Theirs", planned_date=MAY)
    browser = client_of(pmo_officer)

    asked = browser.post(url("milestone_edit", unled), plan_data(unled, title="Mine"))

    assert asked.status_code == 409
    shown = [(row.stored, row.typed) for row in asked.context["differences"]]
    assert shown == [("Theirs", "Mine")]
    form = asked.context["form"]
    assert form["title"].value() == "Mine"
    assert browser.post(url("milestone_edit", unled), form.data).status_code == 302
    unled.refresh_from_db()
    assert (unled.title, unled.planned_date) == ("Mine", date(2016, 5, 31))


def test_a_form_of_a_version_that_never_was_keeps_the_text_and_says_why(
    client_of, milestone, local_owner
):
    answers = update_data(milestone, narrative="Mine") | {"version": "9"}

    refused = client_of(local_owner).post(url("milestone_update", milestone), answers)

    assert refused.status_code == 422
    assert UNKNOWN_VERSION in refused.content.decode()
    assert refused.context["form"]["narrative"].value() == "Mine"
