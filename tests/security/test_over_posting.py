"""Whatever is sent beside the fields of a form changes nothing, whoever sends it."""

from datetime import UTC, datetime

import pytest
from django.db import models, transaction
from django.utils import timezone

from tests.security.filling import all_models
from tests.security.pages_forms import forms_of
from tests.test_access import PAGES, address, read_to_the_end
from workstreams.models import Role

OF_A_ROW = {"id", "exception", "exception_id", "change_request", "change_request_id", "done_date",
            "programme", "programme_id", "version", "owner_id", "milestone_id"}  # fmt: skip
NOW = datetime(2016, 3, 14, 9, 0, tzinfo=UTC)
# Of a new row these differ from one try to the next.
ITS_OWN = {"id", "target_id", "target", "hash", "previous_hash", "request_id", "file", "details",
           "password", "joined_at", "new_value"}  # fmt: skip
# Fields that may name a row.
NAMING = {"select", "hidden", "checkbox", "radio"}
# Those with the fewest rights first; a PMO officer is shown no form that these are not.
ROLES = ["local_owner", "elt_member", "executive_lead", "pmo_administrator"]
NO_COLUMNS = {"is_staff", "is_superuser", "owner", "role", "status", "approved_by", "created_by"}


@pytest.fixture(autouse=True)
def same_moment(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


MODELS = [model for model in all_models() if model._meta.pk.name == "id"]


def rows_of() -> dict[type[models.Model], dict[int, dict]]:
    return {model: {row["id"]: row for row in model._base_manager.values()} for model in MODELS}


def settled(before, now):
    """The rows as they are now; of those that are new, what does not hang on their number."""
    found = []
    for model, rows in now.items():
        links = {
            field.attname: field.related_model
            for field in model._meta.fields
            if field.is_relation and field.related_model in before
        }
        for pk, row in rows.items():
            if before[model].get(pk) == row:
                continue
            # Who points to a row that is new points to another number the next time.
            said = {
                key: "new" if key in links and value not in before[links[key]] else value
                for key, value in row.items()
                if pk in before[model] or key not in ITS_OWN
            }
            found.append((model.__name__, pk if pk in before[model] else "new", said))
        found += [(model.__name__, pk, "gone") for pk in before[model].keys() - rows.keys()]
    return sorted(found, key=repr)


def extras(theirs) -> dict[str, str]:
    """A value for every column of the product: of links, a row of the other programme."""
    values = dict.fromkeys(NO_COLUMNS, "1")
    for model in MODELS:
        for field in model._meta.fields:
            if field.is_relation:
                rows = theirs.get(field.related_model) or {1: None}
                values[field.name] = values[field.attname] = str(next(iter(rows)))
            elif isinstance(field, models.DateField):
                values[field.name] = "2031-01-01"
                parts = zip("012", ("1", "1", "2031"), strict=True)
                values |= {f"{field.name}_{n}": part for n, part in parts}
            elif field.choices:
                values[field.name] = str(field.choices[-1][0])
            elif isinstance(field, models.IntegerField | models.DecimalField):
                values[field.name] = "7"
            else:
                values[field.name] = "on" if field.get_internal_type() == "BooleanField" else "More"
    return values


def beside(form, values):
    """The extra values without those of fields that the form has; also for its rows."""
    prefixes = [name.removesuffix("TOTAL_FORMS") for name in form.names if "TOTAL_FORMS" in name]
    # A form of more than 1,000 fields is refused: of its rows, what only the service sets.
    rows = {name: v for name, v in values.items() if name in OF_A_ROW}
    more = values | {f"{prefix}0-{name}": v for prefix in prefixes for name, v in rows.items()}
    shown = form.names | {name for name, _ in form.buttons}
    return {name: value for name, value in more.items() if name not in shown}


def tried(client, form, data, before):
    """What sending this does to the database: the answer's status, and the rows that differ."""
    mark = transaction.savepoint()
    response = client.post(form.action, data)
    read_to_the_end(response)
    outcome = response.status_code, settled(before, rows_of())
    transaction.savepoint_rollback(mark)
    return outcome


def forms_for(role, keys, client):
    """Each form that the role is shown anywhere, once."""
    seen = {}
    for name, row in PAGES.items():
        if row.read and role in row.read:
            url = address(name, "las-2016", keys)
            response = client.get(url)
            if response.status_code == 200 and b"<form" in b"".join(response):
                for form in forms_of(url, response.content.decode(), method="post"):
                    if "/accounts/" not in form.action:
                        seen.setdefault(form.shape, form)
    return list(seen.values())


@pytest.fixture
def theirs(programme, other_world):
    """The rows of the other programme: everything there is before our own world is made."""
    rows = rows_of()
    del rows[type(programme)][programme.pk]
    return rows


@pytest.fixture
def ours(theirs, request):
    return request.getfixturevalue("world")


def test_a_form_changes_only_what_it_shows(theirs, ours, people, client_of):
    values, before = extras(theirs), rows_of()
    tries, surprises, working = set(), [], 0

    for role in ROLES:
        client = client_of(people[role])
        for form in forms_for(role, ours, client):
            # A form that shows another role other fields is another form.
            buttons = [] if form.shape in tries else form.buttons[:2] or [None]
            tries.add(form.shape)
            for button in buttons:
                plain = tried(client, form, form.data(button), before)
                more = tried(client, form, form.data(button) | beside(form, values), before)
                working += bool(plain[1])
                if plain != more:
                    differ = [each for each in more[1] if each not in plain[1]]
                    surprises.append(f"{role} {form.action} {button} {more[0]} {differ}")

    assert not surprises, "\n".join(surprises)
    # So many forms, filled in as here, change something: enough to prove the method.
    assert working >= 25


def test_a_form_takes_no_row_of_another_programme(theirs, ours, people, strangers, client_of):
    role = "pmo_administrator"
    client = client_of(people[role])
    before = rows_of()
    surprises = []

    for form in forms_for(role, ours, client):
        for data in swapped(form, strangers[Role.LOCAL_OWNER].pk):
            _, changes = tried(client, form, data, before)
            surprises += [f"{form.action}: {each}" for each in changes if touches(theirs, *each)]

    assert not surprises, "\n".join(surprises)


def swapped(form, stranger):
    """The form with other numbers where it names rows: a stranger's, or the row before ours.

    The other programme's rows were made before ours, so ours follow theirs by one.
    """
    data = form.data(form.buttons[0] if form.buttons else None)
    named = {each.name for each in form.fields if each.kind in NAMING} - {"version", "number"}
    named = {name for name in named if "_FORMS" not in name and is_number(data.get(name))}
    if named:
        yield data | dict.fromkeys(named, str(stranger))
        before = {name: str(int(last(data[name])) - 1) for name in named}
        yield data | before


def last(value):
    return value[-1] if isinstance(value, list) else value


def is_number(value):
    value = last(value)
    return isinstance(value, str) and value.isdecimal()


def touches(theirs, model, pk, said):
    """Whether a change is one of their rows, or points to one."""
    (model,) = [each for each in MODELS if each.__name__ == model]
    if pk in theirs[model]:
        return True
    links = {f.attname: f.related_model for f in model._meta.fields if f.is_relation}
    return said != "gone" and any(
        said.get(name) in theirs[target] for name, target in links.items() if target in theirs
    )
