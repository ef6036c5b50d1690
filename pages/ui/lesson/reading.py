"""Lessons: YAML files of steps, each a link with what to say about it; checked as they are read."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import yaml

from pages.ui.frame import PAGES
from pages.ui.words import LANGUAGES

FOLDER = Path(__file__).parents[3] / "data" / "lessons"
OWN_FOLDER = "LAB_LESSONS"  # environment variable: a folder with more of them
MOST_STEPS = 60
HOME = "playground"
Text = Mapping[str, str]  # by language


class LessonError(ValueError):
    """A lesson's file that cannot be read: says which, in which line, and what must hold."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a lesson.

    Attributes:
        page: Its file's name.
        query: What its link sets there.
        minutes: That it takes.
        sentence: What is to be seen, for all to read.
        question: For the class, asked before anything is touched.
        talk: The talking point, for the teacher's sheet.
    """

    page: str
    query: Mapping[str, str]
    minutes: float
    sentence: Text
    question: Text
    talk: Text


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """Steps to be taken one after the other.

    Attributes:
        key: Its file's name without ending, which stands in links.
        title: Its name on screen.
        steps: At least one.
    """

    key: str
    title: Text
    steps: tuple[Step, ...]

    @property
    def minutes(self) -> float:
        """How long all of it takes."""
        return sum(step.minutes for step in self.steps)


def in_language(text: Text, language: str) -> str:
    """A text in a language, else in English, else in whatever there is."""
    return text.get(language) or text.get("en") or next(iter(text.values()))


def read_lessons() -> tuple[dict[str, Lesson], list[str]]:
    """All lessons by key, those of the own folder last, and what is wrong with any others."""
    own = os.environ.get(OWN_FOLDER)
    found, problems = {}, []
    for folder in filter(None, (FOLDER, own and Path(own))):
        try:
            paths = files_in(folder)
        except LessonError as error:
            problems.append(f"{error}")
            continue
        for path in paths:
            try:
                found[path.stem] = _read(path, path.stat().st_mtime_ns)
            except LessonError as error:
                problems.append(f"{error}")
    return found, problems


def files_in(folder: Path) -> list[Path]:
    """The lessons of a folder; LessonError if there is no such folder."""
    if not folder.is_dir():
        raise LessonError(f"{OWN_FOLDER} must be a folder, got {str(folder)!r}")
    return sorted(folder.glob("*.yaml"))


@lru_cache(maxsize=100)
def _read(path: Path, changed: int) -> Lesson:
    """The lesson of a file as it was when it was changed last (nanoseconds)."""
    return read_lesson(path)


def read_lesson(path: Path) -> Lesson:
    """One lesson of a file.

    Raises:
        LessonError: If the file is no lesson.
    """
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise LessonError(f"{path.name}: {error}") from None
    except yaml.MarkedYAMLError as error:
        raise _wrong(path, error.problem_mark, f"{error.problem}") from None
    except yaml.YAMLError as error:
        raise LessonError(f"{path.name}: {error}") from None
    try:
        fields = _fields("a lesson", root, ("title", "steps"))
        steps = fields["steps"]
        if not isinstance(steps, yaml.SequenceNode) or not 1 <= len(steps.value) <= MOST_STEPS:
            raise _Wrong(steps, f"steps must be a list of 1 to {MOST_STEPS} steps")
        return Lesson(
            key=path.stem,
            title=_text("title", fields["title"]),
            steps=tuple(map(_step, steps.value)),
        )
    except _Wrong as wrong:
        raise _wrong(path, wrong.node and wrong.node.start_mark, wrong.told) from None


class _Wrong(Exception):
    """What is wrong with a part of a file."""

    def __init__(self, node: yaml.Node | None, told: str) -> None:
        super().__init__(told)
        self.node, self.told = node, told


def _wrong(path: Path, mark: yaml.Mark | None, told: str) -> LessonError:
    line = mark.line + 1 if mark else 1
    return LessonError(f"{path.name}, line {line}: {told}")


def _step(node: yaml.Node) -> Step:
    texts = ("sentence", "question", "talk")
    fields = _fields("a step", node, ("link", "minutes", *texts))
    page, query = _link(fields["link"])
    said = {name: _text(name, fields[name]) for name in texts}
    return Step(page=page, query=query, minutes=_minutes(fields["minutes"]), **said)


def _fields(what: str, node: yaml.Node | None, names: Iterable[str]) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        raise _Wrong(node, f"{what} must have {', '.join(names)}")
    fields = {key.value: value for key, value in node.value}
    for key, _value in node.value:
        if key.value not in names:
            raise _Wrong(key, f"{what} has {', '.join(names)}, but no {key.value!r}")
    for name in names:
        if name not in fields:
            raise _Wrong(node, f"{what} must have {name}")
    return fields


def _link(node: yaml.Node) -> tuple[str, dict[str, str]]:
    known = [name for group in PAGES.values() for name, _title, _icon in group]
    parts = urlsplit(_scalar("link", node))
    page = parts.path.strip("/") or HOME
    if page not in known or parts.netloc:
        raise _Wrong(node, f"link must begin with one of {', '.join(known)}; got {node.value!r}")
    return page, dict(parse_qsl(parts.query, keep_blank_values=True))


def _minutes(node: yaml.Node) -> float:
    try:
        minutes = float(_scalar("minutes", node))
    except ValueError:
        minutes = 0.0
    if not 0 < minutes <= 600:
        raise _Wrong(node, f"minutes must be a number above 0, got {node.value!r}")
    return minutes


def _text(name: str, node: yaml.Node) -> Text:
    """One text for all languages, or one for each of some."""
    if not isinstance(node, yaml.MappingNode):
        return {"en": _scalar(name, node)}
    texts = {}
    for key, value in node.value:
        if key.value not in LANGUAGES:
            known = ", ".join(LANGUAGES)
            raise _Wrong(key, f"{name} must be in languages of {known}; got {key.value!r}")
        texts[key.value] = _scalar(name, value)
    if not texts:
        raise _Wrong(node, f"{name} must be a text")
    return texts


def _scalar(name: str, node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        raise _Wrong(node, f"{name} must be a text")
    return node.value.strip()
