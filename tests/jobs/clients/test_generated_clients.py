"""Linters find nothing in the contract, and clients that are generated from it run the README's road."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import PATIENCE

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
# The network, the server or its answer for a package; a lock file or a tool that is wrong is no excuse.
UNAVAILABLE = re.compile(
    r"E[45]\d\d|ENOTFOUND|ECONN(REFUSED|RESET)|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT"
    r"|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_[A-Z_]+|CERT_[A-Z_]+"
)
CONTRACT = ROOT / "api_spec/openapi.json"
BUNDLE = "{qm_bundle: 1, scorecards: [{key: empathy, template: empathy}], sampling_policy: {base_rate: 0.05}}"


def run(*command, folder, **environment):
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def node_tools():
    """The folder of the tools of package.json, installed once for each state of its lock file."""
    if shutil.which("npm") is None:
        pytest.skip("there is no npm: install Node.js 20 or newer")
    locked = (HERE / "package-lock.json").read_bytes()
    folder = Path(sys.prefix) / "node" / hashlib.sha256(locked).hexdigest()[:16]
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode != 0 and (reason := unavailable(done.stderr)):
            pytest.skip(f"the npm registry cannot be had: {reason}")
        assert done.returncode == 0, done.stderr[-3000:]
        (folder / "complete").touch()
    return folder


def unavailable(said):
    """Return what npm says of a registry that does not give what is locked; None for any other failure."""
    for line in said.splitlines():
        code = re.fullmatch(r"npm (?:error|ERR!) code (\S+)", line.strip())
        if code is not None and UNAVAILABLE.fullmatch(code[1]):
            return code[1]
    return None


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        *(
            (code, code)
            for code in ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN", "E403", "E404", "E503")
        ),
        *(
            (code, None)
            for code in ("EUSAGE", "EINTEGRITY", "ERESOLVE", "EBADENGINE", "ENOENT", "ELIFECYCLE")
        ),
    ],
)
def test_only_a_registry_that_cannot_be_had_excuses_from_the_clients(code, expected):
    assert (
        unavailable(f"npm warn ENOTFOUND is no code here\nnpm error code {code}\nnpm error network")
        == expected
    )
    assert unavailable(f"npm ERR! code {code}\n") == expected


@pytest.fixture
def project(node_tools, tmp_path):
    """A folder in which the tools are found."""
    (tmp_path / "node_modules").symlink_to(node_tools / "node_modules")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    return tmp_path


@pytest.fixture
def walk_road(address, provider, worker_processes):
    """Walk a road in its two parts, with a worker that scores what the first pushed."""

    def walk(*command, folder, **environment):
        caller = provider.caller()
        bundle = {"Content-Type": "application/yaml"}
        assert caller.post("/v1/clients/northwind/bundle", data=BUNDLE, headers=bundle).status_code == 200
        pushed = run(*command, address, caller.key, "push", folder=folder, **environment)
        worker_processes.worker()
        return json.loads(pushed), json.loads(
            run(*command, address, caller.key, "read", folder=folder, **environment)
        )

    return walk


def test_spectral_finds_nothing(project):
    (project / ".spectral.yaml").write_text('extends: ["spectral:oas"]\n')

    said = run("node_modules/.bin/spectral", "lint", "--fail-severity=hint", CONTRACT, folder=project)

    assert "No results" in said


def test_redocly_finds_nothing(project):
    said = json.loads(
        run("node_modules/.bin/redocly", "lint", CONTRACT, "--format=json", folder=project, CI="1")
    )

    assert said["totals"] == {"errors": 0, "warnings": 0, "ignored": 0}


def test_the_typescript_client_runs_the_road(project, walk_road):
    run("node_modules/.bin/openapi-typescript", CONTRACT, "-o", "contract.ts", folder=project)
    shutil.copy(HERE / "road.ts", project)
    options = ["--strict", "--target", "es2022", "--module", "nodenext", "--skipLibCheck"]
    run("node_modules/.bin/tsc", *options, "--lib", "es2022,dom,dom.iterable", "road.ts", folder=project)

    pushed, read = walk_road("node", "road.js", folder=project)

    assert pushed == ["created", 2]
    assert read == [["ts-1", "ts-2", "ts-3"], "unverified", "2026-07-01"]


def test_the_python_client_is_generated_without_a_warning_and_runs_the_road(tmp_path, walk_road):
    tool = [sys.executable, "-m", "openapi_python_client"]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    options = ["--path", CONTRACT, "--output-path", tmp_path / "client", "--fail-on-warning"]
    run(*tool, "generate", *options, folder=tmp_path, PATH=path)

    road = [sys.executable, HERE / "road.py"]
    pushed, read = walk_road(*road, folder=tmp_path, PYTHONPATH=str(tmp_path / "client"))

    assert pushed == ["created", 2, 1]
    assert read == [["py-1", "py-2", "py-3", "py-4"], "unverified", "2026-07-01"]
