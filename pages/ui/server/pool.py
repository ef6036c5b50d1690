"""The process-wide pool of runs and who watches them. Draws nothing."""

import gc
import threading
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module

from streamlit import runtime

from mlcore.datasets import load
from mlcore.workers.races import Races, Run

WARM_UP_AFTER = 2.5  # seconds: the first page is painted before heavy imports begin


@dataclass
class Shown:
    """What the pages know of a run beside its figures: its settings, and the sessions it is in."""

    setup: object
    sessions: set[str] = field(default_factory=set)


_shown: dict[str, Shown] = {}  # by run id


@cache
def run_pool() -> Races:
    """The races of this server."""
    return Races(is_watched=_is_watched)


@cache
def warm_up() -> None:
    """Once for a server, in the background: what the first race would otherwise wait for."""

    def load_what_is_heavy() -> None:
        run_pool().warm_up()
        load("debtags")
        for module in (
            "mlcore.charts",
            "mlcore.training.history",
            "mlcore.thresholds.bootstrap",
            "sklearn.metrics",
        ):
            import_module(module)
        gc.collect()
        gc.freeze()  # imports and data stay; later collections need not look at them again

    timer = threading.Timer(WARM_UP_AFTER, load_what_is_heavy)
    timer.daemon = True
    timer.start()


def remember(run: Run, setup: object) -> None:
    """Note the settings that a run was started with."""
    known = run_pool()
    for run_id in [run_id for run_id in _shown if known.get(run_id) is None]:
        _shown.pop(run_id, None)
    _shown[run.id] = Shown(setup)


def setup_of(run: Run) -> object:
    """The settings that a run was started with."""
    shown = _shown.get(run.id)
    return shown and shown.setup


def watch(run: Run, session: str) -> None:
    """Keep a run going for as long as this browser session is connected."""
    if run.id in _shown:
        _shown[run.id].sessions.add(session)
    run_pool().watch(run.id)


def _is_watched(run_id: str) -> bool:
    if not runtime.exists():
        return True  # pages outside of a server, as in tests, have no browser that could leave
    shown = _shown.get(run_id)
    is_active = runtime.get_instance().is_active_session
    return shown is not None and any(map(is_active, tuple(shown.sessions)))
