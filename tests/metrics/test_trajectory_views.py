from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from metrics.trajectories import is_baselined
from tests.factories.metrics import IndicatorFactory

PAGE = reverse("metrics:trajectory_edit", args=["las-2016", "WS2-I1"])
MARCH, JUNE = date(2016, 3, 1), date(2016, 6, 1)


@pytest.fixture
def indicator(workstream, local_owner):
    return IndicatorFactory(workstream=workstream, local_owner=local_owner, reference="WS2-I1")


@pytest.fixture
def browser(client_of, pmo_officer):
    return client_of(pmo_officer)


def points(indicator):
    return {
        f"{point.month:%Y-%m}": point.value
        for point in indicator.trajectory_points.order_by("month")
    }


def test_the_grid_saves_what_was_typed_for_each_month(indicator, browser):
    done = browser.post(
        PAGE, {"version": 1, "2016-03": "80%", "2016-04": "", "2016-06": "90", "final_target": "95"}
    )

    assert done.status_code == 302
    assert points(indicator) == {"2016-03": 80, "2016-06": 90}
    indicator.refresh_from_db()
    assert indicator.final_target == 95


def test_filling_shows_the_months_between_and_saves_nothing_yet(indicator, browser):
    shown = browser.post(PAGE, {"version": 1, "2016-03": "80", "2016-06": "95", "act": "fill"})

    form = shown.context["form"]
    assert [form[f"2016-0{month}"].value() for month in (3, 4, 5, 6)] == ["80", "85", "90", "95"]
    assert points(indicator) == {}


def test_a_pasted_column_goes_into_the_grid_to_be_checked(indicator, browser):
    column = "2016-03\t80\nApr 2016\t82.5\n\nmay 2016  85%\n"

    shown = browser.post(PAGE, {"version": 1, "2016-06": "95", "pasted": column})

    form = shown.context["form"]
    assert [form[f"2016-0{month}"].value() for month in (3, 4, 5, 6)] == ["80", "82.5", "85", "95"]
    assert form["pasted"].value() == ""
    assert points(indicator) == {}


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("2016-03 eighty", "Line 1, “2016-03 eighty”: Enter a number"),
        ("2016-03 80\nSpring 2016 5", "Line 2, “Spring 2016 5”"),
        ("2016-03 80\n2016-03 81", "Line 2: March 2016 stands there twice"),
        ("1999-03 80", "March 1999 is no month of the grid"),
        ("80", "is not a month"),
    ],
)
def test_a_pasted_line_that_cannot_be_read_is_named_and_kept(indicator, browser, column, message):
    refused = browser.post(PAGE, {"version": 1, "pasted": column})

    assert refused.status_code == 422
    assert message in refused.content.decode()
    assert refused.context["form"]["pasted"].value() == column
    assert points(indicator) == {}


def test_a_figure_out_of_range_is_refused_with_the_typed_text_kept(indicator, browser):
    refused = browser.post(PAGE, {"version": 1, "2016-03": "140", "2016-04": "ninety"})

    assert refused.status_code == 422
    assert refused.context["form"]["2016-04"].value() == "ninety"
    refused = browser.post(PAGE, {"version": 1, "2016-03": "140"})
    assert "March 2016: enter a per cent between 0 and 100" in refused.content.decode()


def test_who_saves_second_sees_both_and_decides(indicator, browser):
    browser.post(PAGE, {"version": 1, "2016-03": "80"})

    conflict = browser.post(PAGE, {"version": 1, "2016-03": "70"})
    page = conflict.content.decode()
    again = browser.post(
        PAGE, {"version": conflict.context["form"]["version"].value(), "2016-03": "70"}
    )

    assert conflict.status_code == 409
    assert "March 2016: stored 80, you typed 70" in page
    assert again.status_code == 302
    assert points(indicator) == {"2016-03": 70}


def test_after_it_is_agreed_the_page_shows_it_and_says_how_it_moves(
    indicator, browser, client_of, auditor
):
    browser.post(PAGE, {"version": 1, "2016-03": "80"})
    indicator.refresh_from_db()

    browser.post(f"{PAGE}baseline/", {"version": indicator.version})
    page = browser.get(PAGE)
    late = browser.post(PAGE, {"version": indicator.version + 1, "2016-03": "70"})
    read = client_of(auditor).get(PAGE)

    assert is_baselined(indicator)
    assert page.context["form"] is None
    assert "only a change request that the ELT approves moves it" in page.content.decode()
    assert "2016-03 to 2016-03, 1 months; final target none" in read.content.decode()
    assert late.status_code == 409
    assert points(indicator) == {"2016-03": Decimal(80)}


def test_what_lacks_an_owner_is_not_agreed(indicator, browser):
    indicator.local_owner = None
    indicator.save()

    page = browser.get(PAGE).content.decode()
    browser.post(f"{PAGE}baseline/", {"version": 1})

    assert "the indicator has no local owner" in page
    assert not is_baselined(indicator)
