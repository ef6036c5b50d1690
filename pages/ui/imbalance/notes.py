"""Below the Imbalance page: what to notice, the formulas, code that reproduces it, sources."""

import numpy as np
import streamlit as st

from mlcore.imbalance import companions
from pages.ui.imbalance.settings import SETTINGS
from pages.ui.imbalance.subject import EXCLUDE, Subject
from pages.ui.kit.controls import as_text
from pages.ui.kit.notes import draw_points, draw_topics
from pages.ui.words import N_, _, ngettext

HEAD, TAIL = 0, 2  # groups, as `mlcore.imbalance.groups` numbers them
FEW_TESTS = 5
PULLED = 1.5  # times the median: from there on a mean is plainly pulled by the largest
FORMULAS = (
    (
        N_(
            "IRLbl: how many times rarer a label is than the most frequent one. MeanIR is its mean."
        ),
        r"\mathrm{IRLbl}_l = \frac{\max_{l'} c_{l'}}{c_l}, \qquad "
        r"\mathrm{MeanIR} = \frac{1}{k} \sum_{l=1}^{k} \mathrm{IRLbl}_l",
    ),
    (
        N_("CVIR: the sample standard deviation of IRLbl over its mean."),
        r"\mathrm{CVIR} = \frac{1}{\mathrm{MeanIR}} \sqrt{\sum_{l=1}^{k} "
        r"\frac{(\mathrm{IRLbl}_l - \mathrm{MeanIR})^2}{k - 1}}",
    ),
    (
        N_(
            "SCUMBLE: 1 minus geometric over arithmetic mean of IRLbl, over the labels that a row "
            "has; 0 for a row without labels; then the mean over rows."
        ),
        r"\mathrm{SCUMBLE} = \frac{1}{n} \sum_{i=1}^{n} \left( 1 - "
        r"\frac{\bigl(\prod_{l \in Y_i} \mathrm{IRLbl}_l\bigr)^{1/|Y_i|}}"
        r"{\frac{1}{|Y_i|} \sum_{l \in Y_i} \mathrm{IRLbl}_l} \right)",
    ),
    (
        N_("Pairs: a and b are true together in n(a, b) of n rows."),
        r"P(b \mid a) = \frac{n_{ab}}{n_a}, \qquad "
        r"\mathrm{Jaccard} = \frac{n_{ab}}{n_a + n_b - n_{ab}}, \qquad "
        r"\mathrm{lift} = \frac{n \, n_{ab}}{n_a n_b}",
    ),
)
SOURCES = N_("""
- Charte, Rivera, del Jesus and Herrera 2015, [Addressing imbalance in multilabel
  classification](https://doi.org/10.1016/j.neucom.2014.08.091): IRLbl, MeanIR, CVIR
- Charte, Rivera, del Jesus and Herrera 2014, [Concurrence among imbalanced
  labels](https://doi.org/10.1007/978-3-319-07617-1_10): SCUMBLE
- Charte, Rivera, del Jesus and Herrera 2019, [Dealing with difficult minority
  labels](https://arxiv.org/abs/1802.05033): SCUMBLE of a label, and resampling by it
- Liu et al. 2019, [Large-scale long-tailed recognition in an open
  world](https://arxiv.org/abs/1904.05160): many, medium and few shots
- [mldr](https://github.com/fcharte/mldr), the authors' R package: a label that is never true has
  IRLbl 0 there and counts in MeanIR
""")


def draw_notes(subject: Subject, absent: str) -> None:
    """One topic at a time, with the figures of these labels; a fragment of its own."""
    draw_topics(
        SETTINGS,
        "about",
        {
            "notice": lambda: _draw_what_to_notice(subject, absent),
            "formulas": _draw_formulas,
            "code": lambda: st.code(code(subject, absent)),
        },
    )


def _draw_formulas() -> None:
    for words, formula in FORMULAS:
        st.markdown(_(words))
        st.latex(formula)


def _draw_what_to_notice(subject: Subject, absent: str) -> None:
    """What these labels show, in their own figures."""
    found, group = subject.measures(absent), subject.groups()
    points = []
    tail = found.support[group == TAIL]
    if len(tail):
        points.append(
            _(
                "{n} of {total} labels are the tail and hold {share:.1%} of the true cells: they "
                "make up {say:.1%} of macro F1, which is over the labels that occur, and "
                "{share:.1%} of micro recall."
            ).format(
                n=len(tail),
                total=found.labels,
                share=tail.sum() / found.support.sum(),
                say=len(tail) / np.count_nonzero(found.support),
            )
        )
    known = found.irlbl[found.support > 0]
    if np.isfinite(found.mean_ir) and found.mean_ir > PULLED * np.median(known):
        points.append(
            _(
                "MeanIR {mean:.1f} is a mean of ratios, so a few very rare labels pull it: the "
                "median IRLbl is {median:.1f}, the largest {most:.0f}."
            ).format(mean=found.mean_ir, median=np.median(known), most=known.max())
        )
    if turned := _one_way(subject):
        points.append(turned)
    heads = companions(subject.targets, group)[TAIL, HEAD]
    if np.isfinite(heads):
        points.append(
            _(
                "A row with a tail label has {heads:.2f} head labels on average (SCUMBLE "
                "{scumble:.3f}). Copying such rows copies those too, so resampling rows alone can "
                "hardly balance the labels."
            ).format(heads=heads, scumble=found.scumble)
        )
    tests = subject.dataset.y[subject.dataset.test].sum(axis=0)
    if few := int((tests < FEW_TESTS).sum()):
        points.append(
            ngettext(
                "{n} of {total} labels has fewer than {few} true test rows, so its F1 moves in "
                "jumps. Read the tail by its mean and quartiles, not by single points.",
                "{n} of {total} labels have fewer than {few} true test rows, so their F1 moves in "
                "jumps. Read the tail by its mean and quartiles, not by single points.",
                few,
            ).format(n=few, total=len(tests), few=FEW_TESTS)
        )
    draw_points(points)


def _one_way(subject: Subject) -> str:
    """The pair that is most one-sided: b nearly always comes with a, a seldom with b."""
    pairs = subject.pairs().strongest(by="given", least=20, most=200)
    if not pairs:
        return ""
    pair = max(pairs, key=lambda pair: pair.given - pair.back)
    return _(
        "P(b | a) is not P(a | b): of the rows with **{a}**, {given:.0%} have **{b}** too, but of "
        "those with **{b}** only {back:.0%} have **{a}**."
    ).format(
        a=as_text(subject.names[pair.a]),
        b=as_text(subject.names[pair.b]),
        given=pair.given,
        back=pair.back,
    )


def code(subject: Subject, absent: str = EXCLUDE) -> str:
    """A script that prints what the page shows, by the library."""
    options = "".join(f", {name}={value!r}" for name, value in (subject.options or {}).items())
    convention = "" if absent == EXCLUDE else f", absent={absent!r}"
    rows = "dataset.y[dataset.train]" if subject.part == "train" else "dataset.y"
    return f"""from mlcore.datasets import load
from mlcore.imbalance import GROUPS, Pairs, groups, measure

dataset = load({subject.dataset.name!r}{options})
targets = {rows}

found = measure(targets{convention})
print(f"MeanIR {{found.mean_ir:.2f}}, CVIR {{found.cvir:.3f}}, SCUMBLE {{found.scumble:.3f}}")

group = groups(found.support, {subject.cut!r})
for place, name in enumerate(GROUPS):
    inside = found.support[group == place]
    print(f"{{name}}: {{len(inside)}} labels, {{inside.sum()}} true cells")

pairs = Pairs(targets)
for pair in pairs.strongest(by="jaccard", least=3, most=5):
    a, b = dataset.label_names[pair.a], dataset.label_names[pair.b]
    print(f"{{a}} with {{b}}: Jaccard index {{pair.jaccard:.3f}}, lift {{pair.lift:.1f}}")
"""
