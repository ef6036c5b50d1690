"""Every specimen really runs: its error, or its number against a definition of its own."""

import math

import numpy as np
import pytest

from mlcore.datasets import load
from mlcore.learn.pitfalls import (
    OUTCOMES,
    SPECIMENS,
    Specimen,
    focal_variant,
    judge,
    negative_curves,
    run,
    turning_point,
)
from mlcore.learn.pitfalls.runner import execute
from mlcore.workers import pool

LOGITS = np.array([[2.0, -1.0, 0.5], [0.0, 1.5, -2.0]])
TARGETS = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
TRUE = {  # the loss of each repair among the errors, in float64
    "loss-constructor": "mean",
    "int-targets": "mean",
    "bce-outside": "mean",
    "size-average": "sum",
}


def bce(p, y):
    """Cross entropy of probabilities, by its definition in float64."""
    p, y = np.asarray(p, float), np.asarray(y, float)
    return -(np.log(np.where(y == 1, p, 1 - p)))


def sigmoid(z):
    return 1 / (1 + np.exp(-np.asarray(z, float)))


def wrong(key: str):
    return execute(SPECIMENS[key].wrong).figures


def repair(key: str):
    return execute(SPECIMENS[key].repair).figures


@pytest.mark.parametrize("key", SPECIMENS)
def test_specimen_does_what_the_page_says(key):
    specimen = SPECIMENS[key]
    first, second = execute(specimen.wrong), execute(specimen.repair)
    assert specimen.key == key
    assert specimen.outcome in OUTCOMES
    assert judge(first, second) == specimen.outcome
    kind, message = specimen.error
    if specimen.outcome == "error":
        assert first.error == kind
        assert message in first.message
        assert 1 <= first.line <= len(specimen.wrong.splitlines())
    else:
        assert first.error == ""
        assert [text for text in first.warnings if text.startswith(f"{kind}: ")] == list(
            first.warnings
        )
        assert bool(kind) == bool(first.warnings)
        assert all(message in text for text in first.warnings)
    assert second.error == ""
    assert second.warnings == ()
    assert second.output


def test_the_line_named_is_the_one_that_raised():
    named = {
        key: specimen.wrong.splitlines()[execute(specimen.wrong).line - 1]
        for key, specimen in SPECIMENS.items()
        if specimen.outcome == "error"
    }
    assert named["linear-keyword"].startswith("layer = nn.Linear(input_dim=")
    assert named["loss-constructor"] == "loss = nn.BCEWithLogitsLoss(logits, targets)"
    assert named["reduction-none"] == "loss = criterion(logits, targets)", "not the constructor"
    assert named["default-called"].startswith("loss = focal(")
    assert len(named) == 7


def test_the_repaired_default_is_a_mean():
    assert repair("default-called")["loss"] == pytest.approx(0.25 * np.log(2), rel=1e-6)


@pytest.mark.parametrize(("key", "reduction"), TRUE.items())
def test_repairs_of_errors_give_the_loss(key, reduction):
    expected = getattr(bce(sigmoid(LOGITS), TARGETS), reduction)()
    assert repair(key)["loss"] == pytest.approx(expected, rel=1e-6)  # float32


def test_the_other_repairs_of_errors():
    assert repair("linear-keyword")["parameters"] == 16 * 3 + 3
    assert repair("width")["loss"] == pytest.approx(math.log(2), rel=1e-6)
    np.testing.assert_allclose(
        repair("reduction-none")["loss"], bce(sigmoid(LOGITS), TARGETS), rtol=1e-6
    )
    assert wrong("size-average")["loss"] == repair("size-average")["loss"]


def test_bce_on_logits_within_its_range_is_silently_wrong():
    z, y = [0.9, 0.2], [1, 0]
    assert wrong("bce-inside")["loss"] == pytest.approx(bce(z, y).mean(), rel=1e-6)
    assert repair("bce-inside")["loss"] == pytest.approx(bce(sigmoid(z), y).mean(), rel=1e-6)
    assert wrong("bce-inside")["loss"] == pytest.approx(0.164, abs=5e-4)
    assert repair("bce-inside")["loss"] == pytest.approx(0.570, abs=5e-4)


def test_bce_includes_no_sigmoid():
    assert wrong("bce-includes-sigmoid")["loss"] == 0
    assert repair("bce-includes-sigmoid")["loss"] == pytest.approx(math.log(2), rel=1e-6)


def test_a_sigmoid_too_many():
    z, y = [6, -6], [1, 0]
    expected = bce(sigmoid(sigmoid(z)), y).mean()
    assert wrong("sigmoid-twice")["loss"] == pytest.approx(expected, rel=1e-6)
    # float32 holds 1 + exp(-6) to about 1e-7, a hundredth of a thousandth of the loss.
    expected = bce(sigmoid(z), y).mean()
    assert repair("sigmoid-twice")["loss"] == pytest.approx(expected, rel=1e-4)


def test_saturated_bce_has_another_loss_and_no_gradient():
    assert wrong("saturated")["loss"] == 100
    assert wrong("saturated")["gradient"] == 0
    assert repair("saturated")["loss"] == pytest.approx(math.log1p(math.exp(20)), rel=1e-6)
    assert repair("saturated")["gradient"] == pytest.approx(sigmoid(20), rel=1e-6)


def test_uninitialised_memory_holds_no_ones():
    # What it holds cannot be known; ten thousand ones by chance can be ruled out.
    means = [wrong("uninitialised")["mean"] for _ in range(5)]
    assert all(mean != 1 for mean in means)
    assert repair("uninitialised")["mean"] == 1


def test_one_hot_loses_the_other_labels():
    z = [[3, -3, 3, -3, 3]]
    for part, y in ((wrong, [[1, 0, 0, 0, 0]]), (repair, [[1, 0, 1, 0, 1]])):
        found = part("one-hot")
        assert found["encoded"] == y
        assert found["loss"] == pytest.approx(bce(sigmoid(z), y).mean(), rel=1e-5)


def test_softmax_counts_a_row_by_its_labels():
    np.testing.assert_allclose(
        wrong("softmax-unnormalised")["losses"], np.log(5) * np.array([1, 4]), rtol=1e-6
    )
    np.testing.assert_allclose(repair("softmax-unnormalised")["losses"], np.log([5, 5]), rtol=1e-6)


def test_weight_raises_negatives_too():
    weighted = [[3 * math.log(2)] * 4]
    np.testing.assert_allclose(wrong("weight-for-pos-weight")["losses"], weighted, rtol=1e-6)
    np.testing.assert_allclose(
        repair("weight-for-pos-weight")["losses"],
        np.array([[3, 1, 1, 1]]) * math.log(2),
        rtol=1e-6,
    )


def test_alpha_is_the_factor_of_positives():
    import torch

    from mlcore.losses import focal

    unweighted = 0.5**2 * math.log(2)
    np.testing.assert_allclose(
        wrong("alpha-turned")["losses"], [[0.75 * unweighted, 0.25 * unweighted]], rtol=1e-6
    )
    lin = focal(
        torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]), gamma=2.0, alpha=0.25, reduction="none"
    )
    np.testing.assert_allclose(repair("alpha-turned")["losses"], lin, rtol=1e-6)


def test_the_focal_variant_predicts_everything():
    true = repair("focal-variant")["true"]
    assert wrong("focal-variant")["predicted"] == 20, "all labels of all rows"
    assert repair("focal-variant")["predicted"] < true < 3


def test_balanced_weights_overshoot():
    found, repaired = wrong("balanced-overshoots"), repair("balanced-overshoots")
    assert found["predicted"] > 2 * repaired["predicted"]
    assert repaired["f1"] > found["f1"] + 0.05


def test_thresholds_tuned_on_test_rows_flatter():
    assert wrong("tuned-on-test")["f1"] > repair("tuned-on-test")["f1"] + 0.1


def test_precision_is_not_accuracy():
    assert wrong("precision-as-accuracy")["accuracy"] == 1
    assert {
        name: repair("precision-as-accuracy")[name]
        for name in ("precision", "recall", "jaccard", "hamming", "exact")
    } == {"precision": 1, "recall": 1 / 5, "jaccard": 1 / 5, "hamming": 508 / 512, "exact": 0}


def test_empty_rows_cost_samples_f1():
    assert wrong("empty-rows")["f1"] == 2 / 4
    assert repair("empty-rows")["f1"] == 1


def test_playground_data_are_the_generators_own():
    from mlcore.learn.pitfalls.playground import small_data

    dataset = load("synthetic", labels=20, rows=1000, features=16, cardinality=2.0)
    for part, (x, y) in small_data().items():
        np.testing.assert_array_equal(x, dataset.x[getattr(dataset, part)])
        np.testing.assert_array_equal(y, dataset.y[getattr(dataset, part)])


# The variant.


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0, 5.0])
def test_variant_and_its_turning_point_match_their_definitions(gamma):
    import torch

    sigmas = np.linspace(0.0005, 0.9995, 1000)
    curves = negative_curves([gamma], sigmas.tolist())
    by_hand = (1 - sigmas) ** gamma * -np.log(1 - sigmas)
    # logit and sigmoid between them: some ten roundings of float64.
    np.testing.assert_allclose(curves["variant"][0], by_hand, rtol=1e-9)
    np.testing.assert_allclose(curves["lin"][0], sigmas**gamma * -np.log(1 - sigmas), rtol=1e-9)
    assert curves["formula"] == pytest.approx(curves["found"], abs=1e-12)
    assert abs(sigmas[by_hand.argmax()] - turning_point(gamma)) < 0.001, "a step of the grid"
    assert curves["top"][0] == pytest.approx(1 / (math.e * gamma), rel=1e-12)
    assert (np.diff(curves["lin"][0]) > 0).all()
    z = torch.tensor([[3.0]], dtype=torch.float64)
    positive = focal_variant(z, torch.ones_like(z), gamma=gamma).item()
    assert positive == pytest.approx((1 - sigmoid(3)) ** gamma * -np.log(sigmoid(3)), rel=1e-12)


# The runner.


def test_runner_leaves_no_trace():
    import torch

    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    result = execute("import torch\ntorch.manual_seed(1)\nhere = torch.rand(3)\nprint(here)")
    assert torch.equal(torch.random.get_rng_state(), before)
    assert len(result.figures["here"]) == 3
    assert execute("print('here' in globals())").output == "False\n"


def test_an_exit_is_an_error_and_what_was_printed_stays():
    result = execute("import warnings\nprint('so far')\nwarnings.warn('careful')\nraise SystemExit")
    assert (result.output, result.error, result.line) == ("so far\n", "SystemExit", 4)
    assert result.warnings == ("UserWarning: careful",)


def test_endless_or_ending_code_harms_nothing_else():
    endless, ending = "while True:\n    pass", "import os\nos._exit(3)"
    code = {"wrong": endless, "repair": ending, "outcome": "error"}
    results = run(Specimen(key="test", **code), limit=2.0)
    # The second could only end the process that had taken the first one's place.
    assert [result.lost for result in results] == ["time", "process"]
    assert judge(*results) == "error"
    assert pool.call("math:sqrt", 16.0) == 4
