"""Compiled loops that count what thresholds predict; `ThresholdSweep` is the way in.

Each loop reads its table row by row and lets other threads run meanwhile. Precision, recall,
F-beta and Jaccard of a row or a label stand in that order wherever there are four of them, and
count 0 where they are undefined.
"""

import numpy as np

from mlcore.thresholds.compiling import compiled

BUCKETS = 4096  # equal parts of [0, 1]


def bucket_starts(limits: np.ndarray) -> np.ndarray:
    """For each of 4,096 equal parts of [0, 1], the last limit that its lower end reaches, or 0."""
    reached = np.searchsorted(limits, np.arange(BUCKETS + 1) / BUCKETS, side="right") - 1
    return reached.clip(min=0).astype(np.uint32)


@compiled
def _ratios(true, predicted, support, beta2):
    """The four figures from counts, 0 where undefined."""
    if true == 0:
        return 0.0, 0.0, 0.0, 0.0
    return (
        true / predicted,
        true / support,
        (1 + beta2) * true / (beta2 * support + predicted),
        true / (predicted + support - true),
    )


@compiled
def count_over(targets, scores, limits, starts, beta2, labels, steps, support, sizes):
    """Count what each of t limits predicts. All outputs but sizes are added to.

    Args:
        targets: 0 or 1, uint8, shape (n, k).
        scores: In [0, 1], shape (n, k).
        limits: Increasing, > 0, then inf, of the scores' dtype, shape (t + 1,).
        starts: `bucket_starts(limits)`.
        beta2: Square of beta.
        labels: Cells of each label that reach this limit and no higher one, by target,
            int32, contiguous, shape (k, t + 1, 2).
        steps: What going down to a limit adds to the `tally` of rows, shape (t + 1, 7).
        support: True rows of each label, int32, shape (k,).
        sizes: True labels of each row, shape (n,).

    Returns:
        Whether all targets were 0 or 1 and all scores in [0, 1].
    """
    n, k = scores.shape
    scale = scores.dtype.type(BUCKETS)
    active, bins = np.empty(k, np.uint32), np.empty(k, np.int32)
    row = np.zeros((len(limits), 2), np.int32)
    flat_row, flat_labels = row.reshape(-1), labels.reshape(-1)
    # Numba asks of each signed index whether it counts from the end; unsigned ones need no asking.
    width, one = np.uintp(2 * len(limits)), np.uintp(1)
    for i in range(n):
        y, p = targets[i], scores[i]
        sizes[i] = _check_row(y, p, support)
        if sizes[i] < 0:
            return False
        m = np.uintp(0)
        for j in range(k):  # no branch: whether a score reaches the first limit is a coin toss
            active[m] = j
            m += np.uintp(p[j] >= limits[0])
        for c in range(m):
            j = np.uintp(active[c])
            b = np.uintp(starts[np.uint32(p[j] * scale)])
            while p[j] >= limits[b + one]:
                b += one
            cell = b + b + np.uintp(y[j])
            flat_labels[j * width + cell] += 1
            flat_row[cell] += 1
            bins[c] = b
        found = _falling_bins(bins, m, row)
        _add_row(bins[:found], row, sizes[i], beta2, steps)
    return True


@compiled
def _check_row(targets, scores, support):
    """Count the true labels of a row, or give -1 if a target or score is none; adds to support."""
    valid = np.int32(0)
    for j in range(len(scores)):
        valid += np.int32((scores[j] >= 0) & (scores[j] <= 1))
    bits = np.uint8(0)
    size = np.int32(0)
    for j in range(len(targets)):
        bits |= targets[j]
        size += np.int32(targets[j])
        support[j] += np.int32(targets[j])
    return size if valid == len(scores) and bits <= 1 else -1


@compiled
def _falling_bins(bins, m, row):
    """Put the different bins of a row, highest first, into bins; returns how many there are."""
    found = 0
    if m * m < 4 * len(row):  # few: insert each at its place
        for c in range(m):
            b = bins[c]
            place = found
            while place > 0 and bins[place - 1] < b:
                place -= 1
            if place > 0 and bins[place - 1] == b:
                continue
            for move in range(found, place, -1):
                bins[move] = bins[move - 1]
            bins[place] = b
            found += 1
    else:  # many: look at every bin
        for b in range(len(row) - 1, -1, -1):
            if row[b, 0] + row[b, 1]:
                bins[found] = b
                found += 1
    return found


@compiled
def _add_row(bins, row, size, beta2, steps):
    """Add one row, whose cells by bin and target are in row; row is emptied."""
    true = predicted = 0
    old = (0.0, 0.0, 0.0, 0.0)
    was_exact = size == 0
    if len(bins):
        steps[bins[0], 4] += 1
        steps[bins[0], 5] += size == 0
    for b in bins:
        true += row[b, 1]
        predicted += row[b, 0] + row[b, 1]
        row[b, 0] = row[b, 1] = 0
        new = _ratios(true, predicted, size, beta2)
        exact = (true == predicted) & (true == size)
        for figure in range(4):
            steps[b, figure] += new[figure] - old[figure]
        steps[b, 6] += np.float64(exact) - np.float64(was_exact)
        old, was_exact = new, exact


@compiled
def count_cells(targets, scores, limits, labels, rows):
    """Count what one threshold for each label predicts.

    Args:
        targets: 0 or 1, uint8, shape (n, k).
        scores: Shape (n, k).
        limits: Of the scores' dtype, shape (k,).
        labels: Found, predicted and true cells of each label, added to, shape (k, 3).
        rows: The same of each row, overwritten, shape (n, 3).
    """
    n, k = scores.shape
    found, predicted, true = np.zeros(k, np.int32), np.zeros(k, np.int32), np.zeros(k, np.int32)
    for i in range(n):
        of_row = (0, 0, 0)
        for j in range(k):
            reached = np.int32(scores[i, j] >= limits[j])
            y = np.int32(targets[i, j])
            found[j] += reached & y
            predicted[j] += reached
            true[j] += y
            of_row = of_row[0] + (reached & y), of_row[1] + reached, of_row[2] + y
        rows[i, 0], rows[i, 1], rows[i, 2] = of_row
    labels[:, 0] += found
    labels[:, 1] += predicted
    labels[:, 2] += true


@compiled
def add_unit(true, predicted, size, weight, beta2, out):
    """Add one row or label to a tally; a negative weight takes it out again."""
    figures = _ratios(true, predicted, size, beta2)
    for figure in range(4):
        out[figure] += weight * figures[figure]
    out[4] += weight * (predicted > 0)
    out[5] += weight * ((predicted > 0) & (size == 0))
    out[6] += weight * ((true == predicted) & (true == size))


@compiled
def tally(counts, beta2, out):
    """Add up rows: the four figures, then what is needed where one is undefined.

    Args:
        counts: Found, predicted and true labels of each row, shape (n, 3).
        beta2: Square of beta.
        out: Sums of the four figures, number of rows with something predicted, of those among
            them with nothing true, and of those predicted exactly, shape (7,). A tally of labels
            has the same of labels.
    """
    out[:] = 0
    for row in counts:
        add_unit(row[0], row[1], row[2], 1.0, beta2, out)


@compiled
def _add_label(label, sign, beta2, tallies):
    add_unit(label[0], label[1], label[2], sign, beta2, tallies[1])
    add_unit(label[0], label[1], label[2], sign * label[2], beta2, tallies[2])


@compiled
def tally_labels(found, predicted, support, beta2, out):
    """The tally of labels, and of labels weighted by support, at each of t thresholds.

    Args:
        found: True and predicted cells, shape (t, k).
        predicted: Shape (t, k).
        support: Shape (k,).
        beta2: Square of beta.
        out: Shape (t, 2, 7).
    """
    out[:] = 0
    for t in range(len(found)):
        for j in range(len(support)):
            unit = found[t, j], predicted[t, j], support[j]
            add_unit(unit[0], unit[1], unit[2], 1.0, beta2, out[t, 0])
            add_unit(unit[0], unit[1], unit[2], float(support[j]), beta2, out[t, 1])


@compiled
def tally_all(labels, rows, beta2):
    """The tallies of rows, of labels, and of labels weighted by support, shape (3, 7).

    Args:
        labels: Found, predicted and true cells of each label, shape (k, 3).
        rows: The same of each row, shape (n, 3).
        beta2: Square of beta.
    """
    out = np.zeros((3, 7))
    tally(rows, beta2, out[0])
    for label in labels:
        _add_label(label, 1.0, beta2, out)
    return out


@compiled
def figures(tallies, pooled, totals, beta2, zero_division, over_all):
    """What `ThresholdSweep` reports, from what was counted at each of t thresholds.

    Args:
        tallies: The `tally` of rows, of labels, and of labels weighted by support, (t, 3, 7).
        pooled: Found and predicted cells, shape (t, 2).
        totals: Rows, labels, true cells, rows with nothing true, labels with nothing true.
        beta2: Square of beta.
        zero_division: The value of what is undefined; left out of means where it is nan.
        over_all: Whether macro means are over all labels, and not over those that occur, which are
            those with something true. Where none occurs they are over all.

    Returns:
        Shape (t, 21): micro, macro, weighted and samples averages of precision, recall, F-beta
        and Jaccard; subset accuracy, Hamming loss, labels per row, share of rows with nothing
        predicted, number of labels predicted.
    """
    n, k, true, untrue_rows, untrue_labels = totals
    out = np.empty((len(pooled), 21))
    for t in range(len(pooled)):
        found, predicted = pooled[t]
        shares = _ratios(found, predicted, true, beta2)
        undefined = predicted == 0, true == 0, predicted + true == 0, predicted + true == 0
        for figure in range(4):
            out[t, figure] = zero_division if undefined[figure] else shares[figure]
        rows, macro, weighted = tallies[t]
        out[t, 4:16] = np.nan
        # All labels count where no weight is left: in the weighted mean, as in scikit-learn.
        _means(macro, k, macro[4], untrue_labels, macro[5], zero_division, out[t, 4:8])
        out[t, 8:12] = out[t, 4:8]
        _means(weighted, true, weighted[4], 0, 0.0, zero_division, out[t, 8:12])
        if not over_all and true:  # labels with nothing true are in the counts, not in the sums
            out[t, 4:8] = np.nan
            occurring, predicted_of_them = k - untrue_labels, macro[4] - macro[5]
            _means(macro, occurring, predicted_of_them, 0, 0.0, zero_division, out[t, 4:8])
        _means(rows, n, rows[4], untrue_rows, rows[5], zero_division, out[t, 12:16])
        out[t, 16] = rows[6] / n
        out[t, 17] = (predicted + true - 2 * found) / (n * k)
        out[t, 18] = predicted / n
        out[t, 19] = (n - rows[4]) / n
        out[t, 20] = macro[4]
    return out


@compiled
def _means(sums, weight, predicted, untrue, wrong, zero_division, out):
    """The means of the four figures; out stays as it is where there is nothing to take one of.

    Args:
        sums: Of the four figures, at the beginning of a tally.
        weight: Of all that counts; of it predicted has something predicted, untrue has nothing
            true, and wrong has something predicted and nothing true.
        zero_division, out: As in `figures`; out has shape (4,).
    """
    undefined = weight - predicted, float(untrue), untrue - wrong, untrue - wrong
    for figure in range(4):
        if np.isnan(zero_division):
            whole, part = weight - undefined[figure], sums[figure]
        else:
            whole, part = float(weight), sums[figure] + zero_division * undefined[figure]
        if whole > 0:
            out[figure] = min(max(part / whole, 0.0), 1.0)  # sums round, shares stay shares


@compiled
def move_label(targets, scores, old, new, beta2, rows, label, tallies, pooled):
    """Give one label another threshold. What was counted is brought up to date.

    Args:
        targets, scores: Of that label, shape (n,).
        old: Its threshold so far.
        new: Its threshold from now on.
        beta2: Square of beta.
        rows: Found, predicted and true labels of each row, shape (n, 3).
        label: Found, predicted and true rows of that label, shape (3,).
        tallies: The `tally` of rows, of labels, and of labels weighted by support, (3, 7).
        pooled: Found and predicted cells of all labels, shape (2,).
    """
    low, high, sign = (new, old, 1) if new < old else (old, new, -1)
    _add_label(label, -1.0, beta2, tallies)
    for i in range(len(scores)):
        if (scores[i] >= low) & (scores[i] < high):
            row = rows[i]
            add_unit(row[0], row[1], row[2], -1.0, beta2, tallies[0])
            for unit in (row, label, pooled):
                unit[0] += sign * np.int64(targets[i])
                unit[1] += sign
            add_unit(row[0], row[1], row[2], 1.0, beta2, tallies[0])
    _add_label(label, 1.0, beta2, tallies)


@compiled
def count_distinct(targets, scores, order, beta2, label_counts, row_counts, tallies, pooled):
    """Lower the threshold over every distinct score, from above.

    Args:
        targets: 0 or 1, uint8, shape (n, k).
        scores: Shape (n, k).
        order: Cells, numbered along rows, by falling score, shape (n * k,).
        beta2: Square of beta.
        label_counts: (0, 0, support) of each label, shape (k, 3); used up.
        row_counts: (0, 0, support) of each row, shape (n, 3); used up.
        tallies: For each distinct score, highest first, the `tally` of rows, of labels, and of
            labels weighted by support, shape (t, 3, 7).
        pooled: The same for found and predicted cells, shape (t, 2).
    """
    k = scores.shape[1]
    now = tally_all(label_counts, row_counts, beta2)
    found = place = 0
    for c in range(len(order)):
        i, j = order[c] // k, order[c] % k
        row, label = row_counts[i], label_counts[j]
        for sign in (-1.0, 1.0):
            add_unit(row[0], row[1], row[2], sign, beta2, now[0])
            _add_label(label, sign, beta2, now)
            if sign < 0:
                for unit in (row, label):
                    unit[0] += targets[i, j]
                    unit[1] += 1
        found += targets[i, j]
        if c + 1 < len(order):
            after = order[c + 1]
            if scores[after // k, after % k] == scores[i, j]:
                continue
        tallies[place] = now
        pooled[place, 0], pooled[place, 1] = found, c + 1
        place += 1
