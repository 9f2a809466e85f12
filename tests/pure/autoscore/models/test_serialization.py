"""Model serialization: deterministic bytes, and every damaged or inconsistent artefact is rejected."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecards.autoscore.models import safetensors_container, serialization
from scorecards.autoscore.models.serialization import FORMAT, UnreadableModel
from tests.pure.autoscore.models.conversations import QUESTIONS, examples
from workers.training.fitting.pipeline import fit


@pytest.fixture(scope="module")
def model():
    return fit(examples(80), QUESTIONS, seed=1, version=7).model


@pytest.fixture(scope="module")
def written(model):
    return serialization.dump(model)


def test_model_survives_serialization_round_trip(model, written):
    read = serialization.load(written)
    assert (read.version, read.questions, read.size) == (7, model.questions, model.size)
    assert serialization.dump(read) == written


def test_reloaded_model_gives_equal_predictions(model, written):
    read = serialization.load(written)
    for example in examples(20, seed=5):
        told = [
            each.predict_all(each.encode(example.case.transcript), example.case, {}) for each in (model, read)
        ]
        assert told[0] == told[1]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_load_rejects_model_with_a_flipped_bit(written, data):
    place = data.draw(st.integers(0, len(written) * 8 - 1))
    damaged = bytearray(written)
    damaged[place // 8] ^= 1 << place % 8
    with pytest.raises(UnreadableModel) as refused:
        serialization.load(bytes(damaged))
    assert refused.value.reason


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_load_rejects_truncated_model(written, data):
    with pytest.raises(UnreadableModel):
        serialization.load(written[: data.draw(st.integers(0, len(written) - 1))])


@given(st.binary(max_size=200))
def test_load_rejects_arbitrary_bytes(data):
    with pytest.raises(UnreadableModel):
        serialization.load(data)


def test_load_names_the_format_of_a_newer_model(written):
    head = written[:4] + (FORMAT + 1).to_bytes(2, "big")
    body = written[38:]
    with pytest.raises(UnreadableModel, match=f"format {FORMAT + 1}"):
        serialization.load(head + hashlib.sha256(head + body).digest() + body)


def resealed(written, change, **arrays):
    facts, found = safetensors_container.unpack(written)
    change(facts)
    return safetensors_container.pack(facts, {**found, **arrays})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda facts: facts.update(kind="sentiment"), "sentiment"),
        (lambda facts: facts.update(context=["unheard_of"]), "other signs"),
        (lambda facts: facts.pop("questions"), "hold together"),
        (lambda facts: facts["questions"].pop(), "other shapes"),
        (lambda facts: facts["questions"][0].pop(), "hold together"),
        (lambda facts: facts["questions"][0][2].update(classes=["one"]), "hold together"),
    ],
)
def test_load_rejects_invalid_metadata_with_valid_checksum(written, change, reason):
    with pytest.raises(UnreadableModel, match=reason):
        serialization.load(resealed(written, change))


@pytest.mark.parametrize(
    "arrays",
    [
        {"meta": np.zeros((3, 3), dtype=np.float32)},
        {"agent.levels": np.zeros((2, 2), dtype=np.int16)},
        {"agent.pairs": np.zeros(3, dtype=np.int64)},
        {"agent.words": np.frombuffer(b"\xff\xfe", dtype=np.uint8)},
        {"customer.offsets": np.zeros(1, dtype=np.float32)},
    ],
)
def test_load_rejects_arrays_of_wrong_shape_or_dtype(written, arrays):
    with pytest.raises(UnreadableModel):
        serialization.load(resealed(written, dict.copy, **arrays))


def test_load_rejects_decompression_bomb(monkeypatch, written):
    monkeypatch.setattr(safetensors_container, "_MAX_BYTES", 100)
    with pytest.raises(UnreadableModel, match="taken apart"):
        serialization.load(written)
