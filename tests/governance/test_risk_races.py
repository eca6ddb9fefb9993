from datetime import date

import pytest

from governance import risks
from governance.models import Risk, RiskChange, RiskKind
from governance.risks import RiskMoved
from tests.governance.test_races import THREADS, at_once
from tests.governance.test_risks import content, stored_content
from workstreams.models import Role

pytestmark = pytest.mark.django_db(transaction=True)


def test_eight_risks_at_once_get_a_number_each(risk, local_owner):
    at_once(
        lambda _: risks.record_risk(
            place=risk.project, kind=RiskKind.RISK, content=content(local_owner), by=local_owner
        )
    )

    numbers = Risk.objects.values_list("number", flat=True)
    assert sorted(numbers) == list(range(1, THREADS + 2))


def test_of_eight_edits_of_one_field_at_once_one_is_saved_and_seven_are_told(
    risk, local_owner, member
):
    officers = [member(Role.PMO_OFFICER) for _ in range(THREADS)]

    results = at_once(
        lambda number: risks.edit_risk(
            risk_id=risk.pk,
            by=officers[number],
            seen_version=1,
            content=stored_content(risk, title=f"Title {number}"),
        )
    )

    assert sum(isinstance(result, Risk) for result in results) == 1
    assert sum(isinstance(result, RiskMoved) for result in results) == THREADS - 1
    assert RiskChange.objects.count() == 1


def test_of_eight_edits_of_one_field_each_none_is_lost(risk, local_owner):
    fields = {
        "title": "New title",
        "cause": "New cause",
        "effect": "New effect",
        "response_text": "New response",
        "response": "tolerate",
        "review_date": date(2016, 5, 31),
        "current_impact": 5,
        "target_likelihood": 1,
    }
    typed = list(fields.items())

    at_once(
        lambda number: risks.edit_risk(
            risk_id=risk.pk,
            by=local_owner,
            seen_version=1,
            content=stored_content(risk, **dict([typed[number]])),
        )
    )

    risk.refresh_from_db()
    assert {name: getattr(risk, name) for name in fields} == fields
    assert risk.version == 1 + THREADS


def test_a_risk_that_happens_eight_times_at_once_becomes_one_issue(risk, local_owner):
    results = at_once(
        lambda _: risks.turn_into_issue(
            risk_id=risk.pk,
            by=local_owner,
            seen_version=1,
            what_happened="The supplier missed 1 March",
            review_date=date(2016, 3, 21),
        )
    )

    assert sum(isinstance(result, Risk) for result in results) == 1
    assert Risk.objects.filter(kind=RiskKind.ISSUE).count() == 1
