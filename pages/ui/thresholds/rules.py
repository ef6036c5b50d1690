"""The rules that choose thresholds, side by side."""

from functools import partial

import streamlit as st

from mlcore.figures import FIGURES
from mlcore.lazy import pd
from mlcore.thresholds import RULES, Choice, choose, compare
from pages.ui.kit.controls import as_text
from pages.ui.kit.evidence import Evidence
from pages.ui.kit.figures import macro_note
from pages.ui.server.compute import compute_while_there, end_if_gone
from pages.ui.thresholds import decision, prediction
from pages.ui.thresholds.settings import BY_HAND, SETTINGS
from pages.ui.words import _, paragraph

METRICS = ("samples_f1", "micro_f1", "macro_f1", "weighted_f1")
MOST_ROWS, MOST_CELLS = 100_000, 10_000_000  # that are resampled: some seconds for all rules

Settings = dict[str, dict[str, object]]  # by rule, by parameter


def choose_settings() -> Settings:
    """Draw what can be set of the rules."""
    with st.expander(_("Settings of the rules"), icon=":material/tune:"):
        settings = {}
        for info in RULES.values():
            if info.parameters:
                st.markdown(f"**{_(info.title)}**")
                settings[info.key] = SETTINGS.draw_parameters(f"rule.{info.key}.", info.parameters)
    return settings


def draw_rules(evidence: Evidence, choices: dict[str, Choice]) -> None:
    """The rules side by side, once it was predicted who is ahead, and what the chosen one does."""
    st.subheader(_("Rules that choose"), anchor=False)
    told = _("{evidence}: {split}.")
    st.caption(told.format(evidence=as_text(evidence.title()), split=evidence.split()))
    compared = prediction.draw_prediction(evidence)
    table = st.container()
    choice = decision.choose_rule(evidence, choices)
    threshold = SETTINGS.draw("t", shown=False)
    if compared:
        with table:
            _draw_comparison(evidence, choices)
    decision.draw_decision(evidence, choice or Choice(rule=BY_HAND, threshold=threshold))


def _draw_comparison(evidence: Evidence, choices: dict[str, Choice]) -> None:
    """One average of F1 on both parts, the gap, the band; then the other averages."""
    average, rows = SETTINGS["average"], resampled_rows(evidence)
    words = repr([(key, choice.in_words()) for key, choice in choices.items()])
    with st.spinner(_("Bootstrapping the report rows …")):
        table = comparison_of(evidence.key, words, rows, evidence, choices)
    prediction.draw_outcome(evidence, table, choices)
    st.caption(paragraph(_told(evidence, rows)))
    metric = f"{average}_f1"
    bands = zip(table[f"{metric}_low"], table[f"{metric}_high"], strict=True)
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    shown = {
        "rule": (table["rule"].map(_), text(_("Rule"), pinned=True)),
        "threshold": (
            [choice.in_words(_) for choice in choices.values()],
            text(_("Threshold"), help=_("Median (lowest to highest).")),
        ),
        "labels": (table["labels_per_row"], number(_("Labels per row"), format="%.2f")),
        "tuning": (
            table[f"{metric}_validation"],
            number(_("{average} F1, tuning").format(average=_(average)), format="%.3f"),
        ),
        "report": (table[f"{metric}_test"], number(_report_head(metric), format="%.3f")),
        "gap": (table[f"{metric}_gap"], number(_("gap"), format="%+.3f")),
        "band": ([f"{low:.3f} – {high:.3f}" for low, high in bands], text(_("95 % band"))),
    }
    for other in METRICS:
        if other != metric:
            shown[other] = (table[f"{other}_test"], number(_report_head(other), format="%.3f"))
    # The rule may be chosen below, too: with another one it is another table.
    key = f"rules_table.{SETTINGS['rule']}"
    row = [k for k, rule in enumerate(choices) if rule == SETTINGS["rule"]]
    st.dataframe(
        pd.DataFrame({name: values for name, (values, column) in shown.items()}),
        hide_index=True,
        column_config={name: column for name, (values, column) in shown.items()},
        on_select=partial(_take, tuple(choices), key, row),
        selection_mode=("single-row", "single-cell"),
        selection_default={"selection": {"rows": row}},
        key=key,
        alt=_("Rules, their thresholds, and F1 on the rows to tune on and to report on"),
    )


def _take(rules: tuple[str, ...], key: str, before: list[int]) -> None:
    """Decide by the rule that was picked, by its row's box or by any cell, or by the cursor."""
    picked = st.session_state[key].selection
    rows = picked.rows
    if rows == before and picked.cells:
        rows = [picked.cells[0][0]]
    SETTINGS.put(rule=rules[rows[0]] if rows else BY_HAND)


def _told(evidence: Evidence, rows: int) -> list[str]:
    """What the gap and the band are, and how many rows the band is of."""
    told = [
        _(
            "Each is tuned on the tuning rows and shown on both. The gap is what tuning promised "
            "and did not keep; the band lies around the figure, as wide as the middle 95 % of "
            "resamples of the report rows (bootstrap). Pick a row to decide by that rule."
        ),
        macro_note(evidence.report_sweep.support),
    ]
    if rows < (total := len(evidence.report[0])):
        told.append(
            _(
                "The band comes from {rows:,} of the {total:,} report rows, drawn at random; with "
                "all of them it would be narrower."
            ).format(rows=rows, total=total)
        )
    return told


def resampled_rows(evidence: Evidence) -> int:
    """How many of the report's rows the bands are of."""
    rows, labels = evidence.report[0].shape
    return min(rows, MOST_ROWS, MOST_CELLS // labels)


def _report_head(metric: str) -> str:
    return _("{average} F1, report").format(average=_(FIGURES[metric].average))


def choices_of(evidence: Evidence, settings: Settings) -> dict[str, Choice]:
    """What every rule chooses on the tuning rows."""
    with st.spinner(_("Choosing by every rule …")):
        return _choices(evidence.key, repr(settings), evidence, settings)


@st.cache_resource(max_entries=16, show_spinner=False)
def _choices(key: str, words: str, _evidence: Evidence, _settings: Settings) -> dict[str, Choice]:
    choices = {}
    for rule in RULES:
        end_if_gone()
        options = _settings.get(rule, {})
        choices[rule] = choose(
            rule, *_evidence.tuning, cardinality=_evidence.cardinality, **options
        )
    return choices


@st.cache_data(max_entries=16, show_spinner=False)
def comparison_of(
    key: str, words: str, rows: int, _evidence: Evidence, _choices: dict[str, Choice]
):
    """The rules on both parts, with bands of so many rows; the first three arguments decide it."""
    named = {RULES[rule].title: choice for rule, choice in _choices.items()}
    return compare(
        named,
        _evidence.tuning,
        _evidence.report,
        METRICS,
        most_rows=rows,
        band=partial(compute_while_there, "mlcore.thresholds.bootstrap:band_in_turns"),
    )
