"""Imbalance of a whole table of labels: IRLbl, MeanIR, CVIR, SCUMBLE, cardinality, label sets."""

from dataclasses import dataclass

import numpy as np

from mlcore.checks import as_array, check_binary, check_choice

# What MeanIR and CVIR make of labels that are never true, whose IRLbl would be c / 0.
ABSENT = {
    "exclude": "left out",
    "zero": "counted with 0, as the R package mldr does",
    "infinite": "infinite, as the formula says",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Imbalance:
    """All measures of one table.

    Attributes:
        rows: n.
        labels: k.
        support: True rows of each label, int64, shape (k,).
        cardinality: Mean labels of a row.
        density: Cardinality / k.
        label_sets: How many different sets of labels the rows have; that of nothing is one.
        single_sets: How many of these sets one row alone has.
        empty_rows: Rows without a label.
        irlbl, mean_ir, cvir, scumble, scumble_per_row, scumble_per_label: See the functions.
    """

    rows: int
    labels: int
    support: np.ndarray
    cardinality: float
    density: float
    label_sets: int
    single_sets: int
    empty_rows: int
    irlbl: np.ndarray
    mean_ir: float
    cvir: float
    scumble: float
    scumble_per_row: np.ndarray
    scumble_per_label: np.ndarray


def measure(targets, *, absent: str = "exclude") -> Imbalance:
    """All measures at once.

    Args:
        targets: 0 or 1 for each label of each row, shape (n, k).
        absent: A key of `ABSENT`: what `mean_ir` and `cvir` make of labels that are never true.

    Raises:
        TypeError: If targets are not numbers.
        ValueError: If targets are not a table of at least one row and one label, or not 0 or 1.

    Example:
        >>> found = measure(np.array([[1, 1, 0], [1, 0, 0], [1, 0, 1], [1, 1, 0]]))
        >>> found.support.tolist(), found.irlbl.tolist(), found.label_sets
        ([4, 2, 1], [1.0, 2.0, 4.0], 3)
        >>> round(found.mean_ir, 4), round(found.cvir, 4), round(found.scumble, 4)
        (2.3333, 0.6547, 0.0786)
    """
    targets = as_targets(targets)
    ratios = irlbl(targets)
    support = targets.sum(axis=0, dtype=np.int64)
    per_row = _scumble_of(targets, ratios)
    sizes = targets.sum(axis=1, dtype=np.int64)
    packed = np.packbits(targets, axis=1)
    rows = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1])))
    repeats = np.unique(rows, return_counts=True)[1]
    cardinality = float(sizes.mean())
    return Imbalance(
        rows=len(targets),
        labels=targets.shape[1],
        support=support,
        cardinality=cardinality,
        density=cardinality / targets.shape[1],
        label_sets=len(repeats),
        single_sets=int((repeats == 1).sum()),
        empty_rows=int((sizes == 0).sum()),
        irlbl=ratios,
        mean_ir=_mean(_counted(ratios, absent)),
        cvir=_variation(_counted(ratios, absent)),
        scumble=float(per_row.mean()),
        scumble_per_row=per_row,
        scumble_per_label=_per_label(targets, per_row, support),
    )


def irlbl(targets) -> np.ndarray:
    r"""How many times rarer each label is than the most frequent one.

    .. math:: \mathrm{IRLbl}_l = \frac{\max_{l'} c_{l'}}{c_l}, \quad c_l = \sum_i y_{il}

    Args:
        targets: 0 or 1, shape (n, k).

    Returns:
        Shape (k,), >= 1, no unit; nan for a label that is never true.

    Raises:
        TypeError, ValueError: As `measure`.

    Source:
        Charte, Rivera, del Jesus and Herrera 2015, Addressing imbalance in multilabel
        classification: Measures and random resampling algorithms, Neurocomputing 163, 3-16.
    """
    support = as_targets(targets).sum(axis=0, dtype=np.int64)
    return np.where(support > 0, support.max() / np.where(support > 0, support, 1), np.nan)


def mean_ir(targets, *, absent: str = "exclude") -> float:
    """The mean IRLbl: 1 where all labels are equally frequent.

    Args:
        targets: 0 or 1, shape (n, k).
        absent: What a label that is never true counts as. The paper's labels are all true
            somewhere, so it does not say. "exclude" leaves such labels out, "zero" takes their
            IRLbl as 0 as the R package mldr does, and "infinite" takes c / 0 as it stands.

    Returns:
        A ratio; nan where no label is ever true and those are left out.

    Raises:
        TypeError, ValueError: As `measure`, and ValueError if `absent` is no key of `ABSENT`.

    Source:
        Charte et al. 2015, as `irlbl`.
    """
    return _mean(_counted(irlbl(targets), absent))


def cvir(targets, *, absent: str = "exclude") -> float:
    r"""How much IRLbl varies: its sample standard deviation over its mean.

    .. math:: \mathrm{CVIR} = \frac{1}{\mathrm{MeanIR}}
        \sqrt{\sum_l \frac{(\mathrm{IRLbl}_l - \mathrm{MeanIR})^2}{k - 1}}

    Args:
        targets: 0 or 1, shape (n, k).
        absent: As in `mean_ir`; k is the number of labels that are counted.

    Returns:
        A ratio, >= 0; nan where fewer than two labels are counted, or one is infinite.

    Raises:
        TypeError, ValueError: As `mean_ir`.

    Source:
        Charte et al. 2015, as `irlbl`.
    """
    return _variation(_counted(irlbl(targets), absent))


def scumble_per_row(targets) -> np.ndarray:
    r"""How unequal in IRLbl the labels of a row are: 0 where they are alike, towards 1 where not.

    .. math:: 1 - \Bigl(\prod_{l \in Y_i} \mathrm{IRLbl}_l\Bigr)^{1/|Y_i|}
        \Big/ \frac{1}{|Y_i|} \sum_{l \in Y_i} \mathrm{IRLbl}_l

    Both means are over the row's own labels, as the authors' R package mldr computes them.

    Args:
        targets: 0 or 1, shape (n, k).

    Returns:
        Shape (n,), in [0, 1); 0 for a row with one label or none.

    Raises:
        TypeError, ValueError: As `measure`.

    Source:
        Charte, Rivera, del Jesus and Herrera 2014, Concurrence among imbalanced labels and its
        influence on multilabel resampling algorithms, HAIS, LNCS 8480, 110-121.
    """
    targets = as_targets(targets)
    return _scumble_of(targets, irlbl(targets))


def scumble(targets) -> float:
    """The mean of `scumble_per_row`: how entangled rare labels are with frequent ones.

    Args:
        targets: As in `scumble_per_row`.
    """
    return float(scumble_per_row(targets).mean())


def scumble_per_label(targets) -> np.ndarray:
    """The mean of `scumble_per_row` over the rows in which each label is true.

    Args:
        targets: 0 or 1, shape (n, k).

    Returns:
        Shape (k,), in [0, 1); nan for a label that is never true.

    Raises:
        TypeError, ValueError: As `measure`.

    Source:
        Charte, Rivera, del Jesus and Herrera 2019, Dealing with difficult minority labels in
        imbalanced mutilabel data sets, Neurocomputing 326, 39-53, arXiv:1802.05033: SCUMBLELbl,
        which their resampling REMEDIAL is built on.
    """
    targets = as_targets(targets)
    support = targets.sum(axis=0, dtype=np.int64)
    return _per_label(targets, _scumble_of(targets, irlbl(targets)), support)


def as_targets(targets, name: str = "targets") -> np.ndarray:
    """A table of 0 and 1 as uint8, shape (n, k); raises as `measure` says."""
    table = as_array(name, targets)
    if table.ndim != 2:
        raise ValueError(f"{name} must have shape (n_samples, n_labels), got {table.shape}")
    if 0 in table.shape:
        raise ValueError(f"{name} must have at least one row and one label, got {table.shape}")
    if table.dtype != np.bool_:
        check_binary(name, table)
    return np.ascontiguousarray(table, np.uint8)


def _counted(ratios: np.ndarray, absent: str) -> np.ndarray:
    """The ratios that a mean is taken of."""
    check_choice("absent", absent, ABSENT)
    if absent == "exclude":
        return ratios[~np.isnan(ratios)]
    return np.nan_to_num(ratios, nan=0.0 if absent == "zero" else np.inf, posinf=np.inf)


def _mean(ratios: np.ndarray) -> float:
    return float(ratios.mean()) if len(ratios) else float("nan")


def _variation(ratios: np.ndarray) -> float:
    if len(ratios) < 2 or not np.isfinite(ratios).all() or not ratios.any():
        return float("nan")
    return float(ratios.std(ddof=1) / ratios.mean())


def _scumble_of(targets: np.ndarray, ratios: np.ndarray) -> np.ndarray:
    known = np.nan_to_num(ratios, nan=1.0)  # an absent label is in no row
    held = targets.astype(np.float64)
    sizes = held.sum(axis=1)
    several = sizes > 1
    sizes = np.where(several, sizes, 1)
    # Products of hundreds of ratios would overflow; their logarithms do not.
    geometric = np.exp(held @ np.log(known) / sizes)
    arithmetic = np.where(several, held @ known / sizes, 1)
    return np.where(several, np.maximum(1 - geometric / arithmetic, 0), 0)


def _per_label(targets: np.ndarray, per_row: np.ndarray, support: np.ndarray) -> np.ndarray:
    sums = per_row @ targets.astype(np.float64)
    return np.where(support > 0, sums / np.where(support > 0, support, 1), np.nan)
