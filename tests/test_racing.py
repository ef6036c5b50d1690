"""What a race in a worker tells, when it tells it, and what it tells no second time."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest

from mlcore import generators
from mlcore.datasets import load
from mlcore.training import TrainConfig
from mlcore.workers import racing
from mlcore.workers.racing import run_race
from mlcore.workers.turns import REST

STEP = 0.02  # seconds that a step takes on the test's clock
# 280 training rows in batches of one: 280 steps an epoch, with records ever further apart.
CONFIG = TrainConfig(model="linear", batch_size=1, epochs=2)


class Clock:
    """Stands for the module `time`: it is read before and after a step, and goes on between."""

    def __init__(self) -> None:
        self.now, self.reads = 0.0, 0

    def perf_counter(self) -> float:
        self.reads += 1
        self.now += STEP * (self.reads % 2 == 0)
        return self.now

    def monotonic(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(generators, "time", clock)
    monkeypatch.setattr(racing, "time", clock)
    return clock


@pytest.fixture(scope="module")
def dataset():
    return load("synthetic", labels=4, rows=400, cardinality=1.0, features=4)


def messages(dataset, *, config=CONFIG, known=(0, 0), limits=()):
    """All that is told up to the end, or until it rests with no more limits to come."""
    limit, *limits = limits or [math.inf]
    work, told = run_race([config], dataset, limit, known), []
    message = next(work)
    while True:
        if message is not None:
            told.append(message)
        if message is REST:
            if not limits:
                return told
            limit, *limits = limits
        try:
            message = work.send(limit)
        except StopIteration:
            return told


def steps_of(told, kind):
    if kind == "records":
        return [content[0][0][0].step for name, content in told if name == kind]
    return [content[0] for name, content in told if name == kind]


def test_between_records_there_is_a_pulse_every_twentieth_of_a_second(dataset):
    told = messages(dataset)
    heard = sorted({*steps_of(told, "records"), *steps_of(told, "pulse")})
    assert heard[-1] == 560
    gaps = [later - earlier for earlier, later in pairwise(heard)]
    # Three steps are more than 0.05 s; from step 200 on it may be 0.5 % more of them.
    assert max(gap for gap, step in zip(gaps, heard, strict=False) if step < 200) == 3
    assert max(gaps) <= 3 + 0.005 * 560
    assert len(steps_of(told, "pulse")) > 100


def test_pulses_of_a_long_race_are_ever_further_apart(dataset):
    told = messages(dataset, config=replace(CONFIG, epochs=40))
    pulses = steps_of(told, "pulse")
    late = [later - earlier for earlier, later in pairwise(pulses)][-100:]
    assert min(late) >= 0.005 * pulses[-101]
    assert len(pulses) < 1000, "of 11,200 steps"


def test_predictions_are_two_seconds_old_at_most(dataset, clock):
    told = messages(dataset)
    kinds = [name for name, _content in told]
    assert kinds[0] == "records", "the first figure goes first"
    assert kinds[1] == "predictions"
    assert kinds[-1] == "predictions", "those of the end"
    assert kinds.count("predictions") == pytest.approx(560 * STEP / 2.0, abs=2)


def test_it_rests_where_it_may_not_go_on_and_predicts_there_once(dataset):
    told = messages(dataset, limits=[7, 7, 30])
    assert told.count(REST) == 3
    places = [place for place, message in enumerate(told) if message is REST]
    assert told[places[0] - 1][0] == "predictions"
    assert places[1] == places[0] + 1, "nothing has changed"
    assert steps_of(told[: places[0]], "records")[-1] == 7
    assert steps_of([m for m in told if m is not REST], "records")[-1] == 30


def test_what_is_known_is_trained_again_and_not_told(dataset):
    whole = messages(dataset)
    records = steps_of(whole, "records")
    known = 40, records[39] + 2  # a pulse came after the last record
    again = messages(dataset, known=known)
    assert steps_of(again, "records") == records[40:]
    assert min(steps_of(again, "pulse")) > known[1]
    assert [name for name, _content in again].count("predictions") < 7
    before = dict(zip(records, [c for n, c in whole if n == "records"], strict=True))
    for name, content in again:
        if name == "records":
            ((record,),), seconds = content
            ((same,),), same_seconds = before[record.step]
            assert record.train_loss == same.train_loss
            assert seconds == pytest.approx(same_seconds)


@pytest.mark.parametrize("last_step", [0, 5])
def test_one_that_begins_anew_tells_no_older_predictions(dataset, last_step):
    assert messages(dataset, known=(20, 20), limits=[last_step]) == [REST]


def test_one_that_is_to_end_says_what_it_predicts_and_ends(dataset):
    work = run_race([CONFIG], dataset, math.inf, (0, 0))
    next(work)
    for _ in range(10):
        work.send(math.inf)
    kind, _content = work.send(None)
    assert kind == "predictions"
    with pytest.raises(StopIteration):
        work.send(None)
