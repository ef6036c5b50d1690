"""A race's figures straight to the browser, without running a script for each of them."""

import time
from collections.abc import Mapping

from mlcore.checks import check_number
from pages.ui.server.jobs import RACE, Race, jobs
from pages.ui.train.message import race_frame, race_words
from pages.ui.words import speaking

PATH = "/race/{run_id}"
QUEUE_SECONDS = 2.0  # how old a place in the queue may be


class RaceNews:
    """What a browser that watches a race was not told yet: all figures at first, then what is new.

    The browser may wish for {"threshold": t, "language": name} at any time; it is told the words at
    that threshold in that language, and all words that follow are for them.
    """

    def __init__(self, run: Race) -> None:
        self.run = run
        self.wish: tuple[float, str] | None = None
        self.known, self.sent = None, 0

    @property
    def version(self) -> tuple:
        """Another one whenever something may have changed; a place in the queue is looked up."""
        waits = self.run.state == "queued"
        return self.run.version, waits and time.monotonic() // QUEUE_SECONDS

    @property
    def is_over(self) -> bool:
        """Whether nothing will change any more."""
        return not self.run.active and self.run.ended != "left"

    def hear(self, wish: dict) -> None:
        """Take in a wish.

        Raises:
            ValueError, TypeError, KeyError, AttributeError: If it is anything else.
        """
        threshold = float(wish["threshold"])
        check_number("threshold", threshold, low=0, high=1)
        self.wish = threshold, str(wish.get("language"))

    def news(self) -> dict | None:
        """The words at the threshold that is wished for, and figures where there are new ones."""
        if self.wish is None:
            return None
        threshold, language = self.wish
        frame, version = {}, self.version
        with speaking(language):
            if version != self.known:
                frame = race_frame(self.run, self.sent)
                self.known, self.sent = version, self.sent + len(frame["step"])
            return frame | race_words(self.run, threshold)


def watch(params: Mapping[str, str]) -> RaceNews | None:
    """What is new of the race of this id, which cannot be guessed; None where there is none."""
    run = jobs().get(RACE, params["run_id"])
    return run and RaceNews(run)
