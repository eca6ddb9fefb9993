"""Puts one's own words into every text of the database, past every form and service."""

from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction

from reports.months import freeze_month, reopen_month
from reports.packs import render_due_packs
from tests import append_only

APPS = ("accounts", "workstreams", "milestones", "metrics", "governance", "reports")
# Keys, hashes and what the product computes: no person types these.
NOT_TYPED = {
    "action", "bullet", "code", "commentary", "content", "content_type", "email", "field", "hash",
    "message_id", "password", "previous_hash", "programme", "query", "reference", "section",
    "sha256", "slug", "source_lines", "url",
}  # fmt: skip
NOT_FILLED = {"Heartbeat", "Job"}

# Gives a text of at most so many characters (None: any number).
TextOf = Callable[[int | None], str]


def all_models() -> Iterator[type[models.Model]]:
    for app in APPS:
        yield from apps.get_app_config(app).get_models(include_auto_created=True)


def text_fields(model: type[models.Model]) -> list[models.Field]:
    return [
        field
        for field in model._meta.fields
        if isinstance(field, models.CharField | models.TextField)
        and not field.choices
        and field.name not in NOT_TYPED
    ]


def fill_texts(text_of: TextOf) -> int:
    """Write a text into each text column of each row there is; give how many it wrote."""
    written = 0
    with append_only.guards_lifted():
        for model in all_models():
            if model.__name__ in NOT_FILLED:
                continue
            for row in model._base_manager.all():
                written += sum(_write(row, field, text_of) for field in text_fields(model))
                for field in model._meta.fields:
                    if isinstance(field, models.JSONField) and model.__name__ != "Change":
                        words = _replaced(getattr(row, field.attname), text_of)
                        _update(row, field, words)
    return written


def _write(row: models.Model, field: models.Field, text_of: TextOf) -> bool:
    return _update(row, field, text_of(field.max_length))


def _update(row: models.Model, field: models.Field, value: Any) -> bool:
    try:
        with transaction.atomic():
            type(row)._base_manager.filter(pk=row.pk).update(**{field.attname: value})
    except IntegrityError:
        return False  # such as the reason of a closing, on what is open
    return True


def _replaced(value: Any, text_of: TextOf) -> Any:
    """The same JSON with other words; what has no space is a code or a date."""
    if isinstance(value, dict):
        return {key: _replaced(each, text_of) for key, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each, text_of) for each in value]
    return text_of(60) if isinstance(value, str) and " " in value else value


def freeze_again(programme, by) -> None:
    """Freeze the programme's month anew, so that its snapshot and packs hold the present words."""
    month = programme.months.get()
    reopen_month(month_id=month.pk, by=by, reason="New words")
    freeze_month(month_id=month.pk, by=by)
    render_due_packs()
