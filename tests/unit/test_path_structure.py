"""What a survey's blocks allow of a ready index or of paths of one's own, and what is left out."""

import pandas as pd
import pytest

from custlib.errors import ParameterError
from custlib.survey.codebook import Codebook
from custlib.survey.path_models import effect_by_method, path_structure

BLOCKS = {"Quality": ["q1", "q2"], "satisfaction": ["s1"], "loyalty": ["l1"], "staff": ["x"]}


def test_an_index_takes_the_constructs_that_were_asked_and_names_the_rest():
    structure = path_structure(BLOCKS)
    assert structure.paths == [("Quality", "satisfaction"), ("satisfaction", "loyalty")]
    assert structure.blocks == {
        name: BLOCKS[name] for name in ("Quality", "satisfaction", "loyalty")
    }
    notes = dict(zip(structure.gaps["measure"], structure.gaps["note"], strict=True))
    assert notes["staff"] == "staff is no construct of the ECSI: left out"
    assert notes.keys() == {"staff", "image", "expectation", "value", "complaints"}


def test_the_american_index_has_no_image():
    with_image = {"image": ["i"]} | BLOCKS
    structure = path_structure(with_image, model="acsi")
    assert "image" not in structure.blocks
    assert "image" in structure.gaps["measure"].tolist()
    assert len(path_structure(with_image).paths) == 4


def test_paths_of_ones_own_are_read_as_they_are_written():
    structure = path_structure(BLOCKS, paths=["staff->Quality", "Quality -> loyalty"])
    assert structure.paths == [("staff", "Quality"), ("Quality", "loyalty")]
    assert structure.gaps["measure"].tolist() == ["satisfaction"]
    assert structure.routes == ["Quality"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"paths": ["staff Quality"]}, "Expected cause -> effect"),
        ({"paths": ["staf -> Quality"]}, "Did you mean 'staff'"),
        ({"model": "esci"}, "Did you mean 'ecsi'"),
        ({"target": "loyality"}, "Did you mean 'loyalty'"),
        ({"routes": ["Qualty"]}, "Did you mean 'Quality'"),
    ],
)
def test_what_cannot_be_read_is_refused(options, message):
    with pytest.raises(ParameterError, match=message):
        path_structure(BLOCKS, **options)


def test_blocks_of_other_names_need_paths():
    with pytest.raises(
        ParameterError, match="called satisfaction; the blocks are: product, service"
    ):
        path_structure({"product": ["p"], "service": ["s"]})


def test_a_codebook_names_the_items_of_each_block():
    scales = {"scales": {"s": {"low": 1, "high": 5}}, "blocks": {"a": {}, "b": {}}}
    items = {"x": {"scale": "s", "block": "b"}, "y": {"scale": "s", "block": "b"}}
    book = Codebook.from_mapping(scales | {"items": items | {"z": {"scale": "s", "block": "a"}}})
    assert book.block_items == {"a": ["z"], "b": ["x", "y"]}


def test_a_way_without_a_solution_keeps_a_noted_row():
    # Two questions of one block that move against each other: rho_A has no admissible value.
    answers = pd.DataFrame(
        {"q1": [1, 2, 3, 4, 5, 3], "q2": [5, 3, 4, 2, 1, 3], "s1": [1, 3, 2, 5, 4, 2]}
    )
    ways = effect_by_method(
        answers,
        cause="quality",
        effect="satisfaction",
        blocks={"quality": ["q1", "q2"], "satisfaction": ["s1"]},
        paths=[("quality", "satisfaction")],
        scale=(1, 5),
    ).set_index("method")
    assert len(ways) == 4
    unsolved = ways[ways["estimate"].isna()]
    assert unsolved["note"].ne("").all()


OTHERS = {"cusa": ["s1"], "perq": ["q1"], "cusl": ["l1"], "rest": ["x"]}
SAID = ["Satisfaction = cusa", "quality=perq", "loyalty = cusl"]


def test_blocks_stand_for_constructs_under_other_names():
    structure = path_structure(OTHERS, constructs=SAID, routes=["quality"])
    assert structure.paths == [("perq", "cusa"), ("cusa", "cusl")]
    assert (structure.target, structure.satisfaction) == ("cusl", "cusa")
    assert structure.routes == ["perq"]
    assert "rest is no construct of the ECSI: left out" in structure.gaps["note"].tolist()


def test_a_block_whose_label_is_a_construct_stands_for_it():
    labels = {"cusa": "Satisfaction", "perq": " quality ", "cusl": "Loyalty", "rest": "Rest"}
    assert path_structure(OTHERS, labels=labels).paths == [("perq", "cusa"), ("cusa", "cusl")]


def test_what_was_said_wins_over_names_and_labels():
    blocks = {"quality": ["q1"], "perq": ["q2"], "satisfaction": ["s1"]}
    structure = path_structure(blocks, constructs=["quality = perq"], target="satisfaction")
    assert structure.paths == [("perq", "satisfaction")]


@pytest.mark.parametrize("text", ["satisfaction: cusa", "price = cusa", "satisfaction = nowhere"])
def test_a_construct_that_is_not_written_so_is_named(text):
    with pytest.raises(ParameterError, match='Write it like "satisfaction = cusa"'):
        path_structure(OTHERS, constructs=[text])


def test_a_target_may_be_written_in_any_case():
    blocks = {"quality": ["q1"], "satisfaction": ["s1"], "loyalty": ["l1"]}
    assert path_structure(blocks, target="Loyalty").target == "loyalty"


def test_an_item_in_a_path_is_called_one():
    with pytest.raises(ParameterError, match="which is no block, but an item"):
        path_structure(OTHERS, paths=["cusa -> l1"])


def test_a_single_item_may_stand_for_a_construct():
    blocks = {"cusa": ["s1"], "perq": ["q1"], "rest": ["cusco", "x"]}
    said = ["satisfaction = cusa", "quality = perq", "complaints = cusco"]
    structure = path_structure(blocks, constructs=said, target="complaints")
    assert structure.blocks == {"cusa": ["s1"], "perq": ["q1"], "cusco": ["cusco"]}
    assert structure.names["complaints"] == structure.target == "cusco"
