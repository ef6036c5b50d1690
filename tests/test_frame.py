"""What every page stands in: its colours can be read."""

import re
import tomllib

import pytest

from pages.ui.server.head import HEAD
from tests.conftest import ROOT

THEMES = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
COLOURS = re.search(r"ThumbValue.*?light-dark\((#\w+), (#\w+)\)", HEAD.decode(), re.S).groups()
TEXT = dict(zip(("light", "dark"), COLOURS, strict=True))


def channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def luminance(colour: str) -> float:
    """The relative luminance of #rrggbb as WCAG 2 defines it."""
    shares = (channel / 255 for channel in channels(colour))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_primary_colour_bears_white_text_and_is_seen_on_the_page(name):
    theme = THEMES[name]
    assert contrast(theme["primaryColor"], "#ffffff") >= 4.5
    for ground in (theme["backgroundColor"], theme["secondaryBackgroundColor"]):
        assert contrast(theme["primaryColor"], ground) >= 3
        assert contrast(TEXT[name], ground) >= 4.5


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_can_be_read_also_where_streamlit_fades_it_to_60_percent(name):
    theme = THEMES[name]
    text = channels(theme["textColor"])
    for ground in (theme["backgroundColor"], theme["secondaryBackgroundColor"]):
        pairs = zip(text, channels(ground), strict=True)
        faded = "#" + "".join(f"{round(0.6 * t + 0.4 * g):02x}" for t, g in pairs)
        assert contrast(faded, ground) >= 4.5
