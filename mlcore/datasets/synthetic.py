"""A generator with known truth: the exact probability of every label is kept."""

import numpy as np

from mlcore.checks import Parameter
from mlcore.datasets.base import SEED, Dataset, DatasetInfo, split_rows
from mlcore.lazy import special

N_FACTORS = 4  # rank of the copula
ROWS_AT_ONCE = 2000  # keeps the memory for 1,000 labels × 20,000 rows small


def make_synthetic(
    *,
    labels: int = 100,
    rows: int = 4000,
    features: int = 64,
    cardinality: float = 5.0,
    exponent: float = 1.0,
    cap: float = 0.3,
    signal: float = 2.0,
    correlation: float = 0.0,
    missing: float = 0.0,
    seed: int = 0,
) -> Dataset:
    r"""Gaussian features, and labels drawn with a probability that is linear in them.

    .. math:: x \sim N(0, I), \quad P(y_j = 1 \mid x) = \sigma(\mathrm{signal} \, a_j^T x + b_j)

    with unit vectors a_j, and b_j such that label j holds for a share pi_j of all rows. Given x,
    labels are tied to each other by a Gaussian copula of rank 4: label j holds where a standard
    normal variable z_j has Phi(z_j) < P(y_j = 1 | x), and

    .. math:: z_j = \sqrt{\rho} \, l_j^T f + \sqrt{1 - \rho} \, \varepsilon_j

    with factors f shared by the labels of a row, and unit vectors l_j >= 0. Each z_j alone stays
    standard normal, so P(y_j = 1 | x) is exact for every correlation rho.

    Args:
        labels: k, 2 to 1,000.
        rows: n, 100 to 20,000.
        features: d, 1 to 512.
        cardinality: Mean labels per row, the sum of the pi_j, 0.1 to 50.
        exponent: Zipf's s, 0 to 3: pi_j falls with rank^-s.
        cap: Largest pi_j allowed, 0.01 to 0.9; what is above goes to the other labels.
        signal: Standard deviation of the logits, 0 to 10. With 0, x tells nothing.
        correlation: rho, 0 to 0.95. The z of two labels correlate by rho times the cosine of
            the angle between their l.
        missing: Share of the ones in y that are set to 0 in training rows only, 0 to 0.9.
            Validation and test rows keep all their labels, and probabilities stay the truth.
        seed: Fixes all that is drawn.

    Returns:
        x of shape (rows, features), y and probabilities of shape (rows, labels); label 1 is the
        most frequent.

    Raises:
        ValueError: If cardinality > labels * cap.
    """
    prevalence = prevalences(labels, cardinality, exponent, cap)
    rng = np.random.default_rng(seed)
    directions = unit_vectors(rng.standard_normal((labels, features)))
    loadings = unit_vectors(np.abs(rng.standard_normal((labels, N_FACTORS))))
    x = rng.standard_normal((rows, features), np.float32)
    intercepts = solve_intercepts(prevalence, signal)
    probabilities = np.empty((rows, labels))
    y = np.empty((rows, labels), np.uint8)
    for start in range(0, rows, ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        probabilities[part] = special.expit(signal * (x[part] @ directions.T) + intercepts)
        factors = rng.standard_normal((len(x[part]), N_FACTORS))
        noise = rng.standard_normal((len(x[part]), labels))
        z = np.sqrt(correlation) * (factors @ loadings.T) + np.sqrt(1 - correlation) * noise
        y[part] = special.ndtr(z) < probabilities[part]
    train, validation, test = split_rows(rows)
    hide(y, train, missing, rng)
    return Dataset(
        **INFO.told,
        x=x,
        y=y,
        label_names=[f"label {rank}" for rank in range(1, labels + 1)],
        train=train,
        validation=validation,
        test=test,
        probabilities=probabilities,
    )


def prevalences(labels: int, cardinality: float, exponent: float, cap: float) -> np.ndarray:
    """Shares that fall with rank^-exponent, sum to cardinality and are nowhere above cap.

    Raises:
        ValueError: If cardinality > labels * cap.

    Example:
        >>> prevalences(4, 1.0, 1.0, cap=0.4).round(3)
        array([0.4  , 0.277, 0.185, 0.138])
    """
    if cardinality > labels * cap * (1 + 1e-9):  # 3 * 0.7 is a little less than 2.1
        raise ValueError(
            f"cardinality must be <= labels * cap = {labels} * {cap:g} = {labels * cap:g}, "
            f"got {cardinality:g}"
        )
    weights = np.arange(1.0, labels + 1) ** -exponent
    from_rank = np.cumsum(weights[::-1])[::-1]
    # If the first m labels stand at the cap, the others share the rest. The right m is the
    # smallest with which no other label is pushed above the cap.
    scales = (cardinality - cap * np.arange(labels)) / from_rank
    fits = scales * weights <= cap
    capped = np.argmax(fits) if fits.any() else labels - 1
    return np.minimum(scales[capped] * weights, cap)


def solve_intercepts(prevalence: np.ndarray, signal: float) -> np.ndarray:
    """The b with E[sigmoid(signal * t + b)] = prevalence for t ~ N(0, 1), shape (k,)."""
    from scipy.optimize.elementwise import find_root

    # The plain sum over an even grid is exact to rounding here: the integrand is smooth and
    # vanishes at the ends, and its poles are at least pi / 10 off the real line.
    t = np.linspace(-12, 12, 601)
    weights = np.exp(-(t**2) / 2)
    weights /= weights.sum()

    def excess(intercepts: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        return special.expit(signal * t + intercepts[..., None]) @ weights - wanted

    centre, reach = special.logit(prevalence), signal * 12 + 1
    return find_root(excess, (centre - reach, centre + reach), args=(prevalence,)).x


def unit_vectors(rows: np.ndarray) -> np.ndarray:
    """Each row divided by its length."""
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def hide(y: np.ndarray, train: np.ndarray, missing: float, rng: np.random.Generator) -> None:
    """Set a share of the ones in the training rows of y to 0, in place."""
    row, label = np.nonzero(y[train])
    hidden = rng.permutation(len(row))[: round(missing * len(row))]
    y[train[row[hidden]], label[hidden]] = 0


INFO = DatasetInfo(
    name="synthetic",
    title="Synthetic",
    description="Generated rows with labels as rare and entangled as asked, and known truth.",
    source="generated by mlcore.datasets.synthetic",
    licence="MIT (generated by this project's code)",
    parameters=(
        Parameter(
            name="labels",
            title="Labels",
            default=100,
            range=(2, 1000),
            help="How many labels there are; label 1 is the most frequent.",
        ),
        Parameter(
            name="rows",
            title="Rows",
            default=4000,
            range=(100, 20_000),
            step=100,
            help="How many rows are drawn, for all three parts together.",
        ),
        Parameter(
            name="features",
            title="Features",
            default=64,
            range=(1, 512),
            help="How many columns x has; all of them matter to every label.",
        ),
        Parameter(
            name="cardinality",
            title="Labels per row",
            default=5.0,
            range=(0.1, 50.0),
            step=0.1,
            help="How many labels are true per row on average, before any are hidden.",
        ),
        Parameter(
            name="exponent",
            title="Zipf exponent",
            default=1.0,
            range=(0.0, 3.0),
            step=0.1,
            help="How steeply labels get rarer with their rank; at 0 all are equal.",
        ),
        Parameter(
            name="cap",
            title="Highest prevalence",
            default=0.3,
            range=(0.01, 0.9),
            step=0.01,
            help="Largest share of rows in which a label may be true; the rest goes to rarer "
            "labels.",
        ),
        Parameter(
            name="signal",
            title="Signal",
            default=2.0,
            range=(0.0, 10.0),
            step=0.1,
            help="How much x tells of the labels; at 0 it tells nothing.",
        ),
        Parameter(
            name="correlation",
            title="Label correlation",
            default=0.0,
            range=(0.0, 0.95),
            step=0.05,
            help="How strongly labels co-occur beyond what x explains.",
        ),
        Parameter(
            name="missing",
            title="Missing labels",
            default=0.0,
            range=(0.0, 0.9),
            step=0.05,
            help="Share of true labels hidden in training rows; validation and test rows stay "
            "complete.",
        ),
        SEED,
    ),
    function=make_synthetic,
)
