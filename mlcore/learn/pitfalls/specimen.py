"""What a specimen is, and what came of running one. Imports nothing heavy."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# What running wrong code can come to.
OUTCOMES = ("error", "wrong", "right")


@dataclass(frozen=True, kw_only=True)
class Specimen:
    """A mistake as code that runs, and its repair. What is shown is what is executed.

    Attributes:
        key: Its name in links: letters, digits and hyphens.
        wrong: The code with the mistake; it prints what it found.
        repair: The code without it.
        outcome: What the wrong code comes to: an "error", a "wrong" number that differs from the
            repair's, or the "right" number, with a warning.
        error: The error's type and a part of its message, or its warning's; empty for none.
    """

    key: str
    wrong: str
    repair: str
    outcome: str
    error: tuple[str, str] = ("", "")


@dataclass(frozen=True, kw_only=True)
class Result:
    """What running a piece of code came to.

    Attributes:
        output: All that it printed.
        error: The type of the error that ended it, else empty.
        message: That error's message.
        line: Where in the code it was raised, from 1.
        warnings: Type and message of each warning.
        figures: By name the numbers it left in its variables; tensors and arrays as lists.
        seconds: How long it ran.
        lost: Why there is nothing to tell: "time" where it did not end, "process" where it ended
            the process that ran it; else empty.
    """

    output: str = ""
    error: str = ""
    message: str = ""
    line: int | None = None
    warnings: tuple[str, ...] = ()
    figures: Mapping[str, object] = field(default_factory=dict)
    seconds: float = 0.0
    lost: str = ""


def judge(wrong: Result, repair: Result) -> str:
    """What wrong code came to, beside its repair: one of OUTCOMES.

    Args:
        wrong: What came of the wrong code.
        repair: What came of its repair.
    """
    if wrong.error or wrong.lost:
        return "error"
    return "right" if wrong.output == repair.output else "wrong"
