"""Mistakes that train without complaint, toward something else than what was meant."""

TRAINED = {
    "focal-variant": """from torch.nn.functional import binary_cross_entropy_with_logits as bce
from mlcore.learn.pitfalls.playground import fit  # trains a small linear model

def focal(logits, targets, gamma=2.0):
    p = logits.sigmoid()
-     # the same factor for positives and negatives
-     return ((1 - p) ** gamma * bce(logits, targets, reduction="none")).mean()
+     p_t = targets * p + (1 - targets) * (1 - p)  # of the answer that is true
+     return ((1 - p_t) ** gamma * bce(logits, targets, reduction="none")).mean()

logits, targets = fit(focal)("test")
predicted = (logits >= 0).float().sum(dim=1).mean()
true = targets.sum(dim=1).mean()
print(f"labels per row of 20: predicted {predicted:.2f}, true {true:.2f}")
""",
    "balanced-overshoots": """from functools import partial
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from mlcore.learn.pitfalls.playground import fit, micro_f1, small_data

x, y = small_data()["train"]
ratio = (len(y) - y.sum(dim=0)) / y.sum(dim=0)  # neg / pos of each label
- weight = ratio
+ weight = ratio.sqrt()  # the geometric middle of 1 and neg / pos
logits, targets = fit(partial(bce, pos_weight=weight))("test")
predictions = (logits >= 0).float()
f1, predicted = micro_f1(targets, predictions), predictions.sum(dim=1).mean()
print(f"labels per row: predicted {predicted:.2f}, true {targets.sum(dim=1).mean():.2f}")
print(f"micro F1 on test rows: {f1:.3f}")
""",
}
