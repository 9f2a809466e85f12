"""Real vCon samples become valid interactions, with their deviations reported and personal data masked."""

import pytest

from qm.interactions.importers.documents import numbered_documents, read_documents
from qm.interactions.redaction.redactor import redact_interaction
from tests.realdata.data_folder import DATA, needed

SAMPLES = sorted((DATA / "vcon").glob("*.vcon.json"))

pytestmark = needed("vcon")


def imported(sample):
    (only,) = read_documents("vcon", numbered_documents(sample.read_bytes()))
    return only


def test_all_samples_are_there():
    assert len(SAMPLES) == 30


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name[:8])
def test_a_sample_is_one_valid_voice_interaction_with_both_speakers(sample):
    found = imported(sample)
    assert not found.faults
    (interaction,) = found.interactions
    assert interaction["external_id"] == sample.name.removesuffix(".vcon.json")
    assert interaction["channel"] == "voice"
    assert interaction["ended_at"] > interaction["started_at"]
    assert interaction["agent"]["external_id"]
    assert {turn["speaker"] for turn in interaction["turns"]} == {"customer", "agent"}
    assert all("agent" in turn for turn in interaction["turns"] if turn["speaker"] == "agent")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name[:8])
def test_vcon_sample_deviations_are_reported(sample):
    told = {(deviation.pointer, deviation.code) for deviation in imported(sample).deviations}
    assert {
        ("/vcon", "missing"),
        ("/dialog/0/start", "naive_time"),
        ("/dialog/0/mimetype", "old_name"),
        ("/parties/0/meta/role", "role_in_meta"),
        ("/analysis/0/body", "body_not_text"),
        ("/attachments", "ignored"),
    } <= told
    assert not {code for _, code in told} & {"speaker_unknown", "role_assumed", "out_of_order", "not_a_time"}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name[:8])
def test_the_customers_name_and_address_are_masked(sample):
    (interaction,) = imported(sample).interactions
    (name,) = interaction["redact"]
    said = " ".join(turn["text"] for turn in redact_interaction(interaction)["turns"])
    assert name not in said
    assert name.split()[0] not in said
    assert "@" not in said
