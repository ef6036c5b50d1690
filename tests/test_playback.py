"""A short race as it was at each recorded step: the figures are those of training itself."""

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score

from mlcore.datasets import load
from mlcore.losses import LOSSES
from mlcore.training import Race, TrainConfig, race
from mlcore.training.playback import (
    FIGURES,
    LABEL_FIGURES,
    THRESHOLDS,
    Details,
    Frame,
    labels_per_row_after,
    play,
)

DATA = "synthetic", {"rows": 400, "labels": 8, "cardinality": 2.0}
CONFIGS = [
    TrainConfig(loss="focal", loss_params={"pos_weight": 3.0}, model="linear", epochs=4),
    TrainConfig(loss="softmax", model="linear", epochs=4),
]
ROWS = [300, 3, 310]


def frames_of(told) -> list[Frame]:
    return [each for each in told if isinstance(each, Frame)]


def test_frames_are_those_of_the_race():
    frames = frames_of(play(DATA, CONFIGS, ROWS))
    dataset = load(DATA[0], **DATA[1])
    records = list(race(CONFIGS, dataset, record="dense", thresholds=THRESHOLDS))
    assert [frame.step for frame in frames] == [each[0].step for each in records]
    for frame, own in zip(frames, records, strict=True):
        np.testing.assert_array_equal(
            frame.losses, [(each.train_loss, each.validation_loss) for each in own]
        )
        for contender, record in enumerate(own):
            for place, name in enumerate(FIGURES):
                np.testing.assert_array_equal(frame.figures[contender, place], record.scores[name])
            assert frame.gradient_shares[contender] == record.positive_gradient_share


@pytest.mark.parametrize("place", [0, 30, 50, 99])
def test_figures_are_those_of_scikit_learn_on_the_probabilities(place):
    dataset = load(DATA[0], **DATA[1])
    y = dataset.y[dataset.validation]
    occurring = np.flatnonzero(y.any(axis=0))
    frame = frames_of(play(DATA, CONFIGS, dataset.validation))[-1]
    for contender in range(2):
        predicted = frame.probabilities[contender] >= np.float32(THRESHOLDS[place])
        expected = {
            "micro_f1": f1_score(y, predicted, average="micro"),
            "macro_f1": f1_score(y, predicted, average="macro", labels=occurring, zero_division=0),
            "samples_f1": f1_score(y, predicted, average="samples", zero_division=0),
            "labels_per_row": predicted.sum(axis=1).mean(),
            "empty_share": np.mean(~predicted.any(axis=1)),
        }
        assert set(expected) == set(FIGURES)
        for name, value in expected.items():
            told = frame.figures[contender, FIGURES.index(name), place]
            assert told == pytest.approx(value, abs=1e-12), name


def test_details_are_the_gradient_of_the_summed_loss_and_the_figures_of_labels():
    told = list(play(DATA, CONFIGS, ROWS, around=3, detailed=True, threshold=0.4))
    place = next(k for k, each in enumerate(told) if isinstance(each, Details))
    details, frame = told[place], told[place - 1]
    assert details.step == frame.step == 3
    assert sum(isinstance(each, Details) for each in told) == 1
    dataset = load(DATA[0], **DATA[1])
    # Of focal loss with γ = 2 by autograd, from the logits that the probabilities say.
    probabilities = torch.from_numpy(frame.probabilities[0]).double()
    logits = torch.logit(probabilities).requires_grad_()
    targets = torch.from_numpy(dataset.y[ROWS]).double()
    loss = LOSSES["focal"].function(logits, targets, pos_weight=3.0, reduction="sum")
    (expected,) = torch.autograd.grad(loss, logits)
    np.testing.assert_allclose(details.gradients[0], expected, rtol=1e-4, atol=1e-6)
    running = Race(CONFIGS, dataset, record="dense", thresholds=THRESHOLDS)
    for _ in running:
        if running.step == 3:
            break
    for contender in range(2):
        found = running.sweeps(contender)[0].labels_at(0.4)
        for number, name in enumerate(LABEL_FIGURES):
            np.testing.assert_array_equal(details.labels[contender, number], found[name])


def test_fewer_steps_are_a_part_of_all_and_hold_the_one_that_is_asked_for():
    config = TrainConfig(model="linear", epochs=30, batch_size=32)
    every = {frame.step: frame for frame in play(DATA, [config], ROWS)}
    few = list(play(DATA, [config], ROWS, around=27, threshold=0.3))
    assert {0, 1, 27, few[-1].step} <= {frame.step for frame in few} < set(range(few[-1].step + 1))
    assert len(few) < 0.6 * len(every)
    for frame in few:
        if frame.step in every:
            np.testing.assert_array_equal(frame.probabilities, every[frame.step].probabilities)
            is_seen = frame.step in (27, few[-1].step)
            figures = every[frame.step].figures
            expected = figures if is_seen else figures[..., 30:31]
            np.testing.assert_allclose(frame.figures, expected, rtol=1e-15)


def test_labels_per_row_are_those_after_so_many_steps():
    config = TrainConfig(loss="bce", model="linear", epochs=2)
    data = ("synthetic", {"rows": 1000, "labels": 20})
    every = {frame.step: frame for frame in play(data, [config], [0])}
    for step in (0, 5):
        expected = every[step].figures[0, FIGURES.index("labels_per_row"), 50]
        assert labels_per_row_after(data, config, step) == expected


def test_a_run_that_diverges_goes_on_without_figures():
    config = TrainConfig(loss="zlpr", model="linear", optimizer="sgd", learning_rate=1e38, epochs=4)
    frames = frames_of(play(DATA, [config], ROWS))
    assert np.isnan(frames[-1].losses).any() or np.isinf(frames[-1].losses).any()
    assert np.isnan(frames[-1].figures).all()


def test_the_same_again():
    first, second = (frames_of(play(DATA, CONFIGS, ROWS))[-1] for _ in range(2))
    np.testing.assert_array_equal(first.probabilities, second.probabilities)
