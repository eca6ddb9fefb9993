from accounts.models import AuditEntry


def changes_of(action: str) -> dict[str, tuple]:
    """Give what an act changed, by field: from what to what, as its entries in the journal say."""
    entries = AuditEntry.objects.filter(action=action).exclude(field="")
    return {entry.field: (entry.old_value, entry.new_value) for entry in entries}
