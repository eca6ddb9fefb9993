from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from governance import risks
from governance.errors import StaleRecord, WrongState
from governance.models import Risk, RiskChange, RiskKind, RiskLevel
from tests.factories.governance import RiskFactory
from tests.factories.metrics import IndicatorFactory
from tests.governance.test_risks import changes_of, stored_content


def test_a_review_is_on_record_even_when_the_score_stays(risk, local_owner):
    risks.review_risk(
        risk_id=risk.pk,
        by=local_owner,
        seen_version=1,
        current_likelihood=4,
        current_impact=4,
        review_date=date(2016, 4, 30),
        comment="Nothing new",
    )

    assert changes_of(risk) == [
        (2, "review_date", "2016-03-31", "2016-04-30"),
        (2, "reviewed", None, "2016-03-14"),
    ]


def test_the_next_review_lies_ahead(risk, local_owner):
    with pytest.raises(ValidationError, match="after today"):
        risks.review_risk(
            risk_id=risk.pk,
            by=local_owner,
            seen_version=1,
            current_likelihood=4,
            current_impact=4,
            review_date=date(2016, 3, 14),
        )


def test_promotion_keeps_one_record_and_ends_at_the_programme(risk, local_owner, pmo_officer):
    for version, by in ((1, local_owner), (2, pmo_officer)):
        risks.promote_risk(
            risk_id=risk.pk, by=by, seen_version=version, reason="Beyond us", owner=pmo_officer
        )

    with pytest.raises(WrongState, match="at programme level already"):
        risks.promote_risk(risk_id=risk.pk, by=pmo_officer, seen_version=3, reason="Higher still")

    risk.refresh_from_db()
    assert Risk.objects.get() == risk
    assert (risk.level, risk.number, risk.owner) == (RiskLevel.PROGRAMME, 1, pmo_officer)
    assert risk.project is not None
    assert [row[1:] for row in changes_of(risk) if row[1] == "level"] == [
        ("level", "project", "workstream"),
        ("level", "workstream", "programme"),
    ]


def test_a_risk_that_happens_becomes_an_issue_with_a_link_back(risk, local_owner, workstream):
    risk.indicators.add(IndicatorFactory(workstream=workstream, reference="WS2-I1"))

    issue = risks.turn_into_issue(
        risk_id=risk.pk,
        by=local_owner,
        seen_version=1,
        what_happened="The supplier missed 1 March",
        review_date=date(2016, 3, 21),
    )

    risk.refresh_from_db()
    assert (issue.label, issue.kind, issue.came_from) == ("I-002", RiskKind.ISSUE, risk)
    assert (issue.current_score, issue.cause) == (20, "The supplier missed 1 March")
    assert issue.project == risk.project
    assert [each.reference for each in issue.indicators.all()] == ["WS2-I1"]
    assert risk.happened_as == issue
    assert risk.closed_because == "It happened and became I-002."
    with pytest.raises(WrongState, match="became I-002"):
        risks.reopen_risk(
            risk_id=risk.pk,
            by=local_owner,
            seen_version=2,
            reason="Again",
            review_date=date(2016, 4, 30),
        )
    with pytest.raises(WrongState, match="is an issue already"):
        risks.turn_into_issue(
            risk_id=issue.pk,
            by=local_owner,
            seen_version=1,
            what_happened="Again",
            review_date=date(2016, 3, 21),
        )


def test_a_closed_risk_changes_only_by_being_reopened(risk, local_owner):
    risks.close_risk(risk_id=risk.pk, by=local_owner, seen_version=1, reason="Delivered")

    closed = "R-001 is closed: Delivered. Reopen it"
    with pytest.raises(WrongState, match=closed):
        risks.close_risk(risk_id=risk.pk, by=local_owner, seen_version=2, reason="Again")
    with pytest.raises(WrongState, match=closed):
        risks.edit_risk(
            risk_id=risk.pk, by=local_owner, seen_version=2, content=stored_content(risk)
        )
    risks.reopen_risk(
        risk_id=risk.pk,
        by=local_owner,
        seen_version=2,
        reason="A second order",
        review_date=date(2016, 4, 30),
    )

    risk.refresh_from_db()
    assert (risk.is_open, risk.closed_because, risk.version) == (True, "", 3)
    with pytest.raises(WrongState, match="R-001 is open"):
        risks.reopen_risk(
            risk_id=risk.pk,
            by=local_owner,
            seen_version=3,
            reason="Again",
            review_date=date(2016, 4, 30),
        )


@pytest.mark.parametrize(
    ("act", "given", "field"),
    [
        (risks.close_risk, {"reason": " "}, "reason"),
        (risks.promote_risk, {"reason": ""}, "reason"),
        (
            risks.turn_into_issue,
            {"what_happened": "", "review_date": date(2016, 3, 21)},
            "what_happened",
        ),
    ],
)
def test_an_act_without_its_reason_is_refused(risk, local_owner, act, given, field):
    with pytest.raises(ValidationError) as error:
        act(risk_id=risk.pk, by=local_owner, seen_version=1, **given)

    assert field in error.value.message_dict
    assert Risk.objects.get().version == 1


@pytest.mark.parametrize("role", ["other_owner", "other_lead", "elt_member", "auditor"])
def test_who_is_not_accountable_changes_nothing(risk, person, role):
    by = person(role)
    for act, given in (
        (risks.close_risk, {"reason": "Delivered"}),
        (risks.promote_risk, {"reason": "Beyond us"}),
        (risks.edit_risk, {"content": stored_content(risk)}),
    ):
        with pytest.raises(PermissionDenied, match="Only the PMO, the executive lead"):
            act(risk_id=risk.pk, by=by, seen_version=1, **given)


def test_an_act_on_what_somebody_else_changed_is_refused(risk, local_owner):
    risks.close_risk(risk_id=risk.pk, by=local_owner, seen_version=1, reason="Delivered")
    reopened = {"reason": "A second order", "review_date": date(2016, 4, 30)}

    with pytest.raises(StaleRecord, match="Somebody else changed R-001"):
        risks.reopen_risk(risk_id=risk.pk, by=local_owner, seen_version=1, **reopened)


def test_the_record_of_changes_cannot_be_changed(risk, local_owner):
    risks.close_risk(risk_id=risk.pk, by=local_owner, seen_version=1, reason="Delivered")

    for act in (
        lambda: RiskChange.objects.update(reason="Never mind"),
        lambda: RiskChange.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_reviews_owed_say_what_is_overdue_for_whom(risk, local_owner, programme):
    RiskFactory(project=risk.project, review_date=date(2016, 3, 14), number=2)
    late = RiskFactory(project=risk.project, review_date=date(2016, 3, 13), number=3)
    gone = RiskFactory(project=risk.project, review_date=date(2016, 3, 1), number=4)
    Risk.objects.filter(pk=gone.pk).update(closed_date=date(2016, 3, 2), closed_because="Done")

    owed = Risk.objects.filter(programme=programme).reviews_owed(on=date(2016, 3, 14))

    assert [(each.owner, each.number) for each in owed] == [(late.owner, 3)]
