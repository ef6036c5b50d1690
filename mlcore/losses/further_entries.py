"""The losses beyond the basic ones, as `LOSSES` lists them."""

from mlcore.checks import Parameter
from mlcore.losses.info import LossInfo

SMOOTHING = Parameter(
    name="smoothing",
    title="smoothing s",
    default=1.0,
    low=0.0,
    high=10.0,
    step=0.1,
    help="Added to both parts of the fraction; with 0, a label that is true in no row of a batch "
    "is not learned from.",
)

FURTHER = (
    LossInfo(
        key="class_balanced",
        title="Class-balanced loss",
        formula=r"w_k \, (1 - p_t)^\gamma \, (-\log p_t), \quad "
        r"w_k \propto \frac{1 - \beta}{1 - \beta^{n_k}}, \quad \beta = 1 - \frac{1}{N}",
        function_name="class_balanced",
        parameters=(
            Parameter(
                name="volume",
                title="volume N = 1/(1 − β)",
                default=1000.0,
                low=1.0,
                high=1e6,
                log=True,
                help="How many true rows a label needs until more of them show nothing new; the "
                "larger it is, the more rare labels outweigh frequent ones.",
            ),
            Parameter(
                name="gamma",
                title="focusing γ",
                default=0.0,
                low=0.0,
                high=10.0,
                step=0.1,
                help="The larger it is, the less a label counts that is already predicted well; "
                "0 is weighted BCE.",
            ),
        ),
        source="Cui et al. 2019, Class-Balanced Loss Based on Effective Number of Samples, "
        "arXiv:1901.05555",
        when_not="Do not use it to have rare labels predicted more often, because a weight on a "
        "label's whole term leaves that label's best probability where it was and only settles "
        "which labels a shared network serves first.",
        from_targets=("counts",),
        kernel_module="adjusted_kernels",
    ),
    LossInfo(
        key="zlpr",
        title="ZLPR",
        formula=r"\log\Bigl(1 + \sum_j (1 - y_j) e^{z_j}\Bigr) + "
        r"\log\Bigl(1 + \sum_j y_j e^{-z_j}\Bigr)",
        function_name="zlpr",
        parameters=(),
        source="Su et al. 2022, ZLPR: A Novel Loss for Multi-label Classification, "
        "arXiv:2208.02955",
        when_not="Do not use it where the probabilities themselves are read, because labels share "
        "one sum in each row, and the sigmoid of a logit is then not how likely its label is.",
        unit="row",
        kernel_module="pairwise_kernels",
    ),
    LossInfo(
        key="logit_adjusted",
        title="Logit-adjusted BCE",
        formula=r"-y \log p - (1 - y) \log(1 - p), \quad "
        r"p = \sigma\Bigl(z + \tau \log \frac{\pi_k}{1 - \pi_k}\Bigr)",
        function_name="logit_adjusted",
        parameters=(
            Parameter(
                name="tau",
                title="adjustment τ",
                default=1.0,
                low=0.0,
                high=3.0,
                step=0.05,
                help="How much of a label's log odds is added in training and left away in use; "
                "0 is plain BCE.",
            ),
        ),
        source="Menon et al. 2021, Long-Tail Learning via Logit Adjustment, arXiv:2007.07314, in "
        "sigmoid form",
        when_not="Do not use it where the probabilities themselves are read or where false alarms "
        "are costly, because a label of prior π is predicted as soon as it is likelier than π.",
        from_targets=("priors",),
        kernel_module="adjusted_kernels",
    ),
    LossInfo(
        key="hill",
        title="Hill loss",
        formula=r"-y \, (1 - p_m)^\gamma \log p_m + (1 - y) (\lambda - p) \, p^2, \quad "
        r"p_m = \sigma(z - m)",
        function_name="hill",
        parameters=(
            Parameter(
                name="lam",
                title="λ of negatives",
                default=1.5,
                low=1.0,
                high=3.0,
                step=0.05,
                help="Below 1.5, the loss of a false label falls again above a probability of "
                "2λ/3; from 1.5 on, it never falls.",
            ),
            Parameter(
                name="margin",
                title="margin of positives m",
                default=1.0,
                low=0.0,
                high=5.0,
                step=0.1,
                help="True labels count as if their logit were this much lower.",
            ),
            Parameter(
                name="gamma",
                title="focusing of positives γ",
                default=2.0,
                low=0.0,
                high=10.0,
                step=0.1,
                help="The larger it is, the less a true label counts that is already predicted "
                "well.",
            ),
        ),
        source="Zhang et al. 2021, Simple and Robust Loss Design for Multi-Label Learning with "
        "Missing Labels, arXiv:2112.07368",
        when_not="Do not use it where negatives can be trusted, because a false label that is "
        "predicted with certainty is taken for one that nobody marked.",
        in_nats=False,
    ),
    LossInfo(
        key="soft_f1",
        title="Soft F1",
        formula=r"1 - \frac{\mathrm{TP} + s}{\mathrm{TP} + (\mathrm{FP} + \mathrm{FN}) / 2 + s}, "
        r"\quad \mathrm{TP} = \sum_i y_i p_i, \; \mathrm{FP} = \sum_i (1 - y_i) p_i, \; "
        r"\mathrm{FN} = \sum_i y_i (1 - p_i)",
        function_name="soft_f1",
        parameters=(SMOOTHING,),
        source="Bénédict et al. 2022, sigmoidF1, arXiv:2108.10566, with the plain sigmoid and one "
        "value for each label",
        when_not="Do not use it with batches that are small for how rare the labels are, because "
        "it compares rows of one batch, or where probabilities are read, because it drives them "
        "to 0 and 1.",
        unit="column",
        in_nats=False,
        kernel_module="overlap_kernels",
    ),
    LossInfo(
        key="dice",
        title="Dice loss",
        formula=r"1 - \frac{2 \sum_i y_i p_i + s}{\sum_i p_i^2 + \sum_i y_i^2 + s}",
        function_name="dice",
        parameters=(SMOOTHING,),
        source="Milletari et al. 2016, V-Net, arXiv:1606.04797; smoothing: Li et al. 2020, "
        "arXiv:1911.02855",
        when_not="Do not use it with batches that are small for how rare the labels are, because "
        "a label's loss is a share of what is true and predicted in one batch.",
        unit="column",
        in_nats=False,
        kernel_module="overlap_kernels",
    ),
    LossInfo(
        key="tversky",
        title="Tversky loss",
        formula=r"1 - \frac{\mathrm{TP} + s}"
        r"{\mathrm{TP} + \alpha \, \mathrm{FP} + \beta \, \mathrm{FN} + s}",
        function_name="tversky",
        parameters=(
            Parameter(
                name="alpha",
                title="cost of false positives α",
                default=0.3,
                low=0.0,
                high=1.0,
                help="What a false positive costs, measured in hits.",
            ),
            Parameter(
                name="beta",
                title="cost of false negatives β",
                default=0.7,
                low=0.0,
                high=1.0,
                help="What a false negative costs, measured in hits; above α, recall counts more.",
            ),
            SMOOTHING,
        ),
        source="Salehi et al. 2017, Tversky Loss Function for Image Segmentation, arXiv:1706.05721",
        when_not="Do not use it with batches that are small for how rare the labels are, or "
        "without knowing what a miss costs against a false alarm, because α and β say just that.",
        unit="column",
        in_nats=False,
        kernel_module="overlap_kernels",
    ),
    LossInfo(
        key="two_way",
        title="Two-way loss",
        formula=r"\operatorname*{mean}_{\text{rows}} \, \operatorname{softplus}\Bigl("
        r"T_- \log \sum_{y_j = 0} e^{z_j / T_-} + T_+ \log \sum_{y_j = 1} e^{-z_j / T_+} \Bigr) + "
        r"\operatorname*{mean}_{\text{labels}} \, (\text{the same down a column})",
        function_name="two_way",
        parameters=(
            Parameter(
                name="positive_temperature",
                title="temperature of positives T₊",
                default=4.0,
                low=0.1,
                high=10.0,
                step=0.1,
                help="Low, only the worst true entry of a row or column counts; high, all of them "
                "count together.",
            ),
            Parameter(
                name="negative_temperature",
                title="temperature of negatives T₋",
                default=1.0,
                low=0.1,
                high=10.0,
                step=0.1,
                help="Low, only the worst false entry of a row or column counts; high, all of "
                "them count together.",
            ),
        ),
        source="Kobayashi 2023, Two-way Multi-Label Loss, CVPR 2023",
        when_not="Do not use it where many rows or labels have no true entry, because those are "
        "left out, or with a fixed threshold, because one number added to all logits leaves it "
        "as it is.",
        unit="batch",
        kernel_module="pairwise_kernels",
    ),
    LossInfo(
        key="bce_on_probabilities",
        title="BCE on probabilities",
        formula=r"-y \max(\log p, -100) - (1 - y) \max(\log(1 - p), -100)",
        function_name="bce_on_probabilities",
        parameters=(),
        source="torch.nn.BCELoss of torch.sigmoid",
        when_not="Do not use it at all where you have logits, because from z = 17 on, float32 "
        "takes the probability for 1, and a false label then has no gradient.",
        kernel_module="clipped_kernels",
    ),
    LossInfo(
        key="absolute_kl",
        title="Symmetric |KL|",
        formula=r"\Bigl| y \log \frac{y}{p} \Bigr| + \Bigl| p \log \frac{p}{y} \Bigr|, \quad "
        r"y, p \ge \varepsilon",
        function_name="absolute_kl",
        parameters=(
            Parameter(
                name="epsilon",
                title="clip ε",
                default=1e-6,
                low=1e-6,
                high=0.1,
                log=True,
                help="The least that a target or a probability counts as; the smaller it is, the "
                "more false labels cost.",
            ),
        ),
        source="Kullback and Leibler 1951, On Information and Sufficiency, clipped as in "
        "keras.losses.KLDivergence",
        when_not="Do not use it to learn probabilities, because sigmoids and multi-hot targets are "
        "no distributions: it pulls to other probabilities than the true ones, and lets go of what "
        "is entirely wrong.",
        kernel_module="clipped_kernels",
    ),
)
