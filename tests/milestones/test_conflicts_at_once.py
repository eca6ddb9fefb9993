"""Edits at the same moment: none is lost, and a double press is one."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections

from milestones.models import Milestone, MilestoneUpdate
from tests.milestones.answers import plan_data, update_data, url


@pytest.fixture
def unled(milestone):
    """The milestone before anybody is accountable for it, so that its plan form has no people."""
    Milestone.objects.update(lead_director=None, local_owner=None)
    return Milestone.objects.get()


def pairs_at_once(number, first, second):
    """Run two acts, each given the number of the pair, in two threads from one starting gun."""
    gun = Barrier(2)

    def run(act):
        try:
            answers = []
            for pair in range(number):
                gun.wait(timeout=30)
                answers.append(act(pair))
                gun.wait(timeout=30)
            return answers
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        return list(zip(*pool.map(run, [first, second]), strict=True))


@pytest.mark.django_db(transaction=True)
def test_of_two_hundred_pairs_of_conflicting_edits_none_is_lost(
    client_of, milestone, local_owner, pmo_officer
):
    # SQLite takes one writer at a time, so fewer pairs show all that there is to see.
    pairs = 200 if connection.vendor == "postgresql" else 20
    page = url("milestone_update", milestone)
    # The form that both of a pair open: of the version before either of them saves.
    seen = {pair: update_data(milestone) | {"version": pair + 1} for pair in range(pairs)}
    browsers = {"owner": client_of(local_owner), "officer": client_of(pmo_officer)}

    def save(name):
        return lambda pair: browsers[name].post(page, seen[pair] | {"narrative": f"{name} {pair}"})

    answers = pairs_at_once(pairs, save("owner"), save("officer"))

    for pair, both in enumerate(answers):
        assert sorted(answer.status_code for answer in both) == [302, 409]
        names = ["owner", "officer"] if both[1].status_code == 409 else ["officer", "owner"]
        winner, loser = (f"{name} {pair}" for name in names)
        asked = next(answer for answer in both if answer.status_code == 409)
        [difference] = asked.context["differences"]
        assert (difference.stored, difference.typed) == (winner, loser)
        assert asked.context["form"]["narrative"].value() == loser
        assert asked.context["form"]["version"].value() == str(pair + 2)
        assert MilestoneUpdate.objects.get(version=pair + 2).narrative == winner
    assert milestone.updates.count() == pairs
    milestone.refresh_from_db()
    assert milestone.version == pairs + 1


@pytest.mark.django_db(transaction=True)
def test_of_double_presses_each_makes_one_update(client_of, milestone, local_owner):
    pairs = 200 if connection.vendor == "postgresql" else 20
    page = url("milestone_update", milestone)
    browsers = [client_of(local_owner), client_of(local_owner)]

    def press(browser):
        return lambda pair: browser.post(
            page, update_data(milestone) | {"version": pair + 1, "narrative": f"Week {pair}"}
        )

    answers = pairs_at_once(pairs, press(browsers[0]), press(browsers[1]))

    assert {answer.status_code for both in answers for answer in both} == {302}
    assert {answer.url for both in answers for answer in both} == {milestone.get_absolute_url()}
    narratives = milestone.updates.order_by("version").values_list("narrative", flat=True)
    assert list(narratives) == [f"Week {pair}" for pair in range(pairs)]


@pytest.mark.django_db(transaction=True)
def test_of_two_edits_of_the_plan_at_once_the_second_sees_the_firsts(client_of, unled, pmo_officer):
    pairs, page = 5, url("milestone_edit", unled)
    browsers = [client_of(pmo_officer), client_of(pmo_officer)]

    def save(number):
        return lambda pair: browsers[number].post(
            page, plan_data(unled, title=f"Title {pair} by {number}") | {"version": pair + 1}
        )

    answers = pairs_at_once(pairs, save(0), save(1))

    for both in answers:
        assert sorted(answer.status_code for answer in both) == [302, 409]
        asked = next(answer for answer in both if answer.status_code == 409)
        assert [row.label for row in asked.context["differences"]] == ["Title"]
