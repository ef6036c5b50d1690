"""What each loss is called, does, takes and comes from. Imports torch only to run one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

from mlcore.checks import Parameter, check_choice


@dataclass(frozen=True, kw_only=True)
class LossInfo:
    """One loss as a person meets it, and the way to its code.

    Attributes:
        key: Its key in LOSSES.
        title: Its name on screen.
        formula: Its LaTeX for one label, or for one row where per_row.
        function_name: The name of its function, and of its kernel.
        parameters: What may be changed.
        source: Where it comes from.
        when_not: One sentence on when not to use it.
        per_row: Whether it gives one value a row rather than one a label.
    """

    key: str
    title: str
    formula: str
    function_name: str
    parameters: tuple[Parameter, ...]
    source: str
    when_not: str
    per_row: bool = False

    @property
    def function(self) -> Callable:
        """The public function, with checks, autograd and reduction."""
        return getattr(import_module("mlcore.losses"), self.function_name)

    @property
    def kernel(self) -> Callable:
        """The unchecked function (logits, targets, **bound) -> (value, derivative)."""
        return getattr(import_module("mlcore.losses.kernels"), self.function_name)

    @property
    def hard_kernel(self) -> Callable:
        """The same as `kernel` for targets that are 0 or 1, where that can be done quicker."""
        kernels = import_module("mlcore.losses.kernels")
        return getattr(kernels, f"hard_{self.function_name}", self.kernel)

    def check(self, params: Mapping[str, object]) -> None:
        """Raise ValueError or TypeError unless these are names and values of its parameters."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for name, value in params.items():
            check_choice(f"parameter of {self.key}", name, known)
            known[name].check(value)

    def bind(self, params: Mapping[str, object], targets) -> dict[str, object]:
        """Keyword arguments for `kernel` or `function`, from settings and the training targets.

        Args:
            params: Values by parameter name; what is left out takes its default.
            targets: The training targets, array or tensor, shape (n, k). Only schemes of
                pos_weight look at them; their weights become a float32 tensor of shape (k,) on
                the device of the targets.

        Raises:
            ValueError: If a name is unknown or a value not allowed.
            TypeError: If a value has the wrong type.

        Example:
            >>> from mlcore.losses import LOSSES
            >>> LOSSES["focal"].bind({"gamma": 3.0}, None)
            {'gamma': 3.0, 'alpha': None, 'pos_weight': 1.0}
        """
        self.check(params)
        values = {
            parameter.name: params.get(parameter.name, parameter.default)
            for parameter in self.parameters
        }
        if "cap" in values:  # then pos_weight may be a scheme
            values["pos_weight"] = _weight_tensor(values["pos_weight"], values.pop("cap"), targets)
        return {name: None if value == "none" else value for name, value in values.items()}


def _weight_tensor(scheme: str | float, cap: float, targets):
    """Weights of the positives as a float32 tensor of shape (k,), for a number too."""
    import torch

    from mlcore.losses.weights import pos_weights

    targets = torch.as_tensor(targets)
    weights = torch.as_tensor(pos_weights(targets, scheme, cap=cap))
    return weights.to(targets.device, torch.float32).expand(targets.shape[-1]).contiguous()
