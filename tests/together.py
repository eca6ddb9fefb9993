from typing import Any

from xdist.scheduler import LoadScopeScheduling

# Tests of what takes long to make and is made once for each worker: Chromium, the demonstration.
DEAR = ("tests/browser/", "tests/reports/test_demonstration.py")


class Together(LoadScopeScheduling):
    """Keeps tests that share something dear on one worker, and spreads all others one by one."""

    def _split_scope(self, nodeid: str) -> Any:
        return "dear" if nodeid.startswith(DEAR) else nodeid
