"""The debtags race in figures: `python -m tests.benchmarks.debtags_race`.

An MLP 128-512-512 with Adam at 1e-3 and batches of 256, 30 epochs, one seed; scored at 0.5 on the
test rows. Thresholds are not tuned, so this says what each loss does at 0.5, not which is best.
"""

import torch

from mlcore.datasets import load
from mlcore.metrics import scores
from mlcore.training import Race, TrainConfig, find_collapse, history_frame

CONTENDERS = {
    "BCE": {"loss": "bce"},
    "pos_weight 50": {"loss": "bce_pos_weight", "loss_params": {"pos_weight": 50.0}},
    "pos_weight sqrt": {"loss": "bce_pos_weight", "loss_params": {"pos_weight": "sqrt"}},
    "pos_weight balanced": {"loss": "bce_pos_weight", "loss_params": {"pos_weight": "balanced"}},
    "focal, gamma 2": {"loss": "focal"},
    "asymmetric": {"loss": "asymmetric"},
    "softmax": {"loss": "softmax"},
    "BCE, prior bias": {"loss": "bce", "initial_bias": "prior"},
}


def main() -> None:
    """Race all contenders and print their figures."""
    torch.set_num_threads(1)  # the same figures on every number of cores
    dataset = load("debtags")
    race = Race([TrainConfig(**options) for options in CONTENDERS.values()], dataset, record="step")
    records = [at_step for at_step in race if at_step]
    history = history_frame(records, list(CONTENDERS))
    print(f"{'':20} micro  macro  samples  labels/row  no label    nothing for >= 99 % of rows")
    for place, name in enumerate(CONTENDERS):
        probabilities = race.probabilities(place, dataset.test)
        figures = scores(dataset.y[dataset.test], probabilities)
        collapse = find_collapse(history.iloc[place :: len(CONTENDERS)])
        when = f"steps {collapse.first_step} to {collapse.last_step}" if collapse else "never"
        print(
            f"{name:20} {figures['micro_f1']:.3f}  {figures['macro_f1']:.3f}  "
            f"{figures['samples_f1']:.3f}    {figures['labels_per_row']:6.2f}     "
            f"{figures['empty_share']:6.1%}     {when}"
        )


if __name__ == "__main__":
    main()
