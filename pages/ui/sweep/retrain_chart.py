"""The charts of a retraining: a component that asks `retrain_channel` during a drag."""

from collections.abc import Mapping

from mlcore.figures import F1S, FIGURES
from mlcore.palette import DASHES, PALETTE
from mlcore.training.retraining import CURVES, LIVE_SECONDS, LONGEST_SECONDS
from pages.ui.kit.component import PLOT, component
from pages.ui.kit.figures import figure_heading
from pages.ui.kit.socket import SOCKET, channel
from pages.ui.sweep.retrain_channel import PATH
from pages.ui.words import _, ngettext


def retrain_chart(
    question: Mapping[str, object],
    values: Mapping[str, float],
    *,
    key: str,
    sliders: Mapping[str, str],
) -> None:
    """Draw the run with the values, over the one of the question without them.

    Args:
        question: The data, options and config of `pages.ui.sweep.retrain_channel.answer`.
        values: What the sliders say, by name.
        key: Its name in the session.
        sliders: By the key of a `drag_slider` the name of the value that it moves.
    """
    data = {
        "channel": channel(PATH),
        "question": dict(question),
        "values": dict(values),
        "sliders": dict(sliders),
        "curves": CURVES,
        "f1s": F1S,
        "live": LIVE_SECONDS * 1000,
        "longest": LONGEST_SECONDS,
        "colours": PALETTE,
        "dashes": DASHES,
        "words": _words(question["config"]["epochs"]),
    }
    component("sweep/retrain_chart", data, key=key, parts=(*PLOT, SOCKET))


def _words(epochs: int) -> dict:
    return {
        "waiting": _("The first run is being trained."),
        "error": _("Not retrained: {error}"),
        "trained": ngettext(
            "Trained {epochs} epoch in {took} ms.", "Trained {epochs} epochs in {took} ms.", epochs
        ),
        "slow": _(
            "A run takes {usual}, {times} times too long to follow a drag ({limit} ms), so it is "
            "retrained when you let go. {advice}"
        ),
        "refused": _(
            "A run would take about {expected} s, more than the {longest} s allowed for a slider, "
            "so nothing is retrained here. {advice} The grid above trains it as it is."
        ),
        "diverged": _("This run diverged: its loss is no longer finite, and there is no model."),
        "advice": _("Fewer epochs, a linear model or a smaller data set make it quicker."),
        "seconds": _("{n} s"),
        "milliseconds": _("{n} ms"),
        "panels": [
            _("Mean loss"),
            _("F1 at 0.5 on validation rows"),
            _("F1 of each label at 0.5 on test rows"),
        ],
        "across": [_("epoch"), _("epoch"), _("label, the most frequent first")],
        "series": [
            [_("training"), _("validation")],
            [_(FIGURES[name].average) for name in F1S],
            [_("with the sliders as they are")],
        ],
        "reference": _("Thin lines and dots: the same with the setting in the sidebar"),
        "rows": [
            *map(figure_heading, F1S),
            _("Labels predicted per row"),
            _("Rows without a label predicted"),
            _("True labels per row"),
        ],
        "heads": [
            _("at 0.5"),
            _("sidebar at 0.5"),
            _("tuned"),
            _("sidebar tuned"),
            _("threshold"),
        ],
        "caption": _("On test rows, after the last epoch"),
        "said": _(
            "On test rows after epoch {epochs}: macro F1 {macro_half} at 0.5 and {macro_tuned} "
            "tuned; micro F1 {micro_half} and {micro_tuned}; samples F1 {samples_half} and "
            "{samples_tuned}. {labels} labels predicted per row, {true} are true; {empty} of "
            "the rows have none."
        ),
        "curve": _("{name} from {first} to {last}"),
        "bars": _("F1 of {n} labels, from {first} for the most frequent to {last} for the rarest"),
    }
