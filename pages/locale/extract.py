"""Finds the words on screen in the code, for Babel. Named in pyproject.toml; no page needs it.

Babel's own way reads tokens, and so neither sees what stands within an f-string nor what of the
library's tables is drawn.
"""

import ast
from collections.abc import Iterator
from typing import BinaryIO

# Of the records that describe losses, data sets, rules and their parameters, these are drawn; a
# record may also come from another by `dataclasses.replace`.
RECORDS = ("Info", "Parameter", "replace")
SHOWN = {"title", "help", "description", "when_not", "source", "choices"}
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
        for value in _drawn(node):
            for text in filter(None, map(_text, _parts(value))):
                yield node.lineno, None, text, []


def _drawn(node: ast.AST) -> list[ast.expr]:
    """What of a record or of a table of texts is drawn."""
    match node:
        case ast.Call(func=function) if _name(function).endswith(RECORDS):
            return [keyword.value for keyword in node.keywords if keyword.arg in SHOWN]
        case ast.Assign(
            targets=[ast.Name(id=name)], value=ast.Dict(values=texts) | ast.Tuple(elts=texts)
        ):
            return texts if name in TEXTS else []
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.Call(args=[ast.Dict(values=texts)])):
            return texts if name in TEXTS else []
    return []


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _text(value: ast.expr) -> str | None:
    """A literal text, or None."""
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def _parts(value: ast.expr) -> list[ast.expr]:
    return value.elts if isinstance(value, ast.Tuple) else [value]
