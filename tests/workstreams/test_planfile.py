from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from workstreams.planfile import read_plan
from workstreams.planfile_dates import BadDate, read_span
from workstreams.planfile_nodes import PlanFileInvalid

LAS = Path(__file__).parents[2] / "plans" / "las-2016.yaml"

# Line numbers below are those of this text; its first line is 1.
SMALL = """\
programme:
  slug: small-2016
  name: Small plan
  organisation: Small trust
  plan_month: 2016-01
  office: Programme office
  lead_role: Director of Plans
work_streams:
  - code: WS1
    name: First theme
    executive_role: Director of Firsts
projects:
  - code: WS1-P1
    work_stream: WS1
    name: First project
cqc_actions:
  - reference: WS1-M1
    work_stream: WS1
    level: must
    text: Do it well.
    answered_by: [WS1-P1]
enablers:
  - code: E1
    name: Money
milestones:
  - reference: WS1-P1-01
    project: WS1-P1
    title: First step
    status: not started
    date: 2016-04
    precision: month
    lines: 12, 20-22
indicators:
  - reference: WS1-I1
    work_stream: WS1
    name: Steps taken
    kind: percent
    direction: up
    latest: {value: 3.5, month: 2016-01}
    projects: [WS1-P1]
"""


@pytest.fixture
def read(tmp_path):
    """Gives a function that reads the small plan with some of its text replaced."""

    def read_small(*replacements):
        text = SMALL
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / "small.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_plan(path)

    return read_small


@pytest.fixture
def faults(read):
    """Gives a function that lists the faults of the small plan with some text replaced."""

    def list_faults(*replacements):
        with pytest.raises(PlanFileInvalid) as caught:
            read(*replacements)
        return caught.value.errors

    return list_faults


def test_a_plan_without_faults_is_read_with_its_values(read):
    plan = read()

    milestone, indicator = plan.milestones[0], plan.indicators[0]
    assert (milestone.date, milestone.precision) == (date(2016, 4, 30), "month")
    assert (milestone.status, milestone.source_lines) == ("not_started", "12, 20-22")
    assert indicator.latest.value == Decimal("3.5")
    assert indicator.latest.month == date(2016, 1, 1)
    assert indicator.bullet == "WS1-I1"
    assert indicator.target is None


def test_the_plan_of_2016_is_read_in_its_order(read):
    plan = read_plan(LAS)

    assert [each.code for each in plan.workstreams] == ["WS1", "WS2", "WS3", "WS4", "WS5"]
    assert plan.milestones[0].reference == "WS1-P1-01"
    assert plan.milestones[-1].reference == "PRG-06"
    assert plan.cqc_headings[0].reference == "WS5-M1"
    assert plan.people == []


def test_every_item_of_the_plan_of_2016_names_its_source_lines():
    plan = read_plan(LAS)

    items = [
        *plan.workstreams, *plan.projects, *plan.cqc_headings, *plan.cqc_actions,
        *plan.enablers, *plan.milestones, *plan.indicators, *plan.governance_groups,
        *plan.partner_commitments, *plan.improvements_made, *plan.other_figures,
    ]  # fmt: skip

    assert [item.field for item in items if not item.source_lines] == []


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "told"),
    [
        ("title: First", "titel: First", 28, "milestones[0].titel", 'Did you mean "title"?'),
        ("    title: First step\n", "", 26, "milestones[0].title", "It is missing."),
        ("name: Money", "name:", 24, "enablers[0].name", "It is missing."),
        ("name: Money", "name: [Money]", 24, "enablers[0].name", "A text is expected"),
        ("[WS1-P1]\nenab", "WS1-P1\nenab", 21, "cqc_actions[0].answered_by", "A list is expected"),
        ("{value: 3.5, month: 2016-01}", "3.5", 39, "indicators[0].latest", "A block is expected"),
        ("value: 3.5", "value: lots", 39, "indicators[0].latest.value", "is not a number"),
        ("value: 3.5", "value: .inf", 39, "indicators[0].latest.value", "is not a number"),
        ("value: 3.5", "value: 1e99", 39, "indicators[0].latest.value", "is too large"),
        ("value: 3.5", "value: 0.00001", 39, "indicators[0].latest.value", "is too exact"),
        ("value: 3.5", "value: 350", 39, "indicators[0].latest.value", "no per cent"),
        ("month: 2016-01}", "month: 2016}", 39, "indicators[0].latest.month", "not a month"),
        ("project: WS1-P1", "project: WS1-P2", 27, "milestones[0].project", 'mean "WS1-P1"?'),
        ("answered_by: [WS1-P1", "answered_by: [X9", 21, "cqc_actions[0].answered_by", '"X9"'),
        ("project: WS1-P1", "enabler: E7", 27, "milestones[0].enabler", 'no enabler "E7"'),
        ("level: must", "heading: M9\n    level: must", 19, "cqc_actions[0].heading", '"M9"'),
        ("stream: WS1\n    level", "stream: WS9\n    level", 18,
         "cqc_actions[0].work_stream", '"WS9"'),
        ("date: 2016-04", "date: 31 Feb 2016", 30, "milestones[0].date", "as 2016-02-29."),
        ("precision: month", "precision: week", 31, "milestones[0].precision", '"week"'),
        ("precision: month", "precision: day", 31 - 1, "milestones[0].date", "is a month"),
        ("    date: 2016-04\n", "", 30, "milestones[0].precision", "There is no date"),
        ("kind: percent", "kind: procent", 37, "indicators[0].kind", 'Did you mean "percent"?'),
        ("direction: up", "direction: odd", 38, "indicators[0].direction", "up, down, neither"),
        ("status: not started", "status: done", 29, "milestones[0].status", "not started"),
        ("level: must", "level: may", 19, "cqc_actions[0].level", "must, should"),
        ("name: Money", "name: " + "m" * 201, 24, "enablers[0].name", "Shorten it to 200."),
        ("slug: small-2016", "slug: Small Plan", 2, "programme.slug", "cannot be an address"),
        ("code: E1", "code: E 1", 23, "enablers[0].code", "is not a reference"),
        ("lines: 12, 20-22", "lines: page 3", 32, "milestones[0].lines", "96, 206 or 282-288"),
        ("title: First step", "project: WS1-P1", 28, "milestones[0].project", "first in line 27"),
        ("name: First project", "name: a\n    lead_director_email: me", 16,
         "projects[0].lead_director_email", "is not an e-mail address"),
        ("lines: 12", "depends_on: [WS1-P1-01]\n    lines: 12", 32,
         "milestones[0].depends_on", "wait for itself"),
        ("enablers:\n", "enablers:\n  - Money\n", 23, "enablers[0]", "A block is expected"),
        ("programme:", "program:", 1, "program", 'Did you mean "programme"?'),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line_its_field_and_a_way_out(faults, old, new, line, field, told):
    found = faults((old, new))

    matching = [each for each in found if (each.line, each.field) == (line, field)]
    assert matching, found
    assert told in str(matching[0])
    assert matching[0].remedy


@pytest.mark.parametrize("slug", ["accounts", "health", "static", "api", "admin", "media"])
def test_a_programme_cannot_take_the_address_of_another_page(faults, slug):
    found = faults(("small-2016", slug))

    assert [(each.line, each.field) for each in found] == [(2, "programme.slug")]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("project: WS1-P1\n", "project: WS1-P1\n    enabler: E1\n", 27),
        ("    project: WS1-P1\n", "", 26),
    ],
)
def test_a_milestone_belongs_to_a_project_or_to_an_enabler(faults, old, new, line):
    found = faults((old, new))

    assert [(each.line, each.field) for each in found] == [(line, "milestones[0].project")]
    assert found[0].remedy == "Give it exactly one of the two."


def test_a_complete_milestone_needs_a_date(faults):
    found = faults(
        ("status: not started", "status: complete"),
        ("    date: 2016-04\n    precision: month\n", ""),
    )

    assert [(each.line, each.field) for each in found] == [(26, "milestones[0].date")]


def test_a_reference_taken_twice_names_the_line_of_the_first(faults):
    found = faults(("  - code: E1\n", "  - code: E1\n    name: Time\n  - code: e1\n"))

    assert [(each.line, each.field) for each in found] == [(25, "enablers[1]")]
    assert found[0].message == '"e1" is taken by another enabler, in line 23.'


def test_a_heading_and_an_action_cannot_share_a_reference(faults):
    heading = "cqc_headings:\n  - {reference: WS1-M1, work_stream: WS1, text: All}\ncqc_actions:"

    found = faults(("cqc_actions:", heading))

    assert [each.message for each in found] == [
        '"WS1-M1" is taken by another CQC action, in line 17.'
    ]


def test_milestones_that_wait_for_each_other_are_found(faults):
    second = (
        "    depends_on: [B]\n  - reference: B\n    enabler: E1\n    title: Other\n"
        "    status: complete\n    date: 2016-01\n    depends_on: [WS1-P1-01]\nindicators:"
    )

    found = faults(("indicators:", second))

    assert [(each.line, each.field) for each in found] == [
        (33, "milestones[0].depends_on"),
        (39, "milestones[1].depends_on"),
    ]


def test_every_fault_is_told_at_once_in_the_order_of_the_lines(faults):
    found = faults(
        ("kind: percent", "kind: odd"),
        ("level: must", "level: odd"),
        ("status: not started", "status: odd"),
        ("plan_month: 2016-01", "plan_month: odd"),
    )

    assert [each.line for each in found] == [5, 19, 29, 37]


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("  - code: E1", "  - code: E1\n   name: odd", 24, "YAML cannot be read"),
        ("  - code: E1", "\t- code: E1", 23, "cannot start any token"),
        ("name: Money", "name: 'Money", 24, "YAML cannot be read"),
        ("name: Money", "name: &all Money", 24, "anchors (&) and aliases (*)"),
        ("name: Money", "name: *all", 24, "anchors (&) and aliases (*)"),
        ("name: Money", "name: " + "[" * 900 + "]" * 900, 24, "nested too deeply"),
        ("name: Money", "name: Mon\x07ey", 24, "control character"),
        ("enablers:", "---\nenablers:", 22, "YAML cannot be read"),
    ],
)
def test_a_file_that_is_no_yaml_is_told_with_its_line(faults, old, new, line, told):
    found = faults((old, new))

    assert [each.field for each in found] == ["file"]
    assert told in found[0].message
    assert found[0].line == line


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        (b"", 1, "holds no plan"),
        (b"- one\n- two\n", 1, "holds no plan"),
        (b"programme:\n  name: Caf\xe9\n", 2, "no UTF-8"),
        (b"# " + b"x" * (5 * 1024 * 1024), 1, "larger than 5 MB"),
    ],
)
def test_a_file_that_is_no_plan_is_refused(tmp_path, content, line, told):
    path = tmp_path / "plan.yaml"
    path.write_bytes(content)

    with pytest.raises(PlanFileInvalid) as caught:
        read_plan(path)

    assert [each.line for each in caught.value.errors] == [line]
    assert told in caught.value.errors[0].message


def test_a_file_with_nothing_but_a_wrong_key_names_what_is_missing(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text("projets: []\n")

    with pytest.raises(PlanFileInvalid) as caught:
        read_plan(path)

    assert {each.field for each in caught.value.errors} == {
        "programme", "projects", "projets", "work_streams",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "precision", "day", "found"),
    [
        ("2016-02-29", "", date(2016, 2, 29), "day"),
        ("2016-02", "", date(2016, 2, 29), "month"),
        ("2015-02", "", date(2015, 2, 28), "month"),
        ("2016-02-03", "month", date(2016, 2, 29), "month"),
        ("2016-Q1", "", date(2016, 3, 31), "quarter"),
        ("2015-Q4", "quarter", date(2015, 12, 31), "quarter"),
        ("2016-02", "quarter", date(2016, 3, 31), "quarter"),
        ("2016/17", "", date(2017, 3, 31), "financial_year"),
        ("1999/00", "", date(2000, 3, 31), "financial_year"),
        ("2016-03-31", "financial_year", date(2016, 3, 31), "financial_year"),
        ("2016-04-01", "financial_year", date(2017, 3, 31), "financial_year"),
        ("2016-01", "by", date(2016, 1, 31), "by"),
        ("2016-01-15", "by", date(2016, 1, 15), "by"),
    ],
)
def test_a_date_is_stored_as_the_last_day_of_its_span(text, precision, day, found):
    assert read_span(text, precision) == (day, found)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("31 Feb 2016", "Write it as 2016-02-29."),
        ("31 February 2015", "Write it as 2015-02-28."),
        ("2016-02-30", "Write it as 2016-02-29."),
        ("31/03/2016", "Write it as 2016-03-31."),
        ("01/02/2016", "Write it as 2016-02-01."),
        ("Sept 2016", "Write it as 2016-09."),
        ("2016/18", "Write it as 2016/17."),
        ("2016-13", "Write year, month, day, such as 2016-03-31."),
        ("2016-00-10", "Write year, month, day, such as 2016-03-31."),
        ("0016-03-31", "Write it as 2016-03-31."),
        ("TBC", "Write it as 2016-03-31, 2016-03, 2016-Q1 or 2016/17."),
        ("5 Foo 2016", "Write it as 2016-03-31, 2016-03, 2016-Q1 or 2016/17."),
    ],
)
def test_a_date_that_is_none_is_shown_as_it_should_be_written(text, remedy):
    with pytest.raises(BadDate) as caught:
        read_span(text)

    assert caught.value.remedy == remedy
    assert f'"{text}"' in caught.value.message
