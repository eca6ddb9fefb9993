from datetime import date

import pytest
from django.urls import reverse

from governance import risks
from governance.models import Risk, RiskKind, RiskLevel
from tests.factories.governance import ExceptionReportFactory, RiskFactory
from tests.factories.metrics import IndicatorFactory
from tests.factories.workstreams import ProgrammeFactory, ProjectFactory, WorkstreamFactory

TYPED = {
    "kind": "risk",
    "place": "WS2-P3",
    "title": "No agreement on rest breaks",
    "cause": "Talks stopped",
    "effect": "Crews tire",
    "inherent_likelihood": "5",
    "inherent_impact": "4",
    "current_likelihood": "4",
    "current_impact": "4",
    "target_likelihood": "2",
    "target_impact": "3",
    "response": "treat",
    "response_text": "ACAS meets on 29 March",
    "review_date_day": "31",
    "review_date_month": "3",
    "review_date_year": "2016",
    "milestones": "",
    "indicators": "",
    "reason": "",
    "version": "1",
}


def url(name, *numbers):
    return reverse(f"governance:{name}", args=["las-2016", *numbers])


def typed(person, /, **changed):
    return TYPED | {"owner": str(person.pk)} | changed


def stored_form(risk, **changed):
    """What the edit page of the risk sends, with some boxes typed anew."""
    same = {
        "title": risk.title,
        "cause": risk.cause,
        "effect": risk.effect,
        "inherent_impact": "5",
        "inherent_likelihood": "4",
        "target_impact": "4",
        "response_text": risk.response_text,
    }
    return typed(risk.owner, **same) | changed


def test_a_risk_is_recorded_from_the_page(risk, client_of, local_owner, workstream):
    IndicatorFactory(workstream=workstream, reference="WS2-I1")
    client = client_of(local_owner)

    page = client.get(url("risk_create"))
    answer = client.post(url("risk_create"), typed(local_owner, indicators="ws2-i1"), follow=True)

    assert 'value="WS2-P3"' in page.content.decode()
    assert 'value="programme"' not in page.content.decode()
    recorded = Risk.objects.get(number=2)
    assert answer.redirect_chain == [(recorded.get_absolute_url(), 302)]
    assert "R-002 is recorded." in answer.content.decode()
    assert (recorded.title, recorded.level, recorded.current_score) == (
        "No agreement on rest breaks",
        RiskLevel.PROJECT,
        16,
    )
    assert [each.reference for each in recorded.indicators.all()] == ["WS2-I1"]


@pytest.mark.parametrize(
    ("role", "place", "level", "status"),
    [
        ("pmo_officer", "programme", RiskLevel.PROGRAMME, 302),
        ("executive_lead", "WS2", RiskLevel.WORKSTREAM, 302),
        ("executive_lead", "programme", None, 422),
        ("local_owner", "WS2", None, 422),
    ],
)
def test_one_chooses_only_where_one_is_accountable(
    risk, client_of, person, local_owner, role, place, level, status
):
    form = typed(local_owner, place=place)

    answer = client_of(person(role)).post(url("risk_create"), form)

    assert answer.status_code == status
    assert list(Risk.objects.filter(number=2).values_list("level", flat=True)) == (
        [level] if level else []
    )


@pytest.mark.parametrize(
    ("changed", "message", "box"),
    [
        ({"title": ""}, "Enter the title", "id_title"),
        ({"place": ""}, "Select where it belongs", "id_place"),
        ({"current_impact": ""}, "Select the current impact", "id_current_impact"),
        ({"current_impact": "6"}, "Choose the current impact from the list", "id_current_impact"),
        ({"owner": ""}, "Select the owner", "id_owner"),
        ({"review_date_month": "13"}, "Next review must be a real date", "id_review_date_day"),
        ({"review_date_year": "2015"}, "Next review must be today or later", "id_review_date_day"),
        ({"milestones": "WS9-1"}, "This programme has no milestone WS9-1", "id_milestones"),
        ({"target_likelihood": "5", "target_impact": "5"}, "25, must not be", "id_target_like"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_the_typed_text_stays(
    risk, client_of, local_owner, changed, message, box
):
    answer = client_of(local_owner).post(url("risk_create"), typed(local_owner, **changed))

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: " in text
    assert f'<a href="#{box}' in text
    assert message in text
    assert "Talks stopped" in text
    assert Risk.objects.count() == 1


def test_a_risk_page_shows_everything_about_it(risk, client_of, auditor, workstream):
    indicator = IndicatorFactory(workstream=workstream, reference="WS2-I1")
    risk.indicators.add(indicator)
    ExceptionReportFactory(milestone__project=risk.project, number=7, risk=risk)
    risks.review_risk(
        risk_id=risk.pk,
        by=risk.owner,
        seen_version=1,
        current_likelihood=3,
        current_impact=4,
        review_date=date(2016, 4, 30),
        comment="The second line runs",
    )

    text = client_of(auditor).get(url("risk_detail", 1)).content.decode()

    assert "Current score: 16 extreme (4 × 4) to 12 high (3 × 4)" in text
    assert "Next review: 31 Mar 2016 to 30 Apr 2016" in text
    assert "The second line runs" in text
    assert "Reviewed" in text
    assert indicator.get_absolute_url() in text
    assert "EX-007" in text
    assert "Next step" not in text


def test_the_history_names_people_not_numbers(risk, client_of, local_owner, pmo_officer):
    risks.promote_risk(
        risk_id=risk.pk, by=local_owner, seen_version=1, reason="Beyond us", owner=pmo_officer
    )

    text = client_of(local_owner).get(url("risk_detail", 1)).content.decode()

    assert "Promoted to work stream level" in text
    assert "Owner: WS2 local owner to PMO officer" in text


@pytest.mark.parametrize(
    ("name", "answers", "said"),
    [
        (
            "risk_review",
            {
                "current_likelihood": "5",
                "current_impact": "4",
                "review_date_day": "30",
                "review_date_month": "4",
                "review_date_year": "2016",
                "comment": "",
            },
            "R-001 is reviewed.",
        ),
        ("risk_promote", {"reason": "Beyond us"}, "R-001 is promoted."),
        (
            "risk_happened",
            {
                "what_happened": "The supplier missed 1 March",
                "review_date_day": "21",
                "review_date_month": "3",
                "review_date_year": "2016",
            },
            "I-002 is open: it came from a risk that happened.",
        ),
        ("risk_close", {"reason": "Delivered"}, "R-001 is closed."),
    ],
)
def test_each_act_has_a_page(risk, client_of, local_owner, name, answers, said):
    client = client_of(local_owner)
    form = answers | {"version": "1", "owner": str(local_owner.pk)}

    page = client.get(url(name, 1))
    empty = client.post(url(name, 1), {"version": "1", "owner": str(local_owner.pk)})
    done = client.post(url(name, 1), form, follow=True)

    assert page.status_code == 200
    assert (empty.status_code, "There is a problem" in empty.content.decode()) == (422, True)
    assert said in done.content.decode()
    assert Risk.objects.get(number=1).version == 2


def test_a_closed_risk_is_reopened_from_its_page(risk, client_of, local_owner):
    risks.close_risk(risk_id=risk.pk, by=local_owner, seen_version=1, reason="Delivered")
    client = client_of(local_owner)
    form = {
        "reason": "A second order",
        "review_date_day": "30",
        "review_date_month": "4",
        "review_date_year": "2016",
        "version": "2",
    }

    refused = client.get(url("risk_edit", 1))
    done = client.post(url("risk_reopen", 1), form, follow=True)

    assert refused.status_code == 409
    assert "R-001 is closed: Delivered. Reopen it first" in refused.content.decode()
    assert "R-001 is open again." in done.content.decode()


@pytest.mark.parametrize(
    ("fields", "name", "sentence"),
    [
        ({}, "risk_reopen", "R-001 is open."),
        ({"level": "programme"}, "risk_promote", "R-001 is at programme level already"),
        ({"kind": "issue"}, "risk_happened", "I-001 is an issue already"),
    ],
)
def test_an_act_out_of_place_is_refused_with_a_sentence(
    risk, client_of, pmo_officer, fields, name, sentence
):
    Risk.objects.update(**({"number": 1} | fields))

    answer = client_of(pmo_officer).get(url(name, 1))

    assert answer.status_code == 409
    assert sentence in answer.content.decode()


@pytest.mark.parametrize("role", ["other_owner", "elt_member", "auditor"])
@pytest.mark.parametrize("name", ["risk_edit", "risk_review", "risk_close"])
def test_who_is_not_accountable_gets_no_form(risk, client_of, person, role, name):
    client = client_of(person(role))

    assert client.get(url(name, 1)).status_code == 403
    assert client.post(url(name, 1), {"version": "1", "reason": "No"}).status_code == 403
    assert client.get(url("risk_detail", 1)).status_code == 200


def test_a_conflict_shows_both_texts_and_saves_when_sent_again(
    risk, client_of, local_owner, pmo_officer
):
    owner, office = client_of(local_owner), client_of(pmo_officer)
    office.post(url("risk_edit", 1), stored_form(risk, title="Theirs", effect="Crews stop"))

    conflict = owner.post(url("risk_edit", 1), stored_form(risk, title="Mine", cause="Talks"))

    text = conflict.content.decode()
    assert conflict.status_code == 409
    assert "“Mine”" in text
    assert "“Theirs”" in text
    assert 'value="Mine"' in text
    # The other's effect is taken over, because it was left alone here.
    assert "Crews stop</textarea>" in text
    risk.refresh_from_db()
    assert risk.title == "Theirs"
    again = stored_form(risk, title="Mine", cause="Talks", effect="Crews stop", version="2")
    assert owner.post(url("risk_edit", 1), again).status_code == 302
    risk.refresh_from_db()
    assert (risk.title, risk.cause, risk.effect) == ("Mine", "Talks", "Crews stop")


def test_an_act_on_what_moved_shows_what_moved(risk, client_of, local_owner, pmo_officer):
    risks.promote_risk(risk_id=risk.pk, by=pmo_officer, seen_version=1, reason="Beyond them")

    answer = client_of(local_owner).post(
        url("risk_close", 1), {"version": "1", "reason": "Delivered"}
    )

    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Promoted to work stream level" in text
    assert "Delivered</textarea>" in text
    assert 'name="version" value="2"' in text
    assert Risk.objects.get().is_open


def test_a_risk_of_another_programme_is_not_found(risk, client_of, local_owner):
    elsewhere = WorkstreamFactory(programme=ProgrammeFactory(slug="other-trust"))
    RiskFactory(project=ProjectFactory(workstream=elsewhere), number=9)

    assert client_of(local_owner).get(url("risk_detail", 9)).status_code == 404


@pytest.mark.parametrize("changes", [1, 12])
def test_a_risk_page_costs_the_same_queries_however_long_its_history(
    risk, client_of, auditor, django_assert_num_queries, changes
):
    for version in range(1, changes + 1):
        risks.review_risk(
            risk_id=risk.pk,
            by=risk.owner,
            seen_version=version,
            current_likelihood=version % 5 + 1,
            current_impact=4,
            review_date=date(2016, 3, 14 + version),
        )
        RiskFactory(project=risk.project, number=version + 1, kind=RiskKind.ISSUE)
    client = client_of(auditor)

    with django_assert_num_queries(13):
        response = client.get(url("risk_detail", 1))

    assert response.status_code == 200
