"""Real workers and schedules as processes of their own, and interactions to give them."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from sqlalchemy import text

from qm.facts import rollups
from scorecards.authoring.bundle_import import load_bundle
from tests.jobs.forked_programs import ForkedProcess, ForkedPrograms
from tests.waiting import PATIENCE, wait_until

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = """
qm_bundle: 1
scorecards: [{key: care, name: Care, template: empathy}]
sampling_policy: {base_rate: 0.3, terms: [{when: charged, rate: 0.6}]}
sla_policy:
  rules: [{key: all, match: {}, calendar: always, targets: {first_response: 60s, resolution: 2h}, goal: 0.9}]
"""
BEGAN = datetime(2026, 7, 1, 9, tzinfo=UTC)
LINES = (
    ("customer", "My parcel is two weeks late and I'm really frustrated."),
    ("agent", "I can see how frustrating two weeks of waiting is. I've sent a new one today."),
    ("customer", "Great, thank you!"),
    ("agent", "You're welcome, take care."),
)
SHARED_LINES = (*LINES[:3], (*LINES[3], "a-8"))
"""The same, the last turn by another agent."""


def interaction(external_id, *, lines=LINES, at=BEGAN, **others):
    """A pushed interaction, its turns ten seconds apart; a line is speaker, words and perhaps an agent."""
    turns = [
        {
            "at": (at + timedelta(seconds=10 * place)).isoformat(),
            **dict(zip(("speaker", "text", "agent"), line, strict=False)),
        }
        for place, line in enumerate(lines)
    ]
    agent = {"agent": {"external_id": "a-7"}}
    return {
        "external_id": external_id,
        "channel": "chat",
        "started_at": at.isoformat(),
        **agent,
        "turns": turns,
        **others,
    }


@dataclass
class ScoringFixture:
    """One provider with a client, judged by the bundle above, seen from outside and from within."""

    provider: object
    slugs: tuple = ("northwind",)
    http: object = None
    bundle: str = BUNDLE

    def __post_init__(self):
        with self.provider.session() as session:
            for slug in self.slugs:
                load_bundle(session, self.provider.clients[slug], text=self.bundle)
        self.http = self.http or self.provider.caller()

    def push(self, items, slug="northwind", headers=None):
        body = "\n".join(json.dumps(item) for item in items)
        answer = self.http.post(
            f"/v1/clients/{slug}/interactions/bulk",
            data=body,
            content_type="application/x-ndjson",
            headers=headers,
        )
        assert answer.status_code == 200, answer.json
        assert answer.json["rejected"] == 0, answer.json
        return [each["id"] for each in answer.json["data"]]

    def ask(self, statement, **values):
        with self.provider.session() as session:
            return session.execute(text(statement), values).all()

    def count(self, state, slug="northwind"):
        client_id = self.provider.clients[slug].client_id
        statement = "select count(*) from interactions where state = :state and client_id = :client"
        return self.ask(statement, state=state, client=client_id)[0][0]

    def row(self, external_id):
        return self.ask("select * from interactions where external_id = :id", id=external_id)[0]

    def all_scored(self, number, slug="northwind"):
        wait_until(lambda: self.count("scored", slug) == number)

    def lapse(self):
        """Let every lease run out, as if its worker had been lost long ago."""
        over = "lease_until = now() - interval '1 second'"
        self.ask(f"update interactions set {over} where state = 'claimed' returning 1")

    def wrongs(self):
        """Everything that would show that something was lost or came twice; empty when all is well."""
        judged = """
            select i.external_id from interactions i where i.state = 'scored' and (
                (select count(*) from evaluations e where e.tenant_id = i.tenant_id
                 and e.interaction_id = i.interaction_id and e.superseded_at is null) <> 1
                or (select count(*) from interaction_facts f where f.tenant_id = i.tenant_id
                    and f.interaction_id = i.interaction_id) <> 1
                or (select count(*) from reviews r where r.tenant_id = i.tenant_id
                    and r.interaction_id = i.interaction_id)
                   <> (select f.sampled from interaction_facts f where f.tenant_id = i.tenant_id
                       and f.interaction_id = i.interaction_id))
        """
        with self.provider.session() as session:
            found = [row[0] for row in session.execute(text(judged))]
            for slug in self.slugs:
                found += rollups.rollup_differences(session, self.provider.clients[slug].client_id)
        return found

    def evaluations(self, external_id):
        return self.ask(
            "select e.* from evaluations e join interactions i on i.tenant_id = e.tenant_id"
            " and i.interaction_id = e.interaction_id where i.external_id = :id order by e.created_at",
            id=external_id,
        )

    def sums(self):
        return dict(
            self.ask(
                "select 'scored', sum(scored) from daily_rollups union all"
                " select 'empathy', sum(empathy_sum) from daily_rollups"
            )
        )


@dataclass
class ProgramProcess:
    """One of our programs, and what it logged."""

    process: subprocess.Popen | ForkedProcess
    log: Path

    def kill(self, number=signal.SIGKILL):
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE)

    def lines(self, event):
        # The last line may still be half written.
        written = self.log.read_text().splitlines(keepends=True)
        whole = [line for line in written if line.startswith("{") and line.endswith("\n")]
        return [line for line in map(json.loads, whole) if line["event"] == event]

    @property
    def alive(self):
        return self.process.poll() is None

    @property
    def memory(self):
        return psutil.Process(self.process.pid).memory_info().rss


@dataclass
class WorkerProcesses:
    """Starts our programs as processes of their own, and ends them all.

    `start` and `run` start one as an installation does. What is tested when it works is forked.
    """

    data_dir: Path
    logs: Path
    forked_programs: ForkedPrograms | None = None
    settings: dict = field(default_factory=dict)
    started: list = field(default_factory=list)

    def start(self, module, **settings):
        return self.run("-m", module, **settings)

    def run(self, *program, **settings):
        with self._next_log().open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-P", *program],
                env=self._environment(settings),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=ROOT,
            )
        return self._add(process)

    def worker(self, **settings):
        return self._fork("worker", settings)

    def learner(self, **settings):
        return self._fork("learner", settings)

    def deliverer(self, **settings):
        return self._fork("deliverer", settings)

    def clock(self, **settings):
        return self._fork("scheduler", settings)

    def end(self):
        for each in self.started:
            each.process.kill()
            each.process.wait(timeout=PATIENCE)

    def _fork(self, program, settings):
        log = self._next_log()
        log.touch()
        return self._add(self.forked_programs.start(program, env=self._environment(settings), output=log))

    def _add(self, process):
        self.started.append(ProgramProcess(process, self._next_log()))
        return self.started[-1]

    def _next_log(self):
        return self.logs / f"{len(self.started)}.log"

    def _environment(self, settings):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("QM_")}
        # One connection to the database must do: a process that needs two at once would wait for itself.
        lean = {"QM_SWEEP_SECONDS": "1", "QM_POOL_SIZE": "1"}
        wanted = {"QM_DATA_DIR": str(self.data_dir), **lean, **self.settings, **settings}
        return {**kept, **{name: str(value) for name, value in wanted.items()}}
