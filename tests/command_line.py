"""What the tests of the command line share."""

import signal

from mlcore.command_line import main, output

SMALL = ("--data-set", "rows=200", "labels=8", "cardinality=2")
TINY = (*SMALL, "--model", "linear")
DATA = "synthetic", {"rows": 200, "labels": 8, "cardinality": 2.0}


def run(*words, code=0):
    """Run a command here; its exit code must be as expected."""
    try:
        actual = main(list(words))
    except SystemExit as end:
        actual = end.code
    assert actual == code


class Bar:
    """Stands for the progress bar; calls something when it comes to a count."""

    def __init__(self, count, then):
        self.n, self.count, self.then = 0, count, then

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def set_postfix_str(self, *_, **__):
        pass

    def update(self, more=1):
        self.n += more
        if more and self.n == self.count:
            self.then()


def at_count(monkeypatch, count, then):
    monkeypatch.setattr(output, "progress", lambda *_: Bar(count, then))


def press_ctrl_c():
    signal.raise_signal(signal.SIGINT)
