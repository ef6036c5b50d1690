"""Curves, balance and risk minimisers of every loss, against autograd, scipy and closed forms."""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar
from scipy.special import expit
from scipy.special import logit as log_odds

from mlcore.learn.response import (
    ETAS,
    PACKED,
    POINTS,
    Scene,
    balance,
    curves,
    landmarks,
    minimiser,
    packed,
    weight_shift,
)
from mlcore.losses import LOSSES

ETA = np.array([0.001, 5 / 512, 0.1, 0.35, 0.5, 0.8, 0.99])
SMALL = Scene(cells=12, positives=4, others=-0.7, low=-6.0, high=5.0)
PER_LABEL = [key for key, info in LOSSES.items() if info.unit == "label"]


def by_odds(factor):
    return ETA * factor / (ETA * factor + 1 - ETA)


CLOSED = [
    ("bce", {}, ETA),
    ("bce", {"label_smoothing": 0.2}, 0.8 * ETA + 0.1),
    ("bce_pos_weight", {"pos_weight": 7.0}, by_odds(7)),
    ("bce_pos_weight", {"pos_weight": "balanced"}, by_odds(507 / 5)),
    ("weighted_bce", {"positive_weight": 3.0, "negative_weight": 0.5}, by_odds(6)),
    ("focal", {"gamma": 0.0, "alpha": 0.25}, by_odds(1 / 3)),
    ("focal", {"gamma": 0.0, "alpha": 0.0}, np.zeros(len(ETA))),
    ("focal", {"gamma": 0.0, "alpha": 1.0}, np.ones(len(ETA))),
    ("asymmetric", {"gamma_pos": 0.0, "gamma_neg": 0.0, "margin": 0.0}, ETA),
    ("logit_adjusted", {"tau": 0.5}, expit(log_odds(ETA) - 0.5 * log_odds(5 / 512))),
]


@pytest.mark.parametrize(("key", "params", "expected"), CLOSED)
def test_minimiser_matches_its_closed_form(key, params, expected):
    # Weights are float32, which moves the odds by 1e-7 of their size.
    np.testing.assert_allclose(minimiser(key, params, ETA, Scene()), expected, rtol=3e-7, atol=1e-9)


def test_focal_minimiser_solves_its_fixed_point_equation():
    # eta (1-p)^g (g p log p - (1-p)) / p = (1-eta) p^g (g (1-p) log(1-p) - p) / (1-p), each
    # side times p (1-p) is the derivative of one side's loss along the logit.
    for gamma in (0.5, 2.0, 5.0):
        p = minimiser("focal", {"gamma": gamma}, ETA, Scene())
        true = (1 - p) ** gamma * (gamma * p * np.log(p) - (1 - p))
        false = p**gamma * (gamma * (1 - p) * np.log(1 - p) - p)
        np.testing.assert_allclose(ETA * true, (1 - ETA) * false, rtol=1e-6)


@pytest.mark.parametrize("key", PER_LABEL)
def test_minimiser_is_where_scipy_finds_the_least_risk(key):
    info = LOSSES[key]
    bound = info.bind({}, torch.tensor(Scene().targets("column")))
    found = minimiser(key, {}, ETA, Scene())

    def risk(z, eta):
        logits = torch.tensor([[z], [z]], dtype=torch.float64)
        targets = torch.tensor([[1.0], [0.0]], dtype=torch.float64)
        true, false = info.function(logits, targets, **bound, reduction="none")[:, 0].tolist()
        return eta * true + (1 - eta) * false

    for eta, probability in zip(ETA, found, strict=True):
        starts = np.linspace(-25, 25, 101)
        best = starts[np.argmin([risk(z, eta) for z in starts])]
        options = {"xatol": 1e-9}
        other = minimize_scalar(
            risk, args=(eta,), bounds=(best - 1, best + 1), method="bounded", options=options
        )
        at = risk(np.clip(log_odds(probability), -30, 30), eta)
        # The least value is flat, so scipy knows its place to about the root of rounding.
        assert at <= other.fun + 1e-12
        if at > other.fun - 1e-13:
            assert probability == pytest.approx(expit(other.x), abs=1e-5)


@pytest.mark.parametrize("asked", [curves, balance])
def test_arguments_may_be_given_by_name(asked):
    named = asked(key="bce", params={}, scene=SMALL)
    np.testing.assert_array_equal(named, asked("bce", {}, SMALL))


@pytest.mark.parametrize("key", LOSSES)
def test_curves_and_balance_are_what_autograd_gives(key):
    info = LOSSES[key]
    bound = info.bind({}, torch.tensor(SMALL.targets("column")))
    targets = torch.tensor(SMALL.targets(info.unit))

    def slopes(logits, targets):
        logits.requires_grad_()
        loss = info.function(logits, targets, **bound, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, logits)
        return loss.item(), gradient

    found = curves(key, {}, SMALL)
    width = targets.shape[1] + info.extra_outputs
    for is_true, lines in ((1, found[:2]), (0, found[2:])):
        for place in (0, 37, 200, POINTS - 1):
            row, label = (targets == is_true).nonzero()[0].tolist()
            table = targets
            logits = torch.full((len(table), width), SMALL.others, dtype=torch.float64)
            if info.unit == "label":
                table, logits, row, label = targets[row, label].view(1, 1), logits[:1, :1], 0, 0
            logits[row, label] = SMALL.logits()[place]
            value, gradient = slopes(logits, table)
            expected = [value, gradient[row, label].item()]
            np.testing.assert_allclose(lines[:, place], expected, rtol=1e-6, atol=1e-12)
    if info.unit == "label":
        targets, width = targets.reshape(-1, 1), 1
    for place, z in enumerate((0.0, SMALL.prior_logit, SMALL.others)):
        logits = torch.full((len(targets), width), z, dtype=torch.float64)
        _, gradient = slopes(logits, targets)
        pull = gradient[:, : targets.shape[1]].abs()
        expected = [(pull * (1 - targets)).sum().item(), (pull * targets).sum().item()]
        np.testing.assert_allclose(balance(key, {}, SMALL)[place], expected, rtol=1e-6, atol=1e-12)


def test_the_start_is_what_bce_says_by_hand():
    start, at_prior, _ = balance("bce", {}, Scene())
    assert start.tolist() == [507 / 2, 5 / 2]
    np.testing.assert_allclose(at_prior, [507 * 5 / 512, 5 * 507 / 512])
    marks = landmarks("bce", {}, Scene())
    assert marks["ratio_start"] == pytest.approx(507 / 5)
    assert marks["easy"] == pytest.approx(2 * expit(-4))
    assert marks["pulled"] == pytest.approx(5 / 512)
    assert landmarks("softmax", {}, Scene())["pulled"] is None


def test_packed_figures_lie_where_the_browser_looks():
    scene = Scene(cells=64, positives=3, others=1.0)
    asked = [("focal", {"gamma": 3.0}), ("softmax", {})]
    table = np.frombuffer(packed(asked, scene), "<f4").reshape(2, PACKED)
    for (key, params), figures in zip(asked, table, strict=True):
        lines, sums, pulled = np.split(figures, [4 * POINTS, 4 * POINTS + 6])
        np.testing.assert_allclose(lines, curves(key, params, scene).ravel(), rtol=1e-6, atol=1e-30)
        np.testing.assert_allclose(sums, balance(key, params, scene).ravel(), rtol=1e-6)
        if key == "softmax":
            assert np.isnan(pulled).all()
        else:
            exact = minimiser(key, params, np.linspace(0, 1, ETAS), scene)
            np.testing.assert_allclose(pulled, exact, atol=2e-5)  # a tenth of a pixel
    assert not curves("focal", {"gamma": 3.0}, scene).flags.writeable


def test_a_scene_holds_as_many_cells_and_positives_as_it_says():
    for cells, positives in ((512, 5), (8, 7), (2, 1), (7, 3)):
        scene = Scene(cells=cells, positives=positives)
        for unit in ("row", "column", "batch"):
            targets = scene.targets(unit)
            assert targets.size == cells
            assert targets.sum() == positives
            assert targets.flat[0] == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"cells": 1}, "cells must be >= 2"),
        ({"cells": 10**9}, "cells must be <= 2048"),
        ({"positives": 0}, "positives must be >= 1"),
        ({"positives": 512}, "positives must be <= 511"),
        ({"others": float("nan")}, "others must be finite"),
        ({"low": 3.0, "high": 3.0}, "low must be < high"),
    ],
)
def test_a_scene_that_cannot_be_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        Scene(**wrong)


def test_unknown_losses_and_probabilities_outside_are_refused():
    with pytest.raises(ValueError, match="loss must be one of"):
        curves("hinge", {}, Scene())
    with pytest.raises(ValueError, match="gamma must be >= 0"):
        minimiser("focal", {"gamma": -1.0}, [0.5], Scene())
    with pytest.raises(ValueError, match=r"etas must be in \[0, 1\]"):
        minimiser("bce", {}, [np.nan], Scene())


@pytest.mark.parametrize("weight", [0.02, 1.0, 9.0, 500.0])
def test_a_weight_shifts_by_its_logarithm_and_moves_the_threshold(weight):
    found = weight_shift(weight)
    assert [found["low"], found["high"]] == pytest.approx([np.log(weight)] * 2, abs=2e-6)
    assert found["threshold"] == pytest.approx(1 / (1 + weight), abs=2e-6)
