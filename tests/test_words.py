"""What is on screen, in every language: the catalogues are whole, and no page goes around them."""

import ast
import json
import re
import unicodedata
from collections.abc import Iterator
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import pytest
from babel.messages import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po
from google.protobuf.json_format import MessageToDict
from streamlit.testing.v1 import AppTest

from pages.locale.extract import drawn as drawn_unmarked
from pages.ui import words
from pages.ui.frame import PAGES
from pages.ui.server.routes import HEADERS
from pages.ui.train.message import race_frame, race_words
from tests.app_pages import QUICK, button, newest_run, open_page, wait_for
from tests.conftest import ROOT, settle

MARKS = {"_": None, "N_": None, "ngettext": (1, 2), "say": None}
OTHER = [name for name in words.LANGUAGES if name != "en"]
NAMES = [name for pages in PAGES.values() for name, *_rest in pages]
FILES = sorted((ROOT / "pages").rglob("*.py"))
DRAWN_WITH = {  # what each page needs in its link to show all that it has
    "train": {**QUICK, "contenders": "4", "A.loss": "softmax"},
    "thresholds": {"source": "truth"},
}


@pytest.fixture(scope="module")
def marked(tmp_path_factory) -> dict[object, object]:
    """All messages of the code, found as the commands in CONTRIBUTING.md find them."""
    path = tmp_path_factory.mktemp("words") / "lab.pot"
    command = ["pybabel", "-q", "extract", "-F", str(ROOT / "pyproject.toml"), "-k", "say"]
    CommandLineInterface().run([*command, "-o", str(path), str(ROOT)])
    found = read_po(BytesIO(path.read_bytes()))
    return {message.id: message.locations[0][0] for message in found if message.id}


@pytest.fixture(scope="module", params=OTHER)
def catalogue(request) -> Catalog:
    path = words.LOCALES / request.param / "LC_MESSAGES" / "lab.po"
    return read_po(BytesIO(path.read_bytes()), locale=request.param)


def translations(catalogue: Catalog) -> Iterator[tuple[str, str]]:
    """Each message with its translation; for counts, the form of many with each of its forms."""
    for message in catalogue:
        if message.id:
            english = message.id[-1] if isinstance(message.id, tuple) else message.id
            yield from ((english, text) for text in forms(message))


def forms(message: Message) -> tuple[str, ...]:
    """The translations of a message: one, or for counts as many as the language has forms."""
    return message.string if isinstance(message.string, tuple) else (message.string,)


def test_every_message_is_translated(marked, catalogue):
    unsure = {message.id for message in catalogue if message.fuzzy}
    empty = {message.id for message in catalogue if not all(forms(message))}
    ready = {message.id for message in catalogue} - unsure - empty
    missing = [(file, message) for message, file in marked.items() if message not in ready]
    assert not missing, f"{len(missing)} of {len(marked)} are not translated"


def test_no_translation_is_left_over(marked, catalogue):
    assert not [message.id for message in catalogue if message.id and message.id not in marked]


FIELD = re.compile(r"\{[^{}]*\}")
WIDE = "，。、；：？！）”…"  # punctuation that brings its own space
MARKUP = re.compile(r":[a-z_]+/\w+:|:[a-z]+\[|\*\*|`[^`]*`|\$[^$]*\$|\]\([^)]*\)|<[^>]+>")


def test_translations_keep_fields_and_markup(catalogue):
    for message, text in translations(catalogue):
        if text:
            assert sorted(FIELD.findall(text)) == sorted(FIELD.findall(message)), message
            assert sorted(MARKUP.findall(text)) == sorted(MARKUP.findall(message)), message


def test_bold_in_translations_begins_and_ends(catalogue):
    """CommonMark takes ** beside punctuation for text where a letter stands on its other side."""
    for _message, text in translations(catalogue):
        before, *pieces = text.split("**")
        for bold, after in zip(pieces[::2], pieces[1::2], strict=True):
            assert bold[0] not in WIDE, text
            beside = ((before[-1:], bold[:1]), (after[:1], bold[-1:]))
            assert not any(outer.isalnum() and is_punctuation(inner) for outer, inner in beside), (
                text
            )
            before = after


def test_no_space_stands_beside_wide_punctuation(catalogue):
    spaced = re.compile(rf"[{WIDE}](?:\*\*)? | (?:\*\*)?[{WIDE}]")
    found = [text for _message, text in translations(catalogue) if spaced.search(text)]
    assert not found


def is_punctuation(character: str) -> bool:
    return unicodedata.category(character).startswith("P")


# The two ways by which words reach a screen: calls that show their arguments, and prose anywhere.
SHOWING_CALLS = {
    *("button", "caption", "download_button", "error", "expander", "file_uploader", "header"),
    *("info", "markdown", "metric", "multiselect", "number_input", "pills"),
    *("popover", "radio", "segmented_control", "selectbox", "select_slider", "slider", "spinner"),
    *("subheader", "success", "text", "text_area", "text_input", "title", "toggle", "warning"),
    *("write", "choose", "drag_slider", "plain_table", "start_page", "toast", "tabs", "Column"),
}
KEY_COMES_FIRST = {"choose", "drag_slider", "plain_table"}
SHOWN_ARGUMENTS = {"label", "help", "placeholder", "alt", "caption", "hint", "legend", "body"}
SHOWN_ARGUMENTS |= {"title", "question", "across"}
UNSEEN_FIELDS = {"kind", "look", "id", "key", "type", "icon", "format", "mime", "column", "along"}
KEY = re.compile(r"[a-z _-]+")
PROSE = re.compile(r"[A-Za-z]{2,}[,:;]? [a-zA-Z]{2,}")  # two words
WORD = re.compile(r"[A-Za-z]{2,}")
HAN = re.compile(r"[\u3400-\u9fff]")
DECORATION = re.compile(r":[a-z_]+/\w+:|:[a-z-]+\[|<[^>]*>|\$[^$]*\$|`[^`]*`|\{[^{}]*\}")
# Citations and code that is shown to be copied stay as they are.
LINK = re.compile(r"\[[^]]*\]\(http[^)]*\)")
CITATION = re.compile(r"^.*\b(19|20)\d\d, .*$", re.MULTILINE)
CODE = re.compile(r"\bimport \w|print\(|^\s*\w+(, \w+)* = |\w=\w|</?style>|window\.", re.MULTILINE)


def name_of(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def unseen(node: ast.AST) -> list[ast.AST]:
    """What within a piece of code is marked, or never seen by a reader."""
    match node:
        case ast.Call() if name_of(node) in MARKS:
            return [node]
        case ast.Call(args=[first, *_]) if is_lower_case(first):
            return [first]  # by custom a key
        case ast.Raise() | ast.Compare() | ast.Expr(value=ast.Constant()):
            return [node]  # exceptions are in English, as the library's; and docstrings
        case ast.Subscript():
            return [node.slice]
        case ast.FormattedValue(format_spec=ast.JoinedStr()):
            return [node.format_spec]
        case ast.keyword() if node.arg in UNSEEN_FIELDS:
            return [node]
        case ast.Dict():
            pairs = zip(node.keys, node.values, strict=True)
            fields = [value for key, value in pairs if getattr(key, "value", "") in UNSEEN_FIELDS]
            return [*filter(None, node.keys), *fields]
    return []


def is_lower_case(node: ast.AST) -> bool:
    """Whether all fixed text in a literal is of small letters."""
    texts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
    return bool(texts) and all(isinstance(text, str) and KEY.fullmatch(text) for text in texts)


def seen(code: ast.AST) -> list[ast.AST]:
    """The parts of a piece of code that a reader may see."""
    hidden = {
        id(part) for node in ast.walk(code) for start in unseen(node) for part in ast.walk(start)
    }
    return [node for node in ast.walk(code) if id(node) not in hidden]


def literals(code: ast.AST) -> list[str]:
    """The texts in a piece of code that a reader may see."""
    texts = [node.value for node in seen(code) if isinstance(node, ast.Constant)]
    texts = [text for text in texts if isinstance(text, str) and not CODE.search(text)]
    return [CITATION.sub("", LINK.sub("", text)) for text in texts]


def texts_of_constants(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    """The texts among a module's constants, marked or not: each must be translated where drawn."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                if isinstance(value, ast.Call) and name_of(value) in MARKS:
                    value = value.args[0]
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield name, [value.value]


def unmarked(source: str) -> set[str]:
    """Texts that look as if they were shown and do not pass through a catalogue."""
    tree = ast.parse(source)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    marks = [part for call in calls if name_of(call) in MARKS for part in ast.walk(call)]
    told = [part for node in ast.walk(tree) for part in drawn_unmarked(node)]
    constants, drawn = dict(texts_of_constants(tree)), set()
    found = {text for text in literals(tree) if PROSE.search(DECORATION.sub("", text))}
    found |= {ast.unparse(part) for part in marks if isinstance(part, ast.JoinedStr)}
    for call in calls:
        shown = [part.value for part in call.keywords if part.arg in SHOWN_ARGUMENTS]
        if name_of(call) in SHOWING_CALLS:
            shown += call.args[1:2] if name_of(call) in KEY_COMES_FIRST else call.args[:1]
        texts = {text for part in shown for text in literals(part)}
        names = {node.id for part in shown for node in seen(part) if isinstance(node, ast.Name)}
        found |= {text for text in texts if WORD.search(DECORATION.sub("", text))}
        drawn |= {text for name in names & set(constants) for text in constants[name]}
    marked = {part.value for part in (*marks, *told) if isinstance(part, ast.Constant)}
    return (found - marked) | drawn


def test_the_check_for_unmarked_words_finds_them():
    assert unmarked('st.button("Run", key="run", help=_("Start"))') == {"Run"}
    assert unmarked('CHOICES = {"a": "the first one"}') == {"the first one"}
    assert unmarked('st.caption(f":material/x: {n:.2f} rows")') == {" rows"}
    assert unmarked('st.caption(_(f"{n} rows"))') == {"f'{n} rows'"}
    assert unmarked('choose("data", "Data", DATA)') == {"Data"}
    assert unmarked('NOTE = N_("Lin 2017, x")\nst.markdown(NOTE)') == {"Lin 2017, x"}
    assert not unmarked('NOTE = N_("Lin 2017, x")\nst.markdown(_(NOTE))')
    assert not unmarked('Choice("data", {"a": N_("the first one")}, title="Data set of a race")')
    assert unmarked('NOTE = "least where p = 0.5\\nLin et al. 2017, A Title"')
    assert not unmarked('st.caption(f":material/x: {_(title)}")\nraise ValueError("two words")')


# Names in the session, of arguments and of looks of cells, by file: no text for readers.
EXCEPTIONS = {
    "kit/cell_table.py": {"left strong"},
    "kit/frameworks.py": {"my framework"},
    "language_switch.py": {"language switch"},
    "losses/settings.py": {"others", "positives"},
    "metrics/notes.py": {"zero_division"},
    "metrics/table.py": {"row end", "row strong"},
    "metrics/view.py": {"above", "below"},
    "metrics/ranking.py": {"missed"},
    "metrics/ranking_table.py": {"row end", "row strong"},
    "thresholds/sources.py": {"scores from a file"},
    "server/head.py": {'<div id="loading" role="status" lang="'},
    "server/routes.py": {HEADERS["Content-Security-Policy"]},
    "sweep/surface.py": {"best", "empty", "lost", "picked"},
    "kit/report.py": {'<figure><img src="'},
    "train/cards.py": {
        '<img class="pulls" alt="" src="data:image/svg+xml,',
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ',
    },
}


@pytest.mark.parametrize("file", FILES, ids=lambda file: "/".join(file.parts[-2:]))
def test_no_word_on_screen_goes_around_the_catalogues(file):
    found = unmarked(file.read_text(encoding="utf-8"))
    assert not found - EXCEPTIONS.get("/".join(file.parts).partition("/pages/ui/")[2], set())


WORDS_IN_A_PROGRAM = re.compile(
    r"""(?:textContent|innerText|innerHTML|title|label|placeholder)\s*(?:=|:|",)\s*["'`]"""
    r"""(?:\$\{[^}]*\}|[^"'`$])*?[A-Za-z]{2,}"""
)


def test_no_word_on_screen_stands_in_a_program_of_the_browser():
    found = 'holder.textContent = `${n} rows`; svg.setAttribute("aria-label", "A chart")'
    assert len(WORDS_IN_A_PROGRAM.findall(found)) == 2
    for file in (ROOT / "pages" / "ui").rglob("*.js"):
        if file.parent.name == "uplot":
            continue  # what others wrote says nothing by itself
        assert not WORDS_IN_A_PROGRAM.findall(file.read_text(encoding="utf-8")), file.name


NOT_WORDS = {"jsContent", "cssContent", "htmlContent", "id", "componentName", "kind", "look"}


def leaves(value: object) -> Iterator[str]:
    """The texts within an element, those in its data included; not its program."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name not in NOT_WORDS:
                yield from leaves(part)
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part)
    elif isinstance(value, str):
        try:
            inner = json.loads(value) if value[:1] in "{[" else None
        except ValueError:
            inner = None
        yield from [value] if inner is None else leaves(inner)


def elements(node) -> Iterator:
    yield node
    for child in getattr(node, "children", {}).values():
        yield from elements(child)


def drawn(app: AppTest) -> list[str]:
    """All texts that a page sends to the browser; code stays as it is."""
    return [
        text
        for element in elements(app._tree)
        if getattr(element, "proto", None) is not None and element.type not in {"code", "latex"}
        for text in leaves(MessageToDict(element.proto))
    ]


def in_english(shown: list[str], catalogue: Catalog) -> set[str]:
    """Messages among these texts although they have a translation, and prose that is no message."""
    whole, everything = set(shown), "\n".join(shown)
    rightly = "\n".join(text or message for message, text in translations(catalogue))
    found, pairs = set(), set()
    for message, text in translations(catalogue):
        if text in ("", message):
            continue
        if message in whole and message[0].isupper():  # a key of the code would be in lower case
            found.add(message)
        longest = max(FIELD.split(message), key=len).strip()
        if PROSE.search(longest) and longest in everything and longest not in rightly:
            found.add(message)
    for text in shown:
        if not CODE.search(text) and not HAN.search(text):
            pairs |= set(PROSE.findall(DECORATION.sub("", LINK.sub("", text))))
    return found | {pair for pair in pairs if pair not in rightly}


@pytest.mark.parametrize("name", NAMES)
def test_page_speaks_the_language_that_is_asked_for(name, catalogue):
    app = open_page(name, lang=str(catalogue.locale), **DRAWN_WITH.get(name, {}))
    assert not app.exception
    assert not in_english(drawn(app), catalogue)


def test_race_speaks_the_language_that_is_asked_for(catalogue):
    language = str(catalogue.locale)
    app = open_page("train", lang=language, **QUICK)
    with words.speaking(language):  # the test, which reads widgets; the page has its own thread
        button(app, "run_button").click().run()
        run = newest_run(app)
        wait_for(run, "finished")
        assert not in_english(drawn(app.run()), catalogue)
        told = [*leaves(race_words(run, 0.5)), *leaves(race_frame(run, 0))]
    assert len(told) > 10
    assert not in_english(told, catalogue)


def test_sentences_are_put_together_as_the_language_does():
    assert words.paragraph(["One.", "Two."]) == "One. Two."
    with words.speaking("zh"):
        assert words.paragraph(["一。", "二。"]) == "一。二。"


def said() -> None:
    import streamlit as st

    from pages.ui import words

    st.session_state["before"] = words._("Train")
    st.session_state["spoken"] = words.choose_language()


@pytest.mark.parametrize(
    ("asked", "spoken"), [("zh", "zh"), ("en", "en"), ("xx", "en"), (None, "en")]
)
def test_link_names_the_language(asked, spoken):
    app = AppTest.from_function(said)
    app.query_params.update({"lang": asked} if asked else {})
    app.run()
    assert app.session_state["spoken"] == spoken
    assert app.session_state["before"] == {"zh": "训练", "en": "Train"}[spoken]


def test_a_language_is_kept_in_the_session_and_in_the_link():
    app = open_page("train", lang="zh", epochs="7")
    assert app.query_params["lang"] in ("zh", ["zh"])
    with words.speaking("zh"):
        app.switch_page("../playground.py").run()
    assert app.title[0].value == "为什么我的网络什么都不预测？"
    assert words.language() == "en", "outside of a session"


def test_words_outside_of_a_session_are_in_the_language_that_was_set():
    with words.speaking("zh"):
        assert words._("Run") == "运行"
        assert words.ngettext("{n:,} row", "{n:,} rows", 1).format(n=1) == "1 个样本"
    with words.speaking("xx"):
        assert words._("Run") == "Run"
    assert words.ngettext("{n:,} row", "{n:,} rows", 1).format(n=1) == "1 row"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_browser_is_answered_in_its_language_and_remembers_another_choice(visit):
    race = "data=synthetic&synthetic.rows=1000&epochs=7&C.loss=softmax&contenders=3"
    page = visit(f"train?{race}", locale="zh-CN")
    assert page.title() == "训练 · 多标签损失实验室"
    page.wait_for_function("document.documentElement.lang === 'zh'")
    assert "lang=" not in page.url
    page.get_by_role("button", name="运行", exact=True).click()
    page.wait_for_function("location.search.includes('run=')")
    link = page.url
    switch = page.get_by_role("group", name="语言")
    assert switch.get_by_role("button", name="中文").get_attribute("aria-pressed") == "true"
    switch.get_by_role("button", name="English").press("Enter")
    page.wait_for_function("document.title === 'Train · Multi-Label Loss Lab'")
    settle(page)
    page.get_by_role("heading", name="Race losses").wait_for()
    now, before = (parse_qs(urlsplit(address).query) for address in (page.url, link))
    assert now == before | {"lang": ["en"]}, "settings and race are as they were"
    assert page.get_by_role("slider", name="Epochs").input_value() == "7"
    losses = page.get_by_role("combobox", name="Loss")
    assert "Softmax cross entropy" in losses.nth(2).input_value()
    page.get_by_text(re.compile(r"(Training|Finished) ·")).wait_for()
    page.get_by_text(re.compile(r"^B BCE with pos_weight")).first.wait_for()
    assert not page.get_by_text(re.compile(r"^B 带")).count()
    again = page.context.new_page()
    again.goto(link.split("?")[0])
    settle(again)
    assert again.title() == "Train · Multi-Label Loss Lab"
