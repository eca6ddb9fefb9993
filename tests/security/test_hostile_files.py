"""Every form that takes a file refuses hostile ones with a sentence, and keeps nothing of them."""

import time
from pathlib import Path

import pytest
from django import forms
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile

from metrics.models import MeasurementFile
from metrics.views_import import ImportForm
from milestones.evidence_forms import EvidenceForm
from milestones.models import Evidence
from tests.milestones.test_uploads import BOMB, HTML, LAUGHS, OLE, PDF, STEEP, SVG, archive
from tests.security.markup import read
from tests.test_access import address

TAKING_FILES = {EvidenceForm: "milestones:evidence_add", ImportForm: "metrics:value_import"}
HOSTILE = [
    ("page.html", HTML),
    ("values.csv", HTML + b"\0"),
    ("values.csv\0.xlsx", b"\0" * 20),
    ("../../values.xlsx", b"PK\x03\x04 no archive"),
    ("drawing.svg", SVG),
    ("laughs.xml", LAUGHS),
    ("values.xlsx", BOMB),
    ("values.xlsx", STEEP),
    ("values.xlsx", OLE),
    ("values.xlsx", PDF),
    ("values.xlsx", archive("xl/workbook.xml")),
    ("values.xlsx.exe", b"MZ\x90\0\x03\0\0\0"),
    ("\u202evsc.exe", b"MZ\x90\0"),
    ("<img src=x onerror=alert(1)>.csv", b""),
    ("x" * 500 + ".csv", b""),
    ("values.csv", b"x" * (10 * 1024 * 1024 + 1)),
]


def test_every_form_that_takes_a_file_is_tried_here():
    def below(kind):
        return [kind, *(each for sub in kind.__subclasses__() for each in below(sub))]

    ours = {app.name for app in apps.get_app_configs() if Path(app.path).parent == ROOT}
    taking = {
        kind
        for kind in below(forms.BaseForm)
        if kind.__module__.partition(".")[0] in ours
        and any(isinstance(field, forms.FileField) for field in kind.base_fields.values())
    }

    assert taking == TAKING_FILES.keys()


ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", TAKING_FILES.values())
def test_hostile_files_are_refused_at_once_with_a_sentence(world, people, client_of, name):
    client = client_of(people["pmo_administrator"])
    kept = Evidence.objects.count(), MeasurementFile.objects.count()
    for file_name, content in HOSTILE:
        file = SimpleUploadedFile(file_name, content)
        started = time.process_time()
        response = client.post(
            address(name, "las-2016", world), {"title": "Values", "file": file, "url": ""}
        )

        assert time.process_time() - started < 2, file_name
        assert response.status_code == 422, file_name
        assert response.context["form"].errors["file"], file_name
        assert read(response.content.decode()).faults == []
    assert (Evidence.objects.count(), MeasurementFile.objects.count()) == kept
