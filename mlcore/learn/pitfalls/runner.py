"""Runs the code of specimens, in the process that has torch. Never give it a user's text."""

import contextlib
import io
import time
import traceback
import warnings

from mlcore.lazy import torch
from mlcore.learn.pitfalls.specimen import Result, Specimen
from mlcore.workers.pool import call
from mlcore.workers.worker import WorkerDied

FILE = "<specimen>"  # what the code is called in its own traceback
LIMIT_SECONDS = 30.0  # the slowest takes about two on a free core, imports included
MOST_FIGURES = 64


def run(specimen: Specimen, limit: float = LIMIT_SECONDS) -> tuple[Result, Result]:
    """Execute the wrong code and then the repair of a specimen, each on its own.

    Args:
        specimen: One of `SPECIMENS`.
        limit: Seconds that each may take, > 0.

    Returns:
        What each came to; `Result.lost` says why, where it came to nothing.
    """
    return _run_elsewhere(specimen.wrong, limit), _run_elsewhere(specimen.repair, limit)


def _run_elsewhere(code: str, limit: float) -> Result:
    try:
        return call(f"{__name__}:execute", code, limit=limit)
    except TimeoutError:
        return Result(lost="time")
    except WorkerDied:
        return Result(lost="process")


def execute(code: str) -> Result:
    """Execute code in a namespace of its own; catches all that it prints, warns of and raises.

    Example:
        >>> result = execute("half = 1 / 2\\nprint(half)\\nhalf / 0")
        >>> result.output, result.error, result.line, result.figures
        ('0.5\\n', 'ZeroDivisionError', 3, {'half': 0.5})
    """
    namespace = {"__name__": FILE}
    error, line = None, None
    printed = io.StringIO()
    begin = time.perf_counter()
    with (
        torch.random.fork_rng(devices=()),
        warnings.catch_warnings(record=True) as warned,
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
    ):
        warnings.simplefilter("always")
        try:
            exec(compile(code, FILE, "exec"), namespace)
        except (Exception, SystemExit) as caught:
            error = caught
            places = traceback.extract_tb(caught.__traceback__)
            line = next((place.lineno for place in places if place.filename == FILE), None)
    return Result(
        output=printed.getvalue(),
        error=type(error).__name__ if error is not None else "",
        message=str(error) if error is not None else "",
        line=line,
        warnings=tuple(f"{warning.category.__name__}: {warning.message}" for warning in warned),
        figures=_figures(namespace),
        seconds=time.perf_counter() - begin,
    )


def _figures(namespace: dict) -> dict[str, object]:
    """The numbers, small tensors and small arrays among the variables, as plain Python."""
    found = {}
    for name, value in namespace.items():
        if isinstance(value, (int, float)):
            found[name] = value
        elif hasattr(value, "tolist") and getattr(value, "ndim", None) is not None:
            size = value.numel() if hasattr(value, "numel") else value.size
            if size <= MOST_FIGURES:
                found[name] = value.tolist()
    return found
