"""Imports point one way, and a room of one page knows nothing of another page's."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from pages.ui.frame import PAGES
from tests.conftest import ROOT

FRAME = {"carried", "frame", "language_switch", "lesson", "main", "present", "settings", "words"}
SHARED = {"kit", "server"}
ROOMS = {path.name for path in (ROOT / "pages" / "ui").iterdir() if path.is_dir()} - SHARED - FRAME
ROOMS.discard("__pycache__")
FILES = [
    path
    for folder in ("mlcore", "pages")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path.parent.name != "locale"
]


def name_of(path: Path) -> str:
    """A module as an import names it."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in FILES}


def place_of(path: Path) -> str:
    """What a module belongs to: "mlcore", "page", "frame", "kit", "server" or a room."""
    return place(name_of(path))


def place(module: str) -> str:
    parts = module.split(".")
    if parts[:2] != ["pages", "ui"]:
        return "mlcore" if parts[0] == "mlcore" else "page"
    if len(parts) < 3 or parts[2] in FRAME:
        return "frame"
    return parts[2]


def imported(path: Path) -> set[str]:
    """The modules of ours that a file names in an import, wherever it stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{name.name}" for name in node.names}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return {name for name in found if name.split(".")[0] in ("mlcore", "pages", "streamlit")}


def may_import(place: str) -> set[str]:
    """The places that one may import from."""
    below = {"mlcore": set(), "server": {"mlcore", "frame"}, "frame": {"mlcore", "frame", "kit"}}
    below["kit"] = below["server"] | {"server"}
    below["page"] = below["kit"] | {"kit"} | ROOMS
    return below.get(place, below["kit"] | {"kit"}) | {place}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path):
    for module in imported(path):
        if module.split(".")[0] == "streamlit":
            assert place_of(path) != "mlcore", f"{path} imports the screen"
        else:
            assert place(module) in may_import(place_of(path)), f"{path} imports {module}"


def test_a_room_bears_the_name_of_its_page():
    names = {name for pages in PAGES.values() for name, *_rest in pages}
    assert names >= ROOMS


def modules_behind(name: str) -> set[str]:
    """The module that is imported, or that a name is taken from, through a package that is lazy."""
    package, _, attribute = name.rpartition(".")
    if name in MODULES or package not in MODULES:
        return {name} & set(MODULES)
    lazy = MODULES[package].with_suffix(".pyi")
    lines = lazy.read_text(encoding="utf-8").splitlines() if lazy.exists() else []
    found = [line.split()[1] for line in lines if line.endswith(f" as {attribute}")]
    return {package, *(package + module for module in found)}


@pytest.mark.parametrize(
    "stub", sorted((ROOT / "mlcore").rglob("__init__.pyi")), ids=lambda stub: stub.parent.name
)
def test_no_public_name_is_that_of_a_module_beside_it(stub):
    """Once that module is imported, its package may have it where the public thing should be."""
    names = {
        name.asname
        for line in ast.parse(stub.read_text(encoding="utf-8")).body
        for name in line.names
    }
    assert names
    assert not names & {path.stem for path in stub.parent.iterdir()}


def test_no_module_imports_itself_by_way_of_others():
    """Also not within functions, or for types alone."""
    needed = {
        module: set().union(*map(modules_behind, imported(path))) - {module}
        for module, path in MODULES.items()
    }
    try:
        TopologicalSorter(needed).prepare()
    except CycleError as error:
        pytest.fail(" needs ".join(reversed(error.args[1])))
