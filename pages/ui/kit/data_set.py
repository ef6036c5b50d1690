"""The choice of a data set and its options, which pages share unless they name it otherwise."""

import base64
import io
from collections.abc import Mapping

import numpy as np
import streamlit as st

from mlcore.datasets import DATASETS, Dataset
from pages.ui.kit.controls import Choice, Setting, settings_of
from pages.ui.kit.races import load_cached
from pages.ui.settings import Settings
from pages.ui.words import _


def data_settings(
    help: str, prefix: str = "", defaults: Mapping[str, object] | None = None
) -> list[Setting]:
    """A data set, and the options of each.

    Args:
        help: What it is chosen for, marked by `N_`.
        prefix: Before their names in the link; with one, they are the page's own.
        defaults: What is chosen first, under "data", and options by data set, where they differ.
    """
    defaults = defaults or {}
    titles = {key: info.title for key, info in DATASETS.items()}
    found: list[Setting] = [
        Choice(
            f"{prefix}data",
            titles,
            default=defaults.get("data", next(iter(titles))),
            title="Data set",
            help=help,
            shared=not prefix,
        )
    ]
    for key, info in DATASETS.items():
        own = defaults.get(key, {})
        found += settings_of(f"{prefix}{key}.", info.parameters, own, shared=not prefix)
    return found


def draw_data_set(settings: Settings, prefix: str = "") -> tuple[str, dict[str, object]]:
    """Draw the choice; returns its name and options, as `mlcore.datasets.load` takes them.

    Args:
        settings: Those of the page, which hold `data_settings`.
        prefix: As there.
    """
    name = settings.draw(f"{prefix}data")
    info = DATASETS[name]
    st.caption(_(info.description))
    with st.expander(_("Data set settings"), icon=":material/tune:"):
        options = settings.draw_parameters(f"{prefix}{name}.", info.parameters)
        st.caption(_("Source: {source}").format(source=_(info.source)))
        st.caption(_("Licence: {licence}").format(licence=info.licence))
    return name, options


def load_chosen(name: str, options: Mapping[str, object]) -> Dataset | None:
    """The data set, or None after saying why its options do not fit together."""
    try:
        with st.spinner(_("Loading the data set …")):
            return load_cached(name, **options)
    except ValueError as error:
        words = _("These settings do not fit together: {problem}").format(problem=error)
        st.error(words, icon=":material/error:")
    return None


def data_picture(dataset: Dataset, row: int) -> str:
    """A row of pixels in [0, 1] as a PNG in a data link, dark on light."""
    from PIL import Image

    pixels = 255 - np.rint(dataset.x[row].reshape(dataset.image_shape) * 255).clip(0, 255)
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
