"""Settings, declared once a page; reading, checking, the link and the session follow from that.

Names and values stand in the link as they are in the code, so a link means the same in every
language. A setting at its default is left out. In the session a setting bears the name of its page
too, `losses.z`, so no page sees another's, but for those that are declared shared. What is carried,
such as the language, the step of a lesson and solved exercises, stands in the link of every page;
see carried.py.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, fields, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

from mlcore.checks import Parameter
from pages.ui.carried import carried_link, read_carried
from pages.ui.kit.controls import NUMBER, Number, Setting, as_text
from pages.ui.words import LANGUAGE, _

PRESETS = "presets"  # what `HIDE` calls them
HIDE = "hide"  # in the link: controls of the page that are not drawn; see `Settings.begin`
LONGEST = 60  # characters of a link's text that a message repeats


@dataclass
class _State:
    """What a session knows beside the values."""

    page: "Settings | None" = None  # on show
    place: str = ""  # Streamlit's name for it
    pending: dict[str, str] = field(default_factory=dict)  # what its link asks for, not yet drawn
    written: dict[str, str] | None = None  # the link that was written last
    extra: dict[str, str | None] = field(default_factory=dict)  # what `end` was given last
    problems: list[str] = field(default_factory=list)
    came: bool = False  # whether this run is the first of a page
    back: bool = False  # whether somebody goes through the browser's history in this run
    sent: list[dict] = field(default_factory=list)  # the link that the browser named, and newer
    again: bool = False  # whether this run was asked for here, not by the browser
    switch: str = ""  # the language to go on in
    drawn: dict[str, tuple[object, Setting]] = field(default_factory=dict)  # in this run
    kept: dict[str, object] = field(default_factory=dict)  # by key: of all that were ever drawn
    hidden: tuple[str, ...] = ()  # beginnings of the names of settings of this page
    whole: bool = False  # whether the link of the next run says all of its page


def _state() -> _State:
    return st.session_state.setdefault("settings", _State())


class Settings:
    """All settings of a page.

    Args:
        page: Its file's name.
        *settings: In the order of the page; lists of them are taken apart.
    """

    def __init__(self, page: str, *settings: Setting | Iterable[Setting]) -> None:
        groups = ([each] if isinstance(each, Setting) else each for each in settings)
        self.page = page
        self.by_name = {setting.name: setting for group in groups for setting in group}

    def key(self, name: str) -> str:
        """What a setting is called in the session."""
        return name if self.by_name[name].shared else f"{self.page}.{name}"

    def __getitem__(self, name: str) -> object:
        """The value now, drawn or not."""
        key, setting = self.key(name), self.by_name[name]
        return st.session_state.get(key, _state().kept.get(key, setting.start))

    def __setitem__(self, name: str, value: object) -> None:
        """Set it; from a callback, or before its widget is drawn."""
        st.session_state[self.key(name)] = value

    def put(self, **values: object) -> None:
        """Set several; a callback for a button."""
        for name, value in values.items():
            self[name] = value

    def before(self, name: str) -> object:
        """The value that it was drawn with last."""
        return _state().kept.get(self.key(name), self.by_name[name].start)

    def is_set(self, name: str) -> bool:
        """Whether it is not at its default, or the link asks for it."""
        return name in _state().pending or self[name] != self.by_name[name].start

    def begin(self) -> None:
        """Read the link if it is not the one that was written last; call before any widget.

        What it names as "hide", with commas between, is not drawn and keeps the value that the link
        gives it: "rate,A." are the setting rate and all whose names begin with "A.".
        """
        state, asked = _state(), st.query_params.to_dict()
        state.back, place = False, get_script_run_ctx().page_script_hash
        state.came = place != state.place
        if asked != state.written or state.came:
            state.pending = asked
            state.hidden = ()
            # An entry of the history says all of a page: what it leaves out is at its default.
            state.back = get_script_run_ctx().is_history_navigation or state.whole
        state.page, state.place, state.whole = self, place, False
        state.drawn, state.problems = {}, []
        if HIDE in state.pending:
            self._hide(state.pending.pop(HIDE))

    def _hide(self, text: str) -> None:
        state, known = _state(), [*self.by_name, PRESETS]
        for each in dict.fromkeys(filter(None, text.split(","))):
            if each in known or (each.endswith(".") and any(n.startswith(each) for n in known)):
                state.hidden += (each,)
            else:
                short = shortened(each).replace("`", "'")
                state.problems.append(
                    f"`{HIDE}={short}`: " + as_text("hide must name settings of this page")
                )

    def is_hidden(self, name: str) -> bool:
        """Whether the link hides a setting, or all `PRESETS`."""
        return any(
            name == each or (each.endswith(".") and name.startswith(each))
            for each in _state().hidden
        )

    def take(self, name: str, setting: Setting | None = None) -> None:
        """Set it as the link asks, if it asks; where it must be known before it is drawn."""
        setting, state = setting or self.by_name[name], _state()
        text = state.pending.pop(name, None)
        if text is not None:
            try:
                self[name] = setting.read(text)
            except (ValueError, TypeError) as error:
                short = shortened(text).replace("`", "'")  # which would end the code
                told = shortened(f"{error}".replace(text, short), 3 * LONGEST)
                state.problems.append(f"`{name}={short}`: {as_text(told)}")
        elif state.back and name not in st.query_params:
            self[name] = setting.start

    def draw(
        self, name: str, at: DeltaGenerator | None = None, *, shown: bool = True, **now
    ) -> object:
        """Draw a setting, with the value that the link asks for if it asks for one.

        Args:
            name: Of the setting.
            at: The column or other container that it stands in.
            shown: Whether there is a widget; without one it keeps its value and place in the link.
            **now: What differs from the declaration in this run, and what else its widget takes.
        """
        declared, key, state = self.by_name[name], self.key(name), _state()
        differing = {each.name for each in fields(declared)} & set(now)
        setting = replace(declared, **{each: now.pop(each) for each in differing})
        # A number that a link asks for may lie beyond the ends of this run: then it is fitted.
        wide = {"ends": declared.ends} if isinstance(declared, Number) else {}
        self.take(name, replace(setting, **wide))
        setting.listen(key)
        # Not in the session is what was not drawn in the run before: on another page, or hidden.
        value = st.session_state.get(key, state.kept.get(key, setting.start))
        fitting = setting.fit(value)
        if not shown or self.is_hidden(name):
            state.kept[key], state.drawn[name] = fitting, (fitting, setting)
            return fitting
        # A shared one is there, but of a widget of the page before, which is another to Streamlit.
        if state.came or key not in st.session_state or fitting != value:
            st.session_state[key] = fitting
        with at or nullcontext():
            value = state.kept[key] = setting.draw(key, **now)
        state.drawn[name] = value, setting
        return value

    def draw_parameters(self, prefix: str, parameters: Iterable[Parameter]) -> dict[str, object]:
        """Draw what `settings_of` gave; returns values by name."""
        return {each.name: self.draw_parameter(f"{prefix}{each.name}") for each in parameters}

    def draw_parameter(self, name: str) -> object:
        """Draw what sets one parameter; returns its value."""
        value = self.draw(name)
        return self.draw(f"{name}.number") if value == NUMBER else value

    def reset(self, values: Mapping[str, object]) -> None:
        """Give settings these values and all others their defaults; call from a callback."""
        state = _state()
        drawn = {name: setting.start for name, (_value, setting) in state.drawn.items()}
        for name in self.by_name:
            state.kept.pop(self.key(name), None)
            st.session_state.pop(self.key(name), None)
        for name, value in (drawn | dict(values)).items():
            self[name] = state.kept[self.key(name)] = value

    def draw_presets(
        self, presets: Mapping[str, Mapping], chosen: str | None, *, key: str, help: str
    ) -> None:
        """Titles of presets, marked by `N_`; a click on one sets up all, and one is as set up."""
        if self.is_hidden(PRESETS):
            return
        st.session_state[key] = chosen

        def apply() -> None:
            if chosen := st.session_state.get(key):
                self.reset(presets[chosen])

        options = {"options": list(presets), "format_func": _, "help": help, "wrap": True}
        st.pills(_("Presets"), key=key, on_change=apply, **options)

    def end(self, **extra: str | None) -> None:
        """Write all that are drawn and not at their default into the link; say what was wrong."""
        state = _state()
        state.extra = extra
        state.came = state.back = False
        link = {
            name: setting.write(value)
            for name, (value, setting) in state.drawn.items()
            if value != setting.start
        }
        hide = {HIDE: ",".join(state.hidden)} if state.hidden else {}
        _write(link | hide | carried_link() | {name: text for name, text in extra.items() if text})
        if state.problems:
            st.warning(
                _(
                    "The link asks for settings that do not exist. These have their defaults "
                    "instead:"
                )
                + "\n\n"
                + "\n".join(f"- {problem}" for problem in state.problems),
                icon=":material/link_off:",
            )


def shortened(text: str, most: int = LONGEST) -> str:
    """A text from outside in one line, of a length that a message can repeat."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def hear() -> None:
    """Go by the newest link where the browser names one from before; call before all else.

    It names the link that it has, so where it asks again before it has heard of the newest, what
    was just chosen would be undone. Who goes back in its history does mean the link from before.
    """
    state, asked = _state(), st.query_params.to_dict()
    again, state.again = state.again, False
    is_other = get_script_run_ctx().page_script_hash != state.place
    *before, newest = [asked] if is_other or not state.sent else state.sent
    is_back = get_script_run_ctx().is_history_navigation
    if asked in before and not is_back:
        st.query_params.from_dict(newest)
    elif asked != newest or not again:
        state.sent = [asked]
    if (asked != state.written or is_other) and (asked not in before or is_back):
        read_carried(asked, whole=is_back)
    if name := state.switch:
        state.switch, st.session_state[LANGUAGE] = "", name
        _write(st.query_params.to_dict() | {LANGUAGE: name})


def _write(link: dict[str, str]) -> None:
    state = _state()
    if st.query_params.to_dict() != link:
        st.query_params.from_dict(link)
    state.written = link
    if link not in state.sent[-1:]:
        state.sent.append(link)


def leave_for_whole() -> None:
    """Have the next link say all of its page: what it leaves out is at its default."""
    _state().whole = True


def asked(name: str) -> str | None:
    """What a new link says of something that is no setting, once; None where it says nothing.

    An entry of the history says all of a page, so what it leaves out is "".
    """
    state = _state()
    if state.back and name not in st.query_params:
        return ""
    return state.pending.pop(name, None)


def part(draw: Callable, *arguments: object) -> None:
    """Draw a part of the page that runs alone when its own widgets change, link included.

    Args:
        draw: Draws it.
        *arguments: What it takes.
    """

    def run() -> None:
        draw(*arguments)
        if get_script_run_ctx().fragment_ids_this_run:
            state = _state()
            state.problems = []  # the whole page has told them
            state.page.end(**state.extra)

    st.fragment(run)()


def rerun() -> None:
    """Run the whole page again, from its beginning."""
    _state().again = True
    st.rerun()


def rerun_page() -> None:
    """Run the whole page again if only a part of it is running."""
    if get_script_run_ctx().fragment_ids_this_run:
        rerun()


def switch_language(name: str) -> None:
    """Go on in another language with everything as it is; call from a callback."""
    _state().switch = name
    # What was drawn last may be a part, because this click can end a run halfway; so all there is.
    st.session_state.update(_state().kept)
