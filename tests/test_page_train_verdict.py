"""The end of a race on the Train page: what it says, and where each of its next clicks leads."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from mlcore.datasets import load
from mlcore.losses import LOSSES
from mlcore.training import TrainConfig, best_record, race
from mlcore.training import verdict as library
from mlcore.training.verdict import Verdict, judge, result_of, with_seeds
from mlcore.workers.races import Run
from pages.ui.imbalance.scores import QUICK_RACE
from pages.ui.kit.contenders import Setup
from pages.ui.server.jobs import SWEEP, jobs
from pages.ui.train import verdict as page
from pages.ui.train.message import PANELS, race_words
from pages.ui.train.verdict_words import sentences
from tests.app_pages import button, newest_run, open_page, wait_for
from tests.conftest import wait_until
from tests.metrics_page import component

LINK = {
    "data": "synthetic",
    "synthetic.rows": "400",
    "synthetic.labels": "10",
    "synthetic.cardinality": "2.0",
    "epochs": "3",
    "model": "linear",
    "B.loss": "softmax",
}


def raced(**link: str) -> AppTest:
    app = open_page("train", **{**LINK, **link})
    button(app, "run_button").click().run()
    wait_for(newest_run(app), "finished")
    app.run()
    assert not app.exception
    return app


def results_of(run, figure: str) -> list:
    dataset, predictions = run.dataset, run.predictions
    return [
        result_of(
            [at_step[place] for at_step in run.records],
            (dataset.y[dataset.validation], predictions["validation"][place]),
            (dataset.y[dataset.test], predictions["test"][place]),
            figure,
        )
        for place in range(len(run.configs))
    ]


def names_of(app: AppTest) -> list[str]:
    return [line[0]["text"] for line in component(app, "verdict")["lines"][1:] if line[0]["text"]]


def texts(app: AppTest) -> str:
    return "\n".join(text.value for text in app.markdown)


def test_a_race_ends_with_its_verdict_by_the_figure_that_is_chosen():
    app = raced()
    run = newest_run(app)
    for figure in ("samples_f1", "micro_f1", "macro_f1"):
        app.button_group(key="train.judge").set_value(figure).run()
        assert not app.exception
        results = results_of(run, figure)
        said = sentences(judge(results, figure), results, names_of(app))
        assert " ".join(said) in texts(app)
        shown = [line[1]["text"] for line in component(app, "verdict")["lines"][1:]]
        assert shown[1::2] == [f"own: {each.threshold:.2f}" for each in results]
    assert app.query_params["judge"] in ("macro_f1", ["macro_f1"])


def test_two_more_seeds_fill_the_spread_in():
    app = raced(seed="3")
    run = newest_run(app)
    button(app, "verdict_seeds").click().run()
    assert not app.exception
    job = jobs().get(SWEEP, app.session_state[f"seeds.{run.work.id}"])
    assert sorted(config.seed for config in job.configs.values()) == [4, 4, 5, 5]
    assert "sweep" not in app.session_state or app.session_state["sweep"] != job.id
    wait_until(lambda: not job.active, "two more seeds")
    app.run()
    assert not app.exception
    results = [
        with_seeds(result, page._runs(job, config), "samples_f1")
        for result, config in zip(results_of(run, "samples_f1"), run.configs, strict=True)
    ]
    assert [result.seeds for result in results] == [3, 3]
    said = sentences(judge(results, "samples_f1"), results, names_of(app))
    assert " ".join(said) in texts(app)
    assert any("Mean over 3 seeds" in text.value for text in app.caption)
    assert not [each for each in app.button if each.key == "verdict_seeds"]


@pytest.mark.parametrize(
    ("advice", "setting", "expected"),
    [("rate", "train.rate", 1e-4), ("epochs", "train.epochs", 6)],
)
def test_what_is_raced_again_differs_in_the_one_setting(monkeypatch, advice, setting, expected):
    def judged(results, figure) -> Verdict:
        return library.Verdict(**vars(judge(results, figure)) | {"advice": advice, "of": 1})

    app = raced()
    before = newest_run(app)
    monkeypatch.setattr(library, "judge", judged)
    app.run()
    button(app, "verdict_again").click().run()
    after = newest_run(app)
    assert after.id != before.id
    assert app.session_state[setting] == expected
    changed = {
        name
        for name, value in after.about.settings().items()
        if before.about.settings()[name] != value
    }
    assert changed == {setting.removeprefix("train.")}


@pytest.mark.parametrize("loss", LOSSES)
def test_a_link_to_a_sweep_has_the_settings_of_the_contender(loss):
    configs = (QUICK_RACE[0], replace(QUICK_RACE[0], loss=loss, learning_rate=0.01, loss_params={}))
    setup = Setup(data="synthetic", options={"rows": 300}, configs=configs)
    link = {name: str(value) for name, value in page.sweep_link(setup, 1).items()}
    assert (link["s.loss"], link["s.rate"], link["s.synthetic.rows"]) == (loss, "0.01", "300")
    assert link["s.learning_rate.range"] == "(0.00333333,0.03)"
    app = open_page("sweep", **link)
    assert not app.exception
    assert not [text for text in app.warning if "do not exist" in text.value]
    assert app.session_state["sweep.s.loss"] == loss
    assert app.session_state["sweep.s.seeds"] == 3


def test_the_slot_on_top_says_what_was_predicted_and_what_it_was(monkeypatch):
    app = raced()
    assert "You predicted" not in texts(app)
    drawn, told = page.draw_verdict, ("A", "softmax")
    monkeypatch.setattr(page, "draw_verdict", lambda run, _told: drawn(run, told))
    app.run()
    assert "You predicted: **A**, and it was **softmax**." in texts(app)


def test_marks_stand_at_each_contenders_best_record():
    dataset = load("synthetic", labels=20, rows=400, cardinality=2.0)
    configs = tuple(TrainConfig(loss=loss, hidden=(8,), epochs=4) for loss in ("bce", "focal"))
    records = list(race(configs, dataset, thresholds=(0.25, 0.5), record="dense"))
    run = Run(configs=configs, dataset=dataset, state="running", records=records)
    words = race_words(run, 0.25)
    judged = {}
    for panel, marks, summary in zip(PANELS, words["best"], words["summaries"], strict=True):
        judged[panel.value] = panel.judges
        if not panel.judges:
            assert marks == [None, None]
            continue
        for contender, (step, value) in enumerate(marks):
            own = [at_step[contender] for at_step in records]
            values = [
                each.scores[panel.value][0] if panel.tabled else getattr(each, panel.value)
                for each in own
            ]
            known = [value for value in values if value == value]
            best = (min if panel.value == "validation_loss" else max)(known)
            assert value == pytest.approx(best, rel=1e-5)  # six digits are sent
            assert step == own[values.index(best)].step
            assert f"best {best:.4g} at epoch " in summary
    assert [name for name, is_judged in judged.items() if is_judged] == [
        *("validation_loss", "samples_f1", "micro_f1", "macro_f1", "mean_average_precision", "lrap")
    ]
    assert best_record([], "micro_f1") is None
    assert "Ranking after epoch 4: mAP " in words["cards"][0][4][0]


def test_who_is_no_more_than_chance_behind_is_named():
    def result(tuned: float) -> library.Result:
        values = dict.fromkeys(library.SHOWN, (tuned,))
        return library.Result(threshold=0.5, half=values, tuned=values, band=0.02)

    results = [result(value) for value in (0.45, 0.51, 0.52)]
    said = sentences(judge(results, "samples_f1"), results, ["A x", "B y", "C z"])
    assert "Behind it by no more than chance: B y." in said
    said = sentences(judge(results[::2], "samples_f1"), results[::2], ["A x", "C z"])
    assert not any("Behind it" in sentence for sentence in said)
