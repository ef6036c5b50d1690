"""The Sweep page without a browser: what it trains, what it shows and says."""

import io
import subprocess
import sys
from contextlib import redirect_stdout
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from babel.messages.pofile import read_po
from streamlit.testing.v1 import AppTest

from mlcore.command_line import main
from mlcore.datasets import load
from mlcore.figures import FIGURES
from mlcore.sweeps import config_key, expand, run_group
from mlcore.sweeps.results import as_table
from pages.ui import words
from pages.ui.kit.heat_map import VIRIDIS, colours_of, luminance
from pages.ui.kit.numbers import about
from pages.ui.server.jobs import SWEEP, jobs
from pages.ui.sweep import surface
from pages.ui.sweep import view as live
from pages.ui.sweep.code import as_code, as_command
from pages.ui.sweep.details import race_link
from pages.ui.sweep.settings import FIGURE_NAMES
from tests.app_pages import all_widgets, button, open_page
from tests.conftest import ROOT, wait_until
from tests.metrics_page import component
from tests.test_words import drawn, in_english

QUICK = {
    "s.synthetic.rows": "200",
    "s.synthetic.labels": "10",
    "s.epochs": "2",
    "s.x.values": "3",
    "s.y.values": "2",
}


def open_sweep(**link: str) -> AppTest:
    app = open_page("sweep", **{**QUICK, **link})
    assert not app.exception
    return app


def run_to_the_end(app: AppTest):
    button(app, "sweep_run").click().run()
    assert not app.exception
    job = jobs().get(SWEEP, app.session_state["sweep"])
    wait_until(lambda: not job.active, "the sweep")
    app.run()
    assert not app.exception
    return job


def test_axes_are_never_the_same():
    app = open_sweep(**{"s.seeds": "2"})
    for x, y in (("learning_rate", "pos_weight"), ("pos_weight", "learning_rate")):
        all_widgets(app)["s.bce_pos_weight.x"].set_value(x).run()
        assert all_widgets(app)["s.bce_pos_weight.y"].value == y
    assert any("6 cells × 2 seeds = **12 runs**" in text.value for text in app.markdown)


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("s.bce_pos_weight.x", "gamma", "x must be one of pos_weight, cap, label_smoothing"),
        ("s.learning_rate.range", "(0.1, 0.01)", "a range must be (low, high)"),
        ("s.learning_rate.range", "(0.01, 0.0101)", "a range must be (low, high)"),
        ("s.learning_rate.range", "(0.1, 1000)", "learning_rate must be <= 10"),
        ("s.x.values", "40", "values must be <= 12"),
        ("s.figure", "labels_per_row", "figure must be one of macro_f1"),
    ],
)
def test_a_link_that_asks_for_nonsense_is_told_so(key, text, message):
    app = open_sweep(**{key: text})
    assert message in app.warning[0].value.replace("\\", "")
    assert f"`{key}={text}`" in app.warning[0].value


def test_a_link_to_a_forgotten_sweep_is_told_so():
    app = open_sweep(sweep="no-such-sweep")
    assert "no longer there" in app.warning[0].value
    assert "Nothing has run yet" in component(app, "surface")["hint"]


def test_presets_set_up_what_they_name():
    app = open_sweep()
    app.button_group(key="sweep preset").set_value("Debian packages: positive weight × γ").run()
    assert not app.exception
    boxes = {key: box.value for key, box in all_widgets(app).items()}
    assert (boxes["s.data"], boxes["s.loss"], boxes["s.model"]) == ("debtags", "focal", "mlp")
    assert (boxes["s.focal.x"], boxes["s.focal.y"]) == ("pos_weight", "gamma")
    assert any("64 cells × 3 seeds = **192 runs**" in text.value for text in app.markdown)
    app.button_group(key="sweep preset").set_value("Positive weight × learning rate").run()
    assert any("36 cells × 1 seed = **36 runs**" in text.value for text in app.markdown)
    assert "s.data" not in app.query_params


def test_many_runs_are_asked_back():
    app = open_sweep(**{"s.x.values": "12", "s.y.values": "6", "s.seeds": "5"})
    assert button(app, "sweep_run").disabled
    assert "Yes, train 360 runs" in app.checkbox[0].label
    app.checkbox[0].check().run()
    assert not button(app, "sweep_run").disabled


@pytest.fixture(scope="module")
def swept():
    """A small sweep over two seeds, and the page that shows it."""
    app = open_sweep(**{"s.seeds": "2", "s.bce_pos_weight.pos_weight": "balanced"})
    return app, run_to_the_end(app)


def cells_of(app: AppTest) -> list[list[list[dict]]]:
    """Of each table its rows of values, from below as they stand on a chart."""
    tables = component(app, "surface")["tables"]
    return [[cells for _head, *cells in table["lines"][-2::-1]] for table in tables]


def test_cells_are_what_the_library_gives(swept):
    app, job = swept
    dataset = load("synthetic", rows=200, labels=10, cardinality=2.0)
    base = job.about.base.config
    grid = {"learning_rate": [0.01, 0.3], "pos_weight": [1.0, 10.0, 100.0]}
    seeds = [
        run_group(dataset, [replace(config, seed=seed) for config in expand(base, grid)])
        for seed in (0, 1)
    ]
    assert set(job.results) == {config_key(r.config) for results in seeds for r in results}
    readings = (lambda r: r.at_half("macro_f1"), lambda r: r.tuned("macro_f1")[1])
    for table, read in zip(cells_of(app), readings, strict=True):
        shown = [[float(cell["text"]) for cell in row] for row in table]
        expected = np.mean([[read(result) for result in results] for results in seeds], axis=0)
        # Three digits; what trains beside a run may move a probability across the threshold.
        np.testing.assert_allclose(shown, expected.reshape(2, 3), atol=6e-4)
    data = component(app, "surface")["tables"][0]
    assert (data["across"], data["up"]) == ("Positive weight", "Learning rate")
    heads = [[cell["text"] for cell in line if "head" in cell["kind"]] for line in data["lines"]]
    assert heads == [["0.3"], ["0.01"], ["", "1", "10", "100"]]
    assert app.query_params["sweep"] in (job.id, [job.id])


def test_best_cells_are_marked_and_sentences_count_what_is_shown(swept):
    app, job = swept
    now = surface.surface_of(job, "macro_f1")
    for reading, table in zip(("half", "tuned"), cells_of(app), strict=True):
        marked = [
            (i, j)
            for i, row in enumerate(table)
            for j, cell in enumerate(row)
            if cell["mark"] == "★"
        ]
        assert marked == [now.best(reading)]
        assert "best on validation rows" in table[marked[0][0]][marked[0][1]]["label"]
    said = "\n".join(text.value for text in app.markdown)
    half, tuned = now.difference("half"), now.difference("tuned")
    assert (
        f"cells differ by {half:.3f} at 0.5, and by {tuned:.3f} at their tuned thresholds" in said
    )
    assert f"the seeds of one cell differ by {now.seed_difference('half'):.3f}" in said
    best = now.best("tuned")
    assert f"**{now.mean('tuned')[best]:.3f}** on test rows" in said


def test_a_surface_with_one_row_so_far_says_nothing_of_the_other_setting(swept):
    _app, job = swept
    first_row = {config_key(config) for config in job.about.configs[:3]}
    results = {key: job.results[key] for key in first_row}
    part = replace(job, work=replace(job.work, results=results))
    said = "\n".join(surface.sentences(part, surface.surface_of(part, "macro_f1"), "Macro F1"))
    assert "Positive weight alone: by" in said
    assert "Learning rate alone" not in said
    assert "nan" not in said
    assert "not known: no cell has two seeds yet" in said


def test_figure_and_spread_and_cell_change_what_is_shown(swept):
    app, job = swept
    before = cells_of(app)
    boxes = all_widgets(app)
    boxes["s.figure"].set_value("micro_recall").run()
    assert not app.exception
    recall = cells_of(app)
    assert recall != before
    spread = open_sweep(sweep=job.id, **{"s.show": "spread", "s.figure": "micro_recall"})
    values = [float(cell["text"]) for row in cells_of(spread)[0] for cell in row]
    expected = surface.surface_of(job, "micro_recall").spread("half").ravel()
    np.testing.assert_allclose(values, expected, atol=6e-4)
    picked = open_sweep(sweep=job.id, **{"s.cell.x": "100", "s.cell.y": "0.01"})
    assert [cell["id"] for row in cells_of(picked)[0] for cell in row if cell["on"]] == ["0.2"]
    assert any(
        "Positive weight **100**, Learning rate **0.01**" in m.value for m in picked.markdown
    )
    rows = component(picked, "cell_figures")["lines"]
    results = [job.results[key] for key in job.about.keys[0, 2]]
    macro = [result.at_half("macro_f1") for result in results]
    assert [cell["text"] for cell in rows[1]][:2] == [
        "Macro F1",
        f"{np.mean(macro):.3f} ± {np.ptp(macro) / 2:.3f}",
    ]
    assert any("Macro averages are over the labels that occur" in c.value for c in picked.caption)
    boxes["s.figure"].set_value("macro_f1").run()


def test_a_sweep_with_other_settings_is_said_to_be_older_and_known_cells_are_reused(swept):
    _app, job = swept
    app = open_sweep(sweep=job.id, **{"s.x.values": "2"})
    assert any("The settings have changed since" in text.value for text in app.caption)
    again = run_to_the_end(open_sweep(**{"s.x.values": "2", "s.bce_pos_weight.pos_weight": "none"}))
    assert again.reused == 4, "the base's own weight is in no cell"
    known = run_to_the_end(open_sweep(**{"s.bce_pos_weight.pos_weight": "balanced"}))
    assert known.reused == 6, "the first seed of each cell"
    assert "6 were known from before" in live.progress_text(known)


def test_a_new_run_stops_the_old_one_and_stop_keeps_cells():
    app = open_sweep(**{"s.epochs": "60", "s.seeds": "5", "s.synthetic.rows": "1000"})
    button(app, "sweep_run").click().run()
    first = jobs().get(SWEEP, app.session_state["sweep"])
    button(app, "sweep_stop").click().run()
    assert first.state == "stopped"
    assert not app.exception
    widgets = all_widgets(app)
    widgets["s.epochs"].set_value(61).run()
    button(app, "sweep_run").click().run()
    second = jobs().get(SWEEP, app.session_state["sweep"])
    all_widgets(app)["s.epochs"].set_value(62).run()
    button(app, "sweep_run").click().run()
    assert second.state == "stopped"
    third = jobs().get(SWEEP, app.session_state["sweep"])
    assert third.active
    jobs().stop(third)


def start_for(owner: str, plan):
    """A sweep of somebody else, whom a session keeps connected."""
    job = jobs().start_sweep(plan, owner=owner)
    job.sessions.add(f"{owner}'s session")
    return job


def test_who_waits_is_told_the_place_in_the_queue_and_may_leave_it(swept, monkeypatch):
    _app, job = swept
    monkeypatch.setattr(jobs().sweeps, "room", 1)
    base = replace(job.about.base, config=replace(job.about.base.config, epochs=90))
    theirs = [
        start_for(owner, replace(job.about, base=base, seeds=tuple(range(first, first + 5))))
        for owner, first in (("A", 0), ("B", 100))
    ]
    app = open_sweep(**{"s.epochs": "91"})
    button(app, "sweep_run").click().run()
    mine = jobs().get(SWEEP, app.session_state["sweep"])
    assert (mine.state, jobs().sweeps.place(mine.work)) == ("queued", 2)
    assert app.get("progress")[0].proto.text.startswith("Number 2 in the queue, ")
    button(app, "sweep_stop").click().run()
    assert mine.state == "stopped"
    for other in theirs:
        jobs().stop(other)


def test_times_are_told_as_exactly_as_they_are_known():
    assert [about(s) for s in (None, float("nan"), 0.2, 89, 150)] == [
        *["for an unknown time"] * 2,
        *("less than a second", "about 89 s", "about 2 min"),
    ]


def test_a_sweep_of_somebody_else_is_watched_and_run_starts_a_copy(swept):
    _app, job = swept
    base = replace(job.about.base, config=replace(job.about.base.config, epochs=70))
    theirs = start_for("A", replace(job.about, base=base))
    link = {"s.seeds": "2", "s.bce_pos_weight.pos_weight": "balanced", "s.epochs": "70"}
    app = open_sweep(**link, sweep=theirs.id)
    assert any("Somebody else started this sweep" in text.value for text in app.caption)
    assert button(app, "sweep_stop").disabled
    button(app, "sweep_run").click().run()
    mine = jobs().get(SWEEP, app.session_state["sweep"])
    assert mine.id != theirs.id
    assert mine.work is theirs.work, "what is in training is not trained twice"
    assert not any("Somebody else started this sweep" in text.value for text in app.caption)
    button(app, "sweep_stop").click().run()
    assert (mine.state, theirs.state) == ("stopped", "running")
    jobs().stop(theirs)
    assert theirs.state == "stopped"


def test_a_sweep_that_nobody_was_connected_to_says_what_became_of_it(swept):
    _app, job = swept
    base = replace(job.about.base, config=replace(job.about.base.config, epochs=80))
    left = start_for("A", replace(job.about, base=base))
    jobs().stop(left, why="left")
    app = open_sweep(sweep=left.id)
    assert "this sweep was stopped after 0 of 12 runs" in app.info[0].value


def test_data_that_contradict_themselves_are_a_message():
    job = run_to_the_end(app := open_sweep(**{"s.synthetic.labels": "2"}))
    assert len(job.errors) == 6
    assert "6 runs failed" in app.error[0].value
    assert any("cardinality must be <=" in text.value for text in app.text)
    assert all(cell["mark"] == "!" for row in cells_of(app)[0] for cell in row)


def test_race_link_opens_the_train_page_with_base_and_cell(swept):
    _app, job = swept
    place = (1, 2)
    app = open_page("train", **race_link(job.about, place))
    assert not app.exception
    assert not app.warning
    said = {key: str(widget.value) for key, widget in all_widgets(app).items()}
    expected = {
        "data": "synthetic",
        "synthetic.rows": "200",
        "synthetic.labels": "10",
        "A.loss": "bce_pos_weight",
        "A.bce_pos_weight.pos_weight": "balanced",
        "B.bce_pos_weight.pos_weight": "a number",
        "B.bce_pos_weight.pos_weight.number": "100.0",
        "rate": "0.3",
        "model": "linear",
        "epochs": "2",
    }
    assert {key: said[key] for key in expected} == expected
    assert any(link.proto.label == "**Race this one**" for link in _app.get("page_link"))


@pytest.mark.parametrize("figure", ["macro_f1", "macro_recall", "hamming_loss"])
def test_code_and_command_give_the_same_figures_and_the_same_best(swept, figure, tmp_path):
    _app, job = swept
    plan, now = job.about, surface.surface_of(job, figure)
    code = as_code(plan, figure).replace("seeds=(0, 1)", "seeds=(0, 1), engine='inline'")
    assert "engine" in code
    out, names = io.StringIO(), {}
    with redirect_stdout(out):
        exec(code, names)
    for column, expected in (
        (f"test_{figure}", now.mean("half")),
        (f"tuned_test_{figure}", now.mean("tuned")),
    ):
        cells = names["cells"][column].to_numpy().reshape(2, 3)
        np.testing.assert_allclose(cells, expected, atol=1e-3)
    row, column = now.best("tuned")
    best = [plan.y.values[row], plan.x.values[column]]
    listed = out.getvalue().splitlines()
    first = next(line for line, text in enumerate(listed) if text.startswith("learning_rate")) + 1
    assert list(map(float, listed[first].split()[:2])) == best
    command = as_command(plan, figure).replace("\\\n", " ").split()[3:]
    file, printed = tmp_path / "sweep.csv", io.StringIO()
    with redirect_stdout(printed):
        code = main([*command, "--engine", "inline", "--quiet", "--out", str(file)])
    assert code == 0
    (ranked,) = (line for line in printed.getvalue().splitlines() if line.startswith("1 "))
    assert list(map(float, ranked.split()[1:3])) == best
    table = pd.read_csv(file)
    last = table[table["epoch"] == 2].groupby(["learning_rate", "pos_weight"])
    np.testing.assert_allclose(
        last[f"test_{figure}"].mean().to_numpy().reshape(2, 3), now.mean("half"), atol=1e-3
    )


def test_the_code_names_an_axis_that_has_one_value(swept):
    _app, job = swept
    plan = job.about
    one = replace(plan, y=replace(plan.y, values=(0.3,)), seeds=(0,))
    names = {}
    with redirect_stdout(io.StringIO()):
        exec(as_code(one, "macro_f1").replace("seeds=(0,)", "seeds=(0,), engine='inline'"), names)
    assert names["cells"].index.names == ["learning_rate", "pos_weight"]
    assert set(names["cells"].index.get_level_values(0)) == {0.3}


def test_a_cell_that_diverged_says_so_and_shows_no_nan(swept):
    _app, job = swept
    here = {key: job.results[key] for key in job.about.keys[0, 0]}
    try:
        for key, result in here.items():
            lost = as_table(result.epochs.assign(diverged=True).to_numpy())
            job.results[key] = replace(result, table=lost)
        app = open_sweep(sweep=job.id, **{"s.cell.x": "1", "s.cell.y": "0.01"})
        assert any("2 runs of this cell diverged" in warning.value for warning in app.warning)
        assert "nan" not in "".join(text.value for text in (*app.caption, *app.markdown))
        assert not [chart for chart in app.get("vega_lite_chart") if "cell" in str(chart.proto)]
    finally:
        job.results.update(here)


def test_what_is_known_takes_no_time(swept):
    _app, job = swept
    link = {"s.seeds": "2", "s.bce_pos_weight.pos_weight": "balanced", "sweep": job.id}
    app = open_sweep(**link)
    assert any("**12 runs**, all known from before: Run" in text.value for text in app.markdown)


def test_a_sweep_speaks_the_language_that_is_asked_for(swept):
    _app, job = swept
    path = words.LOCALES / "zh" / "LC_MESSAGES" / "lab.po"
    catalogue = read_po(io.BytesIO(path.read_bytes()), locale="zh")
    app = open_sweep(sweep=job.id, lang="zh")
    assert not in_english(drawn(app), catalogue)


def test_the_page_leads_to_where_a_model_is_retrained_as_one_drags():
    ways = [link.proto for link in open_sweep().get("page_link")]
    assert [way.page for way in ways if "watch the model retrain" in way.label] == ["playground"]


def test_figures_on_offer_exist_and_text_stands_out_from_every_colour():
    assert set(FIGURE_NAMES) <= set(FIGURES)
    assert len(FIGURE_NAMES) == 20
    for value in np.linspace(0, 1, 101):
        fill, ink = colours_of(float(value), 0.0, 1.0)
        ends = sorted((luminance(fill), luminance(ink)))
        assert (ends[1] + 0.05) / (ends[0] + 0.05) >= 4.5, "WCAG AA"
    light = [luminance(colour) for colour in VIRIDIS]
    assert light == sorted(light), "as light as it is high"
    assert colours_of(float("nan"), 0.0, 1.0) == ("", "")


def test_the_page_is_painted_without_heavy_imports():
    code = (
        "import sys\n"
        "import pages.ui.sweep.details, pages.ui.sweep.view\n"
        "heavy = {'torch', 'pandas', 'sklearn', 'scipy', 'altair', 'numba'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
