"""What a visitor may set: kinds of settings, how a link says them and what draws them."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import streamlit as st

from mlcore.checks import Parameter, check_choice, check_number
from pages.ui.kit.slider import FIRST_WEIGHT, drag_slider
from pages.ui.words import N_, _, read_words

NUMBER = N_("a number")  # of a parameter that may be a word or a number
FIRST = object()  # as a default: the first of the options


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One thing that a visitor may set; it has no widget of its own, but what draws it, sets it.

    Attributes:
        name: Its name in the link.
        default: Its value where nobody chose one.
        title: What it is called; or a function that says so in the reader's words.
        help: One sentence on its effect.
        check: Takes what the link says, returns the value; raises ValueError or TypeError.
        shared: Whether all pages that declare it have it together.
    """

    name: str = field(kw_only=False)
    default: object = None
    title: str | Callable[[], str] = ""
    help: str = ""
    check: Callable = lambda value: value
    shared: bool = False

    @property
    def short(self) -> str:
        """What errors call it."""
        return self.name.removesuffix(".number").rpartition(".")[2]

    @property
    def words(self) -> dict[str, str | None]:
        """Its label and help in the reader's language, as widgets take them."""
        title = self.title() if callable(self.title) else _(self.title)
        return {"label": title, "help": _(self.help) or None}

    @property
    def start(self) -> object:
        """The value where nobody chose one."""
        return self.default

    def read(self, text: str) -> object:
        """The value that a link asks for."""
        return self.check(text)

    def write(self, value: object) -> str:
        """A value as it stands in the link."""
        return str(value)

    def listen(self, key: str) -> None:
        """Understand what the browser calls its value."""

    def fit(self, value: object) -> object:
        """The value, or one that there is now in its place."""
        return value

    def draw(self, key: str) -> object:
        """Draw its widget; returns the value."""
        return st.session_state[key]


@dataclass(frozen=True, kw_only=True)
class Switch(Setting):
    """On or off."""

    default: bool = False

    def read(self, text: str) -> bool:
        check_choice(self.short, text, ("True", "False"))
        return text == "True"

    def draw(self, key: str, **options) -> bool:
        return helped(st.toggle, key=key, **self.words, **options)


@dataclass(frozen=True, kw_only=True)
class Choice(Setting):
    """One of some options; no default means that nothing is chosen at first.

    Attributes:
        options: What there is; a mapping gives each its title, marked by `N_`.
        titles: The words for an option, where it is no mapping.
        widget: How it is drawn.
        listed: Whether an error names the options; not where they come from a data set.
    """

    options: Mapping[object, str] | Iterable = field(default=(), kw_only=False)
    default: object = FIRST
    titles: Callable[[object], str] = str
    widget: Callable = st.selectbox
    listed: bool = True

    @property
    def start(self) -> object:
        return next(iter(self.options), None) if self.default is FIRST else self.default

    def title_of(self, option: object) -> str:
        """The words for an option, in the reader's language."""
        named = isinstance(self.options, Mapping)
        return _(self.options[option]) if named else self.titles(option)

    def read(self, text: str) -> object:
        by_text = {str(option): option for option in self.options}
        if text not in by_text and not self.listed:
            told = _("{name} must be one of the {n} there are")
            raise ValueError(told.format(name=self.short, n=len(by_text)))
        check_choice(self.short, text, by_text)
        return self.check(by_text[text])

    def listen(self, key: str) -> None:
        read_words(key, self.options, self.title_of)

    def fit(self, value: object) -> object:
        # A browser that has not drawn it yet may say that nothing is chosen.
        return value if value in list(self.options) else self.start

    def draw(self, key: str, **more) -> object:
        if self.widget in (st.segmented_control, st.pills):
            more["required"] = self.start is not None
        options = {"options": list(self.options), "format_func": self.title_of}
        return self.widget(key=key, **options, **self.words, **more)


@dataclass(frozen=True, kw_only=True)
class Several(Choice):
    """Some of the options, in the order of choosing; in the link there are points between them.

    Attributes:
        most: How many can be chosen.
    """

    default: tuple = ()
    most: int | None = None
    widget: Callable = st.multiselect

    @property
    def start(self) -> list:
        return list(self.default)

    def read(self, text: str) -> list:
        values = [super(Several, self).read(each) for each in dict.fromkeys(text.split("."))]
        if self.most and len(values) > self.most:
            raise ValueError(f"{self.short} must be at most {self.most}, got {len(values)}")
        return values

    def write(self, value: list) -> str:
        return ".".join(map(str, value))

    def fit(self, value: list) -> list:
        return [each for each in value if each in self.options]

    def draw(self, key: str, **more) -> list:
        return super().draw(key, max_selections=self.most, **more)


@dataclass(frozen=True, kw_only=True)
class Number(Setting):
    """A number from low to high.

    Attributes:
        ends: Low and high.
        step: What one notch adds.
        integer: Whether it must be whole.
        log: Whether equal ways are equal factors.
        digits: To how many behind the point a link is rounded.
        widget: How it is drawn, where that is no slider of Streamlit's.
    """

    ends: tuple[float, float] = field(kw_only=False)
    default: float = 0.0
    step: float = 0.01
    integer: bool = False
    log: bool = False
    digits: int | None = None
    widget: Callable | None = None

    @property
    def has_marks(self) -> bool:
        """Whether only round numbers can be chosen; a link may ask for others."""
        return self.log and self.widget is None

    def read(self, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise ValueError(f"{self.short} must be a number, got {text!r}") from None
        low, high = self.ends
        check_number(self.short, value, low=low, high=high, integer=self.integer)
        if self.integer:
            return int(value)
        return value if self.digits is None else round(value, self.digits)

    def fit(self, value: float) -> float:
        low, high = self.ends
        value = min(max(value, low), high)
        return int(value) if self.integer else float(value)

    def _asked(self, key: str) -> set[float]:
        """Marks for values that links have asked for; they stay, or the slider were another one."""
        low, high = self.ends
        asked = st.session_state.setdefault(f"{key}.asked", set())
        now = st.session_state[key]
        asked.update(now if isinstance(now, tuple) else (now,))
        return {value for value in asked if low <= value <= high}

    def draw(self, key: str, **more) -> float:
        more |= {"key": key, **self.words}
        if self.has_marks:
            marks = sorted({*log_grid(*self.ends), *self._asked(key)})
            return self.fit(st.select_slider(options=marks, format_func="{:g}".format, **more))
        kind = int if self.integer else float
        low, high = map(kind, self.ends)
        step = max(1, int(self.step)) if self.integer else self.step
        if self.widget is drag_slider:
            more |= {"name": self.name, "log": self.log}
        draw = self.widget or st.slider
        return self.fit(draw(min_value=low, max_value=high, step=step, **more))


def settings_of(
    prefix: str,
    parameters: Iterable[Parameter],
    defaults: Mapping[str, object] | None = None,
    *,
    drag: bool = False,
    shared: bool = False,
) -> list[Setting]:
    """What sets parameters of the library; `Settings.draw_parameters` draws them.

    Args:
        prefix: Before their names in the link.
        parameters: Of a loss, a data set or a rule.
        defaults: By name, where they are not the parameter's.
        drag: Whether numbers are dragged, so that charts follow.
        shared: Whether pages have them together.
    """
    found = []
    for parameter in parameters:
        default = (defaults or {}).get(parameter.name, parameter.default)
        found += _settings_of(f"{prefix}{parameter.name}", parameter, default, drag, shared)
    return found


def _settings_of(name: str, of: Parameter, default: object, drag: bool, shared: bool):
    """A switch, a choice, a number, or a choice and a number."""

    def title() -> str:
        return capitalised(_(of.title))

    words = {"title": title, "help": of.help, "shared": shared}
    if isinstance(default, bool):
        yield Switch(name, default=default, **words)
        return
    if of.choices:
        is_word = isinstance(default, str)
        options = (*of.choices, *([NUMBER] if of.low is not None else []))
        yield Choice(name, options, default=default if is_word else NUMBER, titles=_, **words)
        if of.low is None:
            return
        name = f"{name}.number"
        words["title"] = lambda: _("{title}: number").format(title=title())
        if is_word:  # where the slider stands when it is first drawn
            default = FIRST_WEIGHT if of.log else (of.low + of.high) / 2
    widget = drag_slider if drag else None
    kind = {"step": of.step, "integer": of.integer, "log": of.log, "widget": widget}
    yield Number(name, (of.low, of.high), default=default, **kind, **words)


def helped(switch: Callable, *, label: str, help: str | None, **more) -> bool:
    """A toggle or a checkbox with its "?" beside it: Streamlit's own is a part of its label.

    So whoever asked for help there, by a click, a tap or a key, flipped the switch.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        value = switch(label, **more)
        if help:
            st.markdown("", help=help, width="content")
    return value


def following(*, key: str, options: list, **more) -> object:
    """A select box, as the widget of a `Choice`, whose value is also set elsewhere, as by a chart.

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


def log_grid(low: float, high: float) -> list[float]:
    """Round numbers from low to high, about evenly spread on a logarithmic scale.

    >>> log_grid(1, 20)
    [1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0]
    """
    digits = (1, 1.5, 2, 3, 5, 7)
    # Made from text, so that 0.003 is that number and not the product of two.
    grid = [float(f"{digit}e{power}") for power in range(-9, 7) for digit in digits]
    return [number for number in grid if low <= number <= high]


def capitalised(title: str) -> str:
    """A title with a capital first letter, but for a symbol: a capital α would read as A.

    >>> capitalised("margin m"), capitalised("α (positives)")
    ('Margin m', 'α (positives)')
    """
    return title[:1].upper() + title[1:] if title[:1].isascii() else title


def as_text(words: str) -> str:
    """Words from outside, such that Markdown shows them as they are."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!:$<>|~&])", r"\\\1", words)
