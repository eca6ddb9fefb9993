"""The chapters of a pack, by the codes that ``typesetting/pack.typ`` knows; a cover comes first."""

PROGRESS = (
    "key",
    "summary",
    "programme",
    "workstreams",
    "programme_milestones",
    "cqc",
    "exceptions",
    "requests",
    "risks",
    "definitions",
    "data_quality",
    "about",
)
DECISIONS = (
    "key",
    "summary",
    "asks",
    "requests_for_decision",
    "exceptions_for_decision",
    "other_exceptions",
    "risks",
    "definitions",
    "data_quality",
    "about",
)
BOARD = tuple(code for code in PROGRESS if code not in ("programme_milestones", "data_quality"))
PUBLIC = ("key", "summary", "programme", "workstreams", "definitions", "about")
# The chapters for an audience that names none of its own, by the kind of its pack.
CHAPTERS = {"progress": PROGRESS, "decisions": DECISIONS, "public": PUBLIC}
