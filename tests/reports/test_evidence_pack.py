import hashlib
import io
import zipfile
from pathlib import Path

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import AuditEntry
from governance.models import CqcState
from milestones import evidence
from reports import evidence_pack
from reports.cqc import cqc_actions, cqc_rows
from reports.figures import programme_figures
from tests.factories.governance import CqcStepFactory
from tests.factories.milestones import EvidenceFactory
from tests.milestones.test_uploads import PDF

URL = reverse("reports:cqc_evidence", args=["las-2016", "WS2-M1"])
PAGE = reverse("reports:cqc_action_detail", args=["las-2016", "WS2-M1"])


@pytest.fixture
def kept(milestone, local_owner):
    """Keep a file as evidence of the milestone, under the name given."""

    def keep(name, content=PDF, title="Minutes"):
        upload = SimpleUploadedFile(name, content)
        return evidence.add_file(
            milestone_id=milestone.pk, by=local_owner, title=title, upload=upload
        )

    return keep


def download(client):
    response = client.post(URL)
    assert response.status_code == 200
    return response, b"".join(response)


def unpacked(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def text_of(pdf):
    pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)]
    return " ".join(" ".join(pages).replace("\u200b", "").split())


def test_the_pack_holds_an_index_and_the_files_under_safe_names_with_their_hashes(
    action, kept, milestone, client_of, auditor
):
    kept("Protokoll der Sitzung: März (endgültig).pdf")
    kept("notes.txt", b"Agreed.")
    EvidenceFactory(milestone=milestone, title="Intranet", url="https://las.example/a?b=c#d")

    response, content = download(client_of(auditor))

    files = unpacked(content)
    assert list(files) == [
        "00-index.pdf",
        "evidence/01-ws2-p3-03-protokoll-der-sitzung-marz-endgultig.pdf",
        "evidence/02-ws2-p3-03-notes.txt",
    ]
    index = text_of(files["00-index.pdf"])
    for name, data in list(files.items())[1:]:
        assert name in index
        assert hashlib.sha256(data).hexdigest() in index.replace(" ", "")
    assert b"https://las.example/a?b=c#d" in files["00-index.pdf"]
    assert "Nothing has been submitted yet" in index
    assert response["Content-Type"] == "application/zip"
    assert response["X-Pack-SHA256"] == hashlib.sha256(content).hexdigest()


def test_the_same_content_gives_the_same_bytes(action, kept, client_of, auditor, elt_member):
    kept("minutes.pdf")

    first, second = download(client_of(auditor))[1], download(client_of(elt_member))[1]

    assert first == second


def test_each_download_is_in_the_journal(action, kept, client_of, auditor):
    piece = kept("minutes.pdf")

    _, content = download(client_of(auditor))

    entry = AuditEntry.objects.last()
    assert (entry.action, entry.actor) == ("cqc_action.evidence_pack", auditor)
    sha256 = hashlib.sha256(content).hexdigest()
    assert entry.details == {"sha256": sha256, "files": [piece.sha256]}


def test_once_submitted_it_holds_what_was_submitted_and_names_what_was_removed(
    action, kept, client_of, auditor, local_owner
):
    chosen, removed = kept("chosen.pdf", title="Chosen"), kept("gone.pdf", title="Taken off")
    kept("later.pdf", title="Not chosen")
    step = CqcStepFactory(cqc_action=action, state=CqcState.SUBMITTED, made_by=local_owner)
    step.evidence.set([chosen, removed])
    evidence.remove(evidence_id=removed.pk, by=local_owner)

    files = unpacked(download(client_of(auditor))[1])

    assert list(files)[1:] == ["evidence/01-ws2-p3-03-chosen.pdf"]
    index = text_of(files["00-index.pdf"])
    assert "What was submitted by WS2 local owner, 14 Mar 2016. 1 file, 0 links." in index
    assert "Submitted and removed since" in index
    assert "Taken off" in index
    assert "Not chosen" not in index


def test_after_reopening_an_old_submission_counts_no_more(action, kept, client_of, auditor):
    kept("new.pdf")
    CqcStepFactory(cqc_action=action, state=CqcState.SUBMITTED)
    CqcStepFactory(cqc_action=action, state=CqcState.REOPENED, comment="Not done")

    files = unpacked(download(client_of(auditor))[1])

    assert list(files)[1:] == ["evidence/01-ws2-p3-03-new.pdf"]
    assert "Nothing has been submitted yet" in text_of(files["00-index.pdf"])


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda path: path.write_bytes(b"Another file"), "is not the one that was added"),
        (Path.unlink, "is missing from the store"),
    ],
)
def test_a_changed_or_missing_file_gives_no_pack(
    action, kept, client_of, auditor, settings, spoil, sentence
):
    piece = kept("minutes.pdf")
    spoil(Path(settings.MEDIA_ROOT) / piece.file.name)

    response = client_of(auditor).post(URL, follow=True)

    assert response.redirect_chain == [(PAGE, 302)]
    assert sentence in response.content.decode()
    assert not AuditEntry.objects.filter(action="cqc_action.evidence_pack").exists()


def test_a_large_pack_is_written_to_a_file_and_not_kept_in_memory(
    action, kept, programme, auditor, monkeypatch
):
    monkeypatch.setattr(evidence_pack, "IN_MEMORY", 100)
    kept("minutes.pdf")
    day = programme.today()
    row = cqc_rows(programme_figures(programme, as_of=day), cqc_actions(programme))[0]

    pack = evidence_pack.build_pack(row, by=auditor, as_of=day)

    with pack.file as file:
        assert file._rolled
        assert len(unpacked(file.read())) == 2


def test_hostile_texts_and_names_do_no_harm(action, milestone, kept, client_of, auditor):
    action.text = milestone.title = '#panic("x") <script> [*bold*] \\ 🚑'
    action.save()
    milestone.save()
    kept("con.txt", b"Agreed.", title='#read("/etc/passwd")')

    files = unpacked(download(client_of(auditor))[1])

    assert list(files)[1:] == ["evidence/01-ws2-p3-03-con.txt"]
    assert '#read("/etc/passwd")' in text_of(files["00-index.pdf"])


def test_nobody_outside_gets_it_and_looking_never_makes_one(
    action, client_of, external_reader, auditor
):
    assert client_of(external_reader).post(URL).status_code == 404
    assert client_of(auditor).get(URL).status_code == 405


def test_an_action_that_nothing_answers_has_a_pack_too(action, client_of, auditor):
    action.projects.clear()
    action.text = "Say what is lacking"
    action.save()

    files = unpacked(download(client_of(auditor))[1])

    assert list(files) == ["00-index.pdf"]
    assert "No project answers this action." in text_of(files["00-index.pdf"])
