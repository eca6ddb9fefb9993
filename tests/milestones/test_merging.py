import pytest

from milestones.merging import Merged, merge

BASE = {"status": "in_progress", "forecast": "April", "narrative": "On the way"}
DATES = {"status": "in_progress", "completed": None}
LINKED = [("status", "completed")]


def test_what_only_i_changed_is_taken_from_me():
    mine = BASE | {"forecast": "May"}

    assert merge(BASE, mine, BASE) == Merged(mine)


def test_what_only_they_changed_stays_theirs():
    theirs = BASE | {"forecast": "June"}

    assert merge(BASE, BASE, theirs) == Merged(theirs, taken=("forecast",))


def test_different_fields_merge():
    mine = BASE | {"forecast": "May"}
    theirs = BASE | {"narrative": "Supplier late"}

    merged = merge(BASE, mine, theirs)

    assert merged.values == BASE | {"forecast": "May", "narrative": "Supplier late"}
    assert merged.taken == ("narrative",)
    assert not merged.conflicts


def test_the_same_change_by_both_is_agreed():
    both = BASE | {"forecast": "May"}

    assert merge(BASE, both, both) == Merged(both)


def test_the_same_field_changed_to_two_things_is_in_dispute_and_mine_is_kept():
    mine = BASE | {"forecast": "May"}
    theirs = BASE | {"forecast": "June", "narrative": "Supplier late"}

    merged = merge(BASE, mine, theirs)

    assert merged.conflicts == ("forecast",)
    assert merged.values == BASE | {"forecast": "May", "narrative": "Supplier late"}


@pytest.mark.parametrize(
    ("mine", "theirs", "conflicts"),
    [
        # Both complete it, on two days: only the day is in dispute.
        (("complete", 10), ("complete", 12), ["completed"]),
        # Only the status is mine, but a status without its date means nothing.
        (("not_started", None), ("complete", 12), ["status", "completed"]),
        (("in_progress", None), ("complete", 12), []),
        (("complete", 12), ("in_progress", None), []),
    ],
)
def test_linked_fields_are_taken_or_disputed_as_one(mine, theirs, conflicts):
    mine = dict(zip(DATES, mine, strict=True))
    theirs = dict(zip(DATES, theirs, strict=True))

    merged = merge(DATES, mine, theirs, linked=LINKED)

    assert list(merged.conflicts) == conflicts
    pair = (merged.values["status"], merged.values["completed"])
    assert pair in [tuple(mine.values()), tuple(theirs.values())]


def test_half_a_change_of_linked_fields_disputes_the_half_they_left_alone():
    base = {"status": "complete", "completed": 10}
    mine = {"status": "in_progress", "completed": None}
    theirs = {"status": "complete", "completed": 12}

    merged = merge(base, mine, theirs, linked=LINKED)

    assert merged.conflicts == ("status", "completed")
    assert merged.values == mine
