import json
import re
from datetime import date

import pypdfium2
import pytest

from governance import risks
from governance.models import RiskKind
from reports.months import freeze_month
from reports.rendering import render_pack
from tests.factories.governance import RiskFactory
from tests.reports import snapshot_sample as sample
from workstreams.models import MonthState
from workstreams.months import open_month

REVIEW_DATE = date(2016, 6, 30)


def on(programme, day):
    programme.demonstration_date = day
    programme.save(update_fields=["demonstration_date"])


def rescore(risk, likelihood):
    risk.refresh_from_db()
    risks.review_risk(
        risk_id=risk.pk,
        by=risk.owner,
        seen_version=risk.version,
        current_likelihood=likelihood,
        current_impact=4,
        review_date=REVIEW_DATE,
    )


@pytest.fixture
def risk(milestone, local_owner):
    """R-001, scored 16, of a project that the local owner owns."""
    milestone.project.local_owner = local_owner
    milestone.project.save()
    return RiskFactory(project=milestone.project, number=1, owner=local_owner)


def freeze(programme, month, by):
    row = open_month(programme, month)
    return freeze_month(month_id=row.pk, by=by).data["risks"]


def test_a_snapshot_holds_the_register_of_its_day_and_how_it_moved(
    programme, risk, milestone, pmo_officer, local_owner
):
    RiskFactory(project=milestone.project, number=2, owner=local_owner, kind=RiskKind.ISSUE)
    on(programme, date(2016, 3, 7))
    february = freeze(programme, date(2016, 2, 1), pmo_officer)

    rescore(risk, 2)
    issue = risks.turn_into_issue(
        risk_id=risk.pk,
        by=local_owner,
        seen_version=2,
        what_happened="The supplier missed 7 March",
        review_date=REVIEW_DATE,
    )
    RiskFactory(project=milestone.project, number=4, raised_date=date(2016, 3, 8))
    on(programme, date(2016, 4, 6))
    march = freeze(programme, date(2016, 3, 1), pmo_officer)

    first = february["risks"][0]
    assert (first["number"], first["score"], first["band"]) == ("R-001", 16, "extreme")
    assert (first["movement"], february["since"]) == ("", "")
    assert [row["number"] for row in february["issues"]] == ["I-002"]
    assert march["since"] == "29 February 2016"
    assert [(row["number"], row["movement"]) for row in march["risks"]] == [("R-004", "new")]
    assert [row["number"] for row in march["issues"]] == [issue.label, "I-002"]
    assert [row["because"] for row in march["closed"]] == ["It happened and became I-003."]
    assert march["lead"] == (
        "1 of 1 open risk scores 15 or more, and 2 issues are open. "
        "Since 29 February 2016, 2 are new."
    )


def test_what_changes_after_the_day_is_the_next_months_movement(
    programme, risk, pmo_officer, elt_member
):
    on(programme, date(2016, 3, 3))
    rescore(risk, 5)
    on(programme, date(2016, 3, 7))
    february = freeze(programme, date(2016, 2, 1), pmo_officer)
    on(programme, date(2016, 4, 6))
    march = freeze(programme, date(2016, 3, 1), pmo_officer)

    assert [row["score"] for row in february["risks"]] == [16]
    assert [(row["score"], row["movement"]) for row in march["risks"]] == [(20, "up from 16")]


def test_freezing_again_gives_the_same_register(programme, risk, pmo_officer):
    on(programme, date(2016, 3, 7))
    once = freeze(programme, date(2016, 2, 1), pmo_officer)
    rescore(risk, 1)
    month = programme.months.get()
    month.state = MonthState.COLLECTING
    month.save()

    assert json.dumps(freeze(programme, date(2016, 2, 1), pmo_officer)) == json.dumps(once)


def words(snapshot):
    pdf = render_pack(
        snapshot=snapshot,
        audience=sample.audience(),
        number=sample.NUMBER,
        sha256=sample.SHA256,
    )
    pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)]
    return re.sub(r"\s+", " ", " ".join(pages).replace("\u200b", ""))


def small():
    """The sample without its long chapters."""
    return sample.snapshot() | {"workstreams": [], "programme_milestones": [], "exceptions": []}


def test_the_progress_pack_has_a_chapter_of_risks_after_the_requests():
    text = words(small())

    places = [text.rindex(each) for each in ("Change requests", "3 of 6 open risks")]
    assert places == sorted(places)
    assert text.rindex("3 of 6 open risks") < text.rindex("Definitions")
    for row in small()["risks"]["risks"]:
        assert row["number"] in text
    assert "20 Extreme" in text
    assert "4 × 4, up from 12" in text
    assert "2 risks score 16" in text
    assert "Closed since 31 October 2016" in text


def test_an_empty_register_says_so_and_a_snapshot_without_one_has_no_chapter():
    empty = small() | {"risks": {"lead": "0 of 0 open risks", "risks": [], "issues": []}}
    older = {name: value for name, value in small().items() if name != "risks"}

    assert "No risk is open. Issues No issue is open." in words(empty)
    assert "Risks and issues" not in words(older)
