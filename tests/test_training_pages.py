"""The pages take every loss from the table: one that counts labels, one over a whole batch."""

import numpy as np

from tests.test_pages import QUICK, button, newest_run, open_page, wait_for


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
