"""Which rule the reader expects to win, committed before the table of rules, and which one does."""

import streamlit as st

from mlcore.thresholds import RULES, Choice
from pages.ui.kit.evidence import Evidence
from pages.ui.kit.guess import committed, draw_guess, settle_guess
from pages.ui.words import N_, _, paragraph

CANDIDATES = ("half", "global", "per_label", "top_k")
METRIC = "samples_f1"
REASONS = {
    "half": N_("The one tuned threshold, {cut:.2f}, comes to {shared:.3f} there."),
    "global": N_(
        "It cuts at {cut:.2f} and predicts {labels:.1f} labels per row, where {true:.1f} are true "
        "and 0.5 predicts {few:.1f}; one for each label promised {promised:.3f} on the tuning rows "
        "and kept {kept:.3f}."
    ),
    "per_label": N_(
        "Of the {promised:.3f} that tuning promised it keeps {kept:.3f}; one for all labels keeps "
        "{shared:.3f}."
    ),
    "top_k": N_(
        "It gives each row {k} labels, where {true:.1f} are true on average; one threshold, "
        "{cut:.2f}, leaves {empty:.0%} of the rows without any."
    ),
}


def draw_prediction(evidence: Evidence) -> bool:
    """Ask, once for each source of scores; returns whether the answer may show."""
    question = _(
        "**Predict:** each rule is tuned on the tuning rows. Which of these has the highest "
        "samples F1 on the rows to report on?"
    )
    titles = {rule: _(RULES[rule].title) for rule in CANDIDATES}
    return draw_guess(_key(evidence), question, titles) is not None


def draw_outcome(evidence: Evidence, table, choices: dict[str, Choice]) -> None:
    """Tell whoever has predicted which rule is ahead, and why.

    Args:
        evidence: What is decided on.
        table: As of `mlcore.thresholds.compare`, a row for each choice.
        choices: By rule.
    """
    guess = committed(_key(evidence))
    if guess is None or guess.value is None:
        return
    rules = table.assign(rule=list(choices)).set_index("rule").loc[list(CANDIDATES)]
    best, *others = best_of(rules[f"{METRIC}_test"])
    right = settle_guess(_key(evidence), guess.value if guess.value in (best, *others) else best)
    reason = reason_text(best, evidence, rules, choices)
    why = paragraph((outcome_text(best, others, rules), reason))
    st.markdown((_("**Right.** {why}") if right else _("**Not quite.** {why}")).format(why=why))


def best_of(figures) -> list[str]:
    """The rules whose figure is the highest one as it is shown, with three digits."""
    shown = figures.round(3)
    return list(shown.index[shown == shown.max()])


def outcome_text(best: str, others: list[str], rules) -> str:
    """Who is ahead and by how much, or who is equal."""
    figures = rules[f"{METRIC}_test"]
    if others:
        names = _(", ").join(_(RULES[rule].title) for rule in (best, *others))
        return _("**{rules}** are equal with {value:.3f}.").format(rules=names, value=figures[best])
    second = figures.drop(best).idxmax()
    return _(
        "Of these **{rule}** is highest with {value:.3f} (95 % band {low:.3f} to {high:.3f}); "
        "**{second}** has {other:.3f}."
    ).format(
        rule=_(RULES[best].title),
        value=figures[best],
        low=rules[f"{METRIC}_low"][best],
        high=rules[f"{METRIC}_high"][best],
        second=_(RULES[second].title),
        other=figures[second],
    )


def reason_text(best: str, evidence: Evidence, rules, choices: dict[str, Choice]) -> str:
    """Why the best rule is ahead, in its figures."""
    figures, cut = rules[f"{METRIC}_test"], choices["global"].threshold
    return _(REASONS[best]).format(
        cut=cut,
        k=choices["top_k"].top,
        true=evidence.report[0].sum(axis=1).mean(),
        labels=rules["labels_per_row"]["global"],
        few=rules["labels_per_row"]["half"],
        empty=evidence.report_sweep.at(cut)["empty_share"],
        promised=rules[f"{METRIC}_validation"]["per_label"],
        kept=figures["per_label"],
        shared=figures["global"],
    )


def _key(evidence: Evidence) -> str:
    is_file = evidence.origin.startswith("file ")  # another one may have the same name
    return f"thresholds.{evidence.key if is_file else evidence.origin}"
