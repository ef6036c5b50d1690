"""Mistakes that PyTorch reports as soon as the line runs."""

from mlcore.learn.pitfalls.specimen import Specimen

TABLES = """import torch
from torch import nn

logits = torch.tensor([[2.0, -1.0, 0.5], [0.0, 1.5, -2.0]])
targets = torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
"""

AT_ONCE = (
    Specimen(
        key="linear-keyword",
        theme="at-once",
        wrong="""from torch import nn

layer = nn.Linear(input_dim=16, output_dim=3)
print(layer)
""",
        repair="""from torch import nn

layer = nn.Linear(in_features=16, out_features=3)
parameters = sum(p.numel() for p in layer.parameters())
print(layer, "with", parameters, "parameters")
""",
        outcome="error",
        error=("TypeError", "unexpected keyword argument 'input_dim'"),
    ),
    Specimen(
        key="loss-constructor",
        theme="at-once",
        wrong=TABLES
        + """
loss = nn.BCEWithLogitsLoss(logits, targets)
print(loss)
""",
        repair=TABLES
        + """
criterion = nn.BCEWithLogitsLoss()
loss = criterion(logits, targets)
print(loss)
""",
        outcome="error",
        error=("RuntimeError", "Boolean value of Tensor"),
    ),
    Specimen(
        key="width",
        theme="at-once",
        wrong=TABLES
        + """
model = nn.Linear(16, 4)  # 4 outputs for 3 labels
loss = nn.BCEWithLogitsLoss()(model(torch.zeros(2, 16)), targets)
print(loss)
""",
        repair=TABLES
        + """
model = nn.Linear(16, targets.shape[1])
nn.init.zeros_(model.bias)  # so that every probability is one half
loss = nn.BCEWithLogitsLoss()(model(torch.zeros(2, 16)), targets)
print(loss.item())
""",
        outcome="error",
        error=("ValueError", "must be the same as input size"),
    ),
    Specimen(
        key="int-targets",
        theme="at-once",
        wrong=TABLES
        + """
targets = targets.to(torch.int64)  # as a file of 0 and 1 is read
loss = nn.BCEWithLogitsLoss()(logits, targets)
print(loss)
""",
        repair=TABLES
        + """
targets = targets.to(torch.int64)
loss = nn.BCEWithLogitsLoss()(logits, targets.float())
print(loss)
""",
        outcome="error",
        error=("RuntimeError", "Long"),
    ),
    Specimen(
        key="bce-outside",
        theme="at-once",
        wrong=TABLES
        + """
loss = nn.BCELoss()(logits, targets)
print(loss)
""",
        repair=TABLES
        + """
loss = nn.BCEWithLogitsLoss()(logits, targets)
print(loss)
""",
        outcome="error",
        error=("RuntimeError", "between 0 and 1"),
    ),
    Specimen(
        key="reduction-none",
        theme="at-once",
        wrong=TABLES
        + """
criterion = nn.BCEWithLogitsLoss(reduction=None)
print("built:", criterion)  # nothing is checked yet
loss = criterion(logits, targets)
print(loss)
""",
        repair=TABLES
        + """
criterion = nn.BCEWithLogitsLoss(reduction="none")  # a word, not None
loss = criterion(logits, targets)
print(loss)
""",
        outcome="error",
        error=("ValueError", "None is not a valid value for reduction"),
    ),
    Specimen(
        key="size-average",
        theme="at-once",
        wrong=TABLES
        + """
loss = nn.BCEWithLogitsLoss(size_average=False)(logits, targets)
print(loss)
""",
        repair=TABLES
        + """
loss = nn.BCEWithLogitsLoss(reduction="sum")(logits, targets)
print(loss)
""",
        outcome="right",
        error=("UserWarning", "reduction='sum'"),
    ),
)
