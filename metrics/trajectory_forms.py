"""The trajectory as a grid of months, with a column pasted from a spreadsheet as a short cut."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms
from django.core.exceptions import ValidationError

from accounts.forms import TrackerForm
from metrics.forms import FigureField
from metrics.models import Indicator
from metrics.numbers import plain
from metrics.trajectories import filled_between
from workstreams.calendar import format_month, month_start, next_month
from workstreams.dates import long_month, typed_month

MONTHS_AHEAD = 24
MOST_MONTHS = 120
MOST_LINES = 200


def months_of_grid(indicator: Indicator) -> list[date]:
    """The months from the programme's start, or an earlier target, to two years ahead."""
    programme = indicator.programme
    points = set(indicator.trajectory_points.values_list("month", flat=True))
    last = month_start(programme.today())
    for _ in range(MONTHS_AHEAD):
        last = next_month(last)
    months = [min(points | {month_start(programme.start_date)})]
    last = max(points | {last})
    while months[-1] < last:
        months.append(next_month(months[-1]))
    if indicator.is_quarterly:
        months = [month for month in months if month.month % 3 == 0 or month in points]
    return months[-MOST_MONTHS:]


class TrajectoryForm(TrackerForm):
    """One box for each month, the final target, and a box to paste a column into."""

    mark_optional = False

    final_target = FigureField(label="Final target", required=False, max_length=40)
    pasted = forms.CharField(
        label="Paste from a spreadsheet",
        help_text="Two columns, month and target, one month a line: 2016-10 and 95, "
        "or Oct 2016 and 95. They go into the grid, where you can check them before you save.",
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, indicator: Indicator, months: list[date]
    ) -> None:
        points = dict(indicator.trajectory_points.values_list("month", "value"))
        initial = {format_month(month): plain(points.get(month)) for month in months}
        initial["final_target"] = plain(indicator.final_target)
        super().__init__(data, initial={**initial, "version": indicator.version})
        self.months = months
        self.stored = points
        for month in months:
            self.fields[format_month(month)] = FigureField(
                label=long_month(month), required=False, max_length=40
            )
        for field in self.fields.values():
            if isinstance(field, FigureField):
                field.is_percent = indicator.show(Decimal(1)).endswith("%")
                field.widget.attrs |= {"inputmode": "decimal", "class": "nhsuk-input--width-5"}

    @property
    def helper(self) -> FormHelper:
        helper = super().helper
        helper.form_tag = False
        grid = Div(*(format_month(month) for month in self.months), css_class="qip-month-grid")
        helper.layout = Layout("final_target", "pasted", grid)
        return helper

    @property
    def targets(self) -> dict[date, Decimal | None]:
        """What was typed for each month; call it on a valid form."""
        return {month: self.cleaned_data[format_month(month)] for month in self.months}

    @property
    def changed_targets(self) -> dict[date, Decimal | None]:
        """The months whose target is another than the stored one."""
        return {
            month: value for month, value in self.targets.items() if value != self.stored.get(month)
        }

    def filled(self) -> dict[str, str]:
        """The typed texts with the empty months between two targets filled evenly."""
        return self._texts(filled_between(self.targets))

    def with_pasted(self) -> dict[str, str]:
        """The typed texts with the pasted months put over them.

        Raises ValidationError that names each line which is no month and target of this grid.
        """
        texts, errors = {}, []
        lines = self.cleaned_data["pasted"].splitlines()[:MOST_LINES]
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                month, target = self._read(line)
            except ValueError as error:
                errors.append(f"Line {number}, “{line.strip()[:40]}”: {error}")
                continue
            if month in texts:
                errors.append(f"Line {number}: {long_month(month)} stands there twice")
            texts[month] = target
        if errors:
            raise ValidationError(errors)
        return self._texts({**self.targets, **texts}) | {"pasted": ""}

    def _read(self, line: str) -> tuple[date, Decimal]:
        words = line.replace("\t", " ").split()
        month = typed_month(" ".join(words[:-1]))
        if month not in self.months:
            raise ValueError(f"{long_month(month)} is no month of the grid")
        try:
            return month, self.fields[format_month(month)].clean(words[-1])
        except ValidationError as error:
            raise ValueError(error.messages[0]) from None

    def _texts(self, targets: Mapping[date, Decimal | None]) -> dict[str, str]:
        texts = {name: self.data.get(name, "") for name in self.fields}
        return texts | {format_month(month): plain(value) for month, value in targets.items()}
