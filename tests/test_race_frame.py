"""What the browser is told of a race: the words, and the numbers of its curves."""

import base64
import gc
import json
import weakref
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from mlcore.datasets import load
from mlcore.training import TrainConfig, history_frame, race
from mlcore.workers.races import NO_PREDICTIONS, Run
from pages.ui.server.jobs import RACE, Race
from pages.ui.train import channel
from pages.ui.train.channel import RaceNews
from pages.ui.train.message import PANELS, collapse_sentence, race_frame, race_words
from pages.ui.words import speaking

GRID = tuple(percent / 100 for percent in range(1, 100))
TABLED = [panel.value for panel in PANELS if panel.tabled]


@pytest.fixture(scope="module")
def run():
    """A race of three epochs, with two pulses between its records."""
    dataset = load("synthetic", labels=20, rows=400, cardinality=2.0)
    configs = tuple(TrainConfig(loss=loss, hidden=(8,), epochs=3) for loss in ("bce", "focal"))
    made = Run(id="x", configs=configs, dataset=dataset, state="running", seconds=2.0)
    made.records = list(race(configs, dataset, thresholds=GRID))
    made.pulses = [(1, [0.5, 0.25]), (3, [0.4, 0.2])]
    return made


def race_of(run) -> Race:
    """Somebody's view of a run."""
    return Race("A", None, run, (RACE,), run.share)


def told(run, first: int = 0) -> dict:
    """A frame as the browser gets it, its panels by what they draw."""
    frame = json.loads(json.dumps(race_frame(run, first)))
    values = [panel.value for panel in PANELS]
    return frame | {"panels": dict(zip(values, frame["panels"], strict=True))}


def tables(frame: dict, contenders: int) -> np.ndarray:
    """What the browser makes of them: (records, contenders, figures, thresholds)."""
    numbers = np.frombuffer(base64.b64decode(frame["tables"]), "<f4")
    shape = (len(frame["places"]), contenders, len(TABLED), len(frame["thresholds"]))
    return numbers.reshape(shape)


def test_frame_holds_every_record_and_the_losses_between(run):
    frame = told(run)
    assert frame["step"] == [0, 1, 2, 3, 4, 6]
    assert frame["places"] == [0, 2, 4, 5], "the two pulses are between"
    for column in ("validation_loss", "positive_gradient_share"):
        expected = history_frame(run.records, ["a", "b"])[column].to_numpy()[1::2]
        line = frame["panels"][column]["lines"][1]
        assert [line[place] for place in frame["places"]] == pytest.approx(list(expected), rel=1e-5)
        assert [place for place, value in enumerate(line) if value is None] == [1, 3]
    assert frame["panels"]["validation_loss"]["faint"][0][1] == 0.5
    assert frame["panels"]["validation_loss"]["faint"][1][3] == 0.2
    assert frame["panels"]["labels_per_row"]["reference"] == [[run.true_labels] * 6]


def test_no_time_left_is_told_while_a_race_is_trained_again_to_where_it_was(run):
    views = replace(run), replace(run, catches_up=True)
    texts = [race_frame(race_of(view), 0)["progress"]["text"] for view in views]
    assert texts[0].endswith(" · less than a second left")
    assert texts[1] == "Catching up to epoch 3.0 of 3"


@pytest.mark.parametrize("place", [0, 24, 49, 98])
def test_tables_hold_the_history_at_every_threshold(run, place):
    frame = told(run)
    assert frame["thresholds"] == list(GRID)
    assert not any(frame["panels"][value]["lines"] for value in TABLED)
    history = history_frame(run.records, ["a", "b"], GRID[place])
    at = tables(frame, contenders=2)[..., place]
    for figure, value in enumerate(TABLED):
        expected = history[value].to_numpy().reshape(len(run.records), 2)
        # Single precision is more than a chart shows; nothing else is lost.
        np.testing.assert_allclose(at[:, :, figure], expected, rtol=1e-6)


def test_frame_in_parts_is_the_whole(run):
    whole, part = told(run), told(run, 3)
    assert part["first"] == 3
    assert part["step"] == whole["step"][3:]
    assert part["places"] == [4, 5]
    np.testing.assert_array_equal(tables(part, 2), tables(whole, 2)[2:])
    for value, panel in whole["panels"].items():
        for kind, lines in panel.items():
            assert part["panels"][value][kind] == [line[3:] for line in lines]


def test_frame_with_nothing_new_is_small(run):
    frame = told(run, 6)
    assert frame["step"] == frame["places"] == frame["thresholds"] == []
    assert frame["tables"] == ""


def test_a_record_that_comes_while_others_are_read_has_its_place(run):
    class Growing(list):
        """Pulses that are read just when a record and a pulse after it come in."""

        def __iter__(self):
            if len(growing.records) == 2:
                growing.records.append(run.records[2])
                self.append((5, [0.3, 0.1]))
            return super().__iter__()

    growing = replace(run, records=run.records[:2], pulses=Growing(run.pulses))
    assert told(growing)["step"] == [0, 1, 2, 3, 4, 5]


def test_what_diverged_is_a_gap():
    dataset = load("synthetic", labels=20, rows=400, cardinality=2.0)
    config = TrainConfig(hidden=(8,), epochs=3)
    record = next(iter(race([config], dataset, thresholds=GRID)))[0]
    gone = {name: np.full_like(values, np.nan) for name, values in record.scores.items()}
    diverged = replace(record, step=1, validation_loss=np.inf, scores=gone, diverged=True)
    broken = Run(
        id="x",
        configs=(config,),
        dataset=dataset,
        state="running",
        records=[[record], [diverged]],
    )
    frame = told(broken)
    assert frame["panels"]["validation_loss"]["lines"][0][1] is None
    assert np.isnan(tables(frame, 1)[1]).all()
    assert not np.isnan(tables(frame, 1)[0]).any()
    words = race_words(broken, 0.5)
    assert words["cards"] == [[("Diverged: its loss is not a finite number.", None)]]


@pytest.mark.parametrize("threshold", [0.02, 0.25, 0.5])
def test_words_are_those_of_their_threshold(run, threshold):
    words = json.loads(json.dumps(race_words(run, threshold)))
    assert words["threshold"] == threshold
    history = history_frame(run.records, ["A Sigmoid BCE", "B Focal loss"], threshold)
    newest = history.iloc[-2:]
    for card, (_, now) in zip(words["cards"], newest.iterrows(), strict=True):
        assert card[0][0].startswith(f"{now['labels_per_row']:.2f} labels predicted per row")
        assert card[3][0].startswith(f"F1 on validation rows: samples {now['samples_f1']:.3f} ")
    summaries = dict(zip([panel.value for panel in PANELS], words["summaries"], strict=True))
    now, best = newest["samples_f1"].iloc[0], history["samples_f1"].iloc[::2].max()
    told = f"A Sigmoid BCE: {now:.4g}, best {best:.4g} at epoch "
    assert summaries["samples_f1"].startswith(told)
    stories = (
        collapse_sentence(history.iloc[k::2], name)
        for k, name in enumerate(history["contender"].cat.categories)
    )
    assert words["story"] == [story for story in stories if story]


def test_another_threshold_is_said_in_other_words(run):
    low, high = race_words(run, 0.25), race_words(run, 0.5)
    assert low["cards"] != high["cards"]
    assert low["summaries"][1] != high["summaries"][1]
    assert low["summaries"][0] == high["summaries"][0], "a loss has no threshold"


def test_progress_names_speed_and_time_left(run):
    # 6 steps of 6 are recorded, so nothing is left.
    progress = race_frame(run, 0)["progress"]
    rows = 3 * len(run.dataset.train) / 2.0
    assert progress["share"] == 1.0
    assert f"{rows:,.0f} rows per second" in progress["text"]
    assert progress["text"].endswith(" · less than a second left")


def test_time_left_counts_down_between_messages_and_grows_again_where_it_was_too_short(
    run, monkeypatch
):
    monkeypatch.setattr(channel.time, "monotonic", lambda: 1000.0)
    half = replace(run, records=run.records[:3], pulses=[], predictions=NO_PREDICTIONS)
    half.seconds = 40.0 / (half.steps / half.step - 1)
    for passed, left in ((0, "40"), (15, "25"), (31, "9"), (80, "20")):
        half.heard = 1000.0 - passed
        text = race_frame(race_of(half), 0)["progress"]["text"]
        assert text.endswith(f" · about {left} s left"), passed


def test_a_browser_is_told_the_time_left_while_nothing_else_is_new(run, monkeypatch):
    news = RaceNews(race_of(replace(run, records=run.records[:3], predictions=NO_PREDICTIONS)))
    assert news.run.state == "running"
    news.hear({"threshold": 0.5, "language": "en"})
    now = 1000.0
    monkeypatch.setattr(channel.time, "monotonic", lambda: now)
    known = news.version
    assert news.version == known
    now += channel.LOOK_SECONDS["running"]
    assert news.version != known


def test_run_without_records_has_progress_alone():
    dataset = load("synthetic", labels=20, rows=400, cardinality=2.0)
    started = Run(id="x", configs=(TrainConfig(),), dataset=dataset, state="starting")
    frame = told(started)
    assert frame["progress"]["share"] == 0
    assert frame["progress"]["text"].startswith("Starting")
    assert frame["step"] == frame["places"] == []
    words = race_words(started, 0.5)
    assert words["cards"] == words["story"] == words["summaries"] == []


@pytest.mark.parametrize(
    ("empty", "sentence"),
    [
        ([0, 0.995, 1, 0.5], "From step 1 to step 2, A predicts nothing for at least 99.5%"),
        ([0, 0, 0.99, 1], "From step 2 on, A predicts nothing for at least 99.0%"),
        ([1, 1, 0, 0], "In these steps 80.0% of its gradient came from labels that are not true"),
        ([0, 0.995, 1, 0], "Before that, 80.0% of its gradient came from labels that are not"),
    ],
)
def test_collapse_is_told_with_its_figures(run, empty, sentence):
    history = history_frame(run.records, ["a", "b"], 0.5).iloc[::2].copy()
    history["step"], history["empty_share"] = np.arange(4), empty
    history["positive_gradient_share"] = 0.2
    assert sentence in collapse_sentence(history, "A")
    with speaking("zh"):
        assert "。 " not in collapse_sentence(history, "A")


def test_no_collapse_is_not_told(run):
    history = history_frame(run.records, ["a", "b"], 0.5).iloc[::2].copy()
    history["empty_share"] = 0.9
    assert collapse_sentence(history, "A") is None


def test_news_are_all_figures_first_and_then_what_is_new(run):
    news = RaceNews(race_of(run))
    assert news.news() is None, "it was not said yet in which language"
    news.hear({"threshold": 0.5, "language": "en"})
    first = json.loads(news.news())
    assert len(first["step"]) == 6
    assert first["threshold"] == 0.5
    news.hear({"threshold": 0.25, "language": "zh"})
    words = json.loads(news.news())
    assert "step" not in words
    assert words["threshold"] == 0.25
    assert words["cards"] != first["cards"]
    later = replace(run, records=[*run.records, run.records[-1]], version=run.version + 1)
    news.run = race_of(later)
    assert (json.loads(news.news())["first"], len(news.run.records)) == (6, 5)


@pytest.fixture
def made(monkeypatch):
    """Which texts were made, by what makes them; none is known from before."""
    calls: list[str] = []
    for name in ("race_frame", "race_words"):
        make = getattr(channel, name)

        def noted(*args, make=make, name=name):
            calls.append(name)
            return make(*args)

        monkeypatch.setattr(channel, name, noted)
    channel._frame.cache_clear()
    channel._words.cache_clear()
    return calls


def test_all_who_were_told_the_same_of_a_run_are_told_the_rest_by_the_same_text(run, made):
    everybody = [RaceNews(race_of(run)) for _ in range(300)]
    for news in everybody:
        news.hear({"threshold": 0.5, "language": "en"})
    (first,) = {news.news() for news in everybody}
    assert made == ["race_words", "race_frame"]
    run = replace(run, records=[*run.records, run.records[-1]], version=run.version + 1)
    for news in everybody:
        news.run.work = run
    late, *others = everybody
    late.known, late.sent = None, 0
    (rest,) = {news.news() for news in others}
    assert len(made) == 4
    assert json.loads(late.news())["step"] == json.loads(first)["step"] + json.loads(rest)["step"]
    assert len(made) == 5, "the words were there"
    others[0].hear({"threshold": 0.25, "language": "en"})
    assert json.loads(others[0].news())["threshold"] == 0.25


def test_texts_that_are_kept_do_not_keep_the_race(run):
    news = RaceNews(race_of(replace(run)))
    news.hear({"threshold": 0.5, "language": "en"})
    assert news.news()
    is_there = weakref.ref(news.run.work)
    del news
    gc.collect()
    assert is_there() is None


def test_views_of_a_run_that_stand_elsewhere_are_told_their_own(run):
    ended = replace(run, state="finished", predictions=NO_PREDICTIONS)
    news = [RaceNews(race) for race in (replace(race_of(ended), limit=2), race_of(ended))]
    for each in news:
        each.hear({"threshold": 0.5, "language": "en"})
    told = [json.loads(each.news()) for each in news]
    assert [frame["state"] for frame in told] == ["paused", "finished"]
    assert [frame["step"][-1] for frame in told] == [2, 6]


def test_the_place_in_the_queue_is_told_anew_every_two_seconds(run, monkeypatch):
    class Queue:
        ahead = 3

        def place(self, work) -> int:
            return self.ahead

        def seconds_until_in(self, work) -> float:
            return 10.0 * self.ahead

    class Now:
        now = 100.5

        def monotonic(self) -> float:
            return self.now

    queue, clock = Queue(), Now()
    monkeypatch.setattr("pages.ui.kit.races.jobs.jobs", lambda: SimpleNamespace(races=queue))
    monkeypatch.setattr(channel, "time", clock)
    waiting = replace(run, state="queued", records=[], pulses=[])
    news = RaceNews(race_of(waiting))
    news.hear({"threshold": 0.5, "language": "en"})
    assert json.loads(news.news())["progress"]["text"] == "Number 3 in the queue, about 30 s"
    queue.ahead, known = 2, news.version
    clock.now += 0.5
    assert news.version == known
    clock.now += 1.5
    assert news.version != known
    assert json.loads(news.news())["progress"]["text"] == "Number 2 in the queue, about 20 s"


def test_who_watches_a_race_that_was_left_hears_that_it_goes_on(run):
    race = race_of(replace(run, state="stopped"))
    race.ended, race.holds = "left", True
    news = RaceNews(race)
    news.hear({"threshold": 0.5, "language": "en"})
    assert json.loads(news.news())["state"] == "stopped"
    assert not news.is_over
    known = news.version
    race.ended, race.holds, race.work.state = "", False, "running"
    assert news.version != known
    assert json.loads(news.news())["state"] == "running"
    race.ended, race.holds, race.work.state = "stopped", True, "stopped"
    assert news.is_over, "its owner has ended it"


@pytest.mark.parametrize("wish", [{"threshold": 2}, {"threshold": "x"}, {}, [], 3, None])
def test_news_are_for_a_threshold(run, wish):
    with pytest.raises((ValueError, TypeError, KeyError)):
        RaceNews(race_of(run)).hear(wish)
