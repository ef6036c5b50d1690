"""Mistakes that run without a word and return another number than the one meant."""

from mlcore.learn.pitfalls.specimen import Specimen

START = """import torch
from torch import nn

"""
SATURATED = """import torch
from torch import nn

logit = torch.tensor(20.0, requires_grad=True)  # very sure, and wrong
target = torch.tensor(0.0)
"""
TWO_ROWS = """import torch
from torch.nn.functional import cross_entropy

logits = torch.zeros(2, 5)
targets = torch.tensor([[1.0, 0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0, 0.0]])
"""
THREE_TRUE = """import torch
from torch.nn.functional import binary_cross_entropy_with_logits, one_hot

logits = torch.tensor([[3.0, -3.0, 3.0, -3.0, 3.0]])
targets = torch.tensor([[1, 0, 1, 0, 1]])  # multi-hot: three labels hold
"""
WEIGHTED = """import torch
from torch import nn

logits = torch.zeros(1, 4)
targets = torch.tensor([[1.0, 0.0, 0.0, 0.0]])
"""
ALPHA = """import torch
from torch.nn.functional import binary_cross_entropy_with_logits

logits = torch.tensor([[0.0, 0.0]])
targets = torch.tensor([[1.0, 0.0]])
alpha, gamma = 0.25, 2.0  # as in the paper

bce = binary_cross_entropy_with_logits(logits, targets, reduction="none")
p_t = torch.exp(-bce)
"""

SILENT = (
    Specimen(
        key="bce-inside",
        theme="silent",
        wrong=START
        + """logits = torch.tensor([0.9, 0.2])  # they look like probabilities
targets = torch.tensor([1.0, 0.0])
loss = nn.BCELoss()(logits, targets)
print(loss)
""",
        repair=START
        + """logits = torch.tensor([0.9, 0.2])
targets = torch.tensor([1.0, 0.0])
loss = nn.BCEWithLogitsLoss()(logits, targets)
print(loss)
""",
        outcome="wrong",
    ),
    Specimen(
        key="bce-includes-sigmoid",
        theme="silent",
        wrong=START
        + """logits, targets = torch.zeros(4), torch.zeros(4)
# "BCELoss includes the sigmoid", so a logit of 0 costs log 2 = 0.6931
loss = nn.BCELoss()(logits, targets)
print(loss)
""",
        repair=START
        + """logits, targets = torch.zeros(4), torch.zeros(4)
loss = nn.BCELoss()(torch.sigmoid(logits), targets)
print(loss)
""",
        outcome="wrong",
    ),
    Specimen(
        key="sigmoid-twice",
        theme="silent",
        wrong=START
        + """logits = torch.tensor([6.0, -6.0])  # sure, and right
targets = torch.tensor([1.0, 0.0])
loss = nn.BCEWithLogitsLoss()(torch.sigmoid(logits), targets)
print(loss)
""",
        repair=START
        + """logits = torch.tensor([6.0, -6.0])
targets = torch.tensor([1.0, 0.0])
loss = nn.BCEWithLogitsLoss()(logits, targets)
print(loss)
""",
        outcome="wrong",
    ),
    Specimen(
        key="saturated",
        theme="silent",
        wrong=SATURATED
        + """
loss = nn.BCELoss()(torch.sigmoid(logit), target)
loss.backward()
gradient = logit.grad
print("loss", loss.item(), "gradient", gradient.item())
""",
        repair=SATURATED
        + """
loss = nn.BCEWithLogitsLoss()(logit, target)
loss.backward()
gradient = logit.grad
print("loss", loss.item(), "gradient", gradient.item())
""",
        outcome="wrong",
    ),
    Specimen(
        key="uninitialised",
        theme="silent",
        wrong="""import torch

earlier = torch.full((10_000,), 7.0)  # whatever the program did before
del earlier
weight = torch.FloatTensor(10_000)  # a size, not a value
mean = weight.mean()
print(weight[:4], "mean", mean)
""",
        repair="""import torch

earlier = torch.full((10_000,), 7.0)
del earlier
weight = torch.ones(10_000)
mean = weight.mean()
print(weight[:4], "mean", mean)
""",
        outcome="wrong",
    ),
    Specimen(
        key="one-hot",
        theme="silent",
        wrong=THREE_TRUE
        + """
encoded = one_hot(targets.argmax(dim=1), num_classes=5).float()
loss = binary_cross_entropy_with_logits(logits, encoded)
print(encoded, loss)
""",
        repair=THREE_TRUE
        + """
encoded = targets.float()  # it is encoded already
loss = binary_cross_entropy_with_logits(logits, encoded)
print(encoded, loss)
""",
        outcome="wrong",
    ),
    Specimen(
        key="softmax-unnormalised",
        theme="silent",
        wrong=TWO_ROWS
        + """
losses = cross_entropy(logits, targets, reduction="none")
print(losses)
""",
        repair=TWO_ROWS
        + """
shares = targets / targets.sum(dim=1, keepdim=True)
losses = cross_entropy(logits, shares, reduction="none")
print(losses)
""",
        outcome="wrong",
    ),
    Specimen(
        key="weight-for-pos-weight",
        theme="silent",
        wrong=WEIGHTED
        + """
criterion = nn.BCEWithLogitsLoss(weight=torch.tensor(3.0), reduction="none")
losses = criterion(logits, targets)
print(losses)
""",
        repair=WEIGHTED
        + """
criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(3.0), reduction="none")
losses = criterion(logits, targets)
print(losses)
""",
        outcome="wrong",
    ),
    Specimen(
        key="alpha-turned",
        theme="silent",
        wrong=ALPHA
        + """alpha_t = torch.where(targets == 1, 1 - alpha, alpha)
losses = alpha_t * (1 - p_t) ** gamma * bce
print(losses)
""",
        repair=ALPHA
        + """alpha_t = torch.where(targets == 1, alpha, 1 - alpha)
losses = alpha_t * (1 - p_t) ** gamma * bce
print(losses)
""",
        outcome="wrong",
    ),
)
