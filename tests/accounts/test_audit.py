import random
from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections, transaction

from accounts import audit
from accounts.audit import verify_chain
from accounts.models import AuditEntry
from tests import append_only

pytestmark = pytest.mark.django_db


def record(programme, user, count=3):
    return [
        audit.record(actor=user, action="test.act", target=programme, details={"n": number})
        for number in range(count)
    ]


def test_each_entry_holds_the_hash_of_the_one_before(programme, pmo_officer):
    entries = record(programme, pmo_officer)

    assert [entry.previous_hash for entry in entries[1:]] == [entry.hash for entry in entries[:-1]]
    assert entries[0].programme == "las-2016"
    chain = verify_chain()
    assert (chain.head, chain.broken) == (entries[-1].hash, None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_auditentry SET action = 'forged'",
        "DELETE FROM accounts_auditentry",
    ],
)
def test_the_database_refuses_to_change_the_journal(programme, pmo_officer, statement):
    record(programme, pmo_officer)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)

    assert AuditEntry.objects.filter(action="test.act").count() == 3


def edit(entry, dice):
    field, forged = dice.choice(
        [
            ("action", "forged"),
            ("details", {"n": -1}),
            ("target", "forged"),
            ("actor", None),
            ("programme", "other-trust"),
            ("hash", "0" * 64),
            ("previous_hash", "0" * 64),
        ]
    )
    AuditEntry.objects.filter(pk=entry.pk).update(**{field: forged})


def delete(entry, dice):
    AuditEntry.objects.filter(pk=entry.pk).delete()


def swap(entry, dice):
    """Exchange what this entry and the next say, each keeping its place."""
    after = AuditEntry.objects.get(pk=entry.pk + 1)
    for place, other in ((entry, after), (after, entry)):
        AuditEntry.objects.filter(pk=place.pk).update(details=other.details)


@pytest.mark.parametrize("seed", range(50))
def test_whatever_is_tampered_with_behind_the_guards_shows_in_the_chain(
    programme, pmo_officer, seed
):
    entries = record(programme, pmo_officer, count=8)
    dice = random.Random(seed)  # noqa: S311 (chooses what to forge, keeps no secret)
    forge, entry = dice.choice([edit, delete, swap]), dice.choice(entries[:-1])

    with append_only.guards_lifted():
        forge(entry, dice)

    broken = verify_chain().broken
    assert broken is not None
    assert broken.pk in (entry.pk, entry.pk + 1)


def test_the_command_says_how_far_the_journal_is_whole(programme, pmo_officer):
    last = record(programme, pmo_officer)[-1]

    out = StringIO()
    call_command("audit_verify", "--expect", last.hash, stdout=out)

    assert out.getvalue() == (
        f"{AuditEntry.objects.count()} entries, unbroken. Last hash: {last.hash}\n"
    )


def test_the_command_fails_at_the_first_entry_that_does_not_fit(programme, pmo_officer):
    middle = record(programme, pmo_officer)[1]
    with append_only.guards_lifted():
        AuditEntry.objects.filter(pk=middle.pk).update(action="forged")

    with pytest.raises(CommandError, match=f"Entry {middle.pk} .* does not follow"):
        call_command("audit_verify")


def test_entries_cut_off_at_the_end_show_by_a_hash_printed_before(programme, pmo_officer):
    last = record(programme, pmo_officer)[-1]
    with append_only.guards_lifted():
        AuditEntry.objects.filter(pk=last.pk).delete()

    assert verify_chain().broken is None
    with pytest.raises(CommandError, match="are gone"):
        call_command("audit_verify", "--expect", last.hash)


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_break_no_link(programme, pmo_officer):
    # SQLite takes one writer at a time, so fewer entries show all that there is to see.
    writers, each = 8, 150 if connection.vendor == "postgresql" else 10
    before = AuditEntry.objects.count()

    def write(number):
        try:
            for n in range(each):
                audit.record(
                    actor=pmo_officer, action="test.act", target=programme, details={"n": n}
                )
        finally:
            connections.close_all()

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(write, range(writers)))

    chain = verify_chain()
    assert chain.broken is None
    assert chain.entries == before + writers * each
