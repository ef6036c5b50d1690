"""Two visitors and one race, without a browser: who controls it, and what each of them sees."""

import pytest

from pages.ui.server.jobs import RACE, jobs
from tests.app_pages import button, newest_run, open_page, wait_for
from tests.conftest import wait_until

LONG = {"data": "synthetic", "synthetic.rows": "400", "epochs": "200", "batch": "16"}
CONTROLS = ("pause_button", "step_button", "stop_button")


@pytest.fixture
def started():
    """Start a race on the Train page; all end with the test."""
    races = []

    def start(seed: int, **link: str):
        app = open_page("train", **{**LONG, "seed": str(seed), **link})
        button(app, "run_button").click().run()
        assert not app.exception
        races.append(newest_run(app))
        wait_until(lambda: races[-1].records)
        app.run()
        return app, races[-1]

    yield start
    for race in races:
        jobs().stop(race)


def captions(app) -> str:
    return "\n".join(text.value for text in app.caption)


def test_who_opens_the_link_of_a_race_watches_and_run_starts_a_copy(started):
    owner, race = started(1)
    watcher = open_page("train", **{**LONG, "seed": "1", "run": race.id})
    assert not watcher.exception
    assert newest_run(watcher) is race
    assert all(button(watcher, key).disabled for key in CONTROLS)
    assert not any(button(owner, key).disabled for key in CONTROLS)
    assert "Somebody else started this race" in captions(watcher)
    assert "Somebody else" not in captions(owner)
    button(watcher, "run_button").click().run()
    copy = newest_run(watcher)
    assert copy is not race
    assert copy.work is race.work
    assert not any(button(watcher, key).disabled for key in CONTROLS)
    assert "Somebody else" not in captions(watcher)
    button(watcher, "stop_button").click().run()
    wait_for(copy, "stopped")
    assert race.state == "running"


def test_a_press_that_a_watcher_should_not_have_changes_nothing(started):
    _owner, race = started(2)
    watcher = open_page("train", run=race.id)
    for key in CONTROLS:
        pressed = button(watcher, key)
        pressed.proto.disabled = False  # as a browser may say that is not one
        pressed.click().run()
        assert not watcher.exception
        assert (race.state, newest_run(watcher)) == ("running", race)
    button(watcher, "reset_button").click().run()
    assert watcher.session_state[RACE] is None, "who watches may look away"
    assert race.state == "running"


def test_a_paused_view_shows_rows_of_its_own_step_while_the_race_goes_on(started):
    owner, race = started(3)
    other, _copy = started(3)
    wait_until(lambda: race.predictions)
    button(owner, "pause_button").click().run()
    assert race.state == "paused"
    assert f"predicted at step {race.predictions.step:,}" in captions(owner)
    before = [frame.value for frame in owner.dataframe]
    step = race.predictions.step
    wait_until(lambda: _copy.predictions.step > step, "newer ones for others")
    owner.run()
    after = [frame.value for frame in owner.dataframe]
    assert all(now.equals(then) for now, then in zip(after, before, strict=True))
    other.run()
    assert f"predicted at step {race.predictions.step:,}" not in captions(other)


def test_a_view_behind_a_finished_race_says_that_its_predictions_are_not_kept(started):
    _first, race = started(4, epochs="3")
    wait_for(race, "finished")
    app = open_page("train", **{**LONG, "seed": "4", "epochs": "3"})
    button(app, "step_button").click().run()
    mine = newest_run(app)
    assert (mine.state, mine.epoch) == ("paused", 1)
    app.run()
    assert f"Predictions of step {mine.step} were not kept" in app.info[0].value
    assert not app.dataframe
    app.switch_page("../thresholds.py").run()
    assert f"Predictions of step {mine.step} were not kept" in app.info[0].value
    app.switch_page("../train.py").run()
    button(app, "pause_button").click().run()
    assert (mine.state, newest_run(app)) == ("finished", mine)
    app.run()
    assert len(app.dataframe[0].value) == len(mine.dataset.test)


def test_a_race_that_nobody_was_connected_to_says_so_and_goes_on_for_its_owner(started):
    owner, race = started(5)
    jobs().stop(race, why="left")
    wait_for(race, "stopped")
    watcher = open_page("train", run=race.id)
    owner.run()
    for app in (watcher, owner):
        assert "Nobody was connected for 30 seconds" in app.info[0].value
        assert f"stopped at step {race.step:,}" in app.info[0].value
    assert button(watcher, "resume_button").disabled
    stood = race.step
    button(owner, "resume_button").click().run()
    assert not owner.info
    wait_until(lambda: race.step > stood)
    assert race.state == "running"
