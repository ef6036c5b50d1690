"""The losses with one more output for how many labels, as `LOSSES` lists them."""

from mlcore.checks import Parameter
from mlcore.losses.info import LossInfo

PARTITION = (
    LossInfo(
        key="partition_kl_mse",
        title="Partition: KL + MSE",
        formula=r"\sum_j q_j \log \frac{q_j}{s_j} + w \, (m - c)^2, \quad q = \frac{y}{m}, \quad "
        r"m = \sum_j y_j, \quad s = \operatorname{softmax}(z), \quad c = \max(0.01, u)",
        function_name="partition_kl_mse",
        parameters=(
            Parameter(
                name="count_weight",
                title="weight of how many",
                default=1.0,
                low=0.0,
                high=100.0,
                step=0.1,
                help="How much the squared error of the number of labels counts beside the "
                "divergence that says which.",
            ),
        ),
        source="Kullback and Leibler 1951, doi:10.1214/aoms/1177729694; the number of labels "
        "learned beside them: Tang et al. 2009, MetaLabeler, WWW 2009",
        when_not="Do not use it where the number of labels varies much from row to row, because "
        "the squared error then drowns which labels they are, and a count that has fallen below "
        "0.01 is no longer pulled up.",
        unit="row",
        probabilities="partition",
        extra_outputs=1,
        kernel_module="partition_kernels",
    ),
    LossInfo(
        key="partition_absolute_kl",
        title="Partition: |KL|",
        formula=r"\left| \sum_j y_j \log \frac{y_j}{c \, s_j} \right|, \quad "
        r"s = \operatorname{softmax}(z), \quad c = \max(0.01, u)",
        function_name="partition_absolute_kl",
        parameters=(),
        source="The sum of a KL divergence on what is no distribution; the form that cannot be "
        "negative adds c − m: Csiszár 1991, Annals of Statistics 19",
        when_not="Do not use it to learn how many labels there are, because a count that is too "
        "large makes up for labels that are wrong, and all labels in equal shares already give 0.",
        unit="row",
        probabilities="partition",
        extra_outputs=1,
        kernel_module="partition_kernels",
    ),
    LossInfo(
        key="partition_poisson",
        title="Partition: Poisson",
        formula=r"\sum_j \left( \lambda_j - y_j \log \lambda_j \right) "
        r"= \left( e^u - m u \right) - \sum_j y_j \log s_j, \quad \lambda_j = e^u s_j, \quad "
        r"s = \operatorname{softmax}(z)",
        function_name="partition_poisson",
        parameters=(),
        source="Sum of independent Poisson counts, and multinomial given the sum: McCullagh and "
        "Nelder 1989, Generalized Linear Models, chapter 6",
        when_not="Do not use it for labels that are nearly certain, because a Poisson count of a "
        "label may be two or more, so that even a rate of one means a probability of only 1 − 1/e.",
        unit="row",
        probabilities="poisson",
        extra_outputs=1,
        kernel_module="partition_kernels",
    ),
)
