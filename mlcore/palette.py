"""The colours and dashes that tell contenders apart in every chart. Imports nothing."""

# Okabe and Ito 2008, "Color Universal Design": the four that show on white and on black.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
DASHES = ((1, 0), (8, 4), (3, 3), (10, 3, 2, 3))
