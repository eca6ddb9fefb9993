from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from metrics.models import Annotation, Measurement, Rebase
from tests.factories.metrics import IndicatorFactory, MeasurementFactory, TrajectoryPointFactory
from tests.factories.workstreams import (
    CqcActionFactory,
    ProgrammeFactory,
    ProjectFactory,
    WorkstreamFactory,
)
from workstreams.models import Role

FEBRUARY, MARCH = date(2016, 2, 1), date(2016, 3, 1)
AT = datetime(2016, 3, 3, 9, 0, tzinfo=UTC)
LIST = "/las-2016/indicators/"


@pytest.fixture
def indicator(workstream, local_owner):
    return IndicatorFactory(
        workstream=workstream,
        local_owner=local_owner,
        reference="WS2-I1",
        final_target=Decimal(100),
    )


def names(response):
    return [each.indicator.name for _, group in response.context["groups"] for each in group]


def rated(workstream, name, value, **fields):
    """Make an indicator of a target of 100 with the value for February; none for None."""
    indicator = IndicatorFactory(workstream=workstream, name=name, final_target=100, **fields)
    if value is not None:
        MeasurementFactory(indicator=indicator, value=Decimal(value))
    return indicator


@pytest.mark.parametrize("query", ["", "?show=charts"])
@pytest.mark.parametrize("rows", [1, 42])
def test_the_list_costs_the_same_queries_however_many_indicators(
    workstream, auditor, client_of, django_assert_num_queries, rows, query
):
    for indicator in IndicatorFactory.create_batch(rows, workstream=workstream):
        TrajectoryPointFactory(indicator=indicator)
        MeasurementFactory(indicator=indicator)
        remark = {"indicator": indicator, "month": FEBRUARY, "made_by": auditor, "made_at": AT}
        Rebase.objects.create(**remark, reason="New rota")
        Annotation.objects.create(**remark, text="Campaign")
    client = client_of(auditor)

    # Session, user, programme, roles; indicators with four series; work streams.
    with django_assert_num_queries(11):
        response = client.get(LIST + query)

    assert len(names(response)) == rows
    assert response.content.count(b'role="img"') == (rows if query else 0)


def test_the_list_groups_by_work_stream_with_the_worst_first(workstream, auditor, client_of):
    other = WorkstreamFactory(code="WS1", name="A great place to work", position=1)
    rated(workstream, "Good one", 100)
    rated(workstream, "Bad one", 50)
    rated(other, "First stream", 90)

    response = client_of(auditor).get(LIST)

    assert names(response) == ["First stream", "Bad one", "Good one"]
    assert b"February 2016" in response.content


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Below", "Near", "Unreported", "Met"]),
        ("rating=below", ["Below"]),
        ("rating=below&rating=near", ["Below", "Near"]),
        ("rating=not_reported", ["Unreported"]),
        ("rating=no_target", []),
        ("workstream=WS2", ["Below", "Unreported", "Met"]),
        ("workstream=WS3", []),
        ("owner=me", ["Met"]),
        ("owner=none", ["Near"]),
        ("text=unrep", ["Unreported"]),
        ("text=ws2-last", ["Met"]),
        ("workstream=WS2&rating=met&owner=me&text=MET", ["Met"]),
        ("page=1&unknown=x", ["Below", "Near", "Unreported", "Met"]),
    ],
)
def test_the_list_shows_exactly_what_the_filter_asks_for(
    workstream, local_owner, client_of, query, expected
):
    other = WorkstreamFactory(code="WS4", name="Environment", position=4)
    WorkstreamFactory(code="WS3", name="Patient experience", position=3)
    rated(workstream, "Below", 50)
    rated(other, "Near", 90, local_owner=None)
    rated(workstream, "Unreported", None)
    rated(workstream, "Met", 100, local_owner=local_owner, reference="WS2-LAST")

    response = client_of(local_owner).get(f"{LIST}?{query}")

    assert sorted(names(response)) == sorted(expected)


def test_the_list_can_be_asked_for_one_owners_indicators(workstream, auditor, client_of):
    wanted = rated(workstream, "Wanted", 50)
    rated(workstream, "Other", 50)

    response = client_of(auditor).get(LIST, {"owner": wanted.local_owner_id})

    assert names(response) == ["Wanted"]


@pytest.mark.parametrize(
    "query",
    [
        "rating=awful",
        "rating=below&rating=%00",
        "workstream=WS9",
        "owner=999999",
        "owner=-1",
        "owner=%D9%A1",
        "text=" + "x" * 101,
    ],
)
def test_a_wrong_filter_value_is_named_at_its_field_and_shows_no_rows(
    workstream, auditor, client_of, query
):
    rated(workstream, "Below", 50)

    response = client_of(auditor).get(f"{LIST}?{query}")

    assert response.status_code == 200
    assert response.context["form"].errors.keys() == {query.partition("=")[0]}
    assert names(response) == []
    assert b"Correct the filter" in response.content


def test_each_rating_of_the_list_links_to_as_many_rows_as_it_counts(workstream, auditor, client_of):
    for value in (50, 60, 90, 100, None):
        rated(workstream, f"Worth {value}", value)
    client = client_of(auditor)

    counts = client.get(LIST).context["counts"]

    for item in counts:
        assert len(names(client.get(LIST, {"rating": item.code}))) == item.count


def test_an_empty_list_says_why(programme, workstream, auditor, client_of):
    client = client_of(auditor)

    without_any = client.get(LIST)
    rated(workstream, "Below", 50)
    without_match = client.get(LIST, {"rating": "met"})

    assert b"They come with its plan file" in without_any.content
    assert b"No indicator matches this filter" in without_match.content


def test_the_page_shows_the_figures_and_the_reason_for_the_rating(indicator, auditor, client_of):
    TrajectoryPointFactory(indicator=indicator, value=Decimal(94))
    MeasurementFactory(indicator=indicator, value=Decimal(88))

    page = client_of(auditor).get(indicator.get_absolute_url()).content.decode()

    assert "February 2016: 88% is 93.6% of the trajectory, 94%" in page
    assert "Higher is better" in page
    assert page.count("<svg") > 2
    assert "Illustrative" in page


def test_the_page_links_what_the_indicator_belongs_to(indicator, auditor, client_of):
    sibling = IndicatorFactory(
        workstream=indicator.workstream, bullet=indicator.bullet, name="Second measure"
    )
    project = ProjectFactory(workstream=indicator.workstream)
    indicator.projects.add(project)
    action = CqcActionFactory(workstream=indicator.workstream)
    action.projects.add(project)

    page = client_of(auditor).get(indicator.get_absolute_url()).content.decode()

    for thing in (sibling, project, action):
        assert thing.get_absolute_url() in page


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        (
            "narrative",
            {"value": None, "text": "The group\nwas content."},
            "The group<br>was content.",
        ),
        ("yes_no", {"value": Decimal(1)}, "<strong>Yes</strong>"),
    ],
)
def test_words_and_yes_or_no_have_a_page(workstream, auditor, client_of, kind, fields, words):
    indicator = IndicatorFactory(workstream=workstream, kind=kind, unit="", final_target=None)
    MeasurementFactory(indicator=indicator, **fields)

    page = client_of(auditor).get(indicator.get_absolute_url()).content.decode()

    assert words in page


def test_an_indicator_without_values_has_a_page_that_says_so(indicator, auditor, client_of):
    page = client_of(auditor).get(indicator.get_absolute_url()).content.decode()

    assert "No value is reported for February 2016, nor for any month before." in page
    assert "Not reported" in page


def test_a_page_of_a_real_programme_has_no_illustrative_mark(
    programme, indicator, local_owner, client_of
):
    programme.demonstration_date = None
    programme.save(update_fields=["demonstration_date"])
    TrajectoryPointFactory(indicator=indicator)
    MeasurementFactory(indicator=indicator)
    client = client_of(local_owner)

    pages = [client.get(url).content for url in (LIST, indicator.get_absolute_url())]

    assert not any(b"llustrative" in page for page in pages)


def test_markup_in_names_and_reasons_is_shown_as_text(indicator, auditor, client_of):
    indicator.name = indicator.note = "<script>window.__x = 1</script>"
    indicator.save(update_fields=["name", "note"])
    MeasurementFactory(indicator=indicator, replaced_at=MeasurementFactory.recorded_at)
    MeasurementFactory(indicator=indicator, correction_reason="<img src=x onerror=alert(1)>")
    client = client_of(auditor)

    pages = [client.get(url).content for url in (LIST, indicator.get_absolute_url())]

    assert all(b"<script>window" not in page and b"<img" not in page for page in pages)


@pytest.mark.parametrize("months", [1, 30])
def test_the_page_costs_the_same_queries_however_long_the_series(
    indicator, auditor, client_of, django_assert_num_queries, months
):
    for back in range(months):
        month = date(2013 + back // 12, back % 12 + 1, 1)
        MeasurementFactory(indicator=indicator, month=month)
        TrajectoryPointFactory(indicator=indicator, month=month)
    client = client_of(auditor)

    # Session, user, programme, roles; indicator with four series; values with authors; other
    # measures, projects, CQC actions, exceptions, risks; the roles again, for six questions.
    with django_assert_num_queries(23):
        response = client.get(indicator.get_absolute_url())

    shown = response.context["rows"] + response.context["earlier"]
    assert len(shown) == months + 1


@pytest.mark.parametrize("name", ["WS2-I99", "x" * 500, "%00", "%D9%A1", "..%2f"])
def test_an_unknown_reference_is_not_found(programme, auditor, client_of, name):
    assert client_of(auditor).get(f"{LIST}{name}/").status_code == 404


def test_another_programmes_indicator_is_not_found(indicator, member, client_of):
    other = ProgrammeFactory(slug="other-trust")
    stranger = client_of(member(Role.PMO_OFFICER, programme=other))
    url = indicator.get_absolute_url()

    answers = [
        stranger.get(LIST),
        stranger.get(url),
        stranger.post(f"{url}record/", {}),
        stranger.get(url.replace("las-2016", "other-trust")),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4


@pytest.mark.parametrize("name", ["", "WS2-I1/", "WS2-I1/record/"])
def test_nobody_sees_indicators_without_signing_in(indicator, client, name):
    response = client.get(f"{LIST}{name}")

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("name", ["", "WS2-I1/", "WS2-I1/record/"])
def test_external_readers_see_no_live_indicators(indicator, external_reader, client_of, name):
    assert client_of(external_reader).get(f"{LIST}{name}").status_code == 404


@pytest.mark.parametrize(
    ("name", "method"),
    [("", "post"), ("WS2-I1/", "post"), ("WS2-I1/", "delete"), ("WS2-I1/record/", "put")],
)
def test_a_method_that_a_page_does_not_know_is_refused(
    indicator, local_owner, client_of, name, method
):
    response = getattr(client_of(local_owner), method)(f"{LIST}{name}")

    assert response.status_code == 405
    assert not Measurement.objects.exists()
