import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pypdfium2
import pytest
from django.db import IntegrityError, connection, transaction

from reports.models import Audience, Pack
from reports.months import freeze_month, issue_month, sign_off_month
from reports.packs import content_of, render, render_due_packs

pytestmark = pytest.mark.django_db


def text_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def test_a_pack_is_kept_as_a_file_with_its_hash(march, milestone, audiences, pmo_officer):
    freeze_month(month_id=march.pk, by=pmo_officer)

    packs = render_due_packs()

    assert len(packs) == 2
    for pack in packs:
        content = pack.read()
        assert hashlib.sha256(content).hexdigest() == pack.sha256
        assert "London Ambulance Service NHS Trust" in text_of(content)


def test_a_second_rendering_changes_nothing_and_would_give_the_same_bytes(
    march, milestone, audiences, pmo_officer
):
    freeze_month(month_id=march.pk, by=pmo_officer)
    pack = render_due_packs()[0]
    rendered_at = pack.rendered_at

    again = render(pack_id=pack.pk)

    assert again.rendered_at == rendered_at
    assert hashlib.sha256(content_of(again)).hexdigest() == pack.sha256
    assert render_due_packs() == []


def test_the_progress_pack_names_the_milestone_and_the_snapshot(
    march, milestone, audiences, pmo_officer
):
    snapshot = freeze_month(month_id=march.pk, by=pmo_officer)
    render_due_packs()

    text = text_of(Pack.objects.get(audience__code="cqrg").read())

    assert "WS2-P3-03" in text
    assert "Datix Web launched" in text
    assert snapshot.number in text
    assert snapshot.sha256[:12] in text


def test_a_failed_rendering_leaves_a_reason_and_no_file(march, milestone, audiences, pmo_officer):
    snapshot = freeze_month(month_id=march.pk, by=pmo_officer)
    snapshot.content = snapshot.content.replace('"schema":1', '"schema":99')
    snapshot.save(update_fields=["content"])

    packs = render_due_packs()

    assert all("schema" in pack.failure for pack in packs)
    assert all(not pack.file and pack.rendered_at is None for pack in packs)


def test_the_database_refuses_a_rendered_pack_without_a_file(
    march, milestone, audiences, pmo_officer
):
    freeze_month(month_id=march.pk, by=pmo_officer)
    pack = render_due_packs()[0]

    with pytest.raises(IntegrityError), transaction.atomic():
        Pack.objects.filter(pk=pack.pk).update(file="")


def test_another_process_time_zone_and_locale_give_the_same_bytes(
    march, milestone, audiences, pmo_officer, tmp_path
):
    freeze_month(month_id=march.pk, by=pmo_officer)
    pack = render_due_packs()[1]
    snapshot = pack.snapshot
    (tmp_path / "content.json").write_text(snapshot.content)
    script = (
        "import hashlib, json, pathlib, django; django.setup()\n"
        "from reports.rendering import render_pack\n"
        f"content = json.loads(pathlib.Path({str(tmp_path / 'content.json')!r}).read_text())\n"
        "pdf = render_pack(snapshot=content, number="
        f"{snapshot.number!r}, sha256={snapshot.sha256!r}, audience=content['audiences'][1])\n"
        "print(hashlib.sha256(pdf).hexdigest())"
    )
    strange = {"TZ": "Pacific/Auckland", "LC_ALL": "C", "DJANGO_SETTINGS_MODULE": "qip.settings"}

    result = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **strange},
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stdout.strip() == pack.sha256


@pytest.mark.parametrize(
    ("code", "name", "shown"),
    [
        ("cqrg", "Clinical Quality Review Group", "Clinical Quality Review Group (CQRG)"),
        ("board", "Trust Board", "Trust Board"),
        ("public", "Public", "Public"),
        ("p", "Public", "Public"),
    ],
)
def test_an_audience_goes_by_its_usual_abbreviation_too(code, name, shown):
    assert Audience(code=code, name=name).full_name == shown


def test_the_tables_of_packs_and_of_deliveries_tell_the_abbreviation(
    march, milestone, audiences, pmo_officer, elt_member, client_of
):
    freeze_month(month_id=march.pk, by=pmo_officer)
    render_due_packs()
    sign_off_month(month_id=march.pk, by=elt_member)
    issue_month(month_id=march.pk, by=pmo_officer)

    page = client_of(pmo_officer).get(march.get_absolute_url()).content.decode()

    in_row = 'data-label="Pack">Clinical Quality Review Group (CQRG)</td>'
    assert 'class="qip-full">Clinical Quality Review Group (CQRG)<span' in page
    assert in_row in page


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_typeset_each_pack_once(march, milestone, audiences, pmo_officer):
    freeze_month(month_id=march.pk, by=pmo_officer)

    def work(_):
        try:
            return render_due_packs()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        made = [pack for packs in pool.map(work, range(4)) for pack in packs]

    assert len(made) == 2
    assert set(Pack.objects.values_list("attempts", flat=True)) == {1}


def test_what_a_run_has_no_time_for_is_left_to_the_next(
    march, milestone, audiences, pmo_officer, monkeypatch
):
    monkeypatch.setattr("reports.packs.LONGEST_RUN_SECONDS", 0)
    freeze_month(month_id=march.pk, by=pmo_officer)

    runs = [len(render_due_packs()) for _ in range(3)]

    assert runs == [1, 1, 0]
    assert not Pack.objects.filter(rendered_at=None).exists()
