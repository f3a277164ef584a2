"""Path models: paths, weights and indices that arithmetic gives."""

import math

import pytest
from table import table

from custlib.survey.path_models import path_model

# service = 4 ± 2 ± 1 and trust = 6 ± 2 ± 2 ± 1 with independent signs, of which they share one.
answers = table(
    """
    prompt | polite | honest | reliable
    -------+--------+--------+---------
         7 |      5 |     11 |        9
         7 |      5 |      5 |        7
         5 |      7 |      9 |       11
         5 |      7 |      7 |        5
         3 |      1 |      5 |        7
         3 |      1 |      3 |        1
         1 |      3 |      7 |        5
         1 |      3 |      1 |        3
    """
)
BLOCKS = {"service": ["prompt", "polite"], "trust": ["honest", "reliable"]}
SCALE = {"prompt": (1, 7), "polite": (1, 7), "honest": (1, 11), "reliable": (1, 11)}
PATHS = [("service", "trust")]
# Variances 2² + 1 = 5 and 2² + 2² + 1 = 9; covariances 2² - 1, 2² + 2² - 1, and 2 × 2 between.
WITHIN_SERVICE, WITHIN_TRUST, BETWEEN = 3 / 5, 7 / 9, 4 / math.sqrt(5 * 9)


def fitted(**options):
    return path_model(answers, blocks=BLOCKS, paths=PATHS, scale=SCALE, **options)


def value(table, measure, name=None):
    rows = table[table["measure"] == measure]
    if name is not None:
        rows = rows[(rows.iloc[:, 0] == name)]
    (found,) = rows["estimate"].unique()
    return found


@pytest.mark.parametrize("scheme", ["path", "factorial", "centroid"])
def test_items_that_are_alike_weigh_alike(scheme):
    model = fitted(scheme=scheme)
    # The sum of two standardized items has the variance 2 + 2 r.
    for item in BLOCKS["service"]:
        weight = value(model.estimates, "weight", f"service =~ {item}")
        assert weight == pytest.approx(1 / math.sqrt(2 + 2 * WITHIN_SERVICE))
        assert value(model.estimates, "index_weight", f"service =~ {item}") == pytest.approx(0.5)
        loading = value(model.estimates, "loading", f"service =~ {item}")
        assert loading == pytest.approx((1 + WITHIN_SERVICE) / math.sqrt(2 + 2 * WITHIN_SERVICE))
        cross = value(model.estimates, "cross_loading", f"trust =~ {item}")
        assert cross == pytest.approx(2 * BETWEEN / math.sqrt(2 + 2 * WITHIN_TRUST))
    # The sums are ±4 and ±4 ± 4: they share half the variance of trust.
    assert value(model.estimates, "path") == pytest.approx(math.sqrt(1 / 2))
    assert value(model.constructs, "r_squared") == pytest.approx(1 / 2)
    assert value(model.estimates, "f_squared") == pytest.approx((1 / 2) / (1 - 1 / 2))
    assert value(model.estimates, "variance_inflation") == 1


def test_how_well_two_items_measure():
    constructs = fitted().constructs
    # Two items: Spearman and Brown, 2 r / (1 + r); equal variances make alpha the same.
    for name, within in {"service": WITHIN_SERVICE, "trust": WITHIN_TRUST}.items():
        rows = constructs[constructs["dimension"] == name]
        for measure in ("alpha", "standardized_alpha", "rho_A"):
            assert value(rows, measure) == pytest.approx(2 * within / (1 + within))
        extracted = (1 + within) / 2
        assert value(rows, "AVE") == pytest.approx(extracted)
        total = 4 * extracted
        assert value(rows, "rho_c") == pytest.approx(total / (total + 2 * (1 - extracted)))
    htmt = BETWEEN / math.sqrt(WITHIN_SERVICE * WITHIN_TRUST)
    assert value(fitted().pairs, "HTMT") == pytest.approx(htmt)


def test_consistent_pls_divides_by_what_the_scores_reliably_share():
    model = fitted(consistent=True)
    service, trust = (
        2 * WITHIN_SERVICE / (1 + WITHIN_SERVICE),
        2 * WITHIN_TRUST / (1 + WITHIN_TRUST),
    )
    path = math.sqrt(1 / 2) / math.sqrt(service * trust)
    assert value(model.estimates, "path") == pytest.approx(path)
    assert value(model.pairs, "correlation") == pytest.approx(path)
    assert value(model.constructs, "r_squared") == pytest.approx(path**2)
    # Two items that measure one thing correlate by the product of their loadings.
    loading = value(model.estimates, "loading", "service =~ prompt")
    assert loading == pytest.approx(math.sqrt(WITHIN_SERVICE))


def test_indices_and_the_points_one_point_brings():
    model = fitted()
    # Means 4 of 1–7 and 6 of 1–11 lie in the middle of their scales.
    for name in BLOCKS:
        rows = model.constructs[model.constructs["dimension"] == name]
        assert value(rows, "index") == pytest.approx(50)
    first = ((7 + 5) / 2 - 1) / 6 * 100, ((11 + 9) / 2 - 1) / 10 * 100
    assert model.cases.loc[0, "service_index"] == pytest.approx(first[0])
    assert model.cases.loc[0, "trust_index"] == pytest.approx(first[1])
    assert model.cases["service_score"].var() == pytest.approx(1)
    # service ± 2 of 6 points on its scale moves trust by ± 2 of 10 points on its own.
    levers = model.importance_performance("trust")
    alone = levers[(levers["item"] == "") & (levers["measure"] == "importance")]
    assert alone["estimate"].tolist() == pytest.approx([(2 / 10) / (2 / 6)])
    items = levers[(levers["item"] != "") & (levers["measure"] == "importance")]
    assert items["estimate"].tolist() == pytest.approx([0.6 / 2, 0.6 / 2])
    performance = levers.loc[levers["measure"] == "performance", "estimate"]
    assert performance.tolist() == pytest.approx([50, 50, 50])


visits = table(
    """
    image | value | loyalty
    ------+-------+--------
        1 |     2 |       1
        2 |     1 |       2
        3 |     4 |       3
        4 |     3 |       5
        5 |     5 |       4
    """
)
# Deviations from 3: the sums of squares are 10, those of products 8 and 9 (image) and 6.
IMAGE_VALUE, IMAGE_LOYALTY, VALUE_LOYALTY = 8 / 10, 9 / 10, 6 / 10
ONE_ITEM = {name: [name] for name in visits}


def test_one_item_blocks_have_the_items_correlations():
    chain = [("image", "value"), ("value", "loyalty")]
    model = path_model(visits, blocks=ONE_ITEM, paths=chain, scale=(1, 5))
    paths = model.estimates[model.estimates["measure"] == "path"].set_index("term")["estimate"]
    assert paths.to_dict() == pytest.approx(
        {"image -> value": IMAGE_VALUE, "value -> loyalty": VALUE_LOYALTY}
    )
    total = value(model.estimates, "total_effect", "image -> loyalty")
    assert total == pytest.approx(IMAGE_VALUE * VALUE_LOYALTY)
    assert value(model.estimates, "indirect_effect") == total


def test_a_direct_path_and_a_detour_add_up():
    paths = [("image", "value"), ("value", "loyalty"), ("image", "loyalty")]
    model = path_model(visits, blocks=ONE_ITEM, paths=paths, scale=(1, 5))
    spare = 1 - IMAGE_VALUE**2
    direct = (IMAGE_LOYALTY - IMAGE_VALUE * VALUE_LOYALTY) / spare
    through = (VALUE_LOYALTY - IMAGE_VALUE * IMAGE_LOYALTY) / spare
    term = "image -> loyalty"
    assert value(model.estimates, "path", term) == pytest.approx(direct)
    indirect = value(model.estimates, "indirect_effect", term)
    assert indirect == pytest.approx(IMAGE_VALUE * through)
    # Regressions that leave nothing out reproduce the correlation.
    assert value(model.estimates, "total_effect", term) == pytest.approx(IMAGE_LOYALTY)
    assert value(model.estimates, "variance_inflation", term) == pytest.approx(1 / spare)
    r_squared = direct * IMAGE_LOYALTY + through * VALUE_LOYALTY
    (row,) = model.constructs.query("dimension == 'loyalty' and measure == 'r_squared'").index
    assert model.constructs["estimate"][row] == pytest.approx(r_squared)
    dropped = VALUE_LOYALTY**2
    f_squared = value(model.estimates, "f_squared", term)
    assert f_squared == pytest.approx((r_squared - dropped) / (1 - r_squared))


def test_mode_b_takes_the_weights_of_a_regression():
    # effect = 2 × (price - 2) + (range - 2), and the two causes do not correlate.
    purchase = table(
        """
        price | range | effect
        ------+-------+-------
            1 |     1 |      2
            1 |     3 |      4
            3 |     1 |      6
            3 |     3 |      8
        """
    )
    model = path_model(
        purchase,
        blocks={"offer": ["price", "range"], "effect": ["effect"]},
        paths=[("offer", "effect")],
        scale={"price": (1, 3), "range": (1, 3), "effect": (0, 10)},
        modes={"offer": "B"},
    )
    weights = model.estimates[model.estimates["measure"] == "weight"]["estimate"]
    assert weights.tolist() == pytest.approx([2 / math.sqrt(5), 1 / math.sqrt(5), 1])
    assert value(model.estimates, "path") == pytest.approx(1)


def test_a_construct_that_lowers_another_keeps_its_sign():
    turned = answers.assign(honest=12 - answers["honest"], reliable=12 - answers["reliable"])
    model = path_model(turned, blocks=BLOCKS, paths=PATHS, scale=SCALE)
    assert value(model.estimates, "path") == pytest.approx(-math.sqrt(1 / 2))
    assert (model.estimates.loc[model.estimates["measure"] == "weight", "estimate"] > 0).all()
