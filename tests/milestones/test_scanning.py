import socket
import struct
import threading

import pytest
from django.core.exceptions import ValidationError

from milestones.models import Evidence
from milestones.scanning import refuse_viruses
from tests.milestones.test_evidence import add_file, pdf
from tests.milestones.test_uploads import EICAR, PDF


def read_stream(connection):
    """What a client sends by clamd's INSTREAM: its command, then chunks with their lengths."""
    file = connection.makefile("rb")
    assert file.read(10) == b"zINSTREAM\0"
    content = b""
    while length := struct.unpack("!L", file.read(4))[0]:
        content += file.read(length)
    return content


@pytest.fixture
def scanner(settings):
    """A scanner on this machine that knows one virus; set `answer` for another answer."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(5)
    state = {"answer": None, "seen": []}

    def serve():
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                content = read_stream(connection)
                state["seen"].append(content)
                found = b"stream: Eicar-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
                connection.sendall(found if state["answer"] is None else state["answer"])

    thread = threading.Thread(target=serve)
    thread.start()
    settings.VIRUS_SCANNER = server.getsockname()
    yield state
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def test_the_whole_file_goes_to_the_scanner(scanner):
    refuse_viruses(b"x" * 200_000)

    assert scanner["seen"] == [b"x" * 200_000]


def test_a_file_with_a_virus_is_not_kept(scanner, milestone, local_owner):
    with pytest.raises(ValidationError) as refused:
        add_file(milestone, local_owner, upload=pdf("eicar.txt", EICAR))

    assert refused.value.message_dict == {
        "file": ["The virus scanner found a virus in this file. It was not kept"]
    }
    assert not Evidence.objects.exists()
    assert add_file(milestone, local_owner).file_name == "Minutes.pdf"


@pytest.mark.parametrize("answer", [b"", b"stream: size limit exceeded. ERROR\0", b"\xff"])
def test_an_answer_that_says_nothing_keeps_nothing(scanner, answer):
    scanner["answer"] = answer

    with pytest.raises(ValidationError, match="did not answer"):
        refuse_viruses(PDF)


def test_a_scanner_that_is_away_keeps_nothing(settings, milestone, local_owner):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        settings.VIRUS_SCANNER = closed.getsockname()

    with pytest.raises(ValidationError, match="did not answer"):
        add_file(milestone, local_owner)

    assert not Evidence.objects.exists()


def test_without_a_scanner_nothing_is_asked(settings):
    settings.VIRUS_SCANNER = None

    assert refuse_viruses(EICAR) is None
