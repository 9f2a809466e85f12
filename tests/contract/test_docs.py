"""Documentation is complete and correct: every name is documented, no unknown name, all commands run."""

import ast
import doctest
import re
import socket

import click
import pytest
import yaml

from infra.cli import main
from infra.embedded import servers
from qm.errors import PROBLEMS
from qm.reviews.blindness import OPEN
from qm.reviews.models import REVIEW_STATES
from qm.settings import SETTINGS
from scorecards.authoring import form_schemas, schemas, template_library
from scorecards.authoring.bundle import read_bundle
from scorecards.autoscore.rules.catalogue import CATALOGUE
from tenants.roles import ROLES, SCOPES
from tests.contract.docs_reader import (
    PAGES,
    ROOT,
    anchors,
    blocks,
    codes,
    headings,
    links,
    names,
    page,
    prose,
    rows,
    section,
)
from tests.contract.docs_shell import Shell, kept_running, shell
from tests.outside_programs import have_pango

# Pages whose commands are run, in this order, and what they print.
EXECUTED = {
    "receive-webhooks": ("whsec_",),
    "sign-people-in": ("/sign-in/brightline/password/",),
    "push-interactions": (
        '"status":"unchanged"',
        "Idempotent-Replayed: true",
        '"rejected":1',
        "[NAME]",
        '"erased_at"',
    ),
    "define-a-client": (
        "created    playbook late_delivery",
        '"outcome":"updated"',
        '"valid":true',
        '"source":"draft"',
        '"sampling":"all"',
        '"highest":"assisted"',
        '"formality":"neutral"',
    ),
    "review": ('"state":"submitted"', '"comparison":{'),
    "read-a-report": (
        '"finding":"',
        '"value":"chat"',
        "channel,priority,target,met",
        "what people would say, 0 to 100",
    ),
    "freeze-a-report": ('"frozen_by":"hand"', "  holds", "differences 0"),
    "check-a-report": ('"record":"end"', "the same in all", "differences 0"),
}
FIRST_INTERACTION = "Push your first interaction"
BUNDLE_PARTS = {
    "Bundle": schemas.BundleSchema,
    "Settings": schemas.ClientSettingsSchema,
    "Brand voice": schemas.BrandVoiceSchema,
    "Convention": schemas.ConventionSchema,
    "Preferred phrase": schemas.PreferredPhraseSchema,
    "Banned phrase": schemas.BannedPhraseSchema,
    "Examples": schemas.VoiceExamplesSchema,
    "Playbook": schemas.PlaybookSchema,
    "Trigger": schemas.TriggerSchema,
    "Step": schemas.StepSchema,
    "Discretion": schemas.DiscretionSchema,
    "Applies to": form_schemas.AppliesToSchema,
    "Scorecard": form_schemas.ScorecardSchema,
    "Band": form_schemas.BandSchema,
    "Section": form_schemas.SectionSchema,
    "Question": form_schemas.QuestionSchema,
    "Option": form_schemas.OptionSchema,
    "Range": form_schemas.RangeBandSchema,
    "Critical": form_schemas.CriticalSchema,
    "Condition": form_schemas.ConditionSchema,
    "SLA policy": schemas.SlaPolicySchema,
    "Calendar": schemas.CalendarSchema,
    "Holidays": schemas.HolidaysSchema,
    "Rule": schemas.RuleSchema,
    "Match": schemas.MatchSchema,
    "Targets": schemas.TargetsSchema,
    "Sampling policy": schemas.SamplingPolicySchema,
    "Term": schemas.TermSchema,
}


def reference(name):
    return page(f"docs/reference/{name}.md")


def called(source, name):
    """Return the calls of a name in a Python file."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            function = node.func
            if name == getattr(function, "id", getattr(function, "attr", None)):
                yield node


def sources(*packages):
    return [path.read_text(encoding="utf-8") for each in packages for path in (ROOT / each).rglob("*.py")]


def conflict_codes():
    found = {"conflict"}
    for source in sources("tenants", "scorecards", "qm", "workers"):
        for call in called(source, "Conflict"):
            code = call.args[1] if len(call.args) > 1 else None
            if isinstance(code, ast.Constant):
                found.add(code.value)
            elif isinstance(code, ast.JoinedStr):
                beginning = code.values[0].value
                found |= {f"{beginning}{state}" for state in REVIEW_STATES if state not in OPEN}
    return found


def commands(group=main, path="qm"):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            if hasattr(command, "default"):
                yield f"{path} {name}", command.default
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


COMMANDS = dict(commands())


def test_every_problem_is_documented_as_it_is():
    found = {row[0].strip("`"): tuple(row[1:]) for row in rows(section(reference("errors"), "Problems"))}

    assert found == {code: (str(each.status), each.title, each.remedy) for code, each in PROBLEMS.items()}


def test_every_conflict_code_is_documented():
    assert {*names(section(reference("errors"), "Conflicts")), "conflict"} == conflict_codes()


def test_every_documented_fault_code_exists():
    written = {
        node.value
        for source in sources("tenants", "scorecards", "qm")
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant)
    }

    assert set(names(section(reference("errors"), "Faults"))) - written == set()


def test_every_setting_is_documented_as_it_is():
    found = [(row[0], row[1], row[2]) for row in rows(reference("settings").read_text(encoding="utf-8"))]

    assert found == [
        (f"`{each.name}`", "unset" if each.default is None else f"`{each.default}`", each.description)
        for each in SETTINGS
    ]


def test_no_page_names_a_setting_that_does_not_exist():
    known = {each.name for each in SETTINGS} | {"QM_URL", "QM_KEY"}
    known |= {name for source in sources("tests") for name in re.findall(r'"(QM_[A-Z]+)"', source)}
    named = {name for path in PAGES for name in re.findall(r"\bQM_[A-Z_]+\b", path.read_text("utf-8"))}

    assert named - known == set()


def test_every_scope_is_documented_as_it_is():
    found = {row[0].strip("`"): row[1] for row in rows(section(reference("scopes-and-roles"), "Scopes"))}

    assert found == SCOPES


def test_every_role_is_documented_with_its_scopes():
    text = section(reference("scopes-and-roles"), "Roles")
    roles = codes(next(line for line in text.splitlines() if line.startswith("| scope")))
    found = {
        role: {row[0].strip("`") for row in rows(text) if len(row) == len(roles) + 1 and row[place] == "yes"}
        for place, role in enumerate(roles, 1)
    }

    assert found == {role: set(scopes) for role, scopes in ROLES.items()}
    assert [row[0].strip("`") for row in rows(text) if len(row) == 2] == list(ROLES)


def test_every_automatic_judgement_is_documented_as_it_is():
    found = {row[0].strip("`"): row[1] for row in rows(reference("judgements").read_text(encoding="utf-8"))}

    assert found == {name: judgement.description for name, judgement in CATALOGUE.items()}


def test_every_command_is_documented_and_no_other():
    assert headings(reference("command-line"), rank=2) == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_documented_and_no_other(name):
    options = [flag for each in COMMANDS[name].params if isinstance(each, click.Option) for flag in each.opts]

    assert names(section(reference("command-line"), name)) == options


def test_no_page_uses_a_command_that_does_not_exist():
    start = re.compile(r"(?:^ {4}|^|`|\()(qm [a-z][a-z-]+)((?: [a-z][a-z-]+)?)", re.MULTILINE)
    used = {found for path in PAGES for found in start.findall(path.read_text(encoding="utf-8"))}

    assert {one + two for one, two in used if one not in COMMANDS and one + two not in COMMANDS} == set()
    assert len(used) > 15


@pytest.mark.parametrize("heading", BUNDLE_PARTS)
def test_every_field_of_a_bundle_is_documented_and_no_other(heading):
    text = section(reference("bundle"), heading)
    own = re.split(r"^###+ ", text, maxsplit=1, flags=re.MULTILINE)[0]
    wanted = {field.data_key or name for name, field in BUNDLE_PARTS[heading]().fields.items()}

    assert set(names(own)) == wanted


def test_every_template_is_documented():
    named = set(codes(section(reference("bundle"), "Ready-made")))

    assert {*template_library.scorecards(), *template_library.playbooks()} <= named


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path):
    broken = []
    for target in links(path):
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target)

    assert broken == []


def test_every_page_can_be_reached_from_the_readme():
    reached, waiting = set(), [page("README.md")]
    while waiting:
        here = waiting.pop()
        reached.add(here)
        targets = {(here.parent / target.partition("#")[0]).resolve() for target in links(here)}
        waiting += [
            each for each in targets if each.suffix == ".md" and each not in reached and each.exists()
        ]

    assert {path for path in PAGES if path.name != "CHANGELOG.md"} - reached == set()


def test_every_function_in_architecture_walkthrough_exists():
    text = page("docs/explanation/architecture.md").read_text(encoding="utf-8")
    road = [row for row in rows(text) if row[0].isdigit()]
    missing = []
    for _, file, function, _ in road:
        tree = ast.parse((ROOT / file.strip("`")).read_text(encoding="utf-8"))
        defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        if function.strip("`") not in defined:
            missing.append((file, function))

    assert len(road) > 20
    assert missing == []


def test_every_make_target_is_documented_and_no_other():
    text = page("Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z-]+):.*?## ", text, re.MULTILINE)
    named = {name for path in PAGES for name in re.findall(r"`make ([a-z-]+)", prose(path))}

    found = names(section(page("CONTRIBUTING.md"), "Set up"))
    assert sorted(found) == sorted(f"make {name}" for name in targets if name != "help")
    assert named - set(targets) == set()


def test_every_fixture_of_contributing_exists():
    for row in rows(section(page("CONTRIBUTING.md"), "Fixtures")):
        defined = ast.walk(ast.parse((ROOT / row[1].strip("`")).read_text(encoding="utf-8")))
        assert row[0].strip("`") in {each.name for each in defined if isinstance(each, ast.FunctionDef)}


def test_every_endpoint_that_is_named_exists(app):
    known = {
        f"{method.upper()} {re.sub(r'{[^}]*}', '{}', address)}"
        for address, operations in app.extensions["qm.openapi"]["paths"].items()
        for method in operations
    }
    named = {
        f"{method} {re.sub(r'{[^}]*}', '{}', address)}"
        for path in PAGES
        for method, address in re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/v1/[\w/{}-]+)`", prose(path))
    }

    assert named - known == set()


@pytest.mark.parametrize("block", [each for path in PAGES for each in blocks(path, "yaml")], ids=str)
def test_bundles_in_the_documentation_are_sound(block):
    assert yaml.safe_load(block.text)["qm_bundle"] == 1
    assert read_bundle(block.text).definitions


@pytest.mark.parametrize(
    "path", [path for path in PAGES if blocks(path, "pycon")], ids=lambda path: path.stem
)
def test_documented_pycon_examples_pass_doctest(path):
    text = "\n".join(block.text for block in blocks(path, "pycon"))
    example = doctest.DocTestParser().get_doctest(text, {}, path.name, str(path), 0)
    runner = doctest.DocTestRunner()
    said = []
    runner.run(example, out=said.append)

    assert runner.failures == 0, "".join(said)
    assert runner.tries > 0


@pytest.mark.parametrize(
    "path", [path for path in PAGES if blocks(path, "python")], ids=lambda path: path.stem
)
def test_python_in_the_documentation_runs(path):
    room = {"__name__": path.stem}
    for block in blocks(path, "python"):
        exec(compile(block.text, str(block), "exec"), room)

    assert len(room) > 1


@pytest.fixture(scope="module")
def first_interaction(tmp_path_factory):
    """Follow the README from nothing to the first report, and leave its server running."""
    folder = tmp_path_factory.mktemp("reader")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    reader = shell(folder, port)
    start, *others = blocks(page("README.md"), "sh", section=FIRST_INTERACTION)
    try:
        with kept_running(start.text.strip(), reader):
            said = reader.run(others, 'printf "%s\\n" "$QM_URL" "$QM_KEY" > given')
            url, key = (folder / "given").read_text().split()
            yield Shell(folder, {**reader.environment, "QM_URL": url, "QM_KEY": key}), said
    finally:
        servers.remove(folder / "qm-data")


def test_readme_first_interaction_prints_documented_results(first_interaction):
    _, said = first_interaction

    assert '"status":"created"' in said
    assert '"scored":1' in said
    assert '"status":"unverified"' in said


@pytest.mark.parametrize("name", EXECUTED)
def test_the_commands_of_a_page_run(first_interaction, name):
    reader, _ = first_interaction
    if name == "read-a-report":
        have_pango()

    said = reader.run(blocks(page(f"docs/how-to/{name}.md"), "sh"))

    assert [promised for promised in EXECUTED[name] if promised not in said] == []


def test_every_shell_block_of_a_how_to_is_executed():
    others = [path for path in PAGES if path.parent.name == "how-to" and path.stem not in EXECUTED]

    assert [str(block) for path in others for block in blocks(path, "sh", "bash", "shell")] == []
    assert blocks(page("README.md"), "sh") == blocks(page("README.md"), "sh", section=FIRST_INTERACTION)
