from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import AuditEntry
from governance import risks
from governance.models import Risk, RiskBand, RiskChange, RiskKind, RiskLevel, band
from governance.risks import RiskContent, RiskMoved
from tests import journal
from tests.factories.governance import RiskFactory
from tests.factories.metrics import IndicatorFactory
from tests.factories.workstreams import ProgrammeFactory, ProjectFactory, WorkstreamFactory
from workstreams.models import Role


def content(owner, **changed):
    return replace(
        RiskContent(
            title="The supplier delivers late",
            cause="It has one factory",
            inherent_likelihood=4,
            inherent_impact=5,
            current_likelihood=4,
            current_impact=4,
            target_likelihood=2,
            target_impact=4,
            owner_id=owner.pk,
            review_date=date(2016, 3, 31),
        ),
        **changed,
    )


def stored_content(risk, **changed):
    """What the form of a risk holds, with some fields typed anew."""
    stored = content(risk.owner, cause=risk.cause, review_date=risk.review_date)
    return replace(stored, **changed)


def changes_of(risk):
    rows = risk.changes.order_by("version", "pk")
    return [(row.version, row.field, row.old_value, row.new_value) for row in rows]


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        *[(score, RiskBand.LOW) for score in (1, 2, 3)],
        *[(score, RiskBand.MODERATE) for score in (4, 5, 6)],
        *[(score, RiskBand.HIGH) for score in (8, 9, 10, 12)],
        *[(score, RiskBand.EXTREME) for score in (15, 16, 20, 25)],
    ],
)
def test_the_band_of_every_score_that_there_is(score, expected, workstream):
    products = {n * m for n in range(1, 6) for m in range(1, 6)}
    likelihood = next(n for n in range(1, 6) if score % n == 0 and score // n <= 5)
    risk = RiskFactory(current_likelihood=likelihood, current_impact=score // likelihood)

    assert score in products
    assert band(score) == expected
    assert [each for each in RiskBand if Risk.objects.in_band(each).filter(pk=risk.pk)] == [
        expected
    ]


@pytest.mark.parametrize(
    ("role", "place", "may"),
    [
        ("pmo_administrator", "programme", True),
        ("pmo_officer", "programme", True),
        ("executive_lead", "programme", False),
        ("executive_lead", "workstream", True),
        ("executive_lead", "project", True),
        ("other_lead", "workstream", False),
        ("local_owner", "workstream", False),
        ("local_owner", "project", True),
        ("other_owner", "project", False),
        ("elt_member", "project", False),
        ("auditor", "project", False),
    ],
)
def test_a_risk_is_recorded_where_one_is_accountable(
    person, programme, workstream, local_owner, role, place, may
):
    project = ProjectFactory(workstream=workstream, local_owner=local_owner)
    places = {"programme": programme, "workstream": workstream, "project": project}

    def record():
        return risks.record_risk(
            place=places[place], kind=RiskKind.RISK, content=content(local_owner), by=person(role)
        )

    if not may:
        with pytest.raises(PermissionDenied, match="records a risk there"):
            record()
        return
    risk = record()
    assert (risk.label, risk.level, risk.current_score) == ("R-001", place, 16)
    assert risk.project == (project if place == "project" else None)
    assert risk.workstream == (None if place == "programme" else workstream)
    assert AuditEntry.objects.filter(action="risk.recorded").count() == 1


@pytest.mark.parametrize(
    ("role", "level", "may"),
    [
        ("pmo_officer", RiskLevel.PROGRAMME, True),
        ("executive_lead", RiskLevel.PROJECT, True),
        ("executive_lead", RiskLevel.PROGRAMME, True),
        ("other_lead", RiskLevel.PROJECT, False),
        ("local_owner", RiskLevel.PROJECT, True),
        # Promoted, it is the project's no longer.
        ("local_owner", RiskLevel.WORKSTREAM, False),
        ("elt_member", RiskLevel.PROGRAMME, False),
        ("auditor", RiskLevel.PROGRAMME, False),
    ],
)
def test_a_risk_of_somebody_else_is_changed_by_who_is_accountable_for_its_level(
    person, workstream, local_owner, role, level, may
):
    project = ProjectFactory(workstream=workstream, local_owner=local_owner)
    risk = RiskFactory(project=project, level=level)

    assert person(role).has_perm("governance.manage_risk", risk) is may


def test_its_owner_keeps_it_at_every_level(risk, local_owner, programme, member):
    lead = member(Role.EXECUTIVE_LEAD)
    external = member(Role.EXTERNAL_READER)
    Risk.objects.update(level=RiskLevel.PROGRAMME)

    for owner, may in ((local_owner, True), (lead, True), (external, False)):
        risk.owner = owner
        assert owner.has_perm("governance.manage_risk", risk) is may


def test_an_edit_keeps_each_field_that_it_changes(risk, local_owner, workstream):
    IndicatorFactory(workstream=workstream, reference="WS2-I1")

    risks.edit_risk(
        risk_id=risk.pk,
        by=local_owner,
        seen_version=1,
        content=stored_content(
            risk, cause="A strike", current_likelihood=3, indicators=("WS2-I1",)
        ),
        reason="New contract",
    )

    risk.refresh_from_db()
    assert (risk.version, risk.current_score) == (2, 12)
    assert changes_of(risk) == [
        (2, "cause", "", "A strike"),
        (2, "current_likelihood", 4, 3),
        (2, "indicators", [], ["WS2-I1"]),
    ]
    assert {change.reason for change in risk.changes.all()} == {"New contract"}
    assert journal.changes_of("risk.changed") == {
        "cause": ("", "A strike"),
        "current_likelihood": (4, 3),
        "indicators": ([], ["WS2-I1"]),
    }


def test_an_edit_that_changes_nothing_leaves_no_trace(risk, local_owner):
    risks.edit_risk(risk_id=risk.pk, by=local_owner, seen_version=1, content=stored_content(risk))

    risk.refresh_from_db()
    assert risk.version == 1
    assert not AuditEntry.objects.filter(action="risk.changed").exists()


def test_edits_of_different_fields_are_merged(risk, local_owner, pmo_officer):
    risks.edit_risk(
        risk_id=risk.pk,
        by=pmo_officer,
        seen_version=1,
        content=stored_content(risk, title="The supplier fails"),
    )

    risks.edit_risk(
        risk_id=risk.pk,
        by=local_owner,
        seen_version=1,
        content=stored_content(risk, current_impact=5),
    )

    risk.refresh_from_db()
    assert (risk.title, risk.current_score, risk.version) == ("The supplier fails", 20, 3)


def test_of_two_edits_of_the_same_score_the_second_is_asked(risk, local_owner, pmo_officer):
    risks.edit_risk(
        risk_id=risk.pk,
        by=pmo_officer,
        seen_version=1,
        content=stored_content(risk, title="The supplier fails", current_likelihood=5),
    )

    with pytest.raises(RiskMoved, match="Somebody else changed R-001") as moved:
        risks.edit_risk(
            risk_id=risk.pk,
            by=local_owner,
            seen_version=1,
            content=stored_content(risk, current_impact=5),
        )

    # Likelihood and impact are one answer.
    assert set(moved.value.conflicts) == {"current_likelihood", "current_impact"}
    assert moved.value.taken == ["title"]
    assert moved.value.merged["title"] == "The supplier fails"
    assert RiskChange.objects.filter(risk=risk, version=3).count() == 0


@pytest.mark.parametrize(
    ("changed", "field", "message"),
    [
        ({"review_date": date(2016, 3, 13)}, "review_date", "today or later"),
        ({"target_likelihood": 5, "target_impact": 5}, "target_likelihood", "score, 25, must not"),
        ({"milestones": ("WS9-P9-99",)}, "milestones", "no milestone WS9-P9-99"),
        ({"indicators": ("WS9-I9",)}, "indicators", "no indicator WS9-I9"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(risk, local_owner, changed, field, message):
    with pytest.raises(ValidationError) as error:
        risks.record_risk(
            place=risk.project, kind="risk", content=content(local_owner, **changed), by=local_owner
        )

    assert message in error.value.message_dict[field][0]
    assert Risk.objects.count() == 1


def test_an_owner_is_somebody_who_can_act_on_it(risk, local_owner, auditor):
    with pytest.raises(ValidationError, match="must be a local owner"):
        risks.record_risk(place=risk.project, kind="risk", content=content(auditor), by=local_owner)


def test_what_belongs_to_another_programme_cannot_be_linked(risk, local_owner):
    elsewhere = WorkstreamFactory(programme=ProgrammeFactory(slug="other-trust"))
    IndicatorFactory(workstream=elsewhere, reference="WS2-I7")

    with pytest.raises(ValidationError, match="no indicator WS2-I7"):
        risks.record_risk(
            place=risk.project,
            kind="risk",
            content=content(local_owner, indicators=("WS2-I7",)),
            by=local_owner,
        )


def test_an_overdue_review_date_is_not_judged_again_by_an_edit(risk, local_owner):
    Risk.objects.update(review_date=date(2016, 2, 29))

    risks.edit_risk(
        risk_id=risk.pk,
        by=local_owner,
        seen_version=1,
        content=stored_content(risk, cause="A strike", review_date=date(2016, 2, 29)),
    )

    risk.refresh_from_db()
    assert risk.cause == "A strike"
