"""One process that works for this one: functions are called there by name, one after the other.

Straight on a pipe each way. Only our own two processes write into them, so messages are plain
pickles; there is no further process that keeps watch over pools, and a process that hangs can be
told from one that is busy, because one that is busy says so every second.
"""

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path

BEAT_SECONDS = 1.0
MOST_SILENT = 10  # looks without a word after which a process hangs
MOST_SILENT_AT_FIRST = 30  # the same for its first call: a library is loaded in silence
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
COMMAND = [sys.executable, "-c", "from mlcore.workers.worker import main; main()"]


class WorkerDied(RuntimeError):
    """The process ended, or was ended, before it had an answer."""

    def __init__(self) -> None:
        super().__init__("the worker process ended unexpectedly; it may have run out of memory")


class Worker:
    """One process. All but `kill` and `look` are for one thread; it may be started again."""

    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None
        self._calls = 0
        self._owes = False  # an answer
        self._silent = 0  # looks since the last word

    def start(self) -> None:
        """Have a process in place of the one before; it is there, but has loaded nothing yet.

        Raises:
            OSError: If the system has no room for one.
        """
        self.end()
        # Not multiprocessing.Process: it would run the caller's main script again in the child.
        path = os.pathsep.join(filter(None, sys.path))
        environment = os.environ | dict.fromkeys(THREADS, "1") | {"PYTHONPATH": path}
        # A group of its own: Ctrl-C in a terminal is for the process that shows things.
        own_group = {"process_group": 0} if os.name == "posix" else {}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._calls = 0
        self._process = subprocess.Popen(COMMAND, env=environment, **pipes, **own_group)

    def call(self, name: str, *args, **kwargs):
        """What a function returns, or raises, in the process.

        Args:
            name: "package.module:function".
            *args: What it takes, picklable.
            **kwargs: The same, by name.

        Raises:
            WorkerDied: If there is no process, or it ends meanwhile.
        """
        content = pickle.dumps((name, args, kwargs), pickle.HIGHEST_PROTOCOL)
        if self._process is None:
            raise WorkerDied
        self._silent, self._owes = 0, True
        try:
            pickle.dump(content, self._process.stdin, pickle.HIGHEST_PROTOCOL)
            self._process.stdin.flush()
            while (answer := pickle.load(self._process.stdout)) is None:
                self._silent = 0
        except (OSError, EOFError, pickle.UnpicklingError):
            self.end()
            raise WorkerDied from None
        finally:
            self._owes = False
            self._calls += 1
        is_result, content = pickle.loads(answer)
        if is_result:
            return content
        raise content

    @property
    def is_alive(self) -> bool:
        """Whether there is a process that has not ended."""
        return self._process is not None and self._process.poll() is None

    def look(self) -> None:
        """To be called every second: ends a process that owes an answer and is silent.

        Looks are counted and not seconds, for the whole machine may have slept between two.
        """
        if self._owes:
            self._silent += 1
            if self._silent > (MOST_SILENT if self._calls else MOST_SILENT_AT_FIRST):
                self.kill()

    def kill(self) -> None:
        """End the process, from any thread; who waits for an answer hears that it died."""
        if (process := self._process) is not None:
            process.kill()

    def end(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            process.stdout.close()
            with suppress(OSError):  # what it no longer took
                process.stdin.close()


def sendable(error: Exception) -> Exception:
    """The error with where it came from, or one that says the same if it cannot be pickled."""
    error.add_note("".join(traceback.format_exception(error)))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def function_named(name: str) -> Callable:
    """The function that is called "package.module:function"."""
    module, function = name.split(":")
    return getattr(import_module(module), function)


def main() -> None:
    """In the process: answer calls until the one that started it goes away."""
    calls, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anything prints, compiled libraries too, may not come between messages
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError):  # where there is such a thing: when memory ends, this goes first
        Path("/proc/self/oom_score_adj").write_text("800")
    working, writing = threading.Event(), threading.Lock()

    def beat() -> None:
        while True:
            time.sleep(BEAT_SECONDS)
            with writing:
                if working.is_set():
                    _write(answers, None)

    threading.Thread(target=beat, daemon=True).start()
    while (content := _read(calls)) is not None:
        working.set()
        answer = _answer(content)
        with writing:
            working.clear()
            _write(answers, answer)


def _read(stream) -> bytes | None:
    """The next message; None when the other side is gone."""
    with suppress(OSError, EOFError):
        return pickle.load(stream)
    return None


def _write(stream, message: bytes | None) -> None:
    """Send a message; the process ends where nobody listens any more."""
    try:
        pickle.dump(message, stream, pickle.HIGHEST_PROTOCOL)
        stream.flush()
    except OSError:
        os._exit(0)


def _answer(content: bytes) -> bytes:
    """Call what is asked for; the result or the error, pickled."""
    try:
        name, args, kwargs = pickle.loads(content)
        result = function_named(name)(*args, **kwargs)
        return pickle.dumps((True, result), pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        return pickle.dumps((False, sendable(error)))
