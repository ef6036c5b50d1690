"""All thresholds at once of tensors, lists and what is on a device."""

from itertools import product

import numpy as np
import pytest
import torch

import mlcore.thresholds.counts
from mlcore.thresholds import ThresholdSweep
from mlcore.thresholds.counts import _on_device, _on_processor, count_once
from tests.threshold_definitions import CASES, CLOSE, NAN, assert_close, problem


def test_tensors_and_lists_count_like_arrays():
    targets, probabilities = problem()
    expected = ThresholdSweep(targets, probabilities)
    model_output = torch.tensor(probabilities, requires_grad=True)
    for actual in (
        ThresholdSweep(torch.tensor(targets), model_output),
        ThresholdSweep(torch.tensor(targets).float(), model_output),
        ThresholdSweep(torch.tensor(targets).bool(), model_output.detach().T.contiguous().T),
        ThresholdSweep(targets.tolist(), probabilities.tolist()),
        ThresholdSweep(np.asfortranarray(targets.astype(bool)), np.asfortranarray(probabilities)),
        ThresholdSweep(targets, probabilities, thresholds=torch.tensor(expected.thresholds)),
    ):
        for name, figure in expected.figures.items():
            np.testing.assert_array_equal(actual.figures[name], figure)
        assert actual.at([0.3] * 9) == expected.at([0.3] * 9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("limits", [[], [0.25], np.arange(1, 101) / 100], ids=len)
@pytest.mark.parametrize("case", CASES)
def test_a_device_counts_like_the_processor(case, limits, dtype, monkeypatch):
    """What a GPU does, done by torch on the processor."""
    monkeypatch.setattr(mlcore.thresholds.counts, "DEVICE_CELLS", 2_000)  # several blocks
    targets, probabilities = CASES[case][0], CASES[case][1].astype(dtype)
    tensors = torch.tensor(targets), torch.tensor(probabilities)
    limits = np.array(limits, dtype)
    labels, rows, *totals = _on_processor(targets, probabilities, limits, 4.0)
    on_device = _on_device(*tensors, limits, 4.0)
    np.testing.assert_array_equal(on_device[0], labels)
    np.testing.assert_allclose(on_device[1], rows, **CLOSE)
    for actual, expected in zip(on_device[2:], totals, strict=True):
        np.testing.assert_array_equal(actual, expected)
    once = np.full(targets.shape[1], 0.25, dtype)
    for actual, expected in zip(
        count_once(*tensors, once), count_once(targets, probabilities, once), strict=True
    ):
        np.testing.assert_array_equal(actual, expected)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU that torch can use")
def test_a_gpu_gives_the_figures_of_the_processor():
    for (targets, probabilities), thresholds in product(CASES.values(), (101, "distinct")):
        options = {"thresholds": thresholds, "zero_division": NAN}
        expected = ThresholdSweep(targets, probabilities, **options)
        actual = ThresholdSweep(targets, torch.tensor(probabilities, device="cuda"), **options)
        each = np.linspace(0, 1, targets.shape[1])
        assert_close(actual.figures, expected.figures)
        assert_close(actual.at(each), expected.at(each))
        assert_close(actual.labels_at(each), expected.labels_at(each))
        np.testing.assert_array_equal(actual.best_per_label(), expected.best_per_label())
        assert_close(actual.moving(0.3).move(0, 0.7), expected.moving(0.3).move(0, 0.7))
    with pytest.raises(ValueError, match=r"probabilities must be in \[0, 1\], got nan"):
        ThresholdSweep(torch.tensor([[1]]), torch.tensor([[NAN]], device="cuda"))
