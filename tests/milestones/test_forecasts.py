from datetime import date

import pytest
from django.utils import timezone

from milestones.forecasts import moves_between, moves_of
from milestones.models import FieldChange, Milestone, MilestoneStatus
from milestones.services import Position, record_update
from tests.factories.milestones import MilestoneFactory
from tests.milestones.answers import url

MAY, JUNE, JULY = date(2016, 5, 20), date(2016, 6, 4), date(2016, 7, 22)


def forecast(milestone, by, *days):
    for day in days:
        version = Milestone.objects.get(pk=milestone.pk).version
        position = Position(status=MilestoneStatus.IN_PROGRESS, forecast_date=day)
        record_update(milestone_id=milestone.pk, by=by, seen_version=version, position=position)


@pytest.mark.parametrize(
    ("days", "text", "short_text"),
    [
        ([], "", ""),
        ([None, MAY], "", ""),
        ([None, MAY, None], "", ""),
        ([None, MAY, JUNE], "moved once, +15 days", "1 move, +15 days"),
        ([MAY, JUNE, JUNE, JULY], "moved 2 times, +63 days", "2 moves, +63 days"),
        ([MAY, None, JUNE], "moved once, +15 days", "1 move, +15 days"),
        ([JUNE, MAY], "moved once, −15 days", "1 move, −15 days"),
        ([MAY, date(2016, 5, 21)], "moved once, +1 day", "1 move, +1 day"),
        ([MAY, JUNE, MAY], "moved 2 times, back to the first", "2 moves, back to the first"),
    ],
)
def test_only_another_day_is_a_move_and_the_days_run_from_the_first_forecast_to_the_last(
    days, text, short_text
):
    moves = moves_between(days)

    assert moves.text.replace("\N{NO-BREAK SPACE}", " ") == text
    assert moves.short_text.replace("\N{NO-BREAK SPACE}", " ") == short_text
    assert bool(moves) == bool(text)


def test_moves_are_counted_from_the_updates_on_record(milestone, pmo_officer):
    forecast(milestone, pmo_officer, MAY, MAY, JUNE, JULY)

    moves = moves_of([milestone])[milestone.pk]

    assert (moves.count, moves.days) == (2, 63)


def test_a_forecast_that_came_with_the_plan_counts_as_the_first(milestone, pmo_officer):
    Milestone.objects.update(forecast_date=MAY)
    forecast(milestone, pmo_officer, JULY)

    moves = moves_of([milestone])[milestone.pk]

    assert (moves.count, moves.days) == (1, 63)


def test_as_at_a_day_later_moves_had_not_happened(programme, milestone, pmo_officer):
    forecast(milestone, pmo_officer, MAY, JUNE)
    programme.demonstration_date = date(2016, 3, 15)
    programme.save()
    forecast(milestone, pmo_officer, JULY)

    found = [moves_of([milestone], until=date(2016, 3, day)) for day in (13, 14, 15)]

    assert [each[milestone.pk].count if each else 0 for each in found] == [0, 1, 2]


@pytest.mark.parametrize("rows", [1, 25])
def test_the_moves_of_a_list_take_one_query_and_skip_what_never_moved(
    milestone, django_assert_num_queries, rows
):
    moved = MilestoneFactory.create_batch(rows, project=milestone.project)
    FieldChange.objects.bulk_create(
        FieldChange(
            milestone=each,
            version=2,
            field="forecast_date",
            old_value="2016-05-20",
            new_value="2016-06-04",
            made_date=date(2016, 3, 14),
            made_at=timezone.now(),
        )
        for each in moved
    )

    with django_assert_num_queries(1):
        found = moves_of([milestone, *moved])

    assert found.keys() == {each.pk for each in moved}


def test_the_page_says_how_often_the_forecast_moved(client_of, milestone, pmo_officer):
    browser = client_of(pmo_officer)
    before = browser.get(url("milestone_detail", milestone)).content.decode()
    forecast(milestone, pmo_officer, MAY, JULY)

    page = browser.get(url("milestone_detail", milestone)).content.decode()

    assert "moved" not in before.partition("<dl")[2].partition("</dl>")[0]
    assert "moved once, +63\N{NO-BREAK SPACE}days" in page
