"""The code for each framework gives what mlcore gives, value and gradient."""

import importlib.util
import os

import numpy as np
import pytest
import torch

from mlcore.frameworks import FRAMEWORKS, snippet
from mlcore.losses import LOSSES

# Settings that reach every branch of the recipes, beside the defaults.
SETTINGS = {
    "softmax": ({"label_smoothing": 0.1, "poly": 2.0}, {"label_smoothing": 0.2}),
    "bce": ({"label_smoothing": 0.1}, {"poly": 1.0}),
    "bce_pos_weight": (
        {"pos_weight": "balanced", "cap": 3.0},
        {"pos_weight": "effective"},
        {"pos_weight": "none"},
        {"pos_weight": 7.0, "label_smoothing": 0.1},
    ),
    "weighted_bce": ({"negative_weight": 0.5, "label_smoothing": 0.1},),
    "focal": (
        {"alpha": 0.25, "gamma": 1.5},
        {"pos_weight": 3.0, "poly": 1.0},
        {"pos_weight": 3.0, "gamma": 0.5},
    ),
    "asymmetric": (
        {"gamma_neg": 2.0, "margin": 0.0},
        {"gamma_pos": 0.5, "gamma_neg": 0.5, "detach_focusing": True},
        {"gamma_pos": 0.5, "gamma_neg": 0.5},
    ),
    "class_balanced": ({"gamma": 0.5},),
    "logit_adjusted": ({"tau": 0.5},),
    "hill": ({"gamma": 0.0, "lam": 1.2}, {"gamma": 0.5}),
    "absolute_kl": ({"epsilon": 0.05},),
    "partition_kl_mse": ({"count_weight": 0.3},),
    "partition_absolute_kl": ({"epsilon": 0.05},),
}
CASES = [(key, params) for key in LOSSES for params in ({}, *SETTINGS.get(key, ()))]
names = [f"{key}-{place}" for place, (key, _) in enumerate(CASES)]


def rows(key: str, params):
    """Logits, 0/1 targets with a row without labels and one with all, and training targets."""
    rng = np.random.default_rng(0)
    k = 6
    logits = rng.normal(0, 2, (8, k + LOSSES[key].extra_outputs)).astype("float32")
    targets = (rng.random((8, k)) < 0.4).astype("float32")
    targets[0], targets[1], targets[:, 2] = 0, 1, 0
    if any(params.get(name, 1) < 1 for name in ("gamma", "gamma_pos")):
        logits[:, 3] *= 100  # where a power of 0 might have no slope
    if key == "softmax" and params.get("label_smoothing"):
        # Other frameworks smooth a row without labels too, as their notes say.
        logits, targets = logits[targets.any(1)], targets[targets.any(1)]
    train_targets = (rng.random((50, k)) < [0.02, 0.1, 0.2, 0.3, 0.5, 0.9]).astype("float32")
    return logits, targets, train_targets


def ours(key: str, params) -> tuple[float, np.ndarray]:
    logits, targets, train_targets = rows(key, params)
    info = LOSSES[key]
    logits = torch.tensor(logits, requires_grad=True)
    bound = info.bind(params, torch.tensor(train_targets))
    loss = info.function(logits, torch.tensor(targets), **bound)
    loss.backward()
    return loss.item(), logits.grad.numpy()


def run(code: str, key: str, params) -> dict:
    space = {"train_targets": rows(key, params)[2]}
    exec(code, space)
    return space


def need(module: str) -> None:
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed: pip install -e '.[test,frameworks]'")


def with_pytorch(code, key, params):
    logits, targets, _ = rows(key, params)
    logits = torch.tensor(logits, requires_grad=True)
    loss = run(code, key, params)["loss_function"](logits, torch.tensor(targets))
    loss.backward()
    return loss.item(), logits.grad.numpy()


def with_keras(code, key, params):
    need("keras")
    os.environ["KERAS_BACKEND"] = "torch"
    import keras

    logits, targets, _ = rows(key, params)
    logits = torch.tensor(logits, requires_grad=True)
    with keras.device("cpu"):
        loss = run(code, key, params)["loss_function"](torch.tensor(targets), logits)
    loss.backward()
    return loss.item(), logits.grad.numpy()


def with_tensorflow(code, key, params):
    need("tensorflow")
    import tensorflow as tf

    logits, targets, _ = rows(key, params)
    logits = tf.Variable(logits)
    with tf.GradientTape() as tape:
        loss = run(code, key, params)["loss_function"](logits, tf.constant(targets))
    return float(loss), tape.gradient(loss, logits).numpy()


def with_jax(code, key, params):
    need("optax")
    import jax

    logits, targets, _ = rows(key, params)
    function = run(code, key, params)["loss_function"]
    loss, gradient = jax.value_and_grad(function)(jax.numpy.asarray(logits), targets)
    return float(loss), np.asarray(gradient)


RUNNERS = {
    "pytorch": with_pytorch,
    "keras": with_keras,
    "tensorflow": with_tensorflow,
    "jax": with_jax,
}


@pytest.mark.parametrize("framework", RUNNERS)
@pytest.mark.parametrize(("key", "params"), CASES, ids=names)
def test_snippet_gives_the_loss_and_its_gradient(framework, key, params):
    made = snippet(key, params, framework)
    value, gradient = RUNNERS[framework](made.code, key, params)
    expected, expected_gradient = ours(key, params)
    # Float32 on both sides; some take logarithms of probabilities.
    np.testing.assert_allclose(value, expected, rtol=2e-5)
    np.testing.assert_allclose(gradient, expected_gradient, rtol=1e-3, atol=2e-6)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_loss_has_notes_and_says_whether_it_is_built_in(framework):
    built_in = {key for key in LOSSES if snippet(key, {}, framework).native}
    assert {"bce", "softmax"} <= built_in
    assert all(snippet(key, {}, framework).notes for key in LOSSES)
    if framework == "caffe":
        assert "SigmoidCrossEntropyLoss" in snippet("bce", {}, "caffe").code
        assert not snippet("bce", {"label_smoothing": 0.1}, "caffe").code
        assert not snippet("focal", {}, "caffe").native


def test_settings_keep_their_digits():
    assert "1234.56789 *" in snippet("focal", {"pos_weight": 1234.56789}, "pytorch").code
    assert "0.9 * share" in snippet("softmax", {"label_smoothing": 0.1}, "tensorflow").code


def test_what_the_notes_say_of_keras_is_so():
    need("keras")
    os.environ["KERAS_BACKEND"] = "torch"
    from keras import losses

    both, one = torch.tensor([[1.0, 1.0]]), torch.tensor([[1.0, 0.0]])
    tversky = losses.Tversky(alpha=1.0, beta=0.0)
    assert tversky(both, one).item() == pytest.approx(0.5)  # a miss
    assert tversky(one, both).item() == pytest.approx(0.0, abs=1e-6)  # a false alarm
    dice = losses.Dice()(one, one / 2).item()
    assert dice == pytest.approx(1 - 2 * 0.5 / 1.5)  # with squares, 1 - 2 * 0.5 / 1.25
    logits, sure = torch.tensor([[15.0, 17.0]], requires_grad=True), torch.zeros(1, 2)
    losses.BinaryFocalCrossentropy(from_logits=True)(sure, logits).backward()
    assert [slope > 0 for slope in logits.grad[0]] == [True, False]
    plain, heavy = (
        losses.BinaryFocalCrossentropy(alpha=alpha, from_logits=True) for alpha in (0.1, 0.9)
    )
    assert plain(sure, logits).item() == heavy(sure, logits).item()
    # Not logits: clipped, and divided by their sum.
    clipped = losses.BinaryCrossentropy()(sure, torch.tensor([[-3.0, 5.0]])).item()
    assert clipped == pytest.approx(-np.log(1e-7) / 2, rel=0.02)
    divided = losses.CategoricalCrossentropy()(one, torch.tensor([[3.0, 5.0]])).item()
    assert divided == pytest.approx(np.log(8 / 3))


def test_what_the_notes_say_of_tensorflow_is_so():
    need("tensorflow")
    import tensorflow as tf

    logits = tf.Variable([[1.0, 2.0]])
    with tf.GradientTape() as tape:
        loss = tf.nn.softmax_cross_entropy_with_logits(labels=tf.zeros((1, 2)), logits=logits)
    assert float(loss[0]) == 0
    assert (tape.gradient(loss, logits).numpy() > 0).all()


def test_settings_are_checked():
    with pytest.raises(ValueError, match="framework must be one of"):
        snippet("bce", {}, "theano")
    with pytest.raises(ValueError, match="gamma must be >= 0"):
        snippet("focal", {"gamma": -1.0}, "pytorch")
