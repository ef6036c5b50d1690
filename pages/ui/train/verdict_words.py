"""What the verdict on a race says, from its figures. Draws nothing."""

from collections.abc import Sequence

from mlcore.training.verdict import MAP, SHOWN, Result, Standing, Verdict
from pages.ui.kit.figures import figure_title
from pages.ui.kit.numbers import spread
from pages.ui.words import N_, _

CAUSES = {
    "cut": N_(
        "So most of the difference was the **cut**, not the ranking: mAP, which needs no "
        "threshold, lies between {low:.3f} and {high:.3f}."
    ),
    "turned": N_(
        "So 0.5 was the wrong **cut** for {name}: by mAP, which needs no threshold, it has "
        "{own:.3f}, where {other} has {others:.3f}."
    ),
    "ranking": N_(
        "So it is the **ranking** that differs: mAP, which needs no threshold, is {high:.3f} for "
        "{first} and {low:.3f} for {last}."
    ),
    "scores": N_(
        "Their rankings do not differ as clearly: mAP, which needs no threshold, lies between "
        "{low:.3f} and {high:.3f}. So the lead comes from how well **one threshold fits all "
        "labels**."
    ),
}


def table(results: Sequence[Result], names: Sequence[str]) -> tuple[tuple, list[tuple]]:
    """Names of the columns, and two lines for each contender: at 0.5, at its own threshold."""
    head = (_("Contender"), _("Threshold"), *map(figure_title, SHOWN))
    lines = []
    for result, name in zip(results, names, strict=True):
        if result.diverged:
            lines.append((name, _("diverged"), *("–" for _figure in SHOWN)))
            continue
        lines.append((name, "0.5", *_figures(result, "half")))
        # mAP stands once: it is the same at any threshold.
        own = _("own: {threshold:.2f}").format(threshold=result.threshold)
        lines.append(("", own, *_figures(result, "tuned")[:-1], "〃"))
    return head, lines


def _figures(result: Result, reading: str) -> list[str]:
    return [spread(list(getattr(result, reading)[name])) for name in SHOWN]


def sentences(verdict: Verdict, results: Sequence[Result], names: Sequence[str]) -> list[str]:
    """Two to four sentences: who is ahead at 0.5 and with tuned thresholds, why, what is chance."""
    half, tuned = verdict.half, verdict.tuned
    if half is None:
        return [_("All contenders diverged, so there is nothing to compare.")]
    if half.first == half.last:
        return [*_alone(verdict, names), _chance(tuned, results)]
    told = [_at_half(verdict, names), _tuned(verdict, results, names)]
    if near := _near(verdict, results, names):
        told.append(near)
    if verdict.cause:
        ranking = verdict.ranking
        told.append(
            _(CAUSES[verdict.cause]).format(
                low=ranking.low,
                high=ranking.high,
                first=names[ranking.first],
                last=names[ranking.last],
                name=names[tuned.first],
                own=results[tuned.first].mean("tuned", MAP),
                other=names[half.first],
                others=results[half.first].mean("tuned", MAP),
            )
        )
    return [*told, _chance(tuned, results)]


def _alone(verdict: Verdict, names: Sequence[str]) -> list[str]:
    told = _("Only {name} did not diverge: {figure} {half:.3f} at 0.5, {tuned:.3f} at its own cut.")
    figure, name = figure_title(verdict.figure), names[verdict.half.first]
    return [told.format(name=name, figure=figure, half=verdict.half.high, tuned=verdict.tuned.high)]


def _at_half(verdict: Verdict, names: Sequence[str]) -> str:
    if verdict.half.is_clear:
        told = _("At 0.5 **{first} is ahead** with a {figure} of {high:.3f}; {last} has {low:.3f}.")
    else:
        told = _("At 0.5 nothing clear separates them: {figure} from {low:.3f} to {high:.3f}.")
    return told.format(**_fields(verdict.half, verdict, names))


def _tuned(verdict: Verdict, results: Sequence[Result], names: Sequence[str]) -> str:
    half, tuned = verdict.half, verdict.tuned
    if not tuned.is_clear:
        told = (
            _(
                "**With a threshold of its own for each, the difference vanishes**: {low:.3f} to "
                "{high:.3f}."
            )
            if half.is_clear
            else _(
                "With a threshold of its own for each, nothing clear separates them either: "
                "{low:.3f} to {high:.3f}."
            )
        )
    elif not half.is_clear:
        told = _(
            "With a threshold of its own for each, **{first} is ahead**: {high:.3f} to {low:.3f}."
        )
    elif half.first != tuned.first:
        told = _(
            "With a threshold of its own for each, **the order turns**: {first} has {high:.3f}, "
            "{other} has {others:.3f}."
        )
    elif tuned.gap < half.gap:
        told = _(
            "With a threshold of its own for each, {first} stays ahead, by less: {high:.3f} "
            "to {low:.3f}."
        )
    else:
        told = _(
            "With a threshold of its own for each, {first} stays ahead: {high:.3f} to {low:.3f}."
        )
    others = results[half.first].mean("tuned", verdict.figure)
    fields = _fields(tuned, verdict, names) | {"other": names[half.first], "others": others}
    return told.format(**fields)


def _near(verdict: Verdict, results: Sequence[Result], names: Sequence[str]) -> str:
    """Who is no more than chance behind who is clearly ahead of somebody, with tuned thresholds."""
    tuned = verdict.tuned
    behind = [
        name
        for k, (name, result) in enumerate(zip(names, results, strict=True))
        if k != tuned.first and tuned.high - result.mean("tuned", verdict.figure) <= tuned.chance
    ]
    if not (tuned.is_clear and behind):
        return ""
    return _("Behind it by no more than chance: {names}.").format(names=_(", ").join(behind))


def _chance(tuned: Standing, results: Sequence[Result]) -> str:
    seeds = max(result.seeds for result in results)
    if seeds == 1:
        return _(
            "One seed, so differences below {chance:.3f} may be chance; that is half of the "
            "bootstrap band of the test rows, and the spread over seeds is not known."
        ).format(chance=tuned.chance)
    told = (
        _(
            "The difference after tuning, {gap:.3f}, is larger than the range over {n} seeds, "
            "{chance:.3f}."
        )
        if tuned.is_clear
        else _(
            "The difference after tuning, {gap:.3f}, is no larger than the range over {n} "
            "seeds, {chance:.3f}: it may be chance."
        )
    )
    return told.format(gap=tuned.gap, n=seeds, chance=tuned.chance)


def _fields(standing: Standing, verdict: Verdict, names: Sequence[str]) -> dict[str, object]:
    return {
        "first": names[standing.first],
        "last": names[standing.last],
        "high": standing.high,
        "low": standing.low,
        "figure": figure_title(verdict.figure),
    }
