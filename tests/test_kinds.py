"""Labels and scores of every kind that people have give what NumPy arrays of them give."""

from dataclasses import fields, is_dataclass

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse

from mlcore import calibration, imbalance, losses, metrics, thresholds
from mlcore.checks import as_array
from mlcore.datasets import Dataset
from mlcore.datasets.base import split_rows
from mlcore.files import Scored, example_csv
from mlcore.learn import comparison, information
from mlcore.losses import LOSSES
from mlcore.thresholds import RULES, Choice, ThresholdSweep
from tests.test_checks import SPARSE

N, K = 40, 4
RNG = np.random.default_rng(0)
TARGETS = (RNG.random((N, K)) < 0.4).astype(np.int64)
PREDICTIONS = (RNG.random((N, K)) < 0.5).astype(np.int64)
# Few digits, so that half precision has just these numbers, and a third of them is 0.
PROBABILITIES = np.maximum(RNG.integers(-8, 17, (N, K)), 0) / 16
LOGITS = RNG.integers(-32, 33, (N, K)) / 8
SHARES = np.array([[0.5, 0.25, 0.25, 0.0], [0.0, 0.0, 0.5, 0.5]])


def frame(table, dtype):
    return pd.DataFrame(table, columns=list("abcd")[: table.shape[-1]]).astype(dtype)


def mixed(table):
    """A frame of three dtypes, one of them nullable."""
    whole = "bool" if set(np.unique(table)) <= {0, 1} else "float64"
    return frame(table, "Float64").astype({"a": whole, "b": "float32"})


KINDS = {
    "float32": np.float32,
    "float16": np.float16,
    "objects": lambda table: table.astype(object),
    "not in one piece": lambda table: np.asfortranarray(np.repeat(table, 2, axis=1))[:, ::2],
    "lists": np.ndarray.tolist,
    "tensor": lambda table: torch.tensor(table, dtype=torch.float64),
    "tensor with a gradient": lambda table: torch.tensor(table).double().requires_grad_(),
    "bfloat16": lambda table: torch.tensor(table, dtype=torch.bfloat16),
    "sparse tensor": lambda table: torch.tensor(table, dtype=torch.float64).to_sparse(),
    "frame": lambda table: frame(table, "float64"),
    "nullable frame": lambda table: frame(table, "Float64"),
    "mixed frame": mixed,
    "sparse frame": lambda table: frame(table, pd.SparseDtype("float64", 0.0)),
    **{form.__name__: form for form in SPARSE},
}
OF_LABELS = {
    "bool": np.bool_,
    "uint8": np.uint8,
    "bool tensor": lambda table: torch.tensor(table, dtype=torch.bool),
    "bool frame": lambda table: frame(table, "bool"),
    "boolean frame": lambda table: frame(table, "boolean"),
    "Int8 frame": lambda table: frame(table, "Int8"),
    "sparse bool": lambda table: sparse.csr_array(table.astype(bool)),
    "float16 tensor": lambda table: torch.tensor(table, dtype=torch.float16),
}


def a_dataset(y):
    parts = dict(zip(("train", "validation", "test"), split_rows(N), strict=True))
    told = dict.fromkeys(("name", "description", "source", "licence"), "")
    return Dataset(x=LOGITS, y=y, label_names=tuple("abcd"), **parts, **told).y


def scored(**tables):
    return Scored(kind="logits", label_names=list("abcd"), **tables)


def swept(targets, probabilities, **options):
    """All that a sweep and thresholds that move give."""
    sweep = ThresholdSweep(targets, probabilities, **options)
    moving = sweep.moving(0.5)
    return [sweep.frame(), sweep.at(0.3), sweep.labels_at(0.3), sweep.best_per_label(),
            moving.move(0, 0.25), sweep.support, sweep.best("micro_f1")]  # fmt: skip


def compared(targets, probabilities):
    choices = {"half": Choice(rule="half", threshold=0.5)}
    rows = targets, probabilities
    return thresholds.compare(choices, rows, rows, resamples=10, most_rows=30)


def chosen(rule):
    def by_rule(targets, probabilities):
        choice = thresholds.choose(rule, targets, probabilities)
        return [choice.top, choice.predict(probabilities)]

    return by_rule


# What takes tables, with these in the order in which it takes them.
T, P, Q, L, S = "targets", "predictions", "probabilities", "logits", "scores"
FUNCTIONS = {
    "decide": ((Q,), lambda q: thresholds.decide(q, [0.5, 0.25, 0.0, 1.0])),
    "Choice.predict": ((Q,), Choice(rule="half", threshold=0.5).predict),
    "Choice.predict, top": ((Q,), Choice(rule="top", top=2).predict),
    "ThresholdSweep": ((T, Q), swept),
    "ThresholdSweep, distinct": ((T, Q), lambda *rows: swept(*rows, thresholds="distinct")),
    "figures_of": ((T, P), thresholds.figures_of),
    "bootstrap_band": ((T, P), lambda *rows: thresholds.bootstrap_band(*rows, ["macro_f1"])),
    "compare": ((T, Q), compared),
    **{f"choose {rule}": ((T, Q), chosen(rule)) for rule in RULES},
    "average": ((T, P), lambda *rows: metrics.average(*rows, "weighted").value),
    "counts": ((T, P), lambda *rows: metrics.counts(*rows, "label")),
    "cells": ((T, P), lambda *rows: metrics.cells(*rows, "f1")),
    "f1_of_means": ((T, P), metrics.f1_of_means),
    "classification_report": ((T, P), metrics.classification_report),
    "metrics.scores": ((T, Q), metrics.scores),
    "row_table": ((T, P), lambda *rows: metrics.row_table(*rows, list("abcd"))),
    "ranking_scores": ((T, S), metrics.ranking_scores),
    "row_ranks": ((S,), metrics.row_ranks),
    "float32_probabilities": ((L,), metrics.float32_probabilities),
    "brier": ((T, Q), calibration.brier),
    "reliability": ((T, Q), calibration.reliability),
    "reliability, quantile": ((T, Q), lambda *r: calibration.reliability(*r, strategy="quantile")),
    "expected_calibration_error": ((T, Q), calibration.expected_calibration_error),
    "lipton_threshold": ((Q, T), lambda q, y: calibration.lipton_threshold(q, y).f1),
    "lipton_threshold, expected": ((Q,), lambda q: calibration.lipton_threshold(q).predicted),
    "undo_pos_weight": ((Q,), lambda q: calibration.undo_pos_weight(q, 1.0, kind="probabilities")),
    "undo_pos_weight, logits": ((L,), lambda z: calibration.undo_pos_weight(z, 1.0, kind="logits")),
    "weight_is_a_threshold": ((Q,), lambda q: calibration.weight_is_a_threshold(q, 3.0)),
    **{
        name: ((T,), getattr(imbalance, name))
        for name in ("measure", "irlbl", "mean_ir", "cvir", "scumble", "scumble_per_label",
                     "scumble_per_row")
    },
    "companions": ((T,), lambda y: imbalance.companions(y, [0, 1, 2, 2])),
    "label_f1": ((T, P), imbalance.label_f1),
    "Pairs": ((T,), lambda y: imbalance.Pairs(y).table("lift")),
    **{
        f"pos_weights {scheme}": ((T,), lambda y, scheme=scheme: losses.pos_weights(y, scheme))
        for scheme in ("none", "balanced", "sqrt", "effective")
    },
    "label_counts": ((T,), losses.label_counts),
    "label_priors": ((T,), losses.label_priors),
    "LossInfo.bind, scheme": (
        (T,), lambda y: LOSSES["bce_pos_weight"].bind({"pos_weight": "sqrt"}, y)["pos_weight"]
    ),
    "LossInfo.bind, counts": ((T,), lambda y: LOSSES["class_balanced"].bind({}, y)["counts"]),
    "Dataset": ((T,), a_dataset),
    "Scored": ((T, S), lambda y, s: [scored(targets=y, scores=s).targets,
                                     scored(targets=y, scores=s).scores]),
    "example_csv": ((T, S), lambda y, s: example_csv(y, s, list("abcd"))),
    "comparison.compare": ((L, T), comparison.compare),
    "comparison.reductions": ((L, T), comparison.reductions),
    "logits_of": (("inner",), comparison.logits_of),
    **{
        name: (("shares",), getattr(information, name)) for name in ("surprise", "entropy")
    },
    **{
        name: (("shares", "shares"), getattr(information, name))
        for name in ("cross_entropy", "kl_divergence", "bernoulli_kl", "bernoulli_cross_entropy")
    },
}  # fmt: skip
TABLES = {T: TARGETS, P: PREDICTIONS, Q: PROBABILITIES, L: LOGITS, S: LOGITS, "shares": SHARES}
TABLES["inner"] = (PROBABILITIES + 1) / 3 // 0.0625 * 0.0625 + 0.0625


def plain(found):
    """What a function gave, in lists and numbers."""
    if isinstance(found, torch.Tensor) or hasattr(found, "toarray"):
        return as_array("found", found).astype(np.float64)
    if isinstance(found, pd.DataFrame):
        return [found[column].tolist() for column in found]
    if is_dataclass(found):
        return [plain(getattr(found, field.name)) for field in fields(found)]
    if isinstance(found, dict):
        return [plain(value) for value in found.values()]
    return [plain(part) for part in found] if isinstance(found, (list, tuple)) else found


def same(found, expected):
    """Whether it is equal, up to what is lost where a sum is added up in float32."""
    if isinstance(expected, list):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            same(one, other)
    elif isinstance(expected, (str, type(None))):
        assert found == expected
    else:
        # Half precision in, half precision out: float16 of a logit has 11 bits.
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-12)


def call(name, kind, only=None):
    """What a function gives for tables of a kind; only one of them where its place is given."""
    takes, function = FUNCTIONS[name]
    make = {**KINDS, **OF_LABELS}[kind]
    tables = [
        make(TABLES[table].copy()) if only in (None, place) else TABLES[table]
        for place, table in enumerate(takes)
    ]
    return plain(function(*tables))


@pytest.fixture(scope="module")
def expected():
    return {name: plain(function(*(TABLES[table] for table in takes)))
            for name, (takes, function) in FUNCTIONS.items()}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_kind_of_table_gives_what_an_array_gives(name, kind, expected):
    same(call(name, kind), expected[name])


@pytest.mark.parametrize("kind", OF_LABELS)
@pytest.mark.parametrize("name", [name for name, (takes, _) in FUNCTIONS.items() if T in takes])
def test_every_kind_of_labels_gives_what_an_array_gives(name, kind, expected):
    same(call(name, kind, only=FUNCTIONS[name][0].index(T)), expected[name])


@pytest.mark.parametrize("kind", ["tensor", "bfloat16", "bool tensor"])
def test_a_tensor_is_decided_and_weighed_as_a_tensor(kind):
    targets = {**KINDS, **OF_LABELS}[kind](TARGETS)
    for found in (thresholds.decide(targets, 0.5), losses.pos_weights(targets, "sqrt"),
                  losses.label_counts(targets), losses.label_priors(targets)):  # fmt: skip
        assert isinstance(found, torch.Tensor)
        assert found.dtype in (torch.bool, torch.float32, torch.float64)


NO_NUMBERS = {
    "nothing": None,
    "a word": "cat",
    "words": [["cat"] * K] * N,
    "a mapping": {"cat": [1, 0]},
    "ragged rows": [[1, 0], [1]],
    "missing": pd.DataFrame(TARGETS).astype("Int64").mask(TARGETS == 1),
    "not a number": np.full((N, K), np.nan),
    "infinite": torch.full((N, K), torch.inf),
}
NO_TABLES = {
    "a row alone": np.ones(K),
    "a cube": np.ones((2, N, K)),
    "no row": frame(np.ones((0, K)), "float64"),
    "no label": sparse.csr_array((N, 0)),
}
# What is called otherwise where it is refused.
SAID = {"shares": ("p", "q"), "inner": ("probabilities",)}
NAMES = {"Dataset": "y", "undo_pos_weight": "scores", "undo_pos_weight, logits": "scores"}


def check_refused(name, nonsense):
    takes, function = FUNCTIONS[name]
    for place, taken in enumerate(takes):
        tables = [TABLES[table] for table in takes]
        tables[place] = nonsense
        with pytest.raises((ValueError, TypeError)) as caught:
            function(*tables)
        said = {taken, SAID.get(taken, takes)[place], NAMES.get(name, taken)}
        assert any(name in str(caught.value) for name in said)


@pytest.mark.parametrize("nonsense", NO_NUMBERS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_is_no_numbers_is_refused_with_the_name_of_the_argument(name, nonsense):
    if (name, nonsense) == ("lipton_threshold", "nothing"):
        return  # it needs no targets
    check_refused(name, NO_NUMBERS[nonsense])


@pytest.mark.parametrize("nonsense", NO_TABLES)
@pytest.mark.parametrize(
    "name", [name for name, (takes, _) in FUNCTIONS.items() if T in takes and len(takes) > 1]
)
def test_what_is_no_table_of_that_shape_is_refused(name, nonsense):
    takes, function = FUNCTIONS[name]
    tables = [NO_TABLES[nonsense], *(TABLES[table] for table in takes[1:])]
    with pytest.raises(ValueError, match=r"shape|at least one row"):
        function(*tables)
