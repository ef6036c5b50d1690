"""Mistakes that PyTorch reports as soon as the line runs."""

TABLES = """import torch
from torch import nn

logits = torch.tensor([[2.0, -1.0, 0.5], [0.0, 1.5, -2.0]])
targets = torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])

"""

AT_ONCE = {
    "linear-keyword": """from torch import nn

- layer = nn.Linear(input_dim=16, output_dim=3)
- print(layer)
+ layer = nn.Linear(in_features=16, out_features=3)
+ parameters = sum(p.numel() for p in layer.parameters())
+ print(layer, "with", parameters, "parameters")
""",
    "loss-constructor": TABLES
    + """- loss = nn.BCEWithLogitsLoss(logits, targets)
+ criterion = nn.BCEWithLogitsLoss()
+ loss = criterion(logits, targets)
print(loss)
""",
    "width": TABLES
    + """- model = nn.Linear(16, 4)  # 4 outputs for 3 labels
- loss = nn.BCEWithLogitsLoss()(model(torch.zeros(2, 16)), targets)
- print(loss)
+ model = nn.Linear(16, targets.shape[1])
+ nn.init.zeros_(model.bias)  # so that every probability is one half
+ loss = nn.BCEWithLogitsLoss()(model(torch.zeros(2, 16)), targets)
+ print(loss.item())
""",
    "int-targets": TABLES
    + """- targets = targets.to(torch.int64)  # as a file of 0 and 1 is read
- loss = nn.BCEWithLogitsLoss()(logits, targets)
+ targets = targets.to(torch.int64)
+ loss = nn.BCEWithLogitsLoss()(logits, targets.float())
print(loss)
""",
    "bce-outside": TABLES
    + """- loss = nn.BCELoss()(logits, targets)
+ loss = nn.BCEWithLogitsLoss()(logits, targets)
print(loss)
""",
    "reduction-none": TABLES
    + """- criterion = nn.BCEWithLogitsLoss(reduction=None)
- print("built:", criterion)  # nothing is checked yet
+ criterion = nn.BCEWithLogitsLoss(reduction="none")  # a word, not None
loss = criterion(logits, targets)
print(loss)
""",
    "default-called": """import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce

- def focal(logits, targets, gamma=2.0, reduction=None):
+ def focal(logits, targets, gamma=2.0, reduction=torch.mean):
    losses = bce(logits, targets, reduction="none")
    return reduction((1 - torch.exp(-losses)) ** gamma * losses)

loss = focal(torch.zeros(2, 3), torch.ones(2, 3))
print(loss)
""",
    "size-average": TABLES
    + """- loss = nn.BCEWithLogitsLoss(size_average=False)(logits, targets)
+ loss = nn.BCEWithLogitsLoss(reduction="sum")(logits, targets)
print(loss)
""",
}
