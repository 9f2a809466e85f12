"""`qm export` and `qm sample verify` as their users call them."""

import json

import pytest

from tests.jobs.operations.test_command_line import INTERACTION, folder, qm, tenant  # noqa: F401 - fixtures


@pytest.fixture(scope="module")
def export(qm, tenant, tmp_path_factory):  # noqa: F811
    """An export of a client with three interactions that nobody has scored yet."""
    items = [{**INTERACTION, "external_id": f"E-{number}"} for number in range(3)]
    qm("import", "northwind", "-", stdin="".join(json.dumps(each) + "\n" for each in items))
    path = tmp_path_factory.mktemp("export") / "export.ndjson"
    qm("export", "northwind", "--output", str(path))
    return path


def records(text):
    return [json.loads(line) for line in text.splitlines()]


def test_the_file_is_a_whole_export(export):
    first, *rows, last = records(export.read_text())

    assert (first["record"], first["client"]) == ("export", "northwind")
    assert [row["external_id"] for row in rows] == ["E-0", "E-1", "E-2"]
    assert (last["rows"], last["complete"]) == (3, True)


def test_stdout_is_the_default_and_a_cursor_goes_on(qm, export):  # noqa: F811
    whole = records(qm("export", "northwind").stdout)
    part = records(qm("export", "northwind", "--limit", "2").stdout)
    rest = records(qm("export", "northwind", "--cursor", part[-1]["cursor"]).stdout)

    assert part[1:-1] + rest[1:-1] == whole[1:-1]


def test_a_table_of_one_kind(qm, export):  # noqa: F811
    lines = qm(
        "export", "northwind", "--kind", "interactions", "--format", "csv", "--bom"
    ).stdout.splitlines()

    assert lines[0].startswith("\ufeffinteraction_id,external_id")
    assert len(lines) == 4


def test_a_table_of_all_kinds_is_refused_in_words(qm, export):  # noqa: F811
    refused = qm("export", "northwind", "--format", "csv", status=1)

    assert "/kind: A CSV table has one kind of record" in refused.stderr


def test_every_draw_of_an_export_is_verified(qm, export):  # noqa: F811
    said = qm("sample", "verify", str(export)).stdout
    told = json.loads(qm("sample", "verify", "--json", stdin=export.read_text()).stdout)

    assert "differences 0" in said
    assert told == {
        **dict.fromkeys(("interactions", "without_policy", "drawn", "reviews", "targeted", "outdated"), 0),
        **dict.fromkeys(("not_judged", "pushed_out", "withdrawn", "windows", "without_key"), 0),
        "differences": [],
    }


def test_a_difference_is_printed_and_ends_with_one(qm, export):  # noqa: F811
    forged = {"record": "facts", "interaction_id": "one", "policy_id": "7", "sampled": 0}
    forged |= {"inclusion_probability": 0.5, "draw": 0.75, "rate": 0.5, "threshold": 1.0, "settled": True}
    forged |= {"agent": "", "day": "2026-06-01"}
    first, *rest = export.read_text().splitlines(keepends=True)

    done = qm("sample", "verify", stdin="".join([first, json.dumps(forged) + "\n", *rest]), status=1)

    assert "interactions 1\n" in done.stdout
    assert "one  other_draw  the stored draw is not the number" in done.stdout


def test_an_interrupted_export_is_not_called_verified(qm, export):  # noqa: F811
    text = export.read_text()
    cut = "".join(text.splitlines(keepends=True)[:-1])

    assert "go on with --cursor interactions:" in qm("sample", "verify", stdin=cut, status=1).stderr
    assert "cut it off" in qm("sample", "verify", stdin=cut[:-20], status=1).stderr
    assert "export again" in qm("sample", "verify", stdin="", status=1).stderr


def test_verifying_makes_no_installation(qm, tmp_path, export):  # noqa: F811
    elsewhere = tmp_path / "other"
    done = qm("sample", "verify", str(export), status=1, QM_DATA_DIR=str(elsewhere))

    assert "QM_DATA_DIR" in done.stderr
    assert not elsewhere.exists()


def test_a_dry_run_of_a_policy_in_a_file_is_printed(qm, export, tmp_path):  # noqa: F811
    policy = tmp_path / "policy.yaml"
    policy.write_text("base_rate: 0.1\nquotas: {fixed: {size: 20, per: day}}\n")
    said = qm("sample", "dry-run", "northwind", "--policy", str(policy)).stdout
    told = json.loads(qm("sample", "dry-run", "northwind", "--policy", str(policy), "--json").stdout)

    assert "policy  body" in said
    assert (told["client"], told["policy"], told["interactions"]) == ("northwind", "body", 0)
    assert told["quotas"] == {"windows": 0, "minimum_binds": 0.0, "maximum_binds": 0.0, "agents": []}


def test_a_dry_run_of_a_wrong_policy_is_refused_in_words(qm, export, tmp_path):  # noqa: F811
    policy = tmp_path / "policy.yaml"
    policy.write_text("base_rate: 0.1\nquotas: {agent_week: {min: 3, max: 2}}\n")
    refused = qm("sample", "dry-run", "northwind", "--policy", str(policy), status=1)

    assert "The maximum is below the minimum of 3." in refused.stderr
