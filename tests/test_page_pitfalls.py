"""The Pitfalls page: nothing runs before it is asked to, and what runs is told as it was."""

import pytest
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext

from mlcore.learn.pitfalls import OUTCOMES, SPECIMENS, Specimen, runner
from pages.ui.pitfalls import exercises, figure, view
from pages.ui.pitfalls.settings import SETTINGS
from pages.ui.pitfalls.texts import GROUPS, OUTCOME_TITLES, OUTCOME_TOLD, TEXTS
from tests.app_pages import button, open_page

SAID = {
    "error": view.Result(error="ValueError", message="no"),
    "wrong": view.Result(output="1"),
    "right": view.Result(output="2"),
}


@pytest.fixture
def counted(monkeypatch):
    """The runs that the page asks for; they really run."""
    asked = []

    def run(specimen: Specimen):
        asked.append(specimen.key)
        return runner.run(specimen)

    monkeypatch.setattr(view, "run", run)
    return asked


def open_pitfalls(**link: str):
    app = open_page("pitfalls", **{"seen": "pitfalls-turn"} | link)
    assert not app.exception
    return app


def codes(app) -> list[str]:
    """All code blocks; Streamlit draws them without their last line end."""
    return [block.value + "\n" for block in app.code]


def pills(app):
    return app.button_group(key="pitfalls.specimen")


def choose(app, key: str) -> None:
    """Open a specimen, by its group and its name."""
    group = next(group for group, (_title, keys) in GROUPS.items() if key in keys)
    app.button_group(key="pitfalls.group").set_value(group).run()
    pills(app).set_value(key).run()
    assert not app.exception


def press_run(app, key: str, guess: str | None = None) -> None:
    if guess:
        app.radio(key=f"pitfalls.guess.{key}").set_value(guess).run()
    button(app, f"pitfalls.run.{key}").click().run()
    assert not app.exception


def test_every_specimen_has_its_words():
    assert list(TEXTS) == list(SPECIMENS)
    grouped = [key for _title, keys in GROUPS.values() for key in keys]
    assert sorted(grouped) == sorted(SPECIMENS), "each is in one group"
    assert tuple(OUTCOME_TITLES) == tuple(OUTCOME_TOLD) == OUTCOMES
    assert all("](http" in text.source for text in TEXTS.values())


def test_a_specimen_runs_when_asked_and_is_judged(counted):
    app = open_pitfalls(specimen="linear-keyword")
    specimen = SPECIMENS["linear-keyword"]
    assert specimen.wrong in codes(app), "what is shown is what is executed"
    assert specimen.repair not in codes(app), "not before the run"
    assert button(app, "pitfalls.run.linear-keyword").disabled, "a prediction comes first"
    assert counted == []
    press_run(app, "linear-keyword", "right")
    assert counted == ["linear-keyword"]
    assert specimen.repair in codes(app)
    told = "\n".join(codes(app))
    assert "TypeError: Linear.__init__() got an unexpected keyword argument" in told
    assert "line 3" in told
    assert "51 parameters" in told
    titles = [text.value.split("**")[1] for text in app.markdown if " ms:" in text.value]
    assert titles == ["The code", "The repair"]
    assert any("Not quite" in warning.value for warning in app.warning)
    assert any("you foresaw 0" in caption.value for caption in app.caption)

    choose(app, "sigmoid-twice")
    assert "specimen" not in app.query_params, "the first one needs no place in the link"
    press_run(app, "sigmoid-twice", "wrong")
    assert "tensor(0.5042)\n" in codes(app)
    assert any("Right." in success.value for success in app.success)
    assert any("2 of 22" in text.value and "foresaw 1" in text.value for text in app.caption)

    choose(app, "linear-keyword")  # its result is still there
    assert specimen.repair in codes(app)
    assert app.radio(key="pitfalls.guess.linear-keyword").disabled
    assert app.query_params["specimen"] in ("linear-keyword", ["linear-keyword"])
    assert len(counted) == 2
    press_run(app, "linear-keyword")
    assert len(counted) == 3, "run again is a run"


def opened(app) -> list[str]:
    """The specimens whose code is on the page."""
    return [key for key, each in SPECIMENS.items() if each.wrong in codes(app)]


def test_a_group_opens_its_first_specimen_and_one_alone_is_open():
    app = open_pitfalls()
    assert opened(app) == ["sigmoid-twice"]
    for group, (_title, keys) in reversed(GROUPS.items()):
        app.button_group(key="pitfalls.group").set_value(group).run()
        assert pills(app).options == [TEXTS[key].title for key in keys]
        assert opened(app) == [keys[0]]
    choose(app, "alpha-turned")
    assert opened(app) == ["alpha-turned"]
    assert app.query_params["specimen"] in ("alpha-turned", ["alpha-turned"])


@pytest.mark.parametrize("key", SPECIMENS)
def test_a_link_opens_the_specimen_that_it_names_in_its_group(key):
    app = open_pitfalls(specimen=key)
    assert opened(app) == [key]
    assert key in GROUPS[app.button_group(key="pitfalls.group").value][1]
    assert not app.warning


def test_back_shows_the_specimen_of_the_link_whatever_was_chosen_after_it(monkeypatch):
    app = open_pitfalls(specimen="saturated")
    assert pills(app).value == "saturated"
    app.button_group(key="pitfalls.group").set_value("measures").run()
    goes_back = property(lambda _run: True, lambda _run, _value: None)
    monkeypatch.setattr(ScriptRunContext, "is_history_navigation", goes_back)
    app.query_params.clear()
    app.query_params["specimen"] = "saturated"
    app.run()
    assert (pills(app).value, app.button_group(key="pitfalls.group").value) == (
        "saturated",
        "outputs",
    )
    assert app.query_params["specimen"] in ("saturated", ["saturated"])


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ({"specimen": "<b>"}, "specimen must be one of"),
        ({"gamma": "9"}, "gamma must be <= 5"),
        ({"gamma": "steep"}, "gamma must be a number"),
        ({"gamma": "nan"}, "gamma must be finite"),
    ],
)
def test_a_bad_link_is_told_so(link, message):
    app = open_pitfalls(**link)
    assert any(message in warning.value.replace("\\", "") for warning in app.warning)
    assert SPECIMENS[SETTINGS.by_name["specimen"].start].wrong in codes(app)


def test_code_that_does_not_come_back_is_a_message(monkeypatch):
    bad = {
        key: Specimen(key=key, wrong=code, repair="print(1)", outcome="wrong")
        for key, code in (
            ("sigmoid-twice", "import time\ntime.sleep(60)"),
            ("saturated", "import os\nos._exit(1)"),
        )
    }
    limits = dict.fromkeys(SPECIMENS, runner.LIMIT_SECONDS) | {"sigmoid-twice": 1.0}
    monkeypatch.setattr(view, "SPECIMENS", SPECIMENS | bad)
    monkeypatch.setattr(
        view, "run", lambda specimen: runner.run(specimen, limit=limits[specimen.key])
    )
    app = open_pitfalls()
    press_run(app, "sigmoid-twice", "wrong")
    assert "did not end in time" in app.error[0].value
    choose(app, "saturated")
    assert not app.error
    press_run(app, "saturated", "wrong")
    assert "ended the process" in app.error[0].value
    choose(app, "bce-inside")
    press_run(app, "bce-inside", "wrong")
    assert "tensor(0.1643)\n" in codes(app), "the page goes on as before"


def test_a_library_that_has_changed_is_noticed(monkeypatch):
    monkeypatch.setattr(view, "run", lambda specimen: (SAID["error"], SAID["right"]))
    app = open_pitfalls()
    press_run(app, "sigmoid-twice", "error")
    assert any("behave differently" in info.value for info in app.info)


def test_what_tells_of_the_variant_waits_for_its_exercise():
    app = open_page("pitfalls")
    assert not [block for block in codes(app) if "turning_point" in block]
    told = "\n".join(text.value for text in app.markdown)
    assert "focal variant trains perfectly" not in told
    assert any("once you have answered “A loss that turns”" in text.value for text in app.caption)


def test_no_title_tells_what_a_specimen_comes_to():
    words = " ".join(
        [*(title for title, _keys in GROUPS.values()), *(text.title for text in TEXTS.values())]
    ).lower()
    words += " ".join(text.belief for text in TEXTS.values()).lower()
    assert not [word for word in ("silent", "wrong", "error", "fails", "warn") if word in words]


def test_gamma_changes_the_code_and_stands_in_the_link():
    app = open_pitfalls(gamma="3.5")
    assert figure.CODE.format(gamma=3.5) in codes(app)
    assert app.query_params["gamma"] in ("3.5", ["3.5"])


def test_the_code_of_the_figure_says_what_the_page_says(capsys):
    exec(figure.CODE.format(gamma=2.0), {})
    highest, formula, lin = (
        float(line.split()[-1]) for line in capsys.readouterr().out.splitlines()
    )
    assert highest == pytest.approx(formula, abs=1e-3), "a step of its grid"
    assert lin == pytest.approx(0.999)


@pytest.mark.parametrize(
    ("number", "right", "wrong", "told"),
    [
        (0, "low", "error", "0.164"),
        (1, 0.0, 1.0, "the gradient 1"),
        (2, 0.504, 0.002, "0.5042"),
        (3, 0.393, 0.5, "0.3935"),
    ],
)
def test_exercises_check_themselves(number, right, wrong, told):
    exercise = exercises.EXERCISES[number]
    assert exercise.is_right(right, exercise.first)
    assert not exercise.is_right(wrong, exercise.first)
    assert told in exercise.told(exercise.first)
