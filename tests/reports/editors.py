"""People who update milestones in their browsers, all at once, and remember what was saved."""

import statistics
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from milestones.models import MilestoneUpdate
from tests.milestones.answers import update_data, url
from tests.processes import Browser


@dataclass
class Editor:
    """Updates one milestone, which is the person's own, again and again."""

    browser: Browser
    milestone: object
    saved: list[str] = field(default_factory=list)

    def edit(self) -> None:
        page = url("milestone_update", self.milestone)
        text = f"{self.milestone.reference}, update {len(self.saved) + 1}"
        version = {"version": len(self.saved) + 1}
        self.browser.get(page)
        if self.browser.post(page, update_data(self.milestone, narrative=text) | version) == 302:
            self.saved.append(text)
        self.browser.get(self.milestone.get_absolute_url())


class Editors:
    """Several of them; each rests for a moment after an update, as people do, only shorter."""

    REST = 3

    def __init__(self, editors: list[Editor]) -> None:
        self.editors = editors
        # What the first answer of a server costs more than others is not of interest.
        for editor in editors:
            editor.browser.get(editor.milestone.get_absolute_url())
            editor.browser.times.clear()

    @contextmanager
    def at_work(self, *, until: Callable[[int], bool]):
        """Let them edit beside the block, and after it until enough is saved."""
        is_over: list[bool] = []

        def work(editor: Editor) -> None:
            while not (is_over and until(self.saved)):
                editor.edit()
                time.sleep(self.REST)

        with ThreadPoolExecutor(len(self.editors)) as pool:
            futures: list[Future[None]] = [pool.submit(work, each) for each in self.editors]
            try:
                yield
            finally:
                is_over.append(True)
        for future in futures:
            future.result()

    @property
    def saved(self) -> int:
        return sum(len(editor.saved) for editor in self.editors)

    @property
    def lost(self) -> int:
        """How many updates that a page called saved are not there, or not once."""
        kept = Counter(MilestoneUpdate.objects.values_list("narrative", flat=True))
        return sum(kept[text] != 1 for editor in self.editors for text in editor.saved)

    @property
    def statuses(self) -> Counter[int]:
        return Counter(status for each in self.editors for status in each.browser.statuses)

    @property
    def failures(self) -> int:
        return sum(count for status, count in self.statuses.items() if status >= 500)

    def p95(self, within: Callable[[float], bool] = lambda began: True) -> float:
        """Milliseconds that 95 of a hundred answers took at most, of those begun within a time."""
        asked = [pair for each in self.editors for pair in each.browser.times]
        return 1000 * statistics.quantiles([took for at, took in asked if within(at)], n=20)[-1]
