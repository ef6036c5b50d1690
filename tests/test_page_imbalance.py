"""The Imbalance page without a browser: figures against the library, controls, a race's scores."""

import re
import zlib
from base64 import b64decode
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import f1_score

from mlcore.datasets import load
from mlcore.imbalance import Pairs, group_scores, groups, measure
from mlcore.thresholds import ThresholdSweep
from mlcore.training import TrainConfig
from pages.ui import words
from pages.ui.imbalance import scores
from pages.ui.imbalance.subject import Subject
from pages.ui.kit.contenders import contender_names
from pages.ui.kit.matrix import pack
from pages.ui.server.jobs import jobs
from tests.app_pages import QUICK, button, newest_run, open_page, wait_for
from tests.conftest import wait_until
from tests.metrics_page import component, run_code
from tests.test_page_thresholds_charts import specs
from tests.thresholds_page import captions, choose_value, markdown

SMALL = {
    "data": "synthetic",
    "synthetic.rows": "400",
    "synthetic.labels": "12",
    "synthetic.cardinality": "2.0",
}


def dataset():
    return load("synthetic", rows=400, labels=12, cardinality=2.0)


def open_imbalance(**link: str):
    app = open_page("imbalance", **{**SMALL, **link})
    assert not app.exception
    assert not app.warning
    return app


def figures(app) -> list[str]:
    return [metric.value for metric in app.metric]


def shown(app) -> tuple:
    """All that the page shows of its labels."""
    tables = [frame.value.to_csv() for frame in app.dataframe]
    matrix = component(app, "pair_matrix")
    return (figures(app), markdown(app), captions(app), specs(app), tables, matrix)


def expected(found) -> list[str]:
    return [
        f"{found.rows:,}",
        f"{found.labels:,}",
        f"{found.cardinality:.2f}",
        f"{found.density:.4f}",
        f"{found.label_sets:,}",
        f"{found.mean_ir:.2f}",
        f"{found.cvir:.3f}",
        f"{found.scumble:.3f}",
    ]


@pytest.mark.parametrize("part", ["train", "all"])
def test_figures_are_those_of_the_rows_that_are_counted(part):
    data = dataset()
    targets = data.y[data.train] if part == "train" else data.y
    app = open_imbalance(part=part)
    assert figures(app) == expected(measure(targets))
    group = groups(measure(targets).support)
    for place, name in enumerate(("head", "middle", "tail")):
        assert f"**{name}**: {(group == place).sum()} label" in markdown(app)


def test_every_control_changes_what_is_shown_and_stands_in_the_link():
    for key, value in {
        "part": "all",
        "groups": "shots",
        "label": "label 7",
        "pairs": "lift",
        "order": "support",
    }.items():
        app = open_imbalance()
        before = shown(app)
        choose_value(app, "selectbox", key, value)
        assert shown(app) != before, key
        assert app.query_params[key] in (value, [value])
        again, own = open_imbalance(**{key: value}), f"imbalance.{key}"
        assert app.session_state[own] == again.session_state[own] == value
    app = open_imbalance()
    before = shown(app)
    choose_value(app, "slider", "least", 40)
    assert shown(app) != before
    for topic in ("formulas", "code"):
        app.button_group(key="imbalance.about").set_value(topic).run()
        assert len(app.latex) == (4 if topic == "formulas" else 0)
        assert len(app.code) == (1 if topic == "code" else 0)


def test_labels_that_are_never_true_are_told_and_counted_by_the_convention():
    data = load("debtags")
    targets = data.y[data.train]
    app = open_page("imbalance")
    assert "Labels that are never true (training rows): 1 of 512." in captions(app)
    for absent in ("zero", "infinite"):
        choose_value(app, "selectbox", "absent", absent)
        assert figures(app)[:5] == expected(measure(targets))[:5]
        mean, variation = figures(app)[5:7]
        if absent == "zero":
            assert [mean, variation] == expected(measure(targets, absent="zero"))[5:7]
        else:
            assert (mean, variation) == ("∞", "–")
    rare = data.label_names[int(measure(targets).support.argmin())]
    choose_value(app, "selectbox", "label", rare)
    assert "is never true in these rows" in markdown(app)
    assert "No other label shares" in app.info[0].value
    assert not [box for box in open_imbalance().selectbox if box.key == "imbalance.absent"], (
        "a dead control"
    )


@pytest.mark.parametrize("by", ["given", "jaccard", "lift", "count"])
def test_neighbours_strongest_pairs_and_matrix_are_the_librarys(by):
    data = dataset()
    pairs = Pairs(data.y[data.train])
    app = open_imbalance(pairs=by, label="label 3", least="5")
    neighbours, strongest = (frame.value for frame in app.dataframe)
    wanted = pairs.neighbours(2, by=by, least=5)
    assert neighbours["b"].tolist() == [data.label_names[pair.b] for pair in wanted]
    for name in ("given", "back", "jaccard", "lift", "count"):
        assert neighbours[name].tolist() == [getattr(pair, name) for pair in wanted]
    best = pairs.strongest(by=by, least=5)
    assert strongest[by].tolist() == [getattr(pair, by) for pair in best]
    sent = component(app, "pair_matrix")
    values = np.frombuffer(zlib.decompress(b64decode(sent["packed"])), "<f4").reshape(12, 12)
    assert sent["names"] == [data.label_names[label] for label in pairs.order]
    table = pairs.table(by)[np.ix_(pairs.order, pairs.order)].astype(np.float32)
    off = ~np.eye(12, dtype=bool)
    np.testing.assert_array_equal(values[off], table[off])
    assert np.isnan(values.diagonal()).all()
    assert sent["names"][sent["picked"]] == "label 3"


def test_a_picture_of_labels_that_never_meet_has_ends_to_its_scale():
    assert (pack(np.zeros((2, 2)), "ab").low, pack(np.zeros((2, 2)), "ab").high) == (0, 1)
    one = pack(np.array([[5.0, 2.0], [np.nan, 3.0]]), "ab", log=True)
    assert (one.low, one.high) == (2, 2)


def test_the_code_prints_the_figures_of_the_page():
    app = open_imbalance(about="code", part="all", groups="shots")
    printed = run_code(app.code[0].value)
    found = measure(dataset().y)
    figures = f"MeanIR {found.mean_ir:.2f}, CVIR {found.cvir:.3f}, SCUMBLE {found.scumble:.3f}"
    assert printed.splitlines()[0] == figures
    tail = found.support[groups(found.support, "shots") == 2]
    assert f"tail: {len(tail)} labels, {tail.sum()} true cells" in printed


def test_the_code_counts_labels_that_are_never_true_as_the_page_does():
    app = open_page("imbalance", absent="zero", about="code")
    data = load("debtags")
    found = measure(data.y[data.train], absent="zero")
    assert f"MeanIR {found.mean_ir:.2f}, CVIR {found.cvir:.3f}" in run_code(app.code[0].value)


def test_without_a_race_the_page_offers_one_and_then_shows_each_labels_score(monkeypatch):
    configs = (
        TrainConfig(loss="bce", epochs=3, learning_rate=0.02, hidden=(32,)),
        TrainConfig(
            loss="bce_pos_weight",
            loss_params={"pos_weight": "sqrt"},
            epochs=3,
            learning_rate=0.02,
            hidden=(32,),
        ),
    )
    monkeypatch.setattr(scores, "QUICK_RACE", configs)
    app = open_imbalance()
    assert "No race on these labels" in app.info[0].value
    app.radio(key="guess.imbalance.race.choice").set_value("head").run()
    button(app, "guess.imbalance.race.commit").click().run()
    button(app, "quick_race").click().run()
    run = newest_run(app)
    assert run.configs == configs
    assert len(run.dataset.x) == 400
    wait_for(run, "finished")
    app.run()
    data = run.dataset
    targets, support = data.y[data.test], data.y[data.train].sum(axis=0, dtype=int)
    scored = targets.any(axis=0)
    means = [
        [
            f1_score(
                targets[:, inside := (groups(support) == group) & scored],
                run.predictions["test"][place][:, inside] >= np.float32(0.5),
                average="macro",
                zero_division=0.0,
            )
            for group in range(3)
        ]
        for place in (0, 1)
    ]
    gains = np.subtract(means[1], means[0])
    best = ("head", "middle", "tail")[gains.argmax()] if gains.max() >= 0.0005 else "nowhere"
    assert f"You predicted: **head**, and it was **{best}**." in markdown(app)
    for cut in ("half", "tuned", "own"):
        choose_value(app, "selectbox", "decide", cut)
        sheet = component(app, "group_means")["lines"]
        assert len(sheet) == 3
        for place, line in enumerate(sheet[1:]):
            parts = [run.predictions[split][place] for split in ("validation", "test")]
            limit = 0.5
            if cut != "half":
                sweep = ThresholdSweep(data.y[data.validation], parts[0], thresholds=1001)
                limit = sweep.best("macro_f1")[0] if cut == "tuned" else sweep.best_per_label()
            predicted = parts[1] >= np.asarray(limit, np.float32)
            f1 = f1_score(targets, predicted, average=None, zero_division=0.0)
            for group, cell in enumerate(line[1:]):
                inside = f1[(groups(support) == group) & scored]
                assert cell["text"].startswith(f"{inside.mean():.3f} (" if len(inside) else "–")
    assert "in the **" in markdown(app)
    assert "Each was trained for 3 epochs" in captions(app)
    other = {**SMALL, "synthetic.rows": "500"}
    app = open_page("imbalance", **other, run=run.id, subject="data")
    assert "No race on these labels" in app.info[0].value, "that race had other rows"
    choose_value(app, "radio", "subject", "race")
    assert figures(app)[0] == f"{len(data.train):,}"
    assert component(app, "group_means")


def test_of_several_races_on_its_labels_the_newest_is_shown():
    app = open_page("train", **SMALL, epochs="2", model="linear")
    for epochs in (2, 1):
        next(slider for slider in app.slider if slider.key.endswith("epochs")).set_value(epochs)
        button(app.run(), "run_button").click().run()
        wait_for(newest_run(app), "finished")
    app.session_state["run"] = app.session_state["runs"][0]
    app.switch_page("../imbalance.py").run()
    choose_value(app, "radio", "subject", "data")
    assert "Each was trained for 1 epoch from one seed" in captions(app)
    run = newest_run(app)
    long = SimpleNamespace(dataset=run.dataset, steps=9, configs=(TrainConfig(epochs=8),))
    told = scores._told(SimpleNamespace(part="train"), long, 3, [], [], [np.ones(12)])
    assert "Each was trained for 2.7 epochs from one seed" in told


def test_a_race_that_is_chosen_without_a_race_is_told_so():
    app = open_page("imbalance", subject="race")
    assert not app.exception
    assert "No race has been run in this visit" in app.info[0].value
    assert not app.metric


def drawn_scores(app):
    """The step that a race in training is drawn at, and the table of the chart."""
    step = re.search(r"F1 of the test rows after ([\d,]+) steps", captions(app))[1]
    data = app.get("vega_lite_chart")[-1].proto.data.data
    return int(step.replace(",", "")), pa.ipc.open_stream(data).read_pandas()


def test_a_table_of_scores_has_each_labels_f1_and_the_mean_of_its_group():
    data = dataset()
    targets = data.y[data.test]
    predicted = np.roll(targets, 1, axis=0)
    f1 = f1_score(targets, predicted, average=None, zero_division=0.0)
    f1[~targets.any(axis=0)] = np.nan
    support = data.y[data.train].sum(axis=0, dtype=int)
    subject = Subject(key="", dataset=data, options=None, part="train", cut="thirds")
    means = group_scores(f1, subject.groups())
    table = scores.score_table(subject, ["A"], [f1], [means])
    points, lines = table[table["f1"].notna()], table[table["mean"].notna()]
    assert points["label"].tolist() == [*np.array(data.label_names)[~np.isnan(f1)]]
    np.testing.assert_array_equal(points["f1"], f1[~np.isnan(f1)])
    np.testing.assert_array_equal(points["support"], support[~np.isnan(f1)])
    for place, line in enumerate(lines.itertuples()):
        inside = subject.groups() == place
        assert line.mean == pytest.approx(np.nanmean(f1[inside]), rel=1e-12)
        assert (line.low, line.high) == (support[inside].min(), support[inside].max())


def test_a_race_in_training_is_waited_for_and_its_scores_move():
    link = {**QUICK, "synthetic.rows": "4000", "epochs": "200"}
    app = open_page("train", **link)
    button(app, "run_button").click().run()
    run = newest_run(app)
    app = open_page("imbalance", run=run.id)
    assert not app.exception
    assert figures(app)[0] == f"{len(run.dataset.train):,}"
    assert len(app.get("progress")) == 2, "the race's, and that of the exercises"
    wait_until(lambda: run.predictions, "predictions")
    app.run()
    first, table = drawn_scores(app)
    assert set(table["contender"]) == set(contender_names(run.configs))
    wait_until(lambda: run.predictions.step > first, "newer predictions")
    before = specs(app)
    app.run()
    step, newer = drawn_scores(app)
    assert step > first, "the points move while it trains"
    assert not newer["f1"].equals(table["f1"])
    assert specs(app) == before, "the chart itself stays"
    wait_for(run, "running")
    jobs().stop(run)
    wait_for(run, "stopped")
    app.run()
    assert len(app.get("progress")) == 1


def test_settings_that_contradict_each_other_are_a_message():
    app = open_page("imbalance", **{**SMALL, "synthetic.cardinality": "50.0"})
    assert not app.exception
    assert "do not fit together" in app.error[0].value
    assert not app.metric


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("subject", "file", "subject must be one of data, race"),
        ("part", "test", "part must be one of train, all"),
        ("groups", "halves", "groups must be one of thirds, shots"),
        ("label", "<b>", "label must be one of the 12 there are"),
        ("pairs", "cosine", "pairs must be one of given, jaccard, lift, count"),
        ("least", "0", "least must be >= 1"),
        ("order", "name", "order must be one of clusters, support"),
        ("about", "me", "about must be one of notice, formulas, code"),
    ],
)
def test_a_link_that_asks_for_nonsense_is_told_so(key, text, message):
    app = open_page("imbalance", **SMALL, **{key: text})
    assert not app.exception
    assert f"`{key}={text}`" in app.warning[0].value
    assert message in app.warning[0].value.replace("\\", "")
    assert key not in app.query_params


def test_the_sentence_names_who_gains_and_who_loses():
    group, names = [0, 0, 2], ["A one", "B two"]
    first = group_scores([0.5, 0.7, 0.0], group)
    with words.speaking("en"):
        told = scores.where_it_helps(names, [first, group_scores([0.1, 0.7, 0.3], group)])
        assert "**B two** gains most over **A one** in the **tail**: +0.300" in told
        assert "**B two** loses most in the **head**: −0.200" in told
        same = scores.where_it_helps(names, [first, first])
        assert same == "No contender differs from **A one** in any group."
        none = group_scores([np.nan] * 3, group)
        assert "no label has a score" in scores.where_it_helps(names, [none, none])
        worse = scores.where_it_helps(names, [first, group_scores([0, 0, 0], group)])
        assert worse == (
            "Nothing gains over **A one** in any group. "
            "**B two** loses most in the **head**: −0.600."
        )
