"""From a loss and its settings to code for a framework."""

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import indent

from mlcore.checks import check_choice
from mlcore.frameworks.conventions import CAFFE, GENERAL, SPECIAL
from mlcore.frameworks.dialects import DIALECTS
from mlcore.frameworks.natives import native
from mlcore.frameworks.recipes import before, body
from mlcore.losses import LOSSES

FRAMEWORKS = {**{key: dialect.title for key, dialect in DIALECTS.items()}, "caffe": "Caffe"}


@dataclass(frozen=True, kw_only=True)
class Snippet:
    """A loss in a framework.

    Attributes:
        code: Defines `loss_function`; for Caffe a layer, or nothing where there is none.
        native: Whether the framework has it as a function of its own.
        language: "python" or "protobuf".
        notes: What is done by another convention there, in sentences.
    """

    code: str
    native: bool
    language: str
    notes: tuple[str, ...]


def snippet(loss: str, params: Mapping[str, object], framework: str) -> Snippet:
    """Code for a loss at its settings.

    Args:
        loss: A key of `mlcore.losses.LOSSES`.
        params: Values of its parameters; those left out have their defaults.
        framework: A key of FRAMEWORKS.

    Returns:
        Code whose `loss_function` gives the mean that `mlcore.losses` gives. Where something is
        taken from the training targets, it expects them as a NumPy array `train_targets`.

    Raises:
        ValueError: If the loss or the framework is unknown, or a parameter not allowed.

    Example:
        >>> print(snippet("bce", {}, "pytorch").code)
        import torch
        import torch.nn.functional as F
        <BLANKLINE>
        <BLANKLINE>
        def loss_function(logits, targets):
            return F.binary_cross_entropy_with_logits(logits, targets)
    """
    check_choice("loss", loss, LOSSES)
    check_choice("framework", framework, FRAMEWORKS)
    settings = LOSSES[loss].check(params)
    notes = GENERAL[framework] + SPECIAL.get((framework, loss), ())
    if framework == "caffe":
        layer = _layer(loss, settings)
        return Snippet(code=layer, native=bool(layer), language="protobuf", notes=notes)
    dialect = DIALECTS[framework]
    own = native(framework, loss, settings)
    lines = dialect.write(own or body(loss, settings))
    first = dialect.write(before(loss, settings))
    imports = dialect.imports if not first else f"import numpy as np\n{dialect.imports}"
    head = f"{imports}\n\n{first}" if first else imports
    code = f"{head}\n\n\ndef loss_function({dialect.arguments}):\n{indent(lines, '    ')}"
    return Snippet(code=code, native=own is not None, language="python", notes=notes)


def _layer(loss: str, settings: Mapping[str, object]) -> str:
    """The layer of Caffe that does it, at settings that change nothing; else nothing."""
    if loss not in CAFFE or any(settings.values()):
        return ""
    return f"""layer {{
  name: "loss"
  type: "{CAFFE[loss]}"
  bottom: "logits"
  bottom: "targets"
  top: "loss"
}}"""
