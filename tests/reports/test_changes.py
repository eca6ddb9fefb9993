import pytest

from reports.changes import changes_between


def milestone(reference="WS2-P3-03", **changed):
    return {
        "reference": reference,
        "title": "Datix Web launched",
        "rating": "on_track",
        "rating_word": "On track",
        "planned": "Apr 2016",
        "planned_date": "2016-04-30",
        "forecast": "",
        "forecast_date": "",
        "completed": "",
        **changed,
    }


def content(*milestones, decided=()):
    return {
        "workstreams": [{"projects": [{"milestones": list(milestones)}]}],
        "programme_milestones": [],
        "change_requests": {"decided": list(decided)},
    }


LATE = {"rating": "at_risk", "rating_word": "At risk"}
FORECAST = {"forecast": "4 Jun 2016", "forecast_date": "2016-06-04"}


@pytest.mark.parametrize(
    ("now", "kind", "text"),
    [
        (
            {"rating": "complete", "rating_word": "Complete", "completed": "1 Apr 2016"},
            "completed",
            "Completed 1 Apr 2016",
        ),
        (
            {**LATE, **FORECAST},
            "slipped",
            "Forecast moved from Apr 2016 to 4 Jun 2016; was On track, now At risk",
        ),
        (FORECAST, "slipped", "Forecast moved from Apr 2016 to 4 Jun 2016"),
        (LATE, "rating", "Was On track, now At risk"),
        (
            {"rating": "withdrawn", "rating_word": "Withdrawn"},
            "withdrawn",
            "Withdrawn from the plan by CR-001",
        ),
        (
            {"planned": "4 Jun 2016", "planned_date": "2016-06-04"},
            "moved",
            "Planned date moved by CR-001 from Apr 2016 to 4 Jun 2016",
        ),
    ],
)
def test_a_change_is_told_once_with_old_and_new(now, kind, text):
    decided = [{"reference": "WS2-P3-03", "number": "CR-001"}]

    changes = changes_between(content(milestone()), content(milestone(**now), decided=decided))

    assert [(change["kind"], change["text"]) for change in changes] == [(kind, text)]


def test_what_stayed_as_it_was_is_not_told():
    assert changes_between(content(milestone()), content(milestone())) == []


def test_an_earlier_forecast_is_no_slip():
    before = milestone(**FORECAST)
    now = milestone(forecast="1 May 2016", forecast_date="2016-05-01")

    assert changes_between(content(before), content(now)) == []


def test_a_milestone_that_was_not_there_is_added():
    changes = changes_between(content(), content(milestone()))

    assert changes[0]["kind"] == "added"
    assert changes[0]["text"] == "Added to the plan, planned for Apr 2016"


def test_a_rejected_request_is_not_named_as_what_moved_a_date():
    decided = [
        {"reference": "WS2-P3-03", "number": "CR-001", "state": "approved"},
        {"reference": "WS2-P3-03", "number": "CR-002", "state": "rejected"},
    ]
    now = milestone(planned="4 Jun 2016", planned_date="2016-06-04")

    changes = changes_between(content(milestone()), content(now, decided=decided))

    assert changes[0]["text"] == "Planned date moved by CR-001 from Apr 2016 to 4 Jun 2016"
