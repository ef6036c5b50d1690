"""The losses that most people meet first, as `LOSSES` lists them."""

from mlcore.checks import Parameter
from mlcore.losses.info import LossInfo

BINARY_SMOOTHING = Parameter(
    name="label_smoothing",
    title="label smoothing",
    default=0.0,
    low=0.0,
    high=1.0,
    help="Draws every target towards one half, which stops logits from growing without end.",
)
POLY = Parameter(
    name="poly",
    title="poly-1 ε",
    default=0.0,
    low=-1.0,
    high=10.0,
    step=0.1,
    help="Adds ε times the probability that is missing, which keeps a label pulled on for longer; "
    "below 0 it is let go sooner.",
)

BASIC = (
    LossInfo(
        key="softmax",
        title="Softmax cross entropy",
        formula=r"\sum_j q_j \left( -\log p_j + \epsilon (1 - p_j) \right), \quad "
        r"p_j = \frac{e^{z_j}}{\sum_i e^{z_i}}, \quad q_j = \frac{y_j}{\sum_i y_i}",
        function_name="softmax_cross_entropy",
        parameters=(
            Parameter(
                name="label_smoothing",
                title="label smoothing",
                default=0.0,
                low=0.0,
                high=1.0,
                help="Takes this share of the target from the true labels and spreads it evenly "
                "over all labels.",
            ),
            POLY,
        ),
        source="torch.nn.functional.cross_entropy with class probabilities; normalised multi-hot "
        "targets: Mahajan et al. 2018, arXiv:1805.00932; poly-1: Leng et al. 2022, "
        "arXiv:2204.12511",
        when_not="Do not use it where you need a probability for each label on its own or an "
        "answer of no label, because its probabilities compete and sum to one in every row.",
        unit="row",
        probabilities="softmax",
    ),
    LossInfo(
        key="bce",
        title="Sigmoid BCE",
        formula=r"y \left( -\log p + \epsilon (1 - p) \right) + (1 - y) "
        r"\left( -\log(1 - p) + \epsilon \, p \right), \quad p = \frac{1}{1 + e^{-z}}",
        function_name="binary_cross_entropy",
        parameters=(BINARY_SMOOTHING, POLY),
        source="torch.nn.functional.binary_cross_entropy_with_logits; poly-1: Leng et al. 2022, "
        "arXiv:2204.12511",
        when_not="Do not use it with a fixed threshold of 0.5 when labels are rare and training is "
        "short, because the many zeros then pull every probability down first.",
    ),
    LossInfo(
        key="bce_pos_weight",
        title="BCE with pos_weight",
        formula=r"-w_+ \, y \log p - (1 - y) \log(1 - p)",
        function_name="binary_cross_entropy",
        parameters=(
            Parameter(
                name="pos_weight",
                title="positive weight",
                default="sqrt",
                low=1e-3,
                high=1e4,
                choices=("balanced", "sqrt", "effective", "none"),
                log=True,
                help="How many times a true label counts: one number for all labels, or a scheme "
                "that gives rarer labels more.",
            ),
            Parameter(
                name="cap",
                title="largest weight",
                default=1e4,
                low=1.0,
                high=1e4,
                step=1.0,
                log=True,
                help="No label's positive weight is larger than this.",
            ),
            BINARY_SMOOTHING,
        ),
        source="torch.nn.BCEWithLogitsLoss, which suggests negatives / positives; effective "
        "numbers: Cui et al. 2019, arXiv:1901.05555",
        when_not="Do not use it where the probabilities themselves are read, because a weight w "
        "moves the best logit up by log w.",
    ),
    LossInfo(
        key="weighted_bce",
        title="Weighted BCE",
        formula=r"\left( w_+ y + w_- (1 - y) \right) "
        r"\left( -y \log p - (1 - y) \log(1 - p) \right)",
        function_name="weighted_binary_cross_entropy",
        parameters=(
            Parameter(
                name="positive_weight",
                title="weight of true labels",
                default=2.0,
                low=1e-3,
                high=1e4,
                log=True,
                help="Multiplies the whole term of each true label.",
            ),
            Parameter(
                name="negative_weight",
                title="weight of false labels",
                default=1.0,
                low=1e-3,
                high=1e4,
                log=True,
                help="Multiplies the whole term of each false label.",
            ),
            BINARY_SMOOTHING,
        ),
        source="Xie and Tu 2015, Holistically-Nested Edge Detection, arXiv:1504.06375",
        when_not="Do not use it where labels differ much in how rare they are, because all labels "
        "share the same two weights.",
    ),
    LossInfo(
        key="focal",
        title="Focal loss",
        formula=r"w_t \, (1 - p_t)^\gamma \left( -\log p_t + \epsilon (1 - p_t) \right), \quad "
        r"p_t = p \text{ if } y = 1 \text{ else } 1 - p",
        function_name="focal",
        parameters=(
            Parameter(
                name="gamma",
                title="focusing γ",
                default=2.0,
                low=0.0,
                high=10.0,
                step=0.1,
                help="The larger it is, the less a label counts that is already predicted well; "
                "0 is plain BCE.",
            ),
            Parameter(
                name="alpha",
                title="α (positives), 1 − α (negatives)",
                default="none",
                low=0.0,
                high=1.0,
                choices=("none",),
                help="Multiplies the loss of positives by α and that of negatives by 1 − α, so a "
                "value below one half favours negatives.",
            ),
            Parameter(
                name="pos_weight",
                title="positive weight",
                default=1.0,
                low=1e-3,
                high=1e4,
                log=True,
                help="Multiplies the loss of positives alone.",
            ),
            POLY,
        ),
        source="Lin et al. 2017, Focal Loss for Dense Object Detection, arXiv:1708.02002; poly-1: "
        "Leng et al. 2022, arXiv:2204.12511",
        when_not="Do not use it where the probabilities themselves are read, because it pulls them "
        "towards one half, or where many targets are wrong, because it dwells on those.",
    ),
    LossInfo(
        key="asymmetric",
        title="Asymmetric loss",
        formula=r"-y \, (1 - p)^{\gamma_+} \log p - (1 - y) \, p_m^{\gamma_-} \log(1 - p_m), \quad "
        r"p_m = \max(p - m, 0)",
        function_name="asymmetric",
        parameters=(
            Parameter(
                name="gamma_pos",
                title="focusing of positives γ₊",
                default=1.0,
                low=0.0,
                high=10.0,
                step=0.1,
                help="The larger it is, the less a true label counts that is already predicted "
                "well.",
            ),
            Parameter(
                name="gamma_neg",
                title="focusing of negatives γ₋",
                default=4.0,
                low=0.0,
                high=10.0,
                step=0.1,
                help="The larger it is, the less a false label counts whose probability is "
                "already low.",
            ),
            Parameter(
                name="margin",
                title="margin m",
                default=0.05,
                low=0.0,
                high=0.5,
                help="False labels with a probability up to this count nothing at all.",
            ),
            Parameter(
                name="detach_focusing",
                title="focusing constant in the gradient",
                default=False,
                help="Leaves the slope of the focusing powers out of the gradient, as the "
                "authors' training code does; the loss itself stays the same.",
            ),
        ),
        source="Ridnik et al. 2021, Asymmetric Loss For Multi-Label Classification, "
        "arXiv:2009.14119",
        when_not="Do not use it where the probabilities themselves are read, because negatives "
        "below the margin are no longer pushed down.",
    ),
)
