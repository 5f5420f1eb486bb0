"""Tables have the numbers of what they show, in columns that line up."""

from __future__ import annotations

import pytest

from lesson import tables
from lesson.checks import SpecError
from lesson.keras_models import build_model
from lesson.layers import Conv2D, Flatten
from lesson.specs import CNN_1, CNN_2, FEEDFORWARD, NetworkSpec


@pytest.mark.parametrize("network", [FEEDFORWARD, CNN_1, CNN_2])
def test_the_ledger_has_keras_counts(network: NetworkSpec) -> None:
    ledger = tables.ledger(network)
    model = build_model(network)
    for layer in model.layers:
        assert f"`{layer.name}`" in ledger
        assert not layer.count_params() or f"= {layer.count_params():,}" in ledger
    assert f"**{model.count_params():,}**" in ledger


def test_every_row_of_a_table_has_as_many_cells_as_its_head() -> None:
    for text in (tables.table(("a", "b", "c"), [("1", "2", "3")] * 2), tables.ledger(CNN_2)):
        assert len({line.count("|") for line in text.splitlines()}) == 1


def test_certainty_is_never_rounded_up_to_all() -> None:
    assert tables.percent(0.9996) == "more than 99.9%"
    assert tables.percent(0.0004) == "less than 0.1%"
    assert [tables.percent(share) for share in (0.9994, 0.0006)] == ["99.9%", "0.1%"]


def test_a_ledger_of_an_impossible_network_is_refused() -> None:
    with pytest.raises(SpecError, match="Flatten"):
        tables.ledger(NetworkSpec((Flatten(), Conv2D(4))))
