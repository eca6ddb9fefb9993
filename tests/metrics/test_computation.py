import pytest

from metrics.rating import AttainmentMethod, Direction, computation, performance_rating


def lines(**given):
    figures = {"value": 80, "trajectory": 100, "direction": Direction.UP, "unit": "percent"}
    return [(step.label, step.value, step.note) for step in computation(**figures | given)]


def test_every_line_of_the_way_is_given():
    assert lines() == [
        ("Value", "80%", ""),
        ("Trajectory", "100%", ""),
        ("Direction", "Up is good", ""),
        ("Attainment", "80%", "value ÷ trajectory"),
        ("Rating", "Below", "less than 85%"),
    ]


@pytest.mark.parametrize(
    ("value", "attainment", "rating", "why"),
    [
        (84.99, "84.9%", "Below", "less than 85%"),
        (85, "85%", "Near", "85% to less than 95%"),
        (94.99, "94.9%", "Near", "85% to less than 95%"),
        (95, "95%", "Met", "95% or more"),
        (100, "100%", "Met", "as good as asked for, or better"),
    ],
)
def test_the_thresholds_decide_to_their_boundaries(value, attainment, rating, why):
    *_, (_, shown, _), (_, word, reason) = lines(value=value)

    assert (shown, word, reason) == (attainment, rating, why)


@pytest.mark.parametrize(
    ("given", "attainment", "result"),
    [
        (
            {"direction": Direction.DOWN, "value": 110},
            ("Attainment", "90.9%", "trajectory ÷ value"),
            ("Rating", "Near", "85% to less than 95%"),
        ),
        (
            {"method": AttainmentMethod.PROGRESS, "baseline": 60, "value": 80},
            ("Attainment", "50%", "(value − baseline) ÷ (trajectory − baseline)"),
            ("Rating", "Below", "less than 85%"),
        ),
    ],
)
def test_the_formula_in_force_is_named(given, attainment, result):
    assert lines(**given)[-2:] == [attainment, result]


@pytest.mark.parametrize(
    ("given", "result"),
    [
        ({"value": None}, ("Rating", "Not reported", "no value for the month")),
        (
            {"trajectory": None},
            ("Rating", "No target", "nothing to hold it against, so it is not rated"),
        ),
        (
            {"direction": Direction.NEITHER},
            ("Rating", "No target", "neither direction is good, so it is not rated"),
        ),
        (
            {"direction": Direction.DOWN, "trajectory": 0, "value": 1},
            (
                "Rating",
                "Below",
                "not as good as asked for, and no attainment can be worked out",
            ),
        ),
        (
            {"direction": Direction.DOWN, "trajectory": 0, "value": 0},
            ("Rating", "Met", "as good as asked for, or better"),
        ),
        (
            {"yes_no": True, "value": 0, "trajectory": 1},
            (
                "Rating",
                "Below",
                "not as good as asked for, and no attainment can be worked out",
            ),
        ),
    ],
)
def test_what_has_no_attainment_says_why_it_is_rated_so(given, result):
    steps = lines(**given)

    assert steps[-1] == result
    assert "Attainment" not in [label for label, _, _ in steps]


def test_without_a_trajectory_the_final_target_is_named():
    assert lines(trajectory=None, final_target=90)[1] == ("Target", "90%", "")


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("value", [None, 0, 50, 86, 96, 120])
@pytest.mark.parametrize("trajectory", [None, 0, 100])
def test_the_way_always_ends_at_the_rating(direction, value, trajectory):
    figures = {"value": value, "trajectory": trajectory, "direction": direction}

    assert computation(**figures)[-1].value == performance_rating(**figures).label


def test_the_programmes_own_words_are_used():
    assert lines(word_for=lambda rating: f"own {rating.value}")[-1][1] == "own below"
