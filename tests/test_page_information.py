"""The Information page without a browser: frames, what the channel answers, every control."""

import json
import math

import numpy as np
import pytest
import scipy.stats
from streamlit.testing.v1 import AppTest

from pages.ui.information.answer import labels_frame, outcomes_frame, place_of, probability_at
from pages.ui.information.channel import answer
from pages.ui.information.notes import code
from pages.ui.information.settings import checked, read, write
from pages.ui.server import routes
from tests.app_pages import button, open_page

OUTCOMES = {"kind": "outcomes", "unit": "nats", "p": [0.5, 0.25, 0.25], "q": [0.25, 0.25, 0.5]}
LABELS = {"kind": "labels", "unit": "bits", "p": [1.0, 0.0], "q": [0.5, 0.5], "times": [5, 507]}


def texts_add_up(frame: dict) -> bool:
    texts = frame["sum"]["texts"]
    cross, entropy, kl = (float(texts[name]) for name in ("cross", "entropy", "kl"))
    return round(cross - entropy - kl, 4) == 0


def test_what_is_shown_always_adds_up_and_is_what_scipy_says():
    rng = np.random.default_rng(0)
    for p, q in rng.dirichlet([0.3] * 6, (300, 2)) * 0.999 + 0.001 / 6:
        frame = outcomes_frame(p, q, "bits")
        shown, told = frame["sum"], frame["sum"]["texts"]
        assert texts_add_up(frame)
        entropy, kl = (scipy.stats.entropy(*pair, base=2) for pair in ((p,), (p, q)))
        # KL's last digit takes up the rounding of the other two.
        figures = [float(told[name]) for name in ("entropy", "kl", "cross")]
        np.testing.assert_allclose(figures, [entropy, kl, entropy + kl], atol=1.01e-4)
        full = float(shown["full"])
        assert sum(shown["parts"]) == pytest.approx(shown["entropy"] + shown["kl"], abs=1e-12)
        assert shown["entropy"] * full == pytest.approx(entropy, abs=1e-12)
        assert shown["kl"] * full == pytest.approx(kl, abs=1e-12)
        assert 0 <= shown["entropy"] + shown["kl"] <= 1
        η, σ = p[:2], q[:2]
        labels = labels_frame(η, σ, [3, 500], "nats")
        expected = 3 * scipy.stats.bernoulli(η[0]).entropy()
        expected += 500 * scipy.stats.bernoulli(η[1]).entropy()
        assert texts_add_up(labels)
        assert float(labels["sum"]["texts"]["entropy"]) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    "frame",
    [
        outcomes_frame([0.5, 0.5, 0.0], [1.0, 0.0, 0.0], "nats"),
        labels_frame([1.0, 0.5], [0.0, 1.0], [5, 7], "bits"),
        labels_frame([1.0, 0.0], [0.0, 1.0], [0, 1], "bits"),
    ],
)
def test_the_infinite_is_written_and_fills_the_bar(frame):
    assert json.dumps(frame, allow_nan=False)
    texts, sum_ = frame["sum"]["texts"], frame["sum"]
    assert texts["cross"] == texts["kl"] == "∞"
    assert sum_["entropy"] + sum_["kl"] == pytest.approx(1)
    assert sum(sum_["parts"]) == pytest.approx(1)


def test_what_is_beyond_the_entropy_is_never_negative():
    """Where q is p but for the last digits, rounding puts H(p, q) below H(p) every fourth time."""
    rng = np.random.default_rng(0)
    for p in rng.dirichlet(np.ones(6), 50):
        q = p * (1 + rng.uniform(-1e-9, 1e-9, 6))
        q /= q.sum()
        for frame in (outcomes_frame(p, q, "bits"), labels_frame(p, q, np.arange(6), "nats")):
            assert frame["sum"]["kl"] >= 0
            assert frame["sum"]["texts"]["kl"] == "0.0000"


def test_no_labels_at_all_cost_nothing_whatever_is_predicted():
    assert labels_frame([1.0, 0.0], [0.0, 0.0], [0, 1], "nats")["sum"]["texts"]["cross"] == "0.0000"


def test_places_of_a_label_bar_are_spread_by_logit():
    assert place_of([0.0, 0.5, 1.0]) == [0, 0.5, 1]
    assert probability_at(0.75) == pytest.approx(1 / (1 + math.exp(-4)), abs=1e-4)
    for value in (0.001, 0.0098, 0.3, 0.99):
        assert probability_at(place_of([value])[0]) == value


@pytest.mark.parametrize(
    ("change", "series", "expected"),
    [
        ({"series": "q", "place": 0, "at": 0.6504}, "q", [0.65, 0.35 / 3, 0.7 / 3]),
        ({"series": "q", "place": 0, "at": 7.0}, "q", [1, 0, 0]),
        ({"series": "p", "place": 2, "value": 1 / 3}, "p", [4 / 9, 2 / 9, 1 / 3]),
        ({"series": "p", "place": 0, "steps": -5}, "p", [0.45, 0.275, 0.275]),
        ({"series": "p", "place": 0, "steps": -900}, "p", [0, 0.5, 0.5]),
    ],
)
def test_a_change_keeps_the_sum_and_the_proportions(change, series, expected):
    frame = answer(OUTCOMES | change)
    np.testing.assert_allclose(frame[series], expected, atol=1e-12)
    other = "p" if series == "q" else "q"
    np.testing.assert_allclose(frame[other], OUTCOMES[other], atol=1e-12)
    assert frame == outcomes_frame(frame["p"], frame["q"], "nats")


def test_a_label_changes_alone():
    frame = answer(LABELS | {"series": "q", "place": 1, "value": 5 / 512})
    assert frame["q"] == [0.5, 5 / 512]
    assert frame == labels_frame([1.0, 0.0], [0.5, 5 / 512], [5, 507], "bits")
    assert answer(LABELS | {"series": "q", "place": 0, "steps": 1})["q"][0] > 0.5


CHANGE = {"series": "q", "place": 0, "at": 0.5}


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "files"},
        {"unit": "bans"},
        {"series": "z"},
        {"place": 3},
        {"place": True},
        {"at": "0.5"},
        {"at": None},
        {"at": float("nan")},
        {"value": 1.5},
        {"value": float("inf")},
        {"steps": 1e9},
        {"p": []},
        {"p": [1 / 9] * 9},
        {"p": [0.5, 0.5]},
        {"p": [2, -1, 0]},
        {"p": "0.5"},
        {"p": [0.5, 0.5, float("nan")]},
        {"kind": "labels"},
        {"kind": "labels", "times": [1, 2]},
        {"kind": "labels", "times": [1, 2, 1e9]},
    ],
)
def test_a_wrong_question_is_answered_by_what_is_wrong(wrong):
    told = json.loads(
        routes.Reply(answer, json.dumps(OUTCOMES | CHANGE | wrong | {"seq": 7})).next_part()
    )
    assert told["seq"] == 7
    assert told["error"]


@pytest.mark.parametrize("text", ["", "[]", "7", "{", '{"seq": 1}', "[" * 1500])
def test_what_is_no_question_is_answered_too(text):
    assert "error" in json.loads(routes.Reply(answer, text).next_part())


def test_distributions_in_the_link_are_checked_and_scaled():
    assert sum(read("0.333333,0.333333,0.333333")) == pytest.approx(1, abs=1e-15)
    assert read(write([1 / 3] * 3)) == pytest.approx([1 / 3] * 3, abs=1e-15)
    assert checked("0.50,0.5") == "0.5,0.5"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1", "2 to 8 outcomes"),
        (",".join(["0.1"] * 10), "2 to 8 outcomes"),
        ("", "numbers with commas between them, got ''"),
        ("a,b", "numbers with commas between them, got 'a,b'"),
        ("0.5,0.6", "must sum to 1, got 1.1"),
        ("-1,2", "must be >= 0 and finite"),
        ("nan,1", "must be >= 0 and finite"),
        ("inf,0", "must be >= 0 and finite"),
    ],
)
def test_what_is_no_distribution_is_refused_with_the_reason(text, message):
    with pytest.raises(ValueError, match=message):
        read(text)


def test_page_keeps_what_is_right_and_names_what_is_wrong():
    app = open_page(
        "information", p="0.5,0.7", q="0.2,0.8", eta="2", unit="bans", labels="9e9", known="x"
    )
    assert not app.exception
    said = app.warning[0].value.replace("\\", "")
    for key in ("p", "q", "eta", "unit", "labels", "known"):
        assert f"`{key}=" in said
    # What stays wrong is not in the link any more.
    assert dict(app.query_params) == {}


def test_every_control_changes_the_page():
    app = open_page("information", p="0.5,0.25,0.25")
    assert not app.exception
    state = app.session_state

    def press(key: str) -> None:
        button(app, key).click()
        app.run()
        assert not app.exception

    press("swap")
    assert (state["information.p"], read(state["information.q"])) == (
        "0.333333,0.333333,0.333333",
        [0.5, 0.25, 0.25],
    )
    state["information.p"] = "0.5,0.25,0.25"  # let go when the button was there already
    press("q.same")
    assert state["information.q"] == state["information.p"] == "0.5,0.25,0.25"
    press("p.one-hot")
    assert read(state["information.p"]) == [1, 0, 0]
    press("q.zipf")
    assert read(state["information.q"]) == pytest.approx([6 / 11, 3 / 11, 2 / 11], abs=1e-5)
    press("p.shared")
    assert read(state["information.p"]) == [0.5, 0.5, 0]
    press("q.uniform")
    app.number_input(key="outcomes").set_value(2).run()
    assert (state["information.p"], state["information.q"]) == ("0.5,0.5", "0.5,0.5")
    app.number_input(key="outcomes").set_value(8).run()
    assert read(state["information.p"]) == [0.5, 0.5] + [0] * 6
    app.number_input(key="information.m").set_value(5).run()
    press("p.shared")
    assert read(state["information.p"]) == [0.2] * 5 + [0] * 3
    press("descend")
    told = next(found.value for found in app.markdown if "cross entropy fell" in found.value)
    assert f"**{math.log(5):.4f}**" in told
    assert read(state["information.q"])[0] == pytest.approx(0.2, abs=0.01)
    app.segmented_control(key="information.unit").set_value("bits")
    # From here on: many labels.
    app.number_input(key="information-shared.0.choice").set_value(1.61).run()
    press("information-shared.check")
    assert any("log 5 = 2.3219 bits" in found.value for found in app.markdown)
    press("start1")
    assert state["information.on"] == state["information.off"] == 5 / 512
    app.number_input(key="information.true").set_value(8).run()
    assert any("log 8 = 3.0000 bits" in found.value for found in app.markdown)
    app.number_input(key="information.labels").set_value(6).run()
    assert state["information.true"] == 6
    app.number_input(key="information.true").set_value(2)
    app.segmented_control(key="information.known").set_value("no").run()
    app.slider(key="information.rate").set_value(9.0)
    app.slider(key="information.share").set_value(0.9).run()
    assert not app.exception
    link = dict(app.query_params)
    assert set(link) >= {"p", "q", "m", "unit", "labels", "true", "known", "rate", "share"}
    again = open_page("information", **link)
    assert not again.warning
    assert dict(again.query_params) == link


def take_anything() -> None:
    """What a browser may send as let go, right and wrong."""

    from pages.ui.information import labels as information_labels
    from pages.ui.information import outcomes
    from pages.ui.information.settings import SETTINGS

    SETTINGS["p"] = SETTINGS["q"] = "0.5,0.5"
    SETTINGS["eta"] = 0.25
    for wrong in (None, [], [1], ["a", "b"], [2, -1], [[0.5], [0.5]], [0.1] * 9, {"a": 1}):
        outcomes._take(wrong, [0.5, 0.5])
        information_labels._keep(wrong if wrong != [1] else [1.5], ("eta",))
    information_labels._keep([True], ("eta",))
    assert (SETTINGS["p"], SETTINGS["eta"]) == ("0.5,0.5", 0.25)
    outcomes._take([0.25, 0.75], [1, 0])
    information_labels._keep([1], ("eta",))
    assert (SETTINGS["p"], SETTINGS["eta"]) == ("0.25,0.75", 1.0)


def test_only_distributions_of_one_length_are_taken():
    app = AppTest.from_function(take_anything).run()
    assert not app.exception


@pytest.mark.parametrize("unit", ["nats", "bits"])
def test_code_runs_and_prints_the_same_by_both_libraries(unit, capsys):
    exec(code([0.5, 0.25, 0.25], [0.25, 0.25, 0.5], unit), {})
    lines = capsys.readouterr().out.splitlines()
    *_, entropy, kl, cross, their_cross, their_kl = (float(line.split()[-1]) for line in lines[1:])
    assert cross == pytest.approx(entropy + kl)
    assert (their_cross, their_kl) == pytest.approx((cross, kl), rel=1e-6)  # theirs in float32
