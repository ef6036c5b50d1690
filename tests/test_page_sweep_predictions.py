"""Predictions of a preset's sweep: committed before, settled by the sweep's own figures."""

from types import SimpleNamespace

import numpy as np
import pytest

from mlcore.sweeps.surface import Surface
from pages.ui.server.jobs import SWEEP, jobs
from pages.ui.sweep import predictions
from pages.ui.sweep.predictions import PREDICTIONS, outcome
from pages.ui.sweep.settings import PRESETS
from tests.app_pages import all_widgets, button
from tests.conftest import wait_until
from tests.test_page_sweep import QUICK, open_sweep, run_to_the_end

WEIGHTS, FOCAL = PRESETS
KEY = f"guess.sweep.{WEIGHTS}"


def surface(half, tuned, seeds=(0.0,), lost=False, there=True) -> Surface:
    """Cells by row and column with these means; each seed is that much above its cell."""
    test = {
        name: np.array(means, float)[..., None] + np.array(seeds)
        for name, means in (("half", half), ("tuned", tuned))
    }
    shape = test["half"].shape
    gap = np.zeros(shape, bool)
    gap[0, 0, 0] = True
    return Surface(
        figure="macro_f1",
        test=test,
        validation=test,
        threshold=np.full(shape, 0.5),
        there=~gap if not there else np.ones(shape, bool),
        lost=gap if lost else np.zeros(shape, bool),
    )


def answer(monkeypatch, preset: str, shown: Surface, errors=()) -> tuple[str | None, str]:
    monkeypatch.setattr(predictions, "surface_of", lambda job, figure: shown)
    return outcome(PREDICTIONS[preset], SimpleNamespace(errors=dict.fromkeys(errors, "")))


FLAT = [[0.3, 0.3], [0.3, 0.3]]
WIDE = [[0.3, 0.5], [0.3, 0.5]]


@pytest.mark.parametrize(
    ("tuned", "expected"), [(0.309, "less"), (0.39, "less"), (0.41, "more"), (0.5, "all")]
)
def test_what_a_threshold_leaves_of_a_weight_is_its_share(monkeypatch, tuned, expected):
    left = surface(WIDE, [[0.3, tuned], [0.3, tuned]])
    found, why = answer(monkeypatch, WEIGHTS, left)
    assert found == expected
    assert f"differs by 0.200 at 0.5 and by {tuned - 0.3:.3f} at tuned thresholds" in why


@pytest.mark.parametrize(
    ("half", "seeds"),
    [(FLAT, (0.0,)), ([[0.3, 0.32], [0.3, 0.32]], (-0.01, 0.011))],
    ids=["equal", "chance"],
)
def test_weights_that_differ_by_no_more_than_chance_decide_nothing(monkeypatch, half, seeds):
    found, why = answer(monkeypatch, WEIGHTS, surface(half, FLAT, seeds))
    assert found is None
    assert "no more than chance, so there is nothing to take away" in why


@pytest.mark.parametrize(
    ("tuned", "seeds", "expected"),
    [
        ([[0.3, 0.5], [0.31, 0.51]], (0.0,), "x"),
        ([[0.3, 0.31], [0.5, 0.51]], (0.0,), "y"),
        ([[0.3, 0.35], [0.34, 0.39]], (0.0, 0.02), "same"),
        (FLAT, (0.0,), "same"),
    ],
)
def test_the_stronger_axis_leads_by_more_than_chance(monkeypatch, tuned, seeds, expected):
    found, why = answer(monkeypatch, FOCAL, surface(WIDE, tuned, seeds))
    assert found == expected
    known = f"and by {np.ptp(seeds):.3f} tuned" if len(seeds) > 1 else "chance is not known"
    assert known in why


@pytest.mark.parametrize("preset", PRESETS)
def test_one_value_on_an_axis_decides_nothing(monkeypatch, preset):
    found, _why = answer(monkeypatch, preset, surface([[0.3]], [[0.4]]))
    assert found is None


@pytest.mark.parametrize("preset", PRESETS)
def test_a_map_with_holes_decides_nothing(monkeypatch, preset):
    lost = answer(monkeypatch, preset, surface(WIDE, FLAT, lost=True), errors=["one"])
    assert lost == (None, "2 of its runs diverged or failed, so the map has holes.")
    found, why = answer(monkeypatch, preset, surface(WIDE, FLAT, there=False))
    assert found is None
    assert "stopped before all of its cells were there" in why


def asked(app) -> list[str]:
    return [text.value for text in app.markdown if "**Predict:**" in text.value]


def predicted(app) -> list[str]:
    return [text.value for text in app.markdown if text.value.startswith("You predicted")]


def commit(app, value: str) -> None:
    app.radio(key=f"{KEY}.choice").set_value(value).run()
    assert KEY not in app.session_state, "a choice alone commits nothing"
    button(app, f"{KEY}.commit").click().run()
    assert any("You said: " in text.value for text in app.markdown)


def test_every_preset_has_a_question_of_its_own():
    assert list(PREDICTIONS) == list(PRESETS)
    app = open_sweep()
    for preset in PRESETS:
        app.button_group(key="sweep preset").set_value(preset).run()
        assert app.button_group(key="sweep preset").value == preset
        assert [PREDICTIONS[preset].question in text for text in asked(app)] == [True]
    all_widgets(app)["s.focal.y"].set_value("learning_rate").run()
    assert asked(app) == []
    assert app.button_group(key="sweep preset").value is None


def test_what_was_committed_before_a_sweep_is_settled_by_it():
    app = open_sweep(**{"s.seed": "3"})
    commit(app, "less")
    job = run_to_the_end(app)
    expected, why = outcome(PREDICTIONS[WEIGHTS], job)
    options = PREDICTIONS[WEIGHTS].options
    (told,) = predicted(app)
    if expected is None:
        assert told == f"You predicted: **less than half**. This sweep does not decide it. {why}"
    else:
        happened = f"and it was **{options[expected]}**."
        assert told == f"You predicted: **less than half**, {happened} {why}"
    assert asked(app) == []
    later = open_sweep(**{"s.seed": "3"}, sweep=job.id)
    assert (asked(later), predicted(later)) == ([], []), "too late to predict"


def test_a_sweep_that_is_stopped_leaves_a_prediction_open_until_it_is_whole():
    app = open_sweep(**{"s.epochs": "60", "s.seeds": "2", "s.synthetic.rows": "1000"})
    commit(app, "more")
    button(app, "sweep_run").click().run()
    job = jobs().get(SWEEP, app.session_state["sweep"])
    assert predicted(app) == []
    button(app, "sweep_stop").click().run()
    wait_until(lambda: not job.working, "groups in work to end")
    app.run()
    (told,) = predicted(app)
    assert told.startswith("You predicted: **more than half**. This sweep does not decide it. It ")
    for name, value in QUICK.items():
        all_widgets(app)[name].set_value(int(value))
    all_widgets(app)["s.seeds"].set_value(1).run()
    run_to_the_end(app)
    assert "stopped" not in predicted(app)[0]


def test_a_skipped_question_is_not_asked_again_and_says_nothing_after():
    app = open_sweep(**{"s.seed": "5"})
    button(app, f"{KEY}.skip").click().run()
    assert f"{KEY}.choice" not in [radio.key for radio in app.radio]
    run_to_the_end(app)
    assert (asked(app), predicted(app)) == ([], [])
