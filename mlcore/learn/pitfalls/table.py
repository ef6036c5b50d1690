"""All specimens by key."""

from mlcore.learn.pitfalls.at_once import AT_ONCE
from mlcore.learn.pitfalls.measured import MEASURED
from mlcore.learn.pitfalls.silent import SILENT
from mlcore.learn.pitfalls.specimen import Specimen
from mlcore.learn.pitfalls.trained import TRAINED

ERRORS = {
    "linear-keyword": ("TypeError", "unexpected keyword argument 'input_dim'"),
    "loss-constructor": ("RuntimeError", "Boolean value of Tensor"),
    "width": ("ValueError", "must be the same as input size"),
    "int-targets": ("RuntimeError", "Long"),
    "bce-outside": ("RuntimeError", "between 0 and 1"),
    "reduction-none": ("ValueError", "None is not a valid value for reduction"),
    "default-called": ("TypeError", "'NoneType' object is not callable"),
}
WARNINGS = {
    "size-average": ("UserWarning", "reduction='sum'"),
    "empty-rows": ("UndefinedMetricWarning", "ill-defined"),
}
RIGHT = {"size-average"}


def _specimen(key: str, code: str) -> Specimen:
    """From code in which lines that begin with "- " are wrong, and those with "+ " their repair."""
    lines = code.splitlines(keepends=True)
    wrong, repair = (
        "".join(line.removeprefix(own) for line in lines if not line.startswith(other))
        for own, other in (("- ", "+ "), ("+ ", "- "))
    )
    return Specimen(
        key=key,
        wrong=wrong,
        repair=repair,
        outcome="error" if key in ERRORS else "right" if key in RIGHT else "wrong",
        error=(ERRORS | WARNINGS).get(key, ("", "")),
    )


SPECIMENS = {
    key: _specimen(key, code) for key, code in (AT_ONCE | SILENT | TRAINED | MEASURED).items()
}
