"""Stacked training against the same configurations by autograd, one by one."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from mlcore.losses import LOSSES
from mlcore.training import OPTIMIZERS, Race, TrainConfig
from mlcore.training.graph import GraphedStep
from mlcore.training.optimizers import LightAdam
from tests.one_by_one import OneByOne

# 5 steps an epoch, the last on 24 rows: 40 steps.
BASE = TrainConfig(hidden=(16,), batch_size=64, epochs=8, learning_rate=1e-2)
OTHER = {  # settings with another path through the kernel, or another number for each member
    "softmax": [{"label_smoothing": 0.1}, {"poly": 1.0}],
    "bce": [{"label_smoothing": 0.1}, {"poly": 1.0}],
    "bce_pos_weight": [{"pos_weight": 3.0}, {"pos_weight": 30.0, "label_smoothing": 0.05}],
    "weighted_bce": [{"positive_weight": 5.0}, {"negative_weight": 0.3}],
    "focal": [{"gamma": 0.5}, {"gamma": 3.0}, {"alpha": 0.25}, {"pos_weight": 4.0, "poly": 1.0}],
    "asymmetric": [{"gamma_neg": 2.0}, {"margin": 0.0}, {"detach_focusing": True}],
    "class_balanced": [{"volume": 10.0}, {"gamma": 2.0}],
    "logit_adjusted": [{"tau": 0.5}],
    "hill": [{"lam": 1.2, "gamma": 0.0}],
    "soft_f1": [{"smoothing": 0.1}],
    "dice": [{"smoothing": 0.1}],
    "tversky": [{"alpha": 0.5, "beta": 0.5}],
    "two_way": [{"positive_temperature": 2.0}],
    "absolute_kl": [{"epsilon": 1e-3}],
    "partition_kl_mse": [{"count_weight": 0.1}],
    "partition_absolute_kl": [{"epsilon": 1e-3}],
}


def settings_of(key: str) -> list[dict]:
    return [{}, *OTHER.get(key, [])]


def largest_differences(configs, dataset) -> tuple[float, float]:
    """Of recorded losses and gradient shares, relative above 1; and of the weights at the end."""
    stacked, alone = (way(configs, dataset, dtype=torch.float64) for way in (Race, OneByOne))
    pairs = [
        (getattr(one, name), getattr(other, name))
        for together, apart in zip(stacked, alone, strict=True)
        for one, other in zip(together, apart, strict=True)
        for name in ("train_loss", "validation_loss", "positive_gradient_share")
    ]
    mine, theirs = np.array(pairs).T
    weights = [
        np.abs(own - other).max()
        for place in range(len(configs))
        for own, other in zip(stacked.weights(place), alone.weights(place), strict=True)
    ]
    assert stacked.step == alone.step == 40
    return (np.abs(mine - theirs) / np.maximum(1, np.abs(theirs))).max(), max(weights)


@pytest.mark.parametrize("key", LOSSES)
def test_stacked_members_are_what_they_are_alone_whatever_their_loss(key, dataset):
    configs = [
        replace(BASE, loss=key, loss_params=params, seed=seed, initial_bias=bias)
        for params in settings_of(key)
        for seed, bias in ((0, "zero"), (1, "prior"))
    ]
    # Float64, 40 steps of Adam: what was seen is 1e-14 at most.
    assert max(largest_differences(configs, dataset)) < 1e-12


@pytest.mark.parametrize("model", ["linear", "mlp"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_stacked_members_are_what_they_are_alone_whatever_their_optimizer(
    optimizer, model, dataset
):
    base = replace(BASE, model=model, hidden=(16, 8), optimizer=optimizer)
    configs = [
        replace(base, loss=loss, learning_rate=rate, weight_decay=decay, momentum=momentum)
        for loss in ("bce", "zlpr", "dice", "partition_poisson")
        for rate, decay, momentum in ((1e-2, 0.0, 0.9), (1e-2, 1e-2, 0.9), (1e-3, 0.0, 0.0))
    ]
    assert max(largest_differences(configs, dataset)) < 1e-12


def test_members_keep_the_order_in_which_they_came(dataset):
    configs = [
        replace(BASE, epochs=1, seed=seed, loss=loss)
        for seed, loss in ((1, "focal"), (0, "softmax"), (1, "bce"), (0, "focal"))
    ]
    together = list(Race(configs, dataset))[-1]
    for record, config in zip(together, configs, strict=True):
        *_, (alone,) = OneByOne([config], dataset)
        assert record.train_loss == pytest.approx(alone.train_loss, rel=1e-5)
        assert record.validation_loss == pytest.approx(alone.validation_loss, rel=1e-5)


def test_light_adam_takes_the_steps_of_pytorchs():
    torch.manual_seed(0)
    start = torch.randn(50, dtype=torch.float64)
    settings = {"lr": 0.03, "weight_decay": 0.01}
    ours, theirs = (torch.nn.Parameter(start.clone()) for _ in range(2))
    ours.grad, theirs.grad = torch.zeros_like(start), torch.zeros_like(start)
    steppers = LightAdam(ours, **settings), torch.optim.Adam([theirs], **settings, fused=True)
    for _ in range(20):
        gradient = torch.randn(50, dtype=torch.float64)
        for parameter, stepper in zip((ours, theirs), steppers, strict=True):
            parameter.grad.copy_(gradient)
            stepper.step()
    assert not torch.equal(ours, start)
    assert torch.equal(ours, theirs)


@pytest.mark.parametrize("weight_decay", [0.0, 0.01])
def test_figures_are_the_same_where_pytorch_lacks_its_private_function(
    weight_decay, dataset, monkeypatch
):
    configs = [replace(BASE, weight_decay=weight_decay, loss=loss) for loss in ("bce", "focal")]
    losses = []
    for expected in (LightAdam, torch.optim.Adam):
        race = Race(configs, dataset)
        assert [type(part.optimizer) for _members, part in race.parts] == [expected]
        losses.append([(one.train_loss, one.validation_loss) for both in race for one in both])
        monkeypatch.setattr("mlcore.training.optimizers.FUSED_ADAM", None)
    assert losses[0] == losses[1]


def test_many_labels_go_through_the_kernel_in_several_blocks(dataset, monkeypatch):
    configs = [
        replace(BASE, loss="focal", loss_params={"gamma": gamma}) for gamma in (0.0, 1.0, 1.5, 4.0)
    ]
    monkeypatch.setattr("mlcore.training.stack.CACHED_LOGITS", 3 * 64 * 20)
    assert max(largest_differences(configs, dataset)) < 1e-12


def test_a_member_that_diverges_leaves_the_others_alone(dataset):
    wild = replace(BASE, optimizer="sgd", learning_rate=1e30)
    calm = replace(BASE, optimizer="sgd", learning_rate=0.1)
    stacked, alone = (
        way([calm, wild, calm], dataset, dtype=torch.float64, record="step")
        for way in (Race, OneByOne)
    )
    for together, apart in zip(stacked, alone, strict=True):
        for one, other in zip(together, apart, strict=True):
            assert one.diverged == other.diverged
            assert one.train_loss == pytest.approx(other.train_loss, rel=1e-12, nan_ok=True)
    assert [record.diverged for record in together] == [False, True, False]
    assert math.isnan(together[1].train_loss)
    for place in range(3):
        expected = alone.probabilities(place, dataset.test)
        np.testing.assert_allclose(
            stacked.probabilities(place, dataset.test), expected, rtol=1e-12, equal_nan=True
        )


def test_a_stack_of_diverged_members_takes_no_more_steps(dataset):
    wild = replace(BASE, optimizer="sgd", learning_rate=1e30, epochs=3)
    runner = Race([wild, wild], dataset)
    *_, before, last = runner
    ((_members, stack),) = runner.parts
    assert all(record.diverged for record in [*before, *last])
    taken = stack.batches
    stack.step(next(runner._batches()))
    assert stack.batches == taken
    assert all(math.isnan(loss) for loss in runner.running_losses())


def test_what_cannot_be_stacked_trains_apart(dataset):
    def members(configs):
        return [members for members, _part in Race(configs, dataset).parts]

    assert members([BASE, replace(BASE, optimizer="sgd"), BASE]) == [[0, 2], [1]]
    assert members([BASE, replace(BASE, loss="partition_poisson")]) == [[0], [1]]
    assert members([replace(BASE, hidden=(65536,))] * 6) == [[0, 1, 2, 3], [4, 5]]  # for memory


def test_float32_stays_near_to_autograd(dataset):
    configs = [replace(BASE, loss=key) for key in LOSSES if not LOSSES[key].extra_outputs]
    stacked, alone = (list(way(configs, dataset)) for way in (Race, OneByOne))
    for one, other in zip(stacked[-1], alone[-1], strict=True):
        # Adam divides by the size of the gradient, which enlarges the rounding of small ones.
        assert one.validation_loss == pytest.approx(other.validation_loss, rel=5e-4)


def test_a_short_last_batch_is_not_what_is_captured(monkeypatch):
    captured = []
    monkeypatch.setattr(GraphedStep, "_capture", lambda self, batches: captured.append(batches))
    step = GraphedStep(lambda batches: ())
    for rows in (8, 3) * 4:
        step({0: (torch.zeros(rows, 2), torch.zeros(rows, 1))})
    assert captured
    assert {len(batches[0][0]) for batches in captured} == {8}


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_on_cuda_a_step_is_captured_and_replayed_as_it_was(optimizer, dataset):
    base = replace(BASE, device="cuda", optimizer=optimizer)
    configs = [
        replace(base, loss=key, learning_rate=rate)
        for key, rate in (("bce", 1e-2), ("focal", 1e-3), ("softmax", 1e-2))
    ]
    stacked, alone = (way(configs, dataset, dtype=torch.float64) for way in (Race, OneByOne))
    for together, apart in zip(stacked, alone, strict=True):
        for one, other in zip(together, apart, strict=True):
            assert one.validation_loss == pytest.approx(other.validation_loss, rel=1e-9)
    ((_members, stack),) = stacked.parts
    assert optimizer == "adagrad" or stack._take.graph is not None
