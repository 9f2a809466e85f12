"""`qm` as its users call it: real processes with a data directory of their own."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import report_text
from infra.embedded import servers
from infra.ports import free_port
from tests.waiting import PATIENCE

BUNDLE = """
qm_bundle: 1
scorecards: [{key: empathy, template: empathy}]
sampling_policy: {base_rate: 0.5}
"""
INTERACTION = {
    "external_id": "A-1",
    "channel": "chat",
    "started_at": "2026-11-02T09:00:00Z",
    "turns": [{"speaker": "customer", "text": "I am so upset, my parcel is late."}],
}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="qm-cli-"))
    made.chmod(0o755)
    yield made
    servers.remove(made)
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def qm(folder, forked_programs):
    environment = {**os.environ, "QM_DATA_DIR": str(folder), "QM_LOG_LEVEL": "error"}

    def run(*arguments, status=0, stdin=None, **settings):
        done = forked_programs.run(arguments, env={**environment, **settings}, stdin=stdin)
        assert done.returncode == status, done.stdout + done.stderr
        return done

    return run


@pytest.fixture(scope="module")
def tenant(qm, folder):
    qm("init")
    qm("tenants", "create", "Acme BPO")
    qm("clients", "create", "--tenant", "acme-bpo", "Northwind")
    # From here on the servers run on between two commands, as they do beside `qm up`.
    servers.ensure(folder)
    yield "acme-bpo"
    servers.release(folder)


def test_tenants_create_prints_id_and_slug(qm, tenant):
    made = json.loads(qm("tenants", "create", "Other Provider", "--json").stdout)

    assert made.keys() == {"id", "slug"}
    assert made["slug"] == "other-provider"


def test_a_second_provider_of_the_same_name_is_refused_in_words(qm, tenant):
    done = qm("tenants", "create", "Acme BPO", status=1)

    assert done.stderr.strip() == "There is a tenant 'acme-bpo' already."


@pytest.mark.parametrize(
    "arguments",
    [
        ("tenants", "create", "x" * 201),
        ("clients", "create", "--tenant", "acme-bpo", "a\x01b"),
        ("users", "create", "--tenant", "acme-bpo", "--role", "reviewer", "nobody"),
        ("users", "create", "--tenant", "acme-bpo", "--role", "reviewer", ""),
    ],
)
def test_create_commands_reject_invalid_names_and_emails(qm, tenant, arguments):
    done = qm(*arguments, status=1)

    assert "(bad_" in done.stderr


def test_every_unknown_scope_of_a_key_is_named(qm, tenant):
    done = qm("keys", "create", "--tenant", tenant, "--scopes", "fly reports:read swim", status=1)

    assert "fly" in done.stderr
    assert "swim" in done.stderr


def test_a_key_is_shown_once_and_listed_without_its_secret(qm, tenant):
    key = json.loads(qm("keys", "create", "--tenant", tenant, "--scopes", "reports:read", "--json").stdout)

    listed = qm("keys", "list", "--tenant", tenant, "--json").stdout

    assert key.keys() == {"id", "key", "client_id", "client_secret"}
    assert key["id"] in listed
    assert key["key"] not in listed
    assert qm("keys", "revoke", "--tenant", tenant, key["id"]).stdout.strip() == f"revoked {key['id']}"


def test_load_dry_run_prints_same_as_load_and_reload_is_unchanged(qm, tenant, folder):
    path = folder / "bundle.yaml"
    path.write_text(BUNDLE)

    tried = qm("load", "northwind", str(path), "--tenant", tenant, "--dry-run").stdout
    loaded = qm("load", "northwind", str(path), "--tenant", tenant).stdout
    again = qm("load", "northwind", str(path), "--tenant", tenant).stdout

    assert tried == loaded
    assert "created    scorecard empathy" in loaded
    assert again.split()[0] == "unchanged"


def test_load_reports_all_bundle_errors_with_line_numbers(qm, tenant, folder):
    path = folder / "bad.yaml"
    path.write_text("qm_bundle: 1\nsampling_policy: {base_rate: 7}\ncolour: red\n")

    done = qm("load", "northwind", str(path), "--tenant", tenant, status=1)

    assert "/sampling_policy/base_rate" in done.stderr
    assert "/colour" in done.stderr
    assert "line 2" in done.stderr


def test_what_is_no_utf8_text_is_refused_in_words(qm, tenant, folder):
    path = folder / "latin.yaml"
    path.write_bytes("qm_bundle: 1\nbrand_voice: {description: Zoë}\n".encode("latin-1"))

    for arguments in (
        ("load", "northwind", str(path)),
        ("sample", "dry-run", "northwind", "--policy", str(path)),
    ):
        done = qm(*arguments, "--tenant", tenant, status=1)
        assert "UTF-8" in done.stderr
        assert "Traceback" not in done.stderr


def test_import_stores_valid_lines_and_writes_rejects_file(qm, tenant, folder):
    lines = "\n".join([json.dumps(INTERACTION), "{broken", json.dumps({**INTERACTION, "channel": "pigeon"})])
    rejects = folder / "rejects.ndjson"

    done = qm(
        *("import", "northwind", "-", "--tenant", tenant, "--rejects", str(rejects), "--json"),
        stdin=lines,
        status=3,
    )

    assert json.loads(done.stdout) == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 2}
    assert [json.loads(line)["line"] for line in rejects.read_text().splitlines()] == [2, 3]


def test_report_command_marks_estimate_as_unverified(qm, tenant):
    done = qm("report", "northwind", "--tenant", tenant, "--from", "2026-11-01", "--to", "2026-11-30")

    assert done.stdout.startswith("northwind, 2026-11-01 to 2026-11-30\n")
    assert "unverified" in done.stdout


def test_report_without_days_is_of_those_that_have_data_and_says_so(qm, tenant, folder):
    qm("clients", "create", "--tenant", tenant, "Seldom")
    empty = qm("report", "seldom", "--tenant", tenant).stdout
    old = folder / "old.ndjson"
    old.write_text(json.dumps({**INTERACTION, "started_at": "2025-03-09T09:00:00Z"}) + "\n")
    qm("import", "seldom", str(old), "--tenant", tenant)
    found = qm("report", "seldom", "--tenant", tenant).stdout

    assert "0 interactions" in empty
    assert "up to the newest" not in empty
    assert found.startswith("seldom, 2025-02-10 to 2025-03-09\n  Nothing began in the last 28 days")
    assert "1 interactions" in found
    assert "2025-01-13 to 2025-02-09 has too little to compare with" in found


def test_report_table_begins_with_a_byte_order_mark_if_asked(qm, tenant, folder):
    for options, beginning in (([], b"period"), (["--bom"], b"\xef\xbb\xbfperiod")):
        qm("report", "northwind", "--tenant", tenant, "--csv", str(folder / "table.csv"), *options)
        assert (folder / "table.csv").read_bytes().startswith(beginning)


CLIENT = {
    "slug": "northwind",
    "from": "2026-07-01",
    "to": "2026-07-28",
    "notice": None,
    "finding": "Nothing yet.",
    "interactions": 3,
    "scored": 3,
    "reviewed": 0,
    "empathy": {"estimate": None},
    "pillars": [],
    "estimates": [],
    "bands": [],
    "previous": {"from": "2026-06-03", "to": "2026-06-30"},
    "changes": [],
    "sample": {},
    "sla": {"promises": [], "groups": [], "compliance": None, "closed_unanswered": 0},
}


def test_report_tells_bands_verdicts_trends_and_what_was_left_out():
    interval = {"estimate": 71.0, "low": 66.0, "high": 76.0}
    promise = {
        "rule": "chat",
        "target": "first_response",
        "goal": 90.0,
        "compliance": 80.0,
        "low": 70,
        "high": 90,
    }
    report = {
        **CLIENT,
        "interactions": 5,
        "empathy": interval,
        "estimates": [
            {"measure": "score", **interval},
            {"measure": "pass_rate", "estimate": None, "status": "too_few_reviews"},
        ],
        "bands": [{"name": "Good", "from": 70}, {"name": "Coach", "from": 0}],
        "changes": [
            {"measure": "empathy", "difference": 4.0, "clear": True},
            {"measure": "score", "difference": -1.0, "clear": False},
        ],
        "sample": {"skipped": 2, "waiting": 0},
        "sla": {**CLIENT["sla"], "promises": [{**promise, "missed": True}], "paused": 4},
    }
    text = "\n".join(report_text.client_lines(report))

    for words in (
        "empathy                     71.0  (95 % interval 66.0 to 76.0)",
        "+4.0 on the period before",
        "Good  no clear change (-1.0)",
        "no number yet (too few reviews): pass rate",
        "goal 90.0: missed",
        "2 interactions are not scored",
        "2 reviews were put aside",
        "4 SLA clocks stand still",
    ):
        assert words in text
    assert "reviews still wait" not in text


def test_score_has_bands_only_where_all_scorecards_have_the_same():
    good, other = [{"name": "Good", "from": 70}], [{"name": "Fine", "from": 60}]

    assert report_text.common_bands([]) == []
    assert report_text.common_bands([{"bands": good}, {"bands": good}]) == good
    assert report_text.common_bands([{"bands": good}, {"bands": other}]) == []
    assert report_text.common_bands([{"bands": good}, {}]) == []


def test_people_and_clients_are_changed_and_removed_on_the_command_line(qm, tenant):
    def people():
        return json.loads(qm("users", "list", "--tenant", tenant, "--json").stdout)

    of = ["--tenant", tenant]
    qm("clients", "create", *of, "Passing")
    qm("users", "create", *of, "ana@example.com", "--role", "reviewer")
    key = json.loads(qm("keys", "create", *of, "--user", "ana@example.com", "--json").stdout)
    qm("users", "change", *of, "ana@example.com", "--address", "lima@example.com", "--client", "passing")
    qm("users", "change", *of, "lima@example.com", "--role", "team_lead", "--every-client", "--disable")
    changed = people()
    refused = qm("users", "change", *of, "lima@example.com", "--role", "client_stakeholder", status=1)
    qm("users", "remove", *of, "lima@example.com")
    qm("clients", "rename", *of, "passing", "Passing By")
    removed = qm("clients", "remove", *of, "passing", "--yes").stdout
    client_id = re.search(r"\((.*)\)", removed)[1]
    erased = qm("clients", "erase", *of, client_id, "--yes").stdout
    listed = json.loads(qm("clients", "list", *of, "--json").stdout)
    keys = json.loads(qm("keys", "list", *of, "--json").stdout)

    assert [(each["email"], each["role"]) for each in changed] == [("lima@example.com", "team_lead")]
    assert "belongs to a client" in refused.stderr
    assert [each["email"].endswith("@removed.invalid") for each in people()] == [True]
    assert "passing" not in {each["slug"] for each in listed}
    assert erased.startswith("erased ")
    assert [each["revoked_at"] is not None for each in keys if each["id"] == key["id"]] == [True]
    assert "No such removed client" in qm("clients", "erase", *of, listed[0]["id"], "--yes", status=1).stderr
    assert qm("tenants", "verify-audit", *of).stdout == "whole\n"


def test_a_person_is_invited_and_gets_another_link_on_the_command_line(qm, tenant):
    of = ["--tenant", tenant]
    known = ["--language", "en", "--language", "de", "--skill", "billing", "--team", "Care"]
    qm("users", "invite", *of, "kim@example.com", "--role", "boss", status=2)
    bad = qm("users", "invite", *of, "kim@example.com", "--role", "reviewer", "--language", "x", status=1)
    invited = json.loads(
        qm("users", "invite", *of, "kim@example.com", "--role", "reviewer", *known, "--json").stdout
    )
    again = json.loads(qm("users", "password-link", *of, "kim@example.com", "--json").stdout)
    public = {"QM_PUBLIC_URL": "https://qm.example.com/"}
    elsewhere = qm("users", "password-link", *of, "kim@example.com", **public)
    qm("users", "change", *of, "kim@example.com", "--agent", "a-7", "--disable")
    disabled = qm("users", "password-link", *of, "kim@example.com", status=1)
    qm("users", "remove", *of, "kim@example.com")

    assert "Expected a tag" in bad.stderr
    assert invited["link"].startswith("http://127.0.0.1:8000/sign-in/acme-bpo/password/")
    assert again["purpose"] == "invitation"
    assert again["link"] != invited["link"]
    assert "https://qm.example.com/sign-in/acme-bpo/password/" in elsewhere.stdout
    assert "disabled" in disabled.stderr


def test_an_identity_provider_is_added_and_removed_on_the_command_line(qm, tenant, tmp_path):
    of, groups = ["--tenant", tenant], tmp_path / "groups.json"
    groups.write_text('[{"group": "qm", "role": "reviewer", "clients": ["northwind"]}]')
    add = ["identity-providers", "add", *of, "Acme", "--client-id", "qm", "--secret-file", "-"]
    bad = qm(*add, "--issuer", "http://id.example.com", status=1, stdin="s")
    made = json.loads(
        qm(*add, "--issuer", "https://id.example.com", "--groups", str(groups), "--json", stdin="s").stdout
    )
    listed = json.loads(qm("identity-providers", "list", *of, "--json").stdout)
    qm("identity-providers", "remove", *of, made["id"])

    assert "https://" in bad.stderr
    assert listed == [made]
    assert json.loads(qm("identity-providers", "list", *of, "--json").stdout) == []


def test_report_has_a_heading_for_slas_only_if_there_is_something_below_it():
    compliance = {"compliance": 90.0, "low": 80.0, "high": 95.0}
    reports = [
        {"promises": [], "groups": [], "compliance": None, "closed_unanswered": 0},
        {"promises": [], "groups": [], "compliance": None, "closed_unanswered": 2},
        {"promises": [], "groups": [], "closed_unanswered": 0, **compliance},
    ]
    lines = [list(report_text.client_lines({**CLIENT, "sla": report})) for report in reports]

    assert ["  SLA met, per cent" in each for each in lines] == [False, True, True]
    assert lines[0][-1] != "  SLA met, per cent"


def test_report_names_the_days_of_a_promise_whose_goal_changed():
    kept = {"target": "resolution", "compliance": 80.0, "low": 70.0, "high": 90.0, "missed": True}
    rows = [
        {**kept, "rule": "chat", "goal": 95.0, "days": "2026-07-01 to 2026-07-06"},
        {**kept, "rule": "chat", "goal": 90.0, "days": "2026-07-07"},
        {**kept, "rule": "rest", "goal": 90.0, "days": "2026-07-01 to 2026-07-07"},
    ]
    lines = report_text.client_lines(
        {
            **dict.fromkeys(("slug", "from", "to", "notice", "finding")),
            **dict.fromkeys(("interactions", "scored", "reviewed"), 3),
            **{name: [] for name in ("pillars", "estimates", "bands", "changes")},
            "empathy": {"estimate": None},
            "previous": {"from": None, "to": None},
            "sample": {},
            "sla": {"promises": rows, "groups": [], "compliance": None},
        }
    )

    ends = [line.partition("goal")[2] for line in lines if "goal" in line]
    assert ends == [
        " 95.0: missed  (2026-07-01 to 2026-07-06)",
        " 90.0: missed  (2026-07-07)",
        " 90.0: missed",
    ]


def test_train_command_queues_training(qm, tenant):
    done = qm("train", "northwind", "--tenant", tenant)

    assert "state=queued" in done.stdout
    assert json.loads(qm("models", "list", "--tenant", tenant, "--json").stdout) == []


def test_train_wait_prints_refusal_reason(qm, tenant, folder):
    learner = subprocess.Popen(
        [sys.executable, "-P", "-m", "infra.learner"],
        env={**os.environ, "QM_DATA_DIR": str(folder), "QM_LOG_LEVEL": "error"},
    )
    try:
        done = qm("train", "northwind", "--tenant", tenant, "--wait", "--json", status=1)
    finally:
        learner.terminate()
        learner.wait(timeout=PATIENCE)

    assert json.loads(done.stdout)["state"] == "refused"
    assert done.stderr.strip().endswith("(too_few_labels)")


@pytest.mark.parametrize("arguments", [("--kind", "sentiment", "northwind"), ()])
def test_train_command_rejects_missing_or_superfluous_client(qm, tenant, arguments):
    assert "/client: " in qm("train", "--tenant", tenant, *arguments, status=1).stderr


def test_db_check_and_verify_audit_report_no_differences(qm, tenant):
    assert qm("db", "check", "--tenant", tenant, "northwind").stdout.strip() == "equal"
    assert qm("tenants", "verify-audit", "--tenant", tenant).stdout.strip() == "whole"


def test_doctor_command_reports_no_problem(qm):
    checks = json.loads(qm("doctor", "--json").stdout)

    assert {check["name"] for check in checks if not check["ok"]} <= {"port"}


def test_doctor_shows_settings_without_their_secrets_and_ends_with_one_if_something_is_wrong(qm, tenant):
    url = "postgresql://qm_app:zeugma@127.0.0.1:1/qm"
    done = qm("doctor", status=1, QM_DATABASE_URL=url, QM_SECRET_KEY="zeugma" * 8)

    assert "BAD  database" in done.stdout
    assert "QM_DATABASE_URL = ********" in done.stdout
    assert "QM_LOG_LEVEL = error" in done.stdout
    assert "zeugma" not in done.stdout + done.stderr


def test_import_reports_unwritable_rejects_file_without_traceback(qm, tenant):
    nowhere = "/nowhere/rejects.ndjson"
    arguments = ("import", "northwind", "-", "--tenant", tenant, "--rejects", nowhere)
    done = qm(*arguments, stdin="{broken", status=1)

    assert done.stderr.splitlines()[-1] == f"{nowhere}: No such file or directory"


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("postgresql://postgres:wrong@127.0.0.1:1/postgres", 1, "The database does not answer"),
        ("rubbish", 2, "It looks like postgresql://"),
    ],
)
def test_init_reports_invalid_admin_url_without_traceback(qm, address, status, words):
    done = qm("init", "--admin-url", address, status=status)

    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_init_reports_missing_admin_privileges(qm, folder):
    address = servers.ensure(folder).database_url
    done = qm("init", "--admin-url", address, status=1)

    assert done.stderr.startswith("The database refuses: permission denied")
    servers.release(folder)


def test_missing_schema_message_suggests_db_upgrade(qm, folder):
    addresses = servers.ensure(folder)
    empty = addresses.database_url.removesuffix("/qm") + "/postgres"
    done = qm("tenants", "list", status=1, QM_DATABASE_URL=empty)

    assert done.stderr.splitlines()[0].endswith("Run `qm db upgrade`.")
    servers.release(folder)


def test_a_taken_port_is_named_before_anything_starts(qm):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = qm("up", "--port", str(taken.getsockname()[1]), status=1)

    assert "Address already in use. Choose with --port" in done.stderr


def test_command_line_reports_all_invalid_settings(folder):
    environment = {**os.environ, "QM_DATA_DIR": str(folder), "QM_PORT": "many", "QM_SLICE": "0"}

    done = subprocess.run(
        [sys.executable, "-P", "-m", "infra.cli", "doctor"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "QM_PORT" in done.stderr
    assert "QM_SLICE" in done.stderr


def test_demo_names_a_port_that_is_taken(qm):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told = [qm("demo", "--once", "--port", port, status=1), qm("demo", "--once", status=1, QM_PORT=port)]

    for done in told:
        assert f"The demo cannot listen on 127.0.0.1:{port}" in done.stderr
        assert "--port 0 takes a free one" in done.stderr


@pytest.mark.parametrize("number", [100, pytest.param(300, marks=pytest.mark.slow)])
def test_demo_runs_from_push_to_report(qm, folder, number):
    port = str(free_port("127.0.0.1"))
    done = qm("demo", "--once", "--interactions", str(number), "--json", QM_PORT=port)
    again = json.loads(qm("demo", "--once", "--interactions", str(number), "--json").stdout)

    result = json.loads(done.stdout)
    assert result["address"] == f"http://127.0.0.1:{port}"
    assert (without_moments(result["clients"]), result["period"]) == (
        without_moments(again["clients"]),
        again["period"],
    )
    assert result["people"] == again["people"]
    assert (result["people"]["golden"], len(result["people"]["reviewers"])) > (0, 2)
    assert Path(result["data"]).is_dir()
    assert [client["slug"] for client in result["clients"]] == ["northwind", "harbor"]
    assert sum(client["scored"] for client in result["clients"]) == number
    assert sum(client["reviewed"] for client in result["clients"]) >= 10
    assert all(client["sla"]["compliance"] is not None for client in result["clients"])
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"{result['address']}/healthz", timeout=PATIENCE)
    qm("demo", "--remove")
    assert not (folder / "demo").exists()


def without_moments(found):
    """Return figures without when what they rest on was drawn, which is today."""
    if isinstance(found, list):
        return [without_moments(each) for each in found]
    if isinstance(found, dict):
        return {name: without_moments(each) for name, each in found.items() if name != "reached"}
    return found


@pytest.mark.slow
def test_demo_of_its_own_size_shows_the_machine_earning_a_question(qm):
    result = json.loads(qm("demo", "--once", "--json").stdout)
    earned = [each for client in result["clients"] for each in client["learned"]["earned"]]
    qm("demo", "--remove")

    assert earned
    assert all(each["proof"] for each in earned)
