"""Measures of imbalance, pairs of labels, groups: against definitions and published values."""

import math

import numpy as np
import pytest
from sklearn.metrics import f1_score, jaccard_score

from mlcore.datasets import load
from mlcore.imbalance import (
    CUTS,
    PAIR_MEASURES,
    Pairs,
    companions,
    cvir,
    group_gaps,
    group_scores,
    groups,
    irlbl,
    label_f1,
    mean_ir,
    measure,
    scumble,
    scumble_per_label,
    scumble_per_row,
)


def table(n: int = 60, k: int = 9, seed: int = 0) -> np.ndarray:
    """A table whose labels become rarer; the last is never true, the first row has none."""
    rng = np.random.default_rng(seed)
    targets = (rng.random((n, k)) < np.linspace(0.6, 0.03, k)).astype(int)
    targets[:, -1] = 0
    targets[0] = 0
    return targets


def with_counts(counts: list[int], n: int) -> np.ndarray:
    return (np.arange(n)[:, None] < np.array(counts)).astype(np.uint8)


def scumble_by_definition(targets: np.ndarray) -> list[float]:
    """One row after the other, products as they stand in the paper."""
    counts = targets.sum(axis=0)
    found = []
    for row in targets:
        ratios = [max(counts) / counts[label] for label in np.flatnonzero(row)]
        if not ratios:
            found.append(0.0)
            continue
        found.append(1 - math.prod(ratios) ** (1 / len(ratios)) / (sum(ratios) / len(ratios)))
    return found


@pytest.mark.parametrize("seed", range(3))
def test_measures_match_their_definitions(seed):
    targets = table(seed=seed)
    found, n, k = measure(targets), *targets.shape
    counts = targets.sum(axis=0)
    ratios = [max(counts) / count for count in counts if count]
    mean = sum(ratios) / len(ratios)
    variance = sum((ratio - mean) ** 2 for ratio in ratios) / (len(ratios) - 1)
    sets = [tuple(row) for row in targets]
    rows = scumble_by_definition(targets)
    assert (found.rows, found.labels) == (n, k)
    assert found.support.tolist() == counts.tolist()
    np.testing.assert_allclose(found.irlbl[counts > 0], ratios, rtol=1e-14)
    assert math.isnan(found.irlbl[-1])
    assert found.mean_ir == pytest.approx(mean, rel=1e-13)
    assert found.cvir == pytest.approx(math.sqrt(variance) / mean, rel=1e-13)
    assert found.cardinality == pytest.approx(sum(map(sum, sets)) / n, rel=1e-14)
    assert found.density == pytest.approx(found.cardinality / k, rel=1e-14)
    assert found.label_sets == len(set(sets))
    assert found.single_sets == sum(sets.count(one) == 1 for one in set(sets))
    assert found.empty_rows == sets.count((0,) * k)
    # exp(mean(log)) for a root of a product: a few roundings of each, near 1.
    np.testing.assert_allclose(found.scumble_per_row, rows, atol=1e-14)
    assert found.scumble == pytest.approx(sum(rows) / n, abs=1e-14)
    for label in range(k - 1):
        own = [value for value, row in zip(rows, sets, strict=True) if row[label]]
        assert found.scumble_per_label[label] == pytest.approx(sum(own) / len(own), abs=1e-14)
    assert math.isnan(found.scumble_per_label[-1])


def test_each_function_gives_what_measure_gives():
    targets = table()
    found = measure(targets, absent="zero")
    assert mean_ir(targets, absent="zero") == found.mean_ir
    assert cvir(targets, absent="zero") == found.cvir
    assert scumble(targets) == found.scumble
    np.testing.assert_array_equal(irlbl(targets), found.irlbl)
    np.testing.assert_array_equal(scumble_per_row(targets), found.scumble_per_row)
    np.testing.assert_array_equal(scumble_per_label(targets), found.scumble_per_label)


def test_mean_ir_and_cvir_of_emotions_are_the_published_ones():
    """Both depend on the counts alone; Charte et al. 2015 give 1.478 and 0.180."""
    emotions = with_counts([173, 166, 264, 148, 168, 189], n=593)
    assert round(mean_ir(emotions), 3) == 1.478
    assert round(cvir(emotions), 3) == 0.180
    assert round(float(irlbl(emotions).max()), 3) == 1.784


def test_scumble_of_a_row_by_hand():
    # IRLbl 1, 2 and 4. Rows {0, 1}: 1 - sqrt(2) / 1.5; {0, 2}: 1 - sqrt(4) / 2.5 = 0.2.
    targets = np.array([[1, 1, 0], [1, 0, 0], [1, 0, 1], [1, 1, 0], [0, 0, 0]])
    first = 1 - math.sqrt(2) / 1.5
    np.testing.assert_allclose(scumble_per_row(targets), [first, 0, 0.2, first, 0], atol=1e-15)
    expected = [(2 * first + 0.2) / 4, first, 0.2]
    np.testing.assert_allclose(scumble_per_label(targets), expected, atol=1e-15)


def test_products_of_many_ratios_do_not_overflow():
    targets = np.ones((400, 300), np.uint8)
    targets[1:, 1:] = 0  # IRLbl 400, 299 times in one row: the product is beyond float64
    assert 0 < scumble_per_row(targets)[0] < 1


def test_labels_that_are_equally_rare_are_not_entangled():
    for times in range(2, 40):
        targets = np.zeros((times + 1, 4), np.uint8)
        targets[1:, 0] = targets[0, 1:] = 1  # three labels with IRLbl `times` in one row
        assert 0 <= scumble_per_row(targets)[0] < 1e-15  # what rounds below 0 is 0


@pytest.mark.parametrize(
    ("absent", "mean", "variation"),
    [
        ("exclude", 1.5, math.sqrt(0.5) / 1.5),
        ("zero", 1.0, 1.0),  # of 1, 2 and 0, as mldr has it
        ("infinite", math.inf, math.nan),
    ],
)
def test_labels_never_true_are_counted_as_the_convention_says(absent, mean, variation):
    targets = with_counts([4, 2, 0], n=5)
    assert mean_ir(targets, absent=absent) == mean
    assert cvir(targets, absent=absent) == pytest.approx(variation, rel=1e-14, nan_ok=True)


def test_conventions_agree_where_every_label_is_true_somewhere():
    targets = with_counts([4, 2, 1], n=5)
    assert len({mean_ir(targets, absent=absent) for absent in ("exclude", "zero", "infinite")}) == 1
    assert len({cvir(targets, absent=absent) for absent in ("exclude", "zero", "infinite")}) == 1


def test_equally_frequent_labels_are_not_imbalanced():
    found = measure(np.eye(4)[[0, 1, 2, 3]] + np.eye(4)[[1, 2, 3, 0]])
    assert (found.mean_ir, found.cvir, found.scumble) == (1.0, 0.0, 0.0)
    assert groups(found.support).tolist() == [0, 0, 0, 0]


def test_one_label_and_one_that_is_never_true():
    one = measure(np.array([[1], [0]]))
    assert (one.mean_ir, one.scumble, one.label_sets) == (1.0, 0.0, 2)
    assert math.isnan(one.cvir)
    none = measure(np.zeros((3, 2)))
    assert math.isnan(none.mean_ir)
    assert math.isnan(none.cvir)
    assert (none.scumble, none.cardinality, none.label_sets, none.empty_rows) == (0, 0, 1, 3)
    assert mean_ir(np.zeros((3, 2)), absent="zero") == 0
    assert math.isnan(cvir(np.zeros((3, 2)), absent="zero"))


@pytest.mark.parametrize("kind", [bool, np.uint8, np.int64, np.float32, list])
def test_targets_may_be_of_any_kind_of_number(kind):
    targets = table().tolist() if kind is list else table().astype(kind)
    assert measure(targets).scumble == measure(table()).scumble


@pytest.mark.parametrize(
    ("targets", "error", "message"),
    [
        (np.zeros((0, 3)), ValueError, r"at least one row and one label, got \(0, 3\)"),
        (np.zeros((3, 0)), ValueError, r"at least one row and one label, got \(3, 0\)"),
        (np.zeros(3), ValueError, r"shape \(n_samples, n_labels\), got \(3,\)"),
        (np.array([[0, 2]]), ValueError, "targets must be 0 or 1, got 2"),
        (np.array([[0, np.nan]]), ValueError, "targets must be 0 or 1, got nan"),
        (np.array([["a"]]), TypeError, "targets must be numbers"),
        (np.array([[None]]), TypeError, "targets must be numbers"),
    ],
)
def test_targets_that_are_no_table_of_0_and_1_are_refused(targets, error, message):
    for function in (measure, scumble, Pairs):
        with pytest.raises(error, match=message):
            function(targets)


def test_an_unknown_convention_is_refused():
    with pytest.raises(ValueError, match="absent must be one of exclude, zero, infinite"):
        mean_ir(table(), absent="skip")


def test_pairs_are_counted_exactly_where_float32_cannot():
    rows = 2**24 + 3  # whose neighbours in float32 are 2**24 + 2 and 2**24 + 4
    assert Pairs(np.ones((rows, 1), np.uint8)).support.tolist() == [rows]


def test_pairs_match_their_definitions():
    targets = table(40, 6)
    pairs, n = Pairs(targets), len(targets)
    tables = {name: pairs.table(name) for name in PAIR_MEASURES}
    for a in range(6):
        for b in range(6):
            both = int((targets[:, a] & targets[:, b]).sum())
            own, other = int(targets[:, a].sum()), int(targets[:, b].sum())
            found = pairs.pair(a, b)
            assert (found.count, tables["count"][a, b]) == (both, both)
            expected = {
                "given": both / own if own else math.nan,
                "jaccard": both / (own + other - both) if own + other - both else math.nan,
                "lift": (both / n) / (own / n * other / n) if own and other else math.nan,
            }
            for name, value in expected.items():
                assert getattr(found, name) == pytest.approx(value, rel=1e-13, nan_ok=True)
                assert tables[name][a, b] == pytest.approx(value, rel=1e-13, nan_ok=True)
            assert found.back == pytest.approx(both / other if other else math.nan, nan_ok=True)


def test_jaccard_of_pairs_is_scikit_learns():
    targets = table(40, 5)
    values = Pairs(targets).table("jaccard")
    for a in range(4):
        for b in range(4):
            expected = jaccard_score(targets[:, a], targets[:, b])
            assert values[a, b] == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("by", PAIR_MEASURES)
def test_neighbours_are_ranked_and_seen_often_enough(by):
    targets = table(80, 8, seed=4)
    pairs = Pairs(targets)
    for label in range(8):
        found = pairs.neighbours(label, by=by, least=2)
        values = [getattr(pair, by) for pair in found]
        assert values == sorted(values, reverse=True)
        expected = {b for b in range(8) if b != label and pairs.counts[label, b] >= 2}
        assert {pair.b for pair in found} == expected
        assert {pair.a for pair in found} <= {label}


@pytest.mark.parametrize("by", PAIR_MEASURES)
def test_strongest_pairs_are_the_best_of_all(by):
    pairs = Pairs(table(80, 8, seed=4))
    each = [
        max(pairs.pair(a, b), pairs.pair(b, a), key=lambda pair: getattr(pair, by))
        for a in range(8)
        for b in range(a)
        if pairs.counts[a, b] >= 3
    ]
    best = sorted((getattr(pair, by) for pair in each), reverse=True)[:5]
    found = pairs.strongest(by=by, least=3, most=5)
    assert [getattr(pair, by) for pair in found] == best
    assert len({frozenset((pair.a, pair.b)) for pair in found}) == 5


def test_order_puts_labels_that_come_together_side_by_side():
    rng = np.random.default_rng(0)
    block = np.repeat([0, 1, 2], 4)[rng.permutation(12)]
    rows = rng.integers(0, 3, 300)
    targets = (block == rows[:, None]) & (rng.random((300, 12)) < 0.7)
    order = Pairs(targets).order
    assert sorted(order.tolist()) == list(range(12))
    assert (np.diff(block[order]) != 0).sum() == 2, "three blocks, none cut apart"


@pytest.mark.parametrize("k", [1, 2, 3])
def test_few_labels_have_an_order_too(k):
    assert sorted(Pairs(np.zeros((2, k))).order.tolist()) == list(range(k))


def test_pairs_refuse_what_is_out_of_range():
    pairs = Pairs(table())
    with pytest.raises(ValueError, match="label must be <= 8, got 9"):
        pairs.neighbours(9)
    with pytest.raises(ValueError, match="least must be >= 1"):
        pairs.neighbours(0, least=0)
    with pytest.raises(ValueError, match="measure must be one of given, jaccard, lift, count"):
        pairs.table("cosine")
    with pytest.raises(ValueError, match="most must be >= 1"):
        pairs.strongest(most=0)


def test_thirds_share_the_true_cells_whatever_the_order_of_labels():
    rng = np.random.default_rng(0)
    support = rng.zipf(1.7, 200).clip(max=5000) - 1
    found = groups(support)
    for label, count in enumerate(support.tolist()):
        before = sum(other for other in support.tolist() if other > count)
        share = before / support.sum()
        expected = -1 if count == 0 else 0 if share < 1 / 3 else 1 if share < 2 / 3 else 2
        assert found[label] == expected
    shuffled = rng.permutation(200)
    np.testing.assert_array_equal(groups(support[shuffled]), found[shuffled])


@pytest.mark.parametrize("cut", CUTS)
def test_rarer_labels_are_never_in_an_earlier_group(cut):
    support = load("debtags").y.sum(axis=0, dtype=np.int64)
    found = groups(support, cut)[np.argsort(-support)]
    assert (np.diff(found[support[np.argsort(-support)] > 0].astype(int)) >= 0).all()


@pytest.mark.parametrize(
    ("support", "message"),
    [
        ([], r"shape \(n_labels,\), got \(0,\)"),
        ([[1]], r"shape \(n_labels,\), got \(1, 1\)"),
        ([-1, 2], "whole numbers >= 0"),
        ([0.5, 2], "whole numbers >= 0"),
    ],
)
def test_groups_refuse_what_is_no_support(support, message):
    with pytest.raises(ValueError, match=message):
        groups(support)
    with pytest.raises(ValueError, match="cut must be one of thirds, shots"):
        groups([1], "halves")


def test_label_f1_is_scikit_learns_where_a_label_is_true():
    targets, predictions = table(seed=1), table(seed=2)
    predictions[:, 3] = 0
    found = label_f1(targets, predictions)
    expected = f1_score(targets, predictions, average=None, zero_division=0.0)
    np.testing.assert_allclose(found[:-1], expected[:-1], rtol=1e-14)
    assert math.isnan(found[-1])
    with pytest.raises(ValueError, match="same shape"):
        label_f1(targets, predictions[1:])


def test_group_scores_are_means_and_quartiles_of_scored_labels():
    scores = np.array([0.9, 0.5, np.nan, 0.2, 0.4, 0.6, 0.8, np.nan])
    head, middle, tail = group_scores(scores, [0, 0, 0, 2, 2, 2, 2, -1])
    assert head == (3, 2, pytest.approx(0.7), pytest.approx((0.6, 0.7, 0.8)))
    assert (middle.labels, middle.scored, math.isnan(middle.mean)) == (0, 0, True)
    assert tail == (4, 4, pytest.approx(0.5), pytest.approx((0.35, 0.5, 0.65)))
    with pytest.raises(ValueError, match=r"shape \(n_labels,\), got \(1,\) and \(2,\)"):
        group_scores([0.5], [0, 1])


def test_companions_are_counted_row_by_row():
    targets = table(50, 9, seed=3)
    group = groups(targets.sum(axis=0))
    found = companions(targets, group)
    for g in range(3):
        rows = [row for row in targets if row[group == g].any()]
        for h in range(3):
            assert found[g, h] == pytest.approx(np.mean([row[group == h].sum() for row in rows]))
    assert np.isnan(companions(np.zeros((2, 3)), [0, 1, 2])).all()
    with pytest.raises(ValueError, match=r"group must have shape \(9,\), got \(2,\)"):
        companions(targets, [0, 1])


def test_gaps_to_the_first_come_with_the_largest_first():
    group = [0, 0, 2]
    first, second, third = ([0.5, 0.7, 0.0], [0.6, 0.7, 0.3], [0.1, 0.1, np.nan])
    found = group_gaps([group_scores(f1, group) for f1 in (first, second, third)])
    assert [(gap.contender, gap.group) for gap in found] == [(1, 2), (1, 0), (2, 0)]
    assert [gap.gap for gap in found] == pytest.approx([0.3, 0.05, -0.5])
    assert group_gaps([group_scores(first, group)]) == []
