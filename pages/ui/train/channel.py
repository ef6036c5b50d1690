"""A race's figures straight to the browser, without running a script for each of them."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from weakref import ref

from mlcore.checks import check_number
from pages.ui.server.jobs import RACE, Race, jobs
from pages.ui.server.routes import as_json
from pages.ui.train.message import race_frame, race_words
from pages.ui.words import speaking

PATH = "/race/{run_id}"
LOOK_SECONDS = {"queued": 2.0, "running": 1.0}  # how old a place or a time left may be, by state
MOST_TEXTS = 32  # that are kept for others who are to be told the same now
_making = threading.Lock()  # so that of two who ask for the same one waits for it


@dataclass(frozen=True)
class Asked:
    """What is to be told of a race: the same for all of whom all but the race itself is equal."""

    race: ref[Race] = field(compare=False)  # texts that are kept do not keep it
    version: tuple
    language: str
    about: float  # the threshold of the words, or how much of the figures is known


@lru_cache(MOST_TEXTS)
def _frame(asked: Asked) -> tuple[str, int]:
    """The figures that are not known, and how many records and pulses these are."""
    with speaking(asked.language):
        frame = race_frame(asked.race(), asked.about)
    return as_json(frame), len(frame["step"])


@lru_cache(MOST_TEXTS)
def _words(asked: Asked) -> str:
    with speaking(asked.language):
        return as_json(race_words(asked.race(), asked.about))


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
        """Another one whenever something may have changed; some things are looked up."""
        run, state = self.run.now(), self.run.state
        looked = state in LOOK_SECONDS and time.monotonic() // LOOK_SECONDS[state]
        return run.id, run.version, run.step, state, looked

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

    def news(self) -> str | None:
        """The words at the threshold that is wished for, and figures where there are new ones."""
        if self.wish is None:
            return None
        (threshold, language), version = self.wish, self.version
        of_words = version[0], len(self.run.records)
        with _making:
            words = _words(Asked(ref(self.run), of_words, language, threshold))
            if version == self.known:
                return words
            frame, count = _frame(Asked(ref(self.run), version, language, self.sent))
        self.known, self.sent = version, self.sent + count
        return f"{frame[:-1]},{words[1:]}"


def watch(params: Mapping[str, str]) -> RaceNews | None:
    """What is new of the race of this id, which cannot be guessed; None where there is none."""
    run = jobs().get(RACE, params["run_id"])
    return run and RaceNews(run)
