from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.plan_loading import load_plan
from reports.plan_tally import LoadResult
from workstreams.planfile import read_plan
from workstreams.planfile_nodes import PlanFileInvalid


class Command(BaseCommand):
    help = "Load a plan file: all of it or nothing, as often as you like."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the plan file, such as plans/las-2016.yaml")
        parser.add_argument(
            "--check", action="store_true", help="only say what would change, write nothing"
        )

    def handle(self, *args: Any, file: Path, check: bool, **options: Any) -> None:
        try:
            result = load_plan(plan=read_plan(file), by=None, dry_run=check)
        except PlanFileInvalid as invalid:
            raise CommandError(_list_faults(file, invalid)) from invalid
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        self.stdout.write(_describe(file, result, check=check))


def _list_faults(file: Path, invalid: PlanFileInvalid) -> str:
    count = len(invalid.errors)
    faults = "1 fault" if count == 1 else f"{count} faults"
    lines = [f"{file}:{fault}" for fault in invalid.errors]
    return "\n".join([*lines, f"{faults}; nothing was written."])


def _describe(file: Path, result: LoadResult, *, check: bool) -> str:
    lines = [f"{file}: checked, nothing was written." if check else f"{file}: loaded."]
    for kind in result.kinds:
        counts = [
            f"{number} {words}"
            for words, number in [
                ("to create" if check else "created", result.created.get(kind, 0)),
                ("to update" if check else "updated", result.updated.get(kind, 0)),
                ("unchanged", result.unchanged.get(kind, 0)),
            ]
            if number
        ]
        lines.append(f"  {kind}: {', '.join(counts)}")
    if result.kept:
        lines.append(f"  kept as people changed them: {', '.join(result.kept)}")
    return "\n".join(lines)
