"""One sweep, as seen from outside. Draws nothing."""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from mlcore.training import TrainConfig
from mlcore.workers.pool import Share

ACTIVE = ("queued", "running")


@dataclass(eq=False)
class SweepJob:
    """One sweep, as seen from outside.

    Attributes:
        id: Cannot be guessed: who knows it may watch.
        source: Name and options of the data set.
        configs: One for each run by its `config_key`, in the order in which they are trained.
        about: What its owner wants to remember with it.
        state: "queued", "running", "finished" or "stopped".
        results: What the runs gave, by key.
        errors: Why runs have no result, by key; empty where their process ended each time.
        working: Keys of the runs in training now.
        reused: How many results were there before it began.
        version: Grows whenever something above changes.
        seconds: How long it has been running.
        seen: When somebody last watched (monotonic seconds).
    """

    id: str
    source: tuple[str, Mapping[str, object]]
    configs: Mapping[str, TrainConfig]
    about: object = None
    state: str = "queued"
    results: dict[str, object] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    working: set[str] = field(default_factory=set)
    reused: int = 0
    version: int = 0
    seen: float = field(default_factory=time.monotonic)
    pending: deque[str] = field(default_factory=deque)
    tries: dict[str, int] = field(default_factory=dict)
    share: Share = field(default_factory=Share)
    began: float | None = None
    ended: float | None = None

    @property
    def active(self) -> bool:
        """Whether it waits or trains."""
        return self.state in ACTIVE

    @property
    def done(self) -> int:
        """Runs that have a result or an error."""
        return len(self.results) + len(self.errors)

    @property
    def seconds(self) -> float:
        """How long it has been running, or ran."""
        return 0.0 if self.began is None else (self.ended or time.monotonic()) - self.began


def kind_of(source: tuple[str, Mapping[str, object]], config: TrainConfig) -> tuple:
    """What decides how long a run takes, near enough."""
    name, options = source
    return (
        name,
        tuple(sorted(options.items())),
        *(config.loss, config.layers, config.optimizer),
        *(config.batch_size, config.epochs, config.device),
    )
