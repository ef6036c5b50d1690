"""Mistakes that run without a word and return another number than the one meant."""

START = """import torch
from torch import nn

"""

SILENT = {
    "bce-inside": START
    + """- logits = torch.tensor([0.9, 0.2])  # they look like probabilities
- targets = torch.tensor([1.0, 0.0])
- loss = nn.BCELoss()(logits, targets)
+ logits = torch.tensor([0.9, 0.2])
+ targets = torch.tensor([1.0, 0.0])
+ loss = nn.BCEWithLogitsLoss()(logits, targets)
print(loss)
""",
    "bce-includes-sigmoid": START
    + """logits, targets = torch.zeros(4), torch.zeros(4)
- # "BCELoss includes the sigmoid", so a logit of 0 costs log 2 = 0.6931
- loss = nn.BCELoss()(logits, targets)
+ loss = nn.BCELoss()(torch.sigmoid(logits), targets)
print(loss)
""",
    "sigmoid-twice": START
    + """- logits = torch.tensor([6.0, -6.0])  # sure, and right
- targets = torch.tensor([1.0, 0.0])
- loss = nn.BCEWithLogitsLoss()(torch.sigmoid(logits), targets)
+ logits = torch.tensor([6.0, -6.0])
+ targets = torch.tensor([1.0, 0.0])
+ loss = nn.BCEWithLogitsLoss()(logits, targets)
print(loss)
""",
    "saturated": START
    + """logit = torch.tensor(20.0, requires_grad=True)  # very sure, and wrong
target = torch.tensor(0.0)

- loss = nn.BCELoss()(torch.sigmoid(logit), target)
+ loss = nn.BCEWithLogitsLoss()(logit, target)
loss.backward()
gradient = logit.grad
print("loss", loss.item(), "gradient", gradient.item())
""",
    "uninitialised": """import torch

- earlier = torch.full((10_000,), 7.0)  # whatever the program did before
- del earlier
- weight = torch.FloatTensor(10_000)  # a size, not a value
+ earlier = torch.full((10_000,), 7.0)
+ del earlier
+ weight = torch.ones(10_000)
mean = weight.mean()
print(weight[:4], "mean", mean)
""",
    "one-hot": """import torch
from torch.nn.functional import binary_cross_entropy_with_logits, one_hot

logits = torch.tensor([[3.0, -3.0, 3.0, -3.0, 3.0]])
targets = torch.tensor([[1, 0, 1, 0, 1]])  # multi-hot: three labels hold

- encoded = one_hot(targets.argmax(dim=1), num_classes=5).float()
+ encoded = targets.float()  # it is encoded already
loss = binary_cross_entropy_with_logits(logits, encoded)
print(encoded, loss)
""",
    "softmax-unnormalised": """import torch
from torch.nn.functional import cross_entropy

logits = torch.zeros(2, 5)
targets = torch.tensor([[1.0, 0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0, 0.0]])

- losses = cross_entropy(logits, targets, reduction="none")
+ shares = targets / targets.sum(dim=1, keepdim=True)
+ losses = cross_entropy(logits, shares, reduction="none")
print(losses)
""",
    "weight-for-pos-weight": START
    + """logits = torch.zeros(1, 4)
targets = torch.tensor([[1.0, 0.0, 0.0, 0.0]])

- criterion = nn.BCEWithLogitsLoss(weight=torch.tensor(3.0), reduction="none")
+ criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(3.0), reduction="none")
losses = criterion(logits, targets)
print(losses)
""",
    "alpha-turned": """import torch
from torch.nn.functional import binary_cross_entropy_with_logits

logits = torch.tensor([[0.0, 0.0]])
targets = torch.tensor([[1.0, 0.0]])
alpha, gamma = 0.25, 2.0  # as in the paper

bce = binary_cross_entropy_with_logits(logits, targets, reduction="none")
p_t = torch.exp(-bce)
- alpha_t = torch.where(targets == 1, 1 - alpha, alpha)
+ alpha_t = torch.where(targets == 1, alpha, 1 - alpha)
losses = alpha_t * (1 - p_t) ** gamma * bce
print(losses)
""",
}
