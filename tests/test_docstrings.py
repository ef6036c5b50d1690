"""What is public is documented: every parameter by its name, and none hidden in **keywords."""

import inspect
import pkgutil
import re
from importlib import import_module

import pytest

import mlcore
from mlcore import datasets, sweeps, thresholds, training

PACKAGES = [
    module.name for module in pkgutil.walk_packages(mlcore.__path__, "mlcore.") if module.ispkg
]


def public_callables():
    """Functions and classes that packages name in `__all__`, and the classes' public methods."""
    for package in map(import_module, PACKAGES):
        for name in getattr(package, "__all__", []):
            thing = getattr(package, name)
            if not callable(thing) or not getattr(thing, "__module__", "").startswith("mlcore"):
                continue
            yield f"{package.__name__}.{name}", thing
            for own, method in vars(thing).items() if inspect.isclass(thing) else ():
                if inspect.isfunction(method) and not own.startswith("_"):
                    yield f"{package.__name__}.{name}.{own}", method


PUBLIC = dict(public_callables())


def documented(docstring: str) -> set[str]:
    """The names that "Args:" and "Attributes:" describe."""
    sections = re.findall(r"^(?:Args|Attributes):\n((?:    .*\n|\n)+)", f"{docstring}\n", re.M)
    found = re.findall(r"^    (\w+(?:, \w+)*): \S", "".join(sections), re.M)
    return {name for names in found for name in names.split(", ")}


@pytest.mark.parametrize("name", PUBLIC)
def test_every_parameter_is_spelled_out_and_documented(name):
    thing = PUBLIC[name]
    if inspect.isclass(thing) and issubclass(thing, Exception):
        return  # made by the library alone
    parameters = [p for p in inspect.signature(thing).parameters.values() if p.name != "self"]
    assert not [p.name for p in parameters if p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    assert {p.name for p in parameters} <= documented(inspect.getdoc(thing) or "")


def keywords(function) -> dict[str, object]:
    """The defaults of what is given by name alone."""
    parameters = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}


def test_what_hands_its_keywords_on_has_the_same_defaults():
    for outer, inner in ((training.race, training.Race), (sweeps.sweep, sweeps.stream)):
        assert keywords(outer) == keywords(inner)
    assert keywords(training.train).items() < keywords(training.race).items()


def test_what_takes_the_parameters_of_a_table_takes_them_all():
    for function, infos, more in (
        (datasets.load, datasets.DATASETS.values(), {"points"}),
        (thresholds.choose, thresholds.RULES.values(), {"cardinality"}),
    ):
        names = {parameter.name for info in infos for parameter in info.parameters}
        assert set(keywords(function)) == names | more
