"""Where people ask these questions, or answer them."""

ASL = "[Ridnik et al. 2021, arXiv:2009.14119](https://arxiv.org/abs/2009.14119)"
ASL_LARGE = "[ASL #22: the loss is very large](https://github.com/Alibaba-MIIL/ASL/issues/22)"
AUTRAINER = (
    "[autrainer #18: threshold inconsistency](https://github.com/autrainer/autrainer/issues/18)"
)
C2AE = "[C2AE #2: macro F1 smaller than 0.5](https://github.com/chihkuanyeh/C2AE/issues/2)"
CALIBRATE_WEIGHTS = (
    "[Data Science: re-calibrate probabilities after using class weights]"
    "(https://datascience.stackexchange.com/questions/58631)"
)
CHARTE = (
    "[Charte et al. 2015, Addressing imbalance in multilabel classification]"
    "(https://doi.org/10.1016/j.neucom.2014.08.091)"
)
COST_SENSITIVE = (
    "[scikit-learn: post-tuning the decision threshold for cost-sensitive learning]"
    "(https://scikit-learn.org/stable/auto_examples/model_selection/"
    "plot_cost_sensitive_learning.html)"
)
CROSS_ENTROPY = (
    "[torch.nn.CrossEntropyLoss]"
    "(https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html)"
)
CUTS = (
    "[Computer Science: calculating the classification threshold efficiently]"
    "(https://cs.stackexchange.com/questions/18602)"
)
FAST_BERT = (
    "[fast-bert #52: 500+ multi-labels only predicts zeros]"
    "(https://github.com/appvision-ai/fast-bert/issues/52)"
)
FASTTEXT = (
    "[fastText #92: test does not correctly evaluate multi-label results]"
    "(https://github.com/facebookresearch/fastText/issues/92)"
)
FIXED_THRESHOLD = (
    "[sklearn.model_selection.FixedThresholdClassifier](https://scikit-learn.org/stable/modules/"
    "generated/sklearn.model_selection.FixedThresholdClassifier.html)"
)
FLAIR = (
    "[flair #678: multi-label classification not working?]"
    "(https://github.com/flairNLP/flair/issues/678)"
)
FOCAL = "[Lin et al. 2017, arXiv:1708.02002](https://arxiv.org/abs/1708.02002)"
FOCAL_ALPHA = (
    "[focal-loss-keras #1: about the alpha parameter]"
    "(https://github.com/umbertogriffo/focal-loss-keras/issues/1)"
)
FOCAL_CALIBRATION = (
    "[Charoenphakdee et al. 2021, arXiv:2011.09172](https://arxiv.org/abs/2011.09172)"
)
FOCAL_PARAMETERS = (
    "[focal_loss_pytorch #3: what are the best parameters?]"
    "(https://github.com/clcarwin/focal_loss_pytorch/issues/3)"
)
FOCAL_SIZE = "[Focal-Loss #1: loss = 73.68](https://github.com/Longqi-S/Focal-Loss/issues/1)"
HILL = "[Zhang et al. 2021, arXiv:2112.07368](https://arxiv.org/abs/2112.07368)"
KERAS_CLASS_WEIGHT = (
    "[Keras #15984: cannot add class weights for multilabel classification?]"
    "(https://github.com/keras-team/keras/issues/15984)"
)
LIPTON = "[Lipton et al. 2014, arXiv:1402.1892](https://arxiv.org/abs/1402.1892)"
LONG_TAIL = "[Liu et al. 2019, arXiv:1904.05160](https://arxiv.org/abs/1904.05160)"
LOSS_AND_ACCURACY = (
    "[Cross Validated: validation loss is increasing while validation accuracy is increasing]"
    "(https://stats.stackexchange.com/questions/282160)"
)
MASK = (
    "[mmpretrain #631: how to deal with nan in multi label task?]"
    "(https://github.com/open-mmlab/mmpretrain/issues/631)"
)
METRIC_WARNING = (
    "[Stack Overflow: F-score is ill-defined and being set to 0.0]"
    "(https://stackoverflow.com/questions/43162506)"
)
OPITZ = "[Opitz and Burst 2019, arXiv:1911.03347](https://arxiv.org/abs/1911.03347)"
OPTAX_ASL = "[optax #1591: add asymmetric loss](https://github.com/google-deepmind/optax/pull/1591)"
OVERSAMPLING = (
    "[Cross Validated: oversampling a multi-labeled data set]"
    "(https://stats.stackexchange.com/questions/423412)"
)
POS_WEIGHT_INFERENCE = (
    "[PyTorch forum: how to do re-weighting on inference]"
    "(https://discuss.pytorch.org/t/"
    "bcewithlogitsloss-pos-weights-how-to-do-re-weighting-on-inference/206415)"
)
RANKING = (
    "[scikit-learn: multilabel ranking metrics]"
    "(https://scikit-learn.org/stable/modules/model_evaluation.html#multilabel-ranking-metrics)"
)
SAMPLES_AVERAGE = (
    "[scikit-learn #26713: samples average where all labels are zero]"
    "(https://github.com/scikit-learn/scikit-learn/pull/26713)"
)
SAME_LABEL = (
    "[mmsegmentation #2579: binary model always predict same label]"
    "(https://github.com/open-mmlab/mmsegmentation/issues/2579)"
)
SIGMOID_OR_SOFTMAX = (
    "[Cross Validated: what loss function for multi-class, multi-label tasks?]"
    "(https://stats.stackexchange.com/questions/207794)"
)
SIGMOID_TWICE = (
    "[focal-loss-pytorch #5: already applies a sigmoid]"
    "(https://github.com/itakurah/focal-loss-pytorch/pull/5)"
)
STOP_ON_F1 = (
    "[Data Science: issue with early stopping on F1 score]"
    "(https://datascience.stackexchange.com/questions/41340)"
)
STRATIFY = (
    "[scikit-learn #25596: train-test split for multilabel datasets]"
    "(https://github.com/scikit-learn/scikit-learn/issues/25596)"
)
TF_ACCURACY = (
    "[TensorFlow forum: accuracy metrics in multi-label classification]"
    "(https://discuss.tensorflow.org/t/"
    "accuracy-metrics-in-multi-class-multi-label-classification/23557)"
)
THRESHOLD_TUNING = (
    "[knodle #332: add threshold fine-tuning for multi-label classification]"
    "(https://github.com/knodle/knodle/issues/332)"
)
TRANSFORMERS = (
    "[transformers #247: multilabel classification and diverging loss]"
    "(https://github.com/huggingface/transformers/issues/247)"
)
THRESNETS = (
    "[Applied Sciences 13/13: neural thresholding strategies]"
    "(https://www.mdpi.com/2076-3417/13/13/7591)"
)
TUNING = (
    "[scikit-learn: tuning the decision threshold for class prediction]"
    "(https://scikit-learn.org/stable/modules/classification_threshold.html)"
)
WEIGHT_ARGUMENT = (
    "[mmpretrain #434: weight should be pos_weight]"
    "(https://github.com/open-mmlab/mmpretrain/issues/434)"
)
WHICH_F1 = (
    "[Cross Validated: is macro, weighted or micro F1 used?]"
    "(https://stats.stackexchange.com/questions/436411)"
)
WITH_LOGITS = (
    "[torch.nn.BCEWithLogitsLoss]"
    "(https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html)"
)
WITH_LOGITS_DIFFERS = (
    "[PyTorch #24933: BCELossWithLogits(input) != BCELoss(Sigmoid(input))]"
    "(https://github.com/pytorch/pytorch/issues/24933)"
)
ZERO_METRICS = (
    "[Multi-Label-Text-Classification #5: accuracies above 90 %, all else 0]"
    "(https://github.com/nkartik94/Multi-Label-Text-Classification/issues/5)"
)
