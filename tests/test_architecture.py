import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db.migrations.loader import MigrationLoader

ROOT = Path(__file__).resolve().parent.parent
# Who may import whom. Milestones and metrics are siblings; the configuration names apps in strings.
MAY_IMPORT: dict[str, set[str]] = {
    "accounts": set(),
    "workstreams": {"accounts"},
    "milestones": {"accounts", "workstreams"},
    "metrics": {"accounts", "workstreams"},
    "governance": {"accounts", "workstreams", "milestones", "metrics"},
    "reports": {"accounts", "workstreams", "milestones", "metrics", "governance"},
    "qip": set(),
}
CODE = sorted(path for app in MAY_IMPORT for path in (ROOT / app).rglob("*.py"))
LONGEST_FILE = 400


def imported_names(source: str) -> Iterator[str]:
    """Give the top-level package of every import, wherever in the file it stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").partition(".")[0]


def forbidden_imports(app: str, source: str) -> set[str]:
    """Give the apps of ours that this source imports although its app may not."""
    return (set(imported_names(source)) & MAY_IMPORT.keys()) - MAY_IMPORT[app] - {app}


def test_every_app_imports_only_the_apps_below_it():
    found = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in CODE
        for name in forbidden_imports(path.relative_to(ROOT).parts[0], path.read_text())
    }

    assert found == set()


@pytest.mark.parametrize(
    ("app", "source", "expected"),
    [
        ("workstreams", "from milestones.models import Milestone", {"milestones"}),
        ("milestones", "import metrics.spc as spc", {"metrics"}),
        ("metrics", "def late():\n    from governance import services", {"governance"}),
        ("accounts", "if TYPE_CHECKING:\n    import reports", {"reports"}),
        ("reports", "from qip import settings", {"qip"}),
        ("qip", "from accounts import views", {"accounts"}),
        ("reports", "import milestones, metrics\nfrom . import figures", set()),
    ],
)
def test_the_check_sees_an_upward_import_wherever_it_hides(app, source, expected):
    assert forbidden_imports(app, source) == expected


def test_every_app_has_one_last_migration():
    graph = MigrationLoader(None).graph

    leaves = {app: graph.leaf_nodes(app) for app in MAY_IMPORT.keys() - {"qip"}}

    assert {app: len(nodes) for app, nodes in leaves.items()} == dict.fromkeys(leaves, 1)


def test_no_file_of_code_is_longer_than_the_house_style_allows():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in [*CODE, *ROOT.glob("tests/**/*.py"), *ROOT.glob("bin/*.py")]
        if "migrations" not in path.parts
    }

    assert {name: n for name, n in lengths.items() if n > LONGEST_FILE} == {}
