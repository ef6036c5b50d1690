"""The specimens of the Pitfalls page: choose one, say what it will do, run it."""

from dataclasses import dataclass

import streamlit as st

from mlcore.learn.pitfalls import SPECIMENS, Result, Specimen, judge, run
from pages.ui.pitfalls.settings import SETTINGS
from pages.ui.pitfalls.texts import GROUPS, OUTCOME_TITLES, OUTCOME_TOLD, TEXTS
from pages.ui.words import N_, _, ngettext, read_words

SEEN = "pitfalls.seen"  # what was run in this session, by key of the specimen
GROUP = "pitfalls.group"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A specimen that was run: what the reader had said, and what came of wrong code and repair."""

    guess: str
    wrong: Result
    repair: Result


def draw_specimens() -> None:
    """The groups, and the one specimen that is open; the link names it."""
    SETTINGS.take("specimen")
    key = _choose()
    with st.container(border=True, key="specimen"):
        _draw_specimen(SPECIMENS[key])
    _draw_tally()


def _choose() -> str:
    """Groups, and the specimens of the one that holds what is on show."""
    st.session_state[GROUP] = next(
        group for group, (_title, keys) in GROUPS.items() if SETTINGS["specimen"] in keys
    )
    group = st.segmented_control(
        _("What it is about"),
        GROUPS,
        format_func=_group_title,
        key=GROUP,
        required=True,
        on_change=_choose_first,
    )
    named = {key: TEXTS[key].title for key in GROUPS[group][1]}
    return SETTINGS.draw("specimen", options=named, title=N_("Mistakes of this kind"))


def _group_title(group: str) -> str:
    return _(GROUPS[group][0])


def _choose_first() -> None:
    """Show the first specimen of a group that was just chosen."""
    read_words(GROUP, GROUPS, _group_title)
    SETTINGS["specimen"] = GROUPS[st.session_state[GROUP]][1][0]


def _draw_specimen(specimen: Specimen) -> None:
    key, text = specimen.key, TEXTS[specimen.key]
    seen = st.session_state.setdefault(SEEN, {}).get(key)
    st.markdown(f"#### {_(text.title)}\n{_(text.belief)}")
    left, right = st.columns(2)
    with left:
        st.markdown(f":material/bug_report: **{_('The code')}**")
        st.code(specimen.wrong, language="python", wrap_lines=True)
    with right:
        st.markdown(f":material/build: **{_('The repair')}**")
        if seen:
            st.code(specimen.repair, language="python", wrap_lines=True)
        else:
            st.caption(_("Shown here once you have run the code."))
    _draw_prediction(key, seen)
    if not seen:
        return
    left, right = st.columns(2)
    with left:
        _draw_result(_("The code"), seen.wrong)
    with right:
        _draw_result(_("The repair"), seen.repair)
    _draw_verdict(specimen, seen)
    st.markdown(_(text.why))
    st.caption(_("Source: {source}").format(source=text.source))


def _draw_prediction(key: str, seen: Seen | None) -> None:
    """What will happen? and the button, which waits for an answer."""
    guess_key = f"pitfalls.guess.{key}"
    if seen:
        st.session_state[guess_key] = seen.guess

    def title(outcome: str) -> str:
        return _(OUTCOME_TITLES[outcome])

    read_words(guess_key, OUTCOME_TITLES, title)
    guess = st.radio(
        _("What will happen?"),
        list(OUTCOME_TITLES),
        index=None,
        format_func=title,
        key=guess_key,
        horizontal=True,
        disabled=seen is not None,
    )
    st.button(
        _("Run again") if seen else _("Run"),
        key=f"pitfalls.run.{key}",
        type="secondary" if seen else "primary",
        icon=":material/play_arrow:",
        disabled=guess is None,
        help=None if guess else _("Say first what will happen."),
        on_click=_run,
        args=(key, guess),
    )
    if st.session_state.pop(f"pitfalls.lost.{key}", None):
        st.error(
            _(
                "The code did not end in time, or it ended the process that ran it. Nothing else "
                "was harmed; you can run it again."
            ),
            icon=":material/timer_off:",
        )


def _run(key: str, guess: str) -> None:
    """Run wrong code and repair, both of them really, and keep what came of it."""
    wrong, repair = run(SPECIMENS[key])
    if lost := wrong.lost or repair.lost:
        st.session_state[f"pitfalls.lost.{key}"] = lost
    else:
        st.session_state[SEEN][key] = Seen(guess=guess, wrong=wrong, repair=repair)


def _draw_result(whose: str, result: Result) -> None:
    """What code printed, warned of and raised, as a console would show it."""
    lines = [result.output.rstrip()] if result.output else []
    lines += result.warnings
    if result.error:
        told = f"{result.error}: {result.message}"
        lines.append(
            _("line {line}: {error}").format(line=result.line, error=told) if result.line else told
        )
    title = (
        _(":red[:material/error:] It raised this, after {n:.0f} ms:")
        if result.error
        else _(":material/terminal: It printed this, in {n:.0f} ms:")
    )
    st.markdown(f"**{whose}**  \n{title.format(n=1000 * result.seconds)}")
    st.code("\n".join(lines), language=None, wrap_lines=True)


def _draw_verdict(specimen: Specimen, seen: Seen) -> None:
    outcome = judge(seen.wrong, seen.repair)
    told = _(OUTCOME_TOLD[outcome])
    if seen.guess == outcome:
        st.success(_("**Right.** {why}").format(why=told), icon=":material/check:")
    else:
        st.warning(_("**Not quite.** {why}").format(why=told), icon=":material/close:")
    if outcome != specimen.outcome:
        st.info(
            _("The libraries installed here behave differently from those this was written for."),
            icon=":material/update:",
        )


def _draw_tally() -> None:
    """How many were run in this session, and how many of them were foreseen."""
    seen = st.session_state[SEEN]
    if not seen:
        return
    right = sum(each.guess == judge(each.wrong, each.repair) for each in seen.values())
    st.caption(
        ngettext(
            "{n} of {total} specimens run in this session; you foresaw {right}.",
            "{n} of {total} specimens run in this session; you foresaw {right}.",
            len(seen),
        ).format(n=len(seen), total=len(SPECIMENS), right=right)
    )
