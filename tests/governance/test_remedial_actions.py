from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from accounts.models import AuditEntry
from governance import remedial_actions
from governance.errors import StaleRecord, WrongState
from governance.models import ExceptionReport, ExceptionState, RemedialAction
from tests.factories.accounts import UserFactory
from tests.factories.governance import ExceptionReportFactory, RemedialActionFactory
from tests.factories.metrics import IndicatorFactory
from tests.factories.milestones import BaselinedMilestoneFactory
from tests.factories.workstreams import ProgrammeFactory, ProjectFactory, WorkstreamFactory
from tests.governance.test_exception_views import url
from tests.journal import changes_of
from tests.reports.my_work_answers import work_of

TODAY, YESTERDAY, TOMORROW = date(2016, 3, 14), date(2016, 3, 13), date(2016, 3, 15)
MAY_CHANGE = {"pmo_administrator", "pmo_officer", "executive_lead", "local_owner", "other_owner"}


@pytest.fixture
def report(milestone):
    return ExceptionReportFactory(milestone=milestone, number=4)


@pytest.fixture
def action(report, person):
    """Owned by somebody who owns nothing else here; due on 15 April 2016."""
    return RemedialActionFactory(exception=report, owner=person("other_owner"), text="Train")


def as_text(response):
    return response.content.decode().replace("\xa0", " ")


def move(action, by, *, to=TOMORROW, reason="The trainer is ill.", seen=None):
    return remedial_actions.move_due_date(
        action_id=action.pk,
        by=by,
        to=to,
        reason=reason,
        seen_due_date=seen or date(2016, 4, 15),
    )


@pytest.fixture
def four_actions(report):
    """Late, due, done late (all of WS2, the first of a closed exception), done early (of WS1)."""
    closed = ExceptionReportFactory(
        milestone=report.milestone, number=3, state=ExceptionState.CLOSED, closed_date=YESTERDAY
    )
    project = ProjectFactory(workstream=WorkstreamFactory(code="WS1"), code="WS1-P1")
    of_ws1 = ExceptionReportFactory(milestone=BaselinedMilestoneFactory(project=project), number=5)
    first, second = UserFactory(full_name="A owner"), UserFactory(full_name="B owner")
    made = [
        ("late", closed, first, YESTERDAY, None),
        ("due", report, second, TODAY, None),
        ("done late", report, first, date(2016, 3, 1), date(2016, 3, 10)),
        ("done early", of_ws1, second, date(2016, 3, 20), date(2016, 3, 2)),
    ]
    for text, exception, owner, due, done in made:
        RemedialActionFactory(
            exception=exception, text=text, owner=owner, due_date=due, done_date=done
        )
    elsewhere = ProgrammeFactory(slug="other-trust")
    RemedialActionFactory(
        exception=ExceptionReportFactory(
            milestone=BaselinedMilestoneFactory(project__workstream__programme=elsewhere)
        ),
        text="foreign",
    )
    return first, second


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("", ["late", "due", "done late", "done early"]),
        ("state=open", ["late", "due"]),
        ("state=overdue", ["late"]),
        ("state=done", ["done late", "done early"]),
        ("workstream=WS1", ["done early"]),
        ("workstream=WS2&state=open", ["late", "due"]),
        ("owner=A", ["late", "done late"]),
        ("owner=B&state=open", ["due"]),
        ("state=nonsense", []),
        ("owner=0", []),
    ],
)
def test_the_list_is_filtered_by_documented_parameters(
    four_actions, client_of, auditor, query, texts
):
    for letter, owner in zip("AB", four_actions, strict=True):
        query = query.replace(f"owner={letter}", f"owner={owner.pk}")

    response = client_of(auditor).get(url("remedial_action_list") + f"?{query}")

    assert response.status_code == 200
    assert [action.text for action in response.context["actions"]] == texts


def test_the_list_marks_what_is_late_and_whose_exception_has_closed(
    four_actions, client_of, auditor
):
    text = as_text(client_of(auditor).get(url("remedial_action_list")))

    assert "Overdue by 1 day" in text
    assert text.count("Done late") == 1
    assert text.count("Its exception has closed") == 1
    assert "Mark as done" not in text


@pytest.mark.parametrize("query", ["", "?state=done"])
def test_an_empty_list_says_why(programme, client_of, auditor, query):
    text = as_text(client_of(auditor).get(url("remedial_action_list") + query))

    assert "qip-empty" in text


@pytest.mark.parametrize("rows", [1, 50])
@pytest.mark.parametrize("role", ["auditor", "pmo_officer", "executive_lead"])
def test_the_list_costs_the_same_queries_however_long_it_is(
    milestone, client_of, person, django_assert_num_queries, rows, role
):
    for number in range(1, rows + 1):
        each = BaselinedMilestoneFactory(project=milestone.project)
        RemedialActionFactory(exception=ExceptionReportFactory(milestone=each, number=number))
    client = client_of(person(role))

    with django_assert_num_queries(9):
        response = client.get(url("remedial_action_list"))

    assert len(response.context["actions"]) == rows


@pytest.mark.parametrize(
    "role",
    [*sorted(MAY_CHANGE), "elt_member", "auditor", "other_lead"],
)
def test_the_list_offers_exactly_what_the_services_allow(action, person, client_of, role):
    user = person(role)
    indicator = IndicatorFactory(workstream=action.exception.workstream, local_owner=user)
    RemedialActionFactory(
        exception=ExceptionReportFactory(milestone=None, indicator=indicator, number=5)
    )

    response = client_of(user).get(url("remedial_action_list"))

    allowed = {
        each.pk
        for each in RemedialAction.objects.select_related("exception")
        if remedial_actions.may_change(each, user)
    }
    assert response.context["changeable"] == allowed
    assert (action.pk in allowed) == (role in MAY_CHANGE)


def test_marking_as_done_in_the_list_comes_back_to_the_list(action, client_of, person):
    client = client_of(person("other_owner"))

    response = client.post(url("remedial_action_done", action.pk), {"from": "list"})

    action.refresh_from_db()
    assert action.done_date == TODAY
    assert response.url == url("remedial_action_list")


def test_an_action_stays_in_its_owners_work_after_its_exception_closed_until_it_is_done(
    action, client_of, person
):
    ExceptionReport.objects.update(state=ExceptionState.CLOSED, closed_date=TODAY)
    owner = person("other_owner")

    before = work_of(owner, action.programme).actions
    page = as_text(client_of(owner).get(reverse("reports:my_work", args=["las-2016"])))
    client_of(owner).post(url("remedial_action_done", action.pk))

    assert before == [action]
    assert "Its exception has closed" in page
    assert work_of(owner, action.programme).actions == []


def test_the_dashboard_counts_open_and_overdue_actions_and_links_to_them(
    four_actions, client_of, auditor
):
    text = as_text(client_of(auditor).get(reverse("reports:dashboard", args=["las-2016"])))

    assert '/las-2016/remedial-actions/?state=open">2 not done yet<' in text
    assert '/las-2016/remedial-actions/?state=overdue">1 overdue<' in text


@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("role", [*sorted(MAY_CHANGE), "elt_member", "auditor", "other_lead"])
def test_a_date_is_moved_by_who_may_while_the_action_is_open(action, person, role, is_done):
    RemedialAction.objects.update(done_date=TODAY if is_done else None)
    refusal = PermissionDenied if role not in MAY_CHANGE else WrongState if is_done else None

    if refusal:
        with pytest.raises(refusal):
            move(action, person(role))
    else:
        move(action, person(role))

    action.refresh_from_db()
    assert action.due_date == (date(2016, 4, 15) if refusal else TOMORROW)


def test_the_journal_keeps_both_dates_and_the_reason_of_a_move(action, person):
    move(action, person("other_owner"))

    [entry] = AuditEntry.objects.filter(action="remedial_action.moved")
    assert entry.actor == person("other_owner")
    assert changes_of("remedial_action.moved") == {"due_date": ("2016-04-15", "2016-03-15")}
    assert entry.details == {"text": "Train", "why": "The trainer is ill."}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"to": YESTERDAY}, "due_date"),
        ({"to": date(2016, 4, 15)}, "due_date"),
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 301}, "reason"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused_at_its_field(action, person, changes, field):
    with pytest.raises(ValidationError) as refusal:
        move(action, person("other_owner"), **changes)

    assert list(refusal.value.message_dict) == [field]


def test_a_move_on_top_of_another_is_refused(action, person):
    move(action, person("other_owner"))

    with pytest.raises(StaleRecord, match="moved this action to 15 March 2016"):
        move(action, person("pmo_officer"), to=date(2016, 5, 1))

    action.refresh_from_db()
    assert action.due_date == TOMORROW


def move_data(seen="2016-04-15", **changes):
    data = {
        "due_date_day": "1",
        "due_date_month": "5",
        "due_date_year": "2016",
        "reason": "The trainer is ill.",
        "seen": seen,
    }
    return data | changes


def test_the_form_moves_the_date_and_shows_the_exception(action, client_of, person):
    client = client_of(person("other_owner"))
    seen = client.get(url("remedial_action_move", action.pk)).context["form"]["seen"].value()

    response = client.post(url("remedial_action_move", action.pk), move_data(seen), follow=True)

    action.refresh_from_db()
    assert action.due_date == date(2016, 5, 1)
    assert "“Train” is due on another day now." in as_text(response)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reason": ""}, "Enter the reason"),
        ({"due_date_year": "2015"}, "New due date must be today or later"),
        ({"due_date_day": "31", "due_date_month": "2"}, "New due date must be a real date"),
        ({"seen": "nonsense"}, ""),
        ({"seen": ""}, ""),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_moves(
    action, client_of, person, changes, message
):
    data = move_data(**changes)

    response = client_of(person("other_owner")).post(url("remedial_action_move", action.pk), data)

    action.refresh_from_db()
    assert response.status_code == 422
    assert message in as_text(response)
    assert action.due_date == date(2016, 4, 15)


def test_a_conflict_shows_the_date_in_force_and_is_saved_by_sending_it_again(
    action, client_of, person
):
    move(action, person("pmo_officer"))
    client = client_of(person("other_owner"))

    conflict = client.post(url("remedial_action_move", action.pk), move_data())
    seen = conflict.context["form"]["seen"].value()
    again = client.post(url("remedial_action_move", action.pk), move_data(seen))

    action.refresh_from_db()
    assert conflict.status_code == 409
    assert "Somebody else moved this action to 15 March 2016" in as_text(conflict)
    assert "The trainer is ill." in as_text(conflict)
    assert (again.status_code, action.due_date) == (302, date(2016, 5, 1))


def test_a_done_action_offers_no_other_date(action, client_of, person):
    RemedialAction.objects.update(done_date=TODAY)

    response = client_of(person("other_owner")).get(
        url("remedial_action_move", action.pk), follow=True
    )

    assert "“Train” is done already." in as_text(response)


@pytest.mark.parametrize("name", ["remedial_action_done", "remedial_action_move"])
def test_an_action_of_another_programme_is_not_found(action, client_of, person, member, name):
    other = ProgrammeFactory(slug="other-trust")
    stranger = member("pmo_officer", programme=other)

    response = client_of(stranger).post(
        reverse(f"governance:{name}", args=["other-trust", action.pk]), move_data()
    )

    assert response.status_code == 404
