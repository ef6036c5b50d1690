"""The Train page before a race: presets as cards with true pictures, and what is folded."""

import re
from urllib.parse import unquote

import numpy as np
import pytest

from mlcore.learn.response import Scene
from pages.ui.train.cards import contenders_of, picture
from pages.ui.train.presets import PRESETS
from tests.app_pages import QUICK, all_widgets, button, open_page

SCENE = Scene()


def card_icons(app) -> dict[str, str]:
    return {title: button(app, f"preset {title}").proto.icon for title in PRESETS}


def asked(app) -> list[str]:
    return [text.value for text in app.markdown if "**Predict:**" in text.value]


@pytest.mark.parametrize("preset", PRESETS)
def test_a_click_on_a_card_sets_up_its_race_which_stands_in_the_link(preset):
    app = open_page("train", **{"A.loss": "hill", "epochs": "7"})
    assert not any("radio_button_checked" in icon for icon in card_icons(app).values())
    button(app, f"preset {preset}").click().run()
    again = open_page("train", **{name: text for name, (text,) in link_of(app).items()})
    for shown in (app, again):
        chosen = [title for title, icon in card_icons(shown).items() if "_checked" in icon]
        assert chosen == [preset]
        assert len(asked(shown)) == 1


def link_of(app) -> dict[str, list[str]]:
    return {name: list(np.atleast_1d(text)) for name, text in dict(app.query_params).items()}


def test_cards_make_place_for_a_race_above_which_their_titles_stay():
    app = open_page("train", **QUICK)
    assert len(app.get("html")) == len(PRESETS)
    button(app, "run_button").click().run()
    assert not any((each.key or "").startswith("preset ") for each in app.button)
    assert app.button_group(key="preset").value == "All zeros"
    assert asked(app) == [], "too late to predict"
    app.button_group(key="preset").set_value("Focal").run()
    assert all_widgets(app)["B.loss"].value == "focal"
    assert app.button_group(key="preset").value == "Focal"
    assert len(asked(app)) == 1
    button(app, "reset_button").click().run()
    assert "radio_button_checked" in card_icons(app)["Focal"]


def test_a_link_that_hides_presets_shows_no_cards_and_asks_nothing():
    app = open_page("train", hide="presets")
    assert not app.exception
    assert not app.get("html")
    assert asked(app) == []


def lines(preset: str) -> list[tuple[float, np.ndarray]]:
    """Width and points of each line of a card's picture."""
    drawing = unquote(picture(contenders_of(PRESETS[preset])))
    found = re.findall(r'stroke-width="([\d.]+)" points="([^"]+)"', drawing)
    return [
        (float(width), np.array([pair.split(",") for pair in points.split()], float))
        for width, points in found
    ]


def test_a_picture_shows_slopes_by_their_closed_forms():
    both = lines("Weight 50")
    assert [width for width, _points in both] == [2.5, 1, 8] * 2
    z = np.linspace(-8, 8, len(both[0][1]))
    p = 1 / (1 + np.exp(-z))
    for place, weight in ((0, 1.0), (3, 50.0)):  # BCE's slope is w (1 - p) up and p down
        for (_width, points), slope in zip(both[place:], (weight * (1 - p), p), strict=False):
            # Heights are written to 0.1 of 50 units, which stand for the largest slope, about 50.
            np.testing.assert_allclose(55 - points[:, 1], slope, atol=0.08)
    dots = [points[0, 0] for width, points in lines("Prior bias") if width == 8]
    assert dots[0] == 120
    assert dots[1] == pytest.approx(240 * (SCENE.prior_logit + 8) / 16, abs=0.06)


def folds(app) -> list[bool]:
    return [each.proto.expanded for each in app.expander if each.label == "More settings"]


@pytest.mark.parametrize("page", ["train", "sweep"])
def test_what_is_folded_is_open_where_a_link_sets_it(page):
    prefix = "s." if page == "sweep" else ""
    loss = f"{prefix}bce_pos_weight" if prefix else "B.bce_pos_weight"
    bias = f"{prefix}bias" if prefix else "B.bias"
    of_loss = 0 if prefix else 1
    plain = folds(open_page(page))
    assert plain == [False] * (of_loss + 2)
    for name, value in ((f"{loss}.label_smoothing", "0.1"), (f"{loss}.cap", "20.0")):
        assert folds(open_page(page, **{name: value}))[of_loss] is True
    assert folds(open_page(page, **{bias: "prior"}))[of_loss] is True
    app = open_page(page, **{f"{prefix}seed": "4"})
    assert folds(app) == [*plain[:-1], True]
    all_widgets(app)[f"{prefix}seed"].set_value(0).run()
    assert folds(app) == [*plain[:-1], True], "it does not close under the hand"
    assert folds(open_page(page, **{f"{prefix}rate": "0.1"})) == plain


def test_a_fold_of_which_all_is_hidden_is_not_there():
    assert len(folds(open_page("train", hide="batch,seed,device"))) == 2
    app = open_page("train", seed="4", hide="batch,device")
    assert folds(app) == [False, False, True]
