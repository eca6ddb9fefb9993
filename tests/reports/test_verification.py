import hashlib
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from reports.models import Pack, Snapshot
from reports.months import freeze_month
from reports.packs import render_due_packs
from reports.snapshots import canonical

pytestmark = pytest.mark.django_db


@pytest.fixture
def snapshot(march, milestone, audiences, pmo_officer) -> Snapshot:
    """A frozen month whose two packs are rendered."""
    snapshot = freeze_month(month_id=march.pk, by=pmo_officer)
    render_due_packs()
    return snapshot


def verify_snapshots(**options: int) -> str:
    out = StringIO()
    call_command("verify_snapshots", stdout=out, **options)
    return out.getvalue()


def found_faults() -> str:
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_snapshots", stdout=out)
    return out.getvalue()


def test_what_nobody_touched_passes_and_is_rendered_again(snapshot):
    said = verify_snapshots()

    assert f"snapshot {snapshot.number}: ok" in said
    assert said.count("file of ") == said.count("rendering of ") == 2
    assert "5 checks, no fault." in said


@pytest.mark.parametrize(("number", "rendered"), [(0, 0), (1, 1), (2, 2), (9, 2)])
def test_as_many_packs_are_rendered_again_as_asked_for(snapshot, number, rendered):
    assert verify_snapshots(render=number).count("rendering of ") == rendered


def test_a_changed_snapshot_is_found(snapshot):
    changed = snapshot.data | {"month_name": "May 2016"}
    Snapshot.objects.update(content=canonical(changed))

    assert "changed after the freeze" in found_faults()


def test_a_pack_that_its_snapshot_does_not_give_is_found(snapshot):
    pack = Pack.objects.order_by("pk")[0]
    other = Pack.objects.order_by("pk")[1].read()
    Path(pack.file.path).write_bytes(other)
    Pack.objects.filter(pk=pack.pk).update(sha256=hashlib.sha256(other).hexdigest())

    said = found_faults()

    assert f"file of {pack}: ok" in said
    assert f"rendering of {pack}: rendered anew it has other bytes" in said


def test_a_changed_and_a_missing_file_are_found(snapshot):
    first, second = Pack.objects.order_by("pk")
    Path(first.file.path).write_bytes(b"%PDF-1.7")
    Path(second.file.path).unlink()

    said = found_faults()

    assert f"file of {first}: the file {first.file.name} does not have its SHA-256" in said
    assert f"file of {second}: the file {second.file.name} is missing" in said
