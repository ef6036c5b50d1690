"""What every page stands in: its colours can be read."""

import re
import tomllib

import pytest

from pages.ui.frame import STYLE
from tests.conftest import ROOT

THEMES = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
TEXT = dict(
    zip(("light", "dark"), re.search(r"light-dark\((#\w+), (#\w+)\)", STYLE).groups(), strict=True)
)


def luminance(colour: str) -> float:
    """The relative luminance of #rrggbb as WCAG 2 defines it."""
    shares = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
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
