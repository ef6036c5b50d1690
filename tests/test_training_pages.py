"""The pages take every loss from the table: one that counts labels, one over a whole batch."""

import numpy as np
import pytest

from tests.app_pages import QUICK, button, newest_run, open_page, wait_for
from tests.metrics_page import component


@pytest.mark.parametrize(
    ("losses", "title", "said"),
    [
        (("bce", "bce"), "Validation loss in nats (thin: training)", None),
        (("bce", "focal"), "Validation loss in nats (thin: training)", "(A B: nats per label)"),
        (
            ("softmax", "soft_f1"),
            "Validation loss (thin: training)",
            "(A: nats per row; B: per label over a whole batch, without unit)",
        ),
    ],
)
def test_losses_that_do_not_compare_are_said_to(losses, title, said):
    link = {"A.loss": losses[0], "B.loss": losses[1], "epochs": "1"}
    app = open_page("train", **{**QUICK, **link})
    button(app, "step_button").click().run()
    assert not app.exception
    assert component(app, "live race")["panels"][0]["title"] == title
    notes = [text.value for text in app.caption if "which one is ahead" in text.value]
    assert len(notes) == (said is not None)
    assert all(said in note for note in notes)


def test_the_code_of_a_loss_is_written_when_it_is_opened():
    link = {"A.loss": "focal", "A.focal.gamma": "3.5"}
    app = open_page("train", **link)
    assert not app.code
    assert "α (positives), 1 − α (negatives)" in [box.label for box in app.selectbox]
    app.session_state["A.elsewhere"] = True
    app.run()
    assert not app.exception
    assert "3.5" in app.code[0].value
    app.button_group(key="A.elsewhere.framework").set_value("jax").run()
    assert "optax" in app.code[0].value
    assert "B.elsewhere.framework" not in app.session_state


def test_a_batch_loss_and_a_count_loss_race_and_their_thresholds_are_tuned():
    link = {"A.loss": "two_way", "B.loss": "partition_poisson", "rate": "0.05", "epochs": "8"}
    app = open_page("train", **{**QUICK, **link})
    button(app, "run_button").click().run()
    run = newest_run(app)
    wait_for(run, "finished", "failed")
    assert run.error == ""
    assert [config.loss for config in run.configs] == ["two_way", "partition_poisson"]
    for place in range(2):
        losses = [at_step[place].train_loss for at_step in run.records]
        assert losses[-1] < losses[0]
        probabilities = run.predictions["test"][place]
        assert probabilities.shape == run.dataset.y[run.dataset.test].shape
        assert ((probabilities >= 0) & (probabilities <= 1)).all()
        assert np.ptp(probabilities) > 0.1
    app.run()
    assert not app.exception
    rows, _, labels = (frame.value for frame in app.dataframe)
    assert len(rows) == len(run.dataset.test)
    assert list(labels.index) == list(run.dataset.label_names)
    for contender in ("0", "1"):
        app = open_page("thresholds", run=run.id, source="race", of=contender, t="0.3")
        assert not app.exception
