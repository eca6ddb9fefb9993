import json

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from governance.models import Risk
from reports.models import Pack, Snapshot
from reports.search import parts_of, snippet_of, words_of
from tests.factories.governance import ChangeRequestFactory, ExceptionReportFactory
from tests.factories.metrics import IndicatorFactory
from tests.factories.milestones import BaselinedMilestoneFactory, MilestoneFactory
from tests.factories.workstreams import CqcActionFactory, ProgrammeFactory, ProjectFactory
from workstreams.models import Role

pytestmark = pytest.mark.django_db


def find(client, text, slug="las-2016"):
    return client.get(reverse("reports:search", args=[slug]), {"q": text})


def titles(response):
    return {
        each.kind: ["".join(part.text for part in hit.title) for hit in each.hits]
        for each in response.context["found"]
    }


@pytest.fixture
def client(client_of, auditor):
    return client_of(auditor)


@pytest.fixture
def filled(programme, workstream, pmo_officer):
    """One thing of each kind that speaks of blankets, and one that does not."""
    project = ProjectFactory(workstream=workstream, name="Blanket exchange")
    for title in ("Blankets at every station", "Datix Web launched"):
        milestone = BaselinedMilestoneFactory(project=project, title=title)
        ExceptionReportFactory(milestone=milestone)
        ChangeRequestFactory(milestone=milestone)
    IndicatorFactory(workstream=workstream, name="Sites with blankets")
    CqcActionFactory(workstream=workstream, text="Exchange BLANKETS after each patient")
    return programme


def risk(programme, workstream, owner, **fields):
    scores = {
        f"{when}_{part}": 2
        for when in ("inherent", "current", "target")
        for part in ("likelihood", "impact")
    }
    return Risk.objects.create(
        programme=programme,
        number=7,
        level="workstream",
        workstream=workstream,
        owner=owner,
        raised_by=owner,
        raised_date=programme.today(),
        review_date=programme.today(),
        **scores,
        **fields,
    )


def pack(audience, month, *, issued):
    at = timezone.now()
    snapshot, _ = Snapshot.objects.get_or_create(
        month=month,
        version=1,
        defaults={
            "as_of_date": month.month,
            "content": json.dumps({}),
            "sha256": "0" * 64,
            "frozen_at": at,
            "signed_off_at": at if issued else None,
            "issued_at": at if issued else None,
        },
    )
    made = Pack(snapshot=snapshot, audience=audience, sha256="0" * 64, rendered_at=at)
    made.file.save("pack.pdf", ContentFile(b"%PDF"))
    return made


def test_each_kind_of_thing_is_found_by_a_word_in_any_case(client, filled):
    response = find(client, "bLanket")

    assert titles(response) == {
        "Milestones": ["Blankets at every station"],
        "Projects": ["Blanket exchange"],
        "CQC actions": ["Exchange BLANKETS after each patient"],
        "Indicators": ["Sites with blankets"],
        "Exceptions": [str(filled.milestones.get(title__startswith="Blankets"))],
        "Change requests": [str(filled.milestones.get(title__startswith="Blankets"))],
    }
    assert "6 found for" in response.content.decode()


def test_all_the_words_must_stand_in_the_same_thing(client, filled):
    assert titles(find(client, "station blankets")) == {
        "Milestones": ["Blankets at every station"],
        "Exceptions": [str(filled.milestones.get(title__startswith="Blankets"))],
        "Change requests": [str(filled.milestones.get(title__startswith="Blankets"))],
    }
    assert titles(find(client, "station datix")) == {}


def test_a_risk_is_found_by_what_it_may_do(client, filled, workstream, pmo_officer):
    risk(filled, workstream, pmo_officer, title="Stock runs out", effect="No clean blankets")

    response = find(client, "clean")

    assert titles(response) == {"Risks and issues": ["Stock runs out"]}
    assert "No <mark>clean</mark> blankets" in response.content.decode()


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("CR-0012", ["Change requests"]),
        ("ex-12", ["Exceptions"]),
        ("12", ["Exceptions", "Change requests"]),
        ("R-012", []),
    ],
)
def test_a_number_is_found_as_it_is_written(client, programme, milestone, text, kinds):
    milestone.baseline_date = milestone.planned_date
    milestone.save()
    ExceptionReportFactory(milestone=milestone, number=12, trigger="Late")
    ChangeRequestFactory(milestone=milestone, number=12)

    assert list(titles(find(client, text))) == kinds


def test_packs_are_found_by_month_and_group(client, march, audiences):
    for audience in audiences:
        pack(audience, march, issued=False)

    found = titles(find(client, "march clinical"))

    assert found == {"Packs": ["March 2016, Clinical Quality Review Group (PDF)"]}


def test_an_external_reader_finds_issued_packs_of_the_own_audience_and_nothing_else(
    client_of, external_reader, filled, march, audiences
):
    client = client_of(external_reader)
    elt, cqrg = audiences
    pack(elt, march, issued=False)
    pack(cqrg, march, issued=False)
    before = [find(client, text) for text in ("blanket", "march")]
    Snapshot.objects.update(signed_off_at=timezone.now(), issued_at=timezone.now())

    after = [titles(find(client, text)) for text in ("blanket", "march")]

    assert [titles(each) for each in before] == [{}, {}]
    assert after == [{}, {"Packs": ["March 2016, Clinical Quality Review Group (PDF)"]}]
    assert "milestone" not in before[0].content.decode().partition("<main")[2]


def test_nothing_of_another_programme_is_found(client_of, member, filled):
    other = ProgrammeFactory(slug="other-trust", name="Other")
    client = client_of(member(Role.AUDITOR, programme=other))

    assert titles(find(client, "blanket", "other-trust")) == {}
    assert find(client, "blanket").status_code == 404


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x" * 10_000, "Search for 100 characters or fewer"),
        ("x", "Search for 2 characters or more"),
        ("nul\0l", "Null characters are not allowed"),
    ],
)
def test_a_search_that_cannot_be_made_gets_a_page_that_says_so(client, filled, text, said):
    response = find(client, text)

    html = response.content.decode()
    assert response.status_code == 200
    assert html.count(said) >= 2 or "\0" in text
    assert "<title>Error: " in html or "\0" in text
    assert response.context["found"] == []


@pytest.mark.parametrize("text", ["", "   ", "%", "(", "\\", "_", "*", "ß", "’", "😀"])
def test_odd_characters_are_words_like_others(client, filled, text):
    assert find(client, text).status_code == 200


def test_what_was_found_and_typed_is_shown_and_never_run(client, milestone):
    milestone.title = '<img src=x onerror="window.__x=1"> Datix'
    milestone.note = "<script>window.__x=1</script> datix"
    milestone.save()

    html = find(client, '<img src=x onerror="window.__x=1">').content.decode()
    other = find(client, "datix").content.decode()

    assert "<img" not in html
    assert "<script>window" not in other
    assert "&lt;script&gt;window.__x=1&lt;/script&gt; <mark>datix</mark>" in other


def test_more_than_ten_of_a_kind_say_so(client, milestone):
    MilestoneFactory.create_batch(12, project=milestone.project)

    response = find(client, "datix web")

    assert len(titles(response)["Milestones"]) == 10
    assert "10 or more found for" in response.content.decode()


def test_a_search_costs_the_same_queries_however_much_it_finds(
    client, filled, django_assert_num_queries
):
    find(client, "blanket")
    with CaptureQueriesContext(connection) as few:
        find(client, "blanket")
    project = filled.milestones.first().project
    for _ in range(12):
        milestone = BaselinedMilestoneFactory(project=project, title="Blankets")
        ExceptionReportFactory(milestone=milestone)
        ChangeRequestFactory(milestone=milestone)
        IndicatorFactory(workstream=project.workstream, name="Blankets")

    with django_assert_num_queries(len(few)):
        find(client, "blanket")


def test_words_are_marked_wherever_they_stand():
    parts = parts_of("Blankets: a blanket a day", ["BLANKET", "a"])

    assert "".join(part.text for part in parts) == "Blankets: a blanket a day"
    assert [part.text for part in parts if part.is_match] == ["Blanket", "a", "blanket", "a", "a"]


def test_a_snippet_begins_before_the_word_and_says_where_it_was_cut():
    text = "one " * 100 + "needle " + "two " * 100

    snippet = snippet_of(text, ["needle"])

    assert (snippet[0], snippet[-1]) == ("…", "…")
    assert "needle" in snippet
    assert len(snippet) < 170
    assert snippet_of("short needle", ["needle"]) == "short needle"
    assert snippet_of("nothing", ["needle"]) == ""


def test_a_search_takes_eight_words():
    assert words_of("a b a c d e f g h i j") == list("abcdefgh")
