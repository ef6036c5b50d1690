"""What each loss is called, does, takes and comes from."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mlcore.checks import Parameter, check_parameters, is_tensor
from mlcore.lazy import np, torch
from mlcore.losses import weights


@dataclass(frozen=True, kw_only=True)
class LossInfo:
    """One loss as a person meets it, and its code.

    Attributes:
        key: Its key in LOSSES.
        title: Its name on screen.
        formula: Its LaTeX for one unit; where none is given, that of the docstring of `function`.
        function: The public function, with checks, autograd and reduction.
        kernel: The unchecked function (logits, targets, **bound) -> (value, derivative); see
            `mlcore.losses.shared`.
        parameters: What may be changed.
        source: Where it comes from.
        when_not: One sentence on when not to use it.
        checks: By argument of `function` what checks it; see `mlcore.losses.shared`.
        binary: Whether `function` takes targets of 0 or 1 only.
        soft_targets: What its error says of targets between them.
        unit: What it gives one value for: "label" of a row, shape (n, k); "row", shape (n,);
            "column", a label over all rows, shape (k,); or "batch", shape ().
        in_nats: Whether its values are in nats; if not, all or some of them have no unit.
        probabilities: How logits are read as probabilities: "sigmoid", "softmax", "partition" or
            "poisson"; see `mlcore.training.models.to_probabilities`.
        extra_outputs: How many outputs a network needs beyond one for each label.
        from_targets: Arguments that `bind` counts in the training targets, and by what function.
        hard: The same as `kernel` for targets that are 0 or 1, where that can be done quicker.
    """

    key: str
    title: str
    function: Callable
    kernel: Callable
    parameters: tuple[Parameter, ...]
    source: str
    when_not: str
    formula: str = ""
    checks: Mapping[str, Callable] = field(default_factory=dict)
    binary: bool = False
    soft_targets: str = ""
    unit: str = "label"
    in_nats: bool = True
    probabilities: str = "sigmoid"
    extra_outputs: int = 0
    from_targets: Mapping[str, Callable] = field(default_factory=dict)
    hard: Callable | None = None

    def __post_init__(self) -> None:
        if not self.formula and self.function.__doc__:  # -OO leaves none
            found = re.search(r"\.\. math:: (.*?)\n\n", self.function.__doc__, re.DOTALL)
            object.__setattr__(self, "formula", " ".join(found[1].split()))

    @property
    def hard_kernel(self) -> Callable:
        """What to call for targets that are 0 or 1."""
        return self.hard or self.kernel

    def check(self, params: Mapping[str, object]) -> dict[str, object]:
        """Raise ValueError or TypeError unless these are names and values of its parameters.

        Args:
            params: Values by name; what is left out takes its default.

        Returns:
            The values of all its parameters.
        """
        return check_parameters(f"parameter of {self.key}", self.parameters, params)

    def bind(self, params: Mapping[str, object], targets) -> dict[str, object]:
        """Keyword arguments for `kernel` or `function`, from settings and the training targets.

        Args:
            params: Values by parameter name; what is left out takes its default.
            targets: The training targets, of any kind that `mlcore.checks.as_array` takes, shape
                (n, k). Only schemes of pos_weight and what is in `from_targets` look at them; it
                becomes a float32 tensor of shape (k,) on the device of the targets.

        Raises:
            ValueError: If a name is unknown or a value not allowed.
            TypeError: If a value has the wrong type.

        Example:
            >>> from mlcore.losses import LOSSES
            >>> LOSSES["focal"].bind({"gamma": 3.0}, None)
            {'gamma': 3.0, 'alpha': None, 'pos_weight': 1.0, 'poly': 0.0}
        """
        values = self.check(params)
        if "cap" in values:  # then pos_weight may be a scheme
            values["pos_weight"] = _weight_tensor(values["pos_weight"], values.pop("cap"), targets)
        for name, count in self.from_targets.items():
            values[name] = torch.as_tensor(count(targets)).to(torch.float32)
        return {name: None if value == "none" else value for name, value in values.items()}


def _weight_tensor(scheme: str | float, cap: float, targets):
    """Weights of the positives as a float32 tensor of shape (k,), for a number too."""
    found = weights.pos_weights(targets, scheme, cap=cap)
    device = targets.device if is_tensor(targets) else "cpu"
    tensor = torch.as_tensor(found, dtype=torch.float32, device=device)
    return tensor.expand(np.shape(targets)[-1]).contiguous()
