"""Mistakes in the measuring: the model is what it was, the figure says something else."""

MEASURED = {
    "tuned-on-test": """from sklearn.metrics import f1_score
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from mlcore.learn.pitfalls.playground import fit
from mlcore.thresholds import ThresholdSweep

model = fit(bce)
- logits, targets = model("test")
+ logits, targets = model("validation")
sweep = ThresholdSweep(targets.numpy(), logits.sigmoid().numpy())
thresholds = sweep.best_per_label()  # the best F1 of each label

logits, targets = model("test")
predictions = logits.sigmoid().numpy() >= thresholds
f1 = f1_score(targets.numpy(), predictions, average="macro", zero_division=0.0)
print(f"macro F1 on test rows: {f1:.3f}")
""",
    "precision-as-accuracy": """import numpy as np
from sklearn.metrics import accuracy_score, jaccard_score, precision_score, recall_score

targets = np.zeros((1, 512), int)
targets[0, :5] = 1  # five labels hold
predictions = np.zeros((1, 512), int)
predictions[0, 0] = 1  # one of them is found

- accuracy = (targets * predictions).sum() / predictions.sum()
- print("accuracy", accuracy)
+ precision = precision_score(targets, predictions, average="micro")
+ recall = recall_score(targets, predictions, average="micro")
+ jaccard = jaccard_score(targets, predictions, average="samples")
+ hamming = (targets == predictions).mean()  # accuracy over all cells
+ exact = accuracy_score(targets, predictions)  # whole rows
+ print(f"precision {precision}, recall {recall}, Jaccard {jaccard}")
+ print(f"accuracy: {hamming:.4f} of the cells, {exact} of the rows")
""",
    "empty-rows": """import numpy as np
from sklearn.metrics import f1_score

targets = np.array([[1, 0, 1], [0, 1, 0], [0, 0, 0], [0, 0, 0]])
predictions = targets.copy()  # not one mistake

- f1 = f1_score(targets, predictions, average="samples")
+ f1 = f1_score(targets, predictions, average="samples", zero_division=1.0)
print("samples F1", f1)
""",
}
