"""What a file may hold: limits, checks of what came, and how an error quotes it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from unicodedata import category

import numpy as np

from mlcore.checks import advice_on

MAX_BYTES = 200_000_000
MAX_UNPACKED_BYTES = 1_000_000_000  # what a small compressed file may claim to grow to
MAX_CELLS = 60_000_000  # rows times labels
MAX_CELL_BYTES = 24  # of a target and a score, however they are encoded
SPARE_BYTES = 10_000_000  # for what does not grow with the cells
MAX_LABELS = 2_000
MAX_NAME_LENGTH = 200
MOST_DECIMALS = 18  # of a 0 or 1 that stands beside words
TRUE, FALSE = (  # targets as words, also with a space beside them
    [
        before + word + after
        for before in ("", " ")
        for after in ("", " ")
        for word in (*words, *(f"{number:.{digits}f}" for digits in range(MOST_DECIMALS + 1)))
    ]
    for number, words in ((1, ("True", "true", "TRUE")), (0, ("False", "false", "FALSE")))
)
MAX_QUOTE = 60  # how much of a user's text an error repeats


def check_unpacked(size: int) -> None:
    """Refuse a file that says it holds more than memory should be given for."""
    if size > MAX_UNPACKED_BYTES:
        raise ValueError(
            f"the file must unpack to at most {MAX_UNPACKED_BYTES / 1e6:g} MB, "
            f"got {size / 1e6:.0f} MB. Leave out some rows"
        )


def check_table(name: str, shape: tuple[int, ...]) -> None:
    """Refuse arrays that are not (n, k), or too small or large."""
    if len(shape) != 2:
        raise ValueError(
            f"{name} must have shape (rows, labels), got {str(shape)[:MAX_QUOTE]}. "
            "For one label use (rows, 1)"
        )
    check_size(*shape)


def check_size(rows: int, labels: int) -> None:
    """Refuse tables with nothing in them, or with more than the limits."""
    if rows < 1 or labels < 1:
        raise ValueError(
            f"there must be at least one row and one label, got {rows} rows and {labels} labels"
        )
    if labels > MAX_LABELS:
        raise ValueError(
            f"there must be at most {MAX_LABELS:,} labels, got {labels:,}. Leave out some"
        )
    if rows * labels > MAX_CELLS:
        raise ValueError(
            f"rows times labels must be at most {MAX_CELLS:,}, "
            f"got {rows:,} times {labels:,}. Leave out some rows"
        )


def check_numbers(name: str, dtype: np.dtype) -> None:
    """Refuse arrays that hold no real numbers."""
    if dtype.kind not in "biuf":
        raise ValueError(f"{name} must be real numbers, got the dtype {quote(str(dtype))}")


def checked_names(names: Iterable, count: int) -> tuple[str, ...]:
    """The names without spaces around them, if they can stand for as many labels."""
    names = tuple(names)
    if len(names) != count:
        raise ValueError(f"label_names must be {count} names, got {len(names)}")
    for name in names:
        if not isinstance(name, str):
            raise ValueError(f"label_names must be texts, got {quote(repr(name))}")
        if not name.strip() or len(name) > MAX_NAME_LENGTH:
            raise ValueError(
                f"label_names must have 1 to {MAX_NAME_LENGTH} characters, got {quote(name)} "
                f"with {len(name.strip())}"
            )
        if {"Cc", "Cs"} & set(map(category, name)):  # half a UTF-16 pair breaks a page
            raise ValueError(f"label_names must be without control characters, got {quote(name)}")
    names = tuple(name.strip() for name in names)
    (name, times), *_ = Counter(names).most_common(1) or [("", 0)]
    if times > 1:
        raise ValueError(f"label_names must differ from each other, got {quote(name)} twice")
    return names


def as_targets(values: np.ndarray, names: Sequence[str], rows_before: int = 0) -> np.ndarray:
    """The values as uint8, if each is 0 or 1."""
    wrong = (values != 0) & (values != 1)
    if wrong.any():
        raise ValueError(
            f"targets must be 0 or 1, got {first_of(values, wrong, names, rows_before)}"
        )
    return np.ascontiguousarray(values, np.uint8)


def from_words(words: np.ndarray) -> np.ndarray:
    """Targets that are words as numbers, if each is one of TRUE or FALSE."""
    true = np.isin(words, TRUE)
    wrong = ~(true | np.isin(words, FALSE))
    if wrong.any():
        raise ValueError(
            f"targets must be 0 or 1, or True or False, got {quote(str(words[wrong][0]))}"
        )
    return true.astype(np.float64)


def check_scores(scores: np.ndarray, kind: str, names: Sequence[str]) -> None:
    """Refuse what is not finite, and as probabilities what is outside [0, 1]."""
    wrong = ~np.isfinite(scores)
    if wrong.any():
        raise ValueError(f"scores must be finite, got {first_of(scores, wrong, names)}")
    wrong = (scores < 0) | (scores > 1) if kind == "probabilities" else wrong
    if wrong.any():
        raise ValueError(
            f"probabilities must be in [0, 1], got {first_of(scores, wrong, names)}. "
            + advice_on(scores[wrong], otherwise="If these are logits, say so")
        )


def first_of(values, wrong, names: Sequence[str], rows_before: int = 0) -> str:
    """The first wrong value and its place, rows counted from 1 without a header."""
    row, label = np.unravel_index(wrong.argmax(), wrong.shape)
    value = values[row, label].item()
    missing = " (or an empty cell)" if value != value else ""
    return f"{value}{missing} in row {rows_before + row + 1} of label {quote(names[label])}"


def quote(text: str | bytes) -> str:
    """The start of a user's text, in quotes and without anything that is not to be seen."""
    text = text.decode(errors="replace") if isinstance(text, bytes) else text
    return repr(text if len(text) <= MAX_QUOTE else text[: MAX_QUOTE - 1] + "…")


def quote_list(names: Sequence[str]) -> str:
    """The first names of a list in quotes, and how many more there are."""
    shown = ", ".join(quote(name) for name in names[:3]) or "nothing"
    return shown + (f" and {len(names) - 3} more" if len(names) > 3 else "")
