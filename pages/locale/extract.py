"""Finds the words on screen in the code, for Babel. Named in pyproject.toml; no page needs it.

Babel's own way reads tokens, and so neither sees what stands within an f-string nor what of the
library's tables is drawn.
"""

import ast
from collections.abc import Iterator
from typing import BinaryIO

# Of the records that describe losses, data sets, rules and their parameters, settings, exercises,
# specimens and questions, these are drawn; a record may also come from another by
# `dataclasses.replace`.
RECORDS = ("Info", "Parameter", "replace", "Exercise", "Mistake", "Text")
RECORDS += ("Choice", "Number", "Range", "Several", "Switch")  # kinds of settings
RECORDS += ("Question",)
SHOWN = {"title", "help", "description", "when_not", "source", "choices"}
SHOWN |= {"question", "feedback", "hints", "options", "belief", "why"}
SHOWN |= {"wrong", "too_low", "too_high"}
SHOWN |= {"asked", "answer", "shown", "look"}
DRAWING = {"start_page"}  # functions that draw what they are given in the reader's language
# Tables of the library of which every text is drawn: notes on frameworks, names of figures.
TEXTS = {"GENERAL", "SPECIAL", "AVERAGED", "AVERAGES", "RATIOS", "PAIR_MEASURES", "ABSENT"}

Found = tuple[int, str | None, object, list[str]]  # line, function, message, comments


def extract_words(
    file: BinaryIO, keywords: dict, comment_tags: list[str], options: dict
) -> Iterator[Found]:
    """The texts that pass through one of the keywords, and those of the library's tables.

    Args:
        file: A Python module.
        keywords: The functions whose arguments are messages.
        comment_tags: Not looked at.
        options: Not looked at.
    """
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call) and _name(node.func) in keywords and node.args:
            yield node.lineno, _name(node.func), tuple(map(_text, node.args)), []
        for text in filter(None, map(_text, drawn(node))):
            yield node.lineno, None, text, []


def drawn(node: ast.AST) -> list[ast.expr]:
    """What of a record, of a table of texts or of a call is drawn, without a mark."""
    return [part for value in _values(node) for part in _parts(value)]


def _values(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.Call(func=function) if _name(function) in DRAWING:
            return node.args
        case ast.Call(func=function) if _name(function).endswith(RECORDS):
            return [keyword.value for keyword in node.keywords if keyword.arg in SHOWN]
        case ast.Assign(
            targets=[ast.Name(id=name)], value=ast.Dict(values=texts) | ast.Tuple(elts=texts)
        ):
            return texts if name in TEXTS else []
    return []


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _text(value: ast.expr) -> str | None:
    """A literal text, or None."""
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def _parts(value: ast.expr) -> list[ast.expr]:
    match value:
        case ast.Tuple(elts=parts) | ast.Dict(values=parts):
            return parts
    return [value]
