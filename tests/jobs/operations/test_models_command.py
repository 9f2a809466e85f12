"""`qm models` lists model versions and restores them, as the HTTP API does."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.jobs.training_fixture import with_two_versions

pytestmark = pytest.mark.usefixtures("each_model_fitted_once")


@pytest.fixture
def training_fixture(make_provider):
    return with_two_versions(make_provider("northwind"))


@pytest.fixture
def models(training_fixture, data_dir):
    """Call `qm models` for the provider."""

    def run(verb, *arguments, status=0):
        command = [Path(sys.executable).with_name("qm"), "models", verb, *arguments]
        done = subprocess.run(
            [*command, "--tenant", training_fixture.provider.tenant.slug],
            env={**os.environ, "QM_DATA_DIR": str(data_dir)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done

    return run


def refused(models, *arguments):
    done = models("restore", *arguments, status=1)
    assert done.stdout == ""
    return done.stderr.strip()


def test_models_restore_puts_old_version_in_force_and_is_audited(training_fixture, models):
    done = json.loads(models("restore", "northwind", "--version", "1", "--json").stdout)

    assert (done["client"], done["version"], done["state"]) == ("northwind", 1, "in_force")
    listed = json.loads(models("list", "northwind", "--json").stdout)
    assert [(each["version"], each["state"]) for each in listed] == [(2, "retired"), (1, "in_force")]
    [entry] = training_fixture.ask("select actor, details from audit_entries where action = 'model.restored'")
    assert entry.actor.startswith("operator:")
    assert entry.details == {"version": 1, "instead_of": 2}


def test_models_restore_explains_why_version_cannot_be_restored(training_fixture, models):
    assert refused(models, "northwind", "--version", "2") == "This model is in force already."
    training_fixture.ask("update models set artefact = 'nonsense' where version = 1 returning 1")
    assert refused(models, "northwind", "--version", "1").startswith("This model cannot be read: ")
    training_fixture.ask("update models set artefact = null where version = 1 returning 1")
    kept = "Of this version only the card is kept, not the artefact."
    assert refused(models, "northwind", "--version", "1") == kept
    assert [row.state for row in training_fixture.models()] == ["retired", "in_force"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("northwind", "--version", "7"),
            "/version: There is no version 7 of northwind, answers; the newest is 2. (no_such_version)",
        ),
        (
            ("--version", "1", "--kind", "sentiment"),
            "/version: There is no version 1 of all clients, sentiment; there is none yet. (no_such_version)",
        ),
        (("--version", "1"), "/client: Name the client it is learned for. (required)"),
        (("nobody", "--version", "1"), "No such client."),
    ],
)
def test_models_restore_reports_unknown_version_or_client(models, arguments, words):
    assert refused(models, *arguments) == words
