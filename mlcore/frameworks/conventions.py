"""What each framework does by another convention than `mlcore.losses`, and Caffe's layers."""

# What holds for every loss there. Here: logits first, the mean over all labels of all rows.
GENERAL = {
    "pytorch": (
        "Logits come first, then targets, and targets are floating point numbers.",
        'reduction is "mean", "sum" or "none", in words: None is an error. There is no "batchmean" '
        'for these losses; use "sum" and divide by the number of rows.',
    ),
    "keras": (
        "Targets come first, then what the network gives.",
        "from_logits is False unless you say otherwise: then logits are taken for probabilities "
        "without an error, clipped to [0, 1] by BinaryCrossentropy and divided by their sum by "
        "CategoricalCrossentropy.",
        "The mean is taken over the labels first; sample_weight then weights rows, class_weight "
        "cannot weight labels of a multi-hot row.",
    ),
    "tensorflow": (
        "Functions of tf.nn reduce nothing: they give one value per label or per row, and the mean "
        "is yours to take.",
        "Labels come before logits, so pass labels= and logits= by name.",
    ),
    "jax": (
        "Functions of Optax reduce nothing: they give one value per label or per row, and the mean "
        "is yours to take.",
        "Logits come first, then labels.",
    ),
    "caffe": (
        "A layer divides as its loss_param says: SigmoidCrossEntropyLoss by the number of rows "
        "(BATCH_SIZE), so its gradient is k times that of the mean over labels.",
    ),
}

SPECIAL = {
    ("pytorch", "softmax"): (
        "label_smoothing spreads the same share evenly over all labels; a row without labels gets "
        "it too, where mlcore.losses leaves that row out.",
    ),
    ("keras", "softmax"): (
        "label_smoothing spreads the same share evenly; a row without labels gets it too.",
    ),
    ("tensorflow", "softmax"): (
        "The gradient of softmax_cross_entropy_with_logits takes for granted that labels sum to "
        "one: a row without labels has loss 0 and still pushes all logits down, so it is left out.",
    ),
    ("pytorch", "bce"): ("BCEWithLogitsLoss has no label_smoothing: smooth the targets.",),
    ("keras", "bce"): ("label_smoothing draws targets towards one half, as here.",),
    ("pytorch", "bce_pos_weight"): (
        "pos_weight multiplies the term of true labels; weight multiplies both terms.",
    ),
    ("keras", "bce_pos_weight"): (
        "No Keras loss weights positives per label, so it is written out.",
    ),
    ("tensorflow", "bce_pos_weight"): (
        "The pos_weight of weighted_cross_entropy_with_logits is the one of PyTorch.",
    ),
    ("jax", "bce_pos_weight"): ("Optax has no weight for positives, so it is written out.",),
    ("pytorch", "focal"): (
        "torchvision.ops.sigmoid_focal_loss has alpha=0.25 unless you pass -1, and reduction "
        '"none" unless you say "mean".',
    ),
    ("keras", "focal"): (
        "alpha does nothing unless apply_class_balancing=True; then positives get alpha and "
        "negatives 1 − alpha.",
        "Probabilities are clipped at 1e-7 even from logits, so a very wrong label has no gradient "
        "beyond a logit of about 16.",
    ),
    ("jax", "focal"): ("alpha is None unless you pass it; then positives get alpha.",),
    ("keras", "bce_on_probabilities"): (
        "Keras clips probabilities at 1e-7, PyTorch the logarithm at −100: where they saturate, "
        "they differ.",
    ),
    ("keras", "dice"): (
        "keras.losses.Dice sums over the whole batch unless you pass axis, and does not square; it "
        "is written out here per label.",
    ),
    ("keras", "tversky"): (
        "keras.losses.Tversky sums over the whole batch unless you pass axis; in Keras 3.15 its "
        "alpha weights misses and its beta false positives, though its documentation says the "
        "reverse.",
    ),
    ("pytorch", "partition_poisson"): (
        "PoissonNLLLoss takes a logarithm unless log_input=False, and full=False leaves out "
        "log(y!), which is 0 for 0 and 1.",
    ),
    ("tensorflow", "partition_poisson"): ("log_poisson_loss takes the logarithm of the rate.",),
    ("caffe", "softmax"): (
        "SoftmaxWithLoss takes one label per row as an integer, so it cannot express multi-hot "
        "targets; InfogainLoss also takes a matrix of weights.",
    ),
}

CAFFE = {
    "softmax": "SoftmaxWithLoss",
    "bce": "SigmoidCrossEntropyLoss",
}
