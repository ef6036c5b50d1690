"""Settings in the link: what it asks for goes into the widgets, what they say goes into it.

Names and values stand in the link as they are in the code, so a link means the same in every
language. A setting at its default is left out. What is carried stands in the link of every page.
In the session a setting belongs to its page, `losses.z`, but for those that pages share.
"""

from collections.abc import Callable, Iterable

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from mlcore.datasets import DATASETS
from pages.ui.words import LANGUAGE, LANGUAGES, _, default_language, language, speaking

PAGE = "link.page"  # the one that is on show
SHARED = ("data", *DATASETS)  # what pages share: names, or what those begin with before a point
PENDING, WRITTEN, PROBLEMS = "link.pending", "link.written", "link.problems"
WHOLE = "link.whole"  # links that said all of a page: what one leaves out is at its default
BARE = "link.bare"  # whether the link that is read now is one of them
EXTRA = "link.extra"  # what `end` was given last
SENT = "link.sent"  # the link that the browser named last, and those that it was sent since
AGAIN = "link.again"  # whether this run was asked for here, not by the browser
SWITCH = "link.switch"  # the language to go on in
SOLVED = "solved"  # keys of exercises; carried from page to page
DRAWN, KEPT = "link.drawn", "link.kept"  # values by key: of this run's widgets, of all ever drawn


def hear() -> None:
    """Go by the newest link where the browser names one from before; call before all else.

    It names the link that it has, so where it asks again before it has heard of the newest, what
    was just chosen would be undone. Who goes back in its history does mean the link from before.
    """
    asked, again = st.query_params.to_dict(), st.session_state.pop(AGAIN, False)
    *before, newest = st.session_state.get(SENT, [asked])
    if asked in before and not get_script_run_ctx().is_history_navigation:
        st.query_params.from_dict(newest)
    elif asked != newest or not again:
        st.session_state[SENT] = [asked]
    if name := st.session_state.pop(SWITCH, None):
        st.session_state[LANGUAGE] = name
        link = st.query_params.to_dict()
        link.pop(LANGUAGE, None)
        _write(link | ({LANGUAGE: name} if name != default_language() else {}))


def key(name: str) -> str:
    """What a setting of the page on show is called in the session."""
    page = st.session_state.get(PAGE)
    return f"{page}.{name}" if page and name.partition(".")[0] not in SHARED else name


def name_of(own: str) -> str:
    """What a setting of the page on show is called in the link."""
    return own.removeprefix(key(""))


def get(name: str, default: object = None) -> object:
    """The value of a setting of this page, where it was drawn or set; else the default."""
    return st.session_state.get(key(name), default)


def kept(name: str) -> object:
    """The value that a setting of this page had when it was drawn last, if ever."""
    return st.session_state.get(KEPT, {}).get(key(name))


def put(**values: object) -> None:
    """Give settings of this page these values; call before their widgets are drawn."""
    st.session_state.update({key(name): value for name, value in values.items()})


def begin(page: str) -> None:
    """Read the link if it is not the one that was written last; call before any widget."""
    asked = st.query_params.to_dict()
    st.session_state[BARE] = False
    if asked != st.session_state.get(WRITTEN) or page != st.session_state.get(PAGE):
        st.session_state[PENDING] = asked
        going = get_script_run_ctx().is_history_navigation
        st.session_state[BARE] = going and _named(asked) in st.session_state.get(WHOLE, ())
        if asked.get(SOLVED):
            mark_solved(*asked[SOLVED].split("."))
    st.session_state[PAGE] = page
    st.session_state[DRAWN] = {}
    st.session_state[PROBLEMS] = []


def widget(kind: Callable, name: str, default: object, parse: Callable[[str], object], **options):
    """Draw a widget of a kind, with the value that the link asks for if it asks for one.

    Args:
        kind: A Streamlit widget.
        name: Its name in the link.
        default: Its value where nobody chose one.
        parse: From the text in the link to the value; raises ValueError or TypeError.
        **options: What else the widget takes.
    """
    own, before = key(name), st.session_state.setdefault(KEPT, {})
    text = st.session_state.get(PENDING, {}).pop(name, None)
    if text is not None:
        try:
            st.session_state[own] = parse(text)
        except (ValueError, TypeError) as error:
            st.session_state[PROBLEMS].append(f"`{name}={text}`: {error}")
    elif st.session_state[BARE]:
        st.session_state[own] = default
    if own not in st.session_state:  # not drawn in the run before: on another page, or hidden
        st.session_state[own] = before.get(own, default)
    if titles := options.get("format_func"):
        read_words(own, options["options"], titles)
    value = kind(key=own, **options)
    before[own] = value
    st.session_state[DRAWN][name] = (value, default)
    return value


def following(*, key: str, options: list, **more) -> object:
    """A select box, as a kind of `widget`, whose value is also set elsewhere, as by a chart.

    When it was, another box takes its place. A part of the page that renews itself goes on asking
    with what the browser has heard of, and in the box before that would undo what was set.
    """
    value, count = st.session_state.get(f"{key}.drawn", (None, 0))
    if st.session_state[key] != value:
        count += 1
    more["index"] = options.index(st.session_state[key])
    value = st.selectbox(key=f"{key}.{count}", options=options, **more)
    st.session_state[key], st.session_state[f"{key}.drawn"] = value, (value, count)
    return value


def end(**extra: str | None) -> None:
    """Write all widgets that are not at their default into the link, and say what was wrong."""
    link = {
        key: str(value)
        for key, (value, default) in st.session_state[DRAWN].items()
        if value != default
    }
    link |= _carried()
    link |= {key: text for key, text in extra.items() if text}
    st.session_state[EXTRA] = extra
    st.session_state[BARE] = False
    st.session_state.setdefault(WHOLE, set()).add(_named(link))
    _write(link)
    if problems := st.session_state[PROBLEMS]:
        st.warning(
            _("The link asks for settings that do not exist. These have their defaults instead:")
            + "\n\n"
            + "\n".join(f"- {problem}" for problem in problems),
            icon=":material/link_off:",
        )


def _write(link: dict[str, str]) -> None:
    if st.query_params.to_dict() != link:
        st.query_params.from_dict(link)
    st.session_state[WRITTEN] = link
    sent = st.session_state.setdefault(SENT, [])
    if link not in sent[-1:]:
        sent.append(link)


def _named(link: dict[str, str]) -> tuple[str, frozenset]:
    """A link of this page, as one of many."""
    return get_script_run_ctx().page_script_hash, frozenset(link.items())


def switch_language(name: str) -> None:
    """Go on in another language with everything as it is; call from a callback."""
    st.session_state[SWITCH] = name
    # What was drawn last may be a part, because this click can end a run halfway; so all there is.
    st.session_state.update(st.session_state.get(KEPT, {}))


def read_words(key: str, options: Iterable, titles: Callable[[object], str]) -> None:
    """Take what the browser calls a choice, or several, for the options meant, in any language.

    Streamlit sends a choice by its words and knows those that it drew last. A browser that has not
    drawn them yet still sends those of the language before, as does a run that it asked for.

    Args:
        key: The name of a widget in the session; call this before the widget is drawn.
        options: What it offers.
        titles: The words for an option, in the language that is spoken.
    """
    named = st.session_state.get(key)
    if isinstance(named, list):
        meant = [_option(each, options, titles) for each in named]
    else:
        meant = _option(named, options, titles)
    if meant != named:
        st.session_state[key] = meant


def _option(named: object, options: Iterable, titles: Callable[[object], str]) -> object:
    if not isinstance(named, str) or named in options:
        return named
    for name in LANGUAGES:
        with speaking(name):
            for option in options:
                if titles(option) == named:
                    return option
    return named


def mark_solved(*keys: str) -> None:
    """Note exercises as solved, for the session and for the link of every page."""
    st.session_state.setdefault(SOLVED, set()).update(key for key in keys if key)


def _carried() -> dict[str, str]:
    solved = ".".join(sorted(st.session_state.get(SOLVED, ())))
    chosen = language() if language() != default_language() else ""
    return {key: text for key, text in ((SOLVED, solved), (LANGUAGE, chosen)) if text}


def part(draw: Callable, *arguments: object) -> None:
    """Draw a part of the page that runs alone when its own widgets change, link included.

    Args:
        draw: Draws it.
        *arguments: What it takes.
    """

    def run() -> None:
        draw(*arguments)
        if get_script_run_ctx().fragment_ids_this_run:
            st.session_state[PROBLEMS] = []  # the whole page has told them
            end(**st.session_state.get(EXTRA, {}))

    st.fragment(run)()


def rerun() -> None:
    """Run the whole page again, from its beginning."""
    st.session_state[AGAIN] = True
    st.rerun()


def rerun_page() -> None:
    """Run the whole page again if only a part of it is running."""
    if get_script_run_ctx().fragment_ids_this_run:
        rerun()


def set_all(values: dict[str, object]) -> None:
    """Give settings of this page these values and all others their defaults; from a callback."""
    drawn, before = st.session_state[DRAWN], st.session_state[KEPT]
    shared = SHARED if "data" in drawn else ()
    for own in list(before):  # those that are hidden too
        if not own.startswith(key("")) and own.partition(".")[0] not in shared:
            continue
        del before[own]
        st.session_state.pop(own, None)
    values = {name: default for name, (_value, default) in drawn.items()} | values
    before |= {key(name): value for name, value in values.items()}
    put(**values)
