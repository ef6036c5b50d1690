"""`Scored`: true labels and scores for them, from a file or from arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np

from mlcore.checks import as_array, check_choice, check_same_shape
from mlcore.files import limits
from mlcore.files.formats import READERS
from mlcore.lazy import pd, special

KINDS = ("logits", "probabilities")


@dataclass(frozen=True, kw_only=True, eq=False)
class Scored:
    """True labels and a model's scores for them. Arrays are read-only.

    Attributes:
        targets: 0 or 1 for each label, uint8, shape (n, k).
        scores: Finite, float32 or float64, shape (n, k).
        kind: What scores are: "logits", or "probabilities" in [0, 1].
        label_names: k different names, without spaces around them.

    Raises:
        TypeError: If targets or scores are not numbers.
        ValueError: If a value or a shape is none of that, or one of the limits in
            `mlcore.files.limits` is exceeded.

    Example:
        >>> scored = Scored(targets=[[1]], scores=[[0.0]], kind="logits", label_names=["cat"])
        >>> scored.probabilities()
        array([[0.5]])
    """

    targets: np.ndarray
    scores: np.ndarray
    kind: str
    label_names: tuple[str, ...]

    def __post_init__(self) -> None:
        check_choice("kind", self.kind, KINDS)
        targets, scores = as_array("targets", self.targets), as_array("scores", self.scores)
        for name, table in (("targets", targets), ("scores", scores)):
            limits.check_table(name, table.shape)
        check_same_shape("targets", targets, "scores", scores)
        names = limits.checked_names(self.label_names, targets.shape[1])
        targets = limits.as_targets(targets, names)
        narrow = scores.dtype.kind == "f" and scores.dtype.itemsize <= 4
        with np.errstate(over="ignore"):  # what is too large for float64 is refused as infinite
            scores = np.ascontiguousarray(scores, np.float32 if narrow else np.float64)
        limits.check_scores(scores, self.kind, names)
        for name, table in (("targets", targets), ("scores", scores)):
            view = table.view()  # the array itself may be the caller's, who may go on writing to it
            view.flags.writeable = False
            object.__setattr__(self, name, view)
        object.__setattr__(self, "label_names", names)

    def __setstate__(self, state: dict) -> None:
        self.__init__(**state)  # a pickle forgets that arrays are read-only

    def probabilities(self) -> np.ndarray:
        """The scores themselves, or the sigmoid of logits; read-only, in the dtype of scores."""
        if self.kind == "probabilities":
            return self.scores
        probabilities = special.expit(self.scores)
        probabilities.flags.writeable = False
        return probabilities


def read_scores(content: bytes, name: str, kind: str) -> Scored:
    """Read targets and scores from the bytes of a file. Nothing in it is ever run.

    Formats, by the ending of the name:

    - `.npz`, as `numpy.savez` and `savez_compressed` write it: arrays `targets` and `scores`,
      shape (n, k), and perhaps `label_names`, shape (k,).
    - `.csv`, comma-separated, UTF-8: for each label a column `true:NAME` and one `score:NAME`.
    - `.parquet`: the same columns.

    Targets are 0 and 1, or True and False, also as words.

    Labels come in the order of their `true:` columns; columns of other names are not read.

    Args:
        content: The whole file, at most MAX_BYTES.
        name: Its name; only the ending counts.
        kind: What the scores are, "logits" or "probabilities"; never guessed from the values.

    Raises:
        ValueError: If the file is not what is described above. The text says what must hold, what
            came and where; of the file it repeats at most a few words.

    Example:
        >>> read_scores(b"true:cat,score:cat\\n1,0.75\\n0,0.25\\n", "a.csv", "probabilities").scores
        array([[0.75],
               [0.25]])
    """
    check_choice("kind", kind, KINDS)
    ending = PurePath(name).suffix.lower()
    if ending not in READERS:
        raise ValueError(
            f"the file's name must end in {', '.join(READERS)}; got {limits.quote(name)}. "
            "Save it in one of these formats"
        )
    if not content:
        raise ValueError("the file is empty, 0 bytes. Save it again, then upload it")
    if len(content) > limits.MAX_BYTES:
        raise ValueError(
            f"the file must have at most {limits.MAX_BYTES / 1e6:g} MB, "
            f"got {len(content) / 1e6:.1f} MB. "
            "Leave out some rows, or bring float32 scores as .npz or .parquet"
        )
    targets, scores, label_names = READERS[ending](bytes(content))
    return Scored(targets=targets, scores=scores, kind=kind, label_names=label_names)


def example_csv(targets, scores, label_names: Sequence[str]) -> str:
    """A CSV text that `read_scores` takes: the same numbers, to the last digit.

    Args:
        targets: 0 or 1 for each label, shape (n, k).
        scores: Finite numbers, shape (n, k).
        label_names: k names.

    Raises:
        ValueError: As `Scored`.

    Example:
        >>> print(example_csv([[1, 0]], [[0.9, 0.2]], ["cat", "dog"]), end="")
        true:cat,score:cat,true:dog,score:dog
        1,0.9,0,0.2
    """
    table = Scored(targets=targets, scores=scores, kind="logits", label_names=label_names)
    columns = {}
    for label, name in enumerate(table.label_names):
        columns[f"true:{name}"] = table.targets[:, label]
        columns[f"score:{name}"] = table.scores[:, label]
    return pd.DataFrame(columns).to_csv(index=False, lineterminator="\n")
