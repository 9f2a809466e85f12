import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from infra.embedded import accounts, servers, watchdog
from infra.embedded.accounts import EmbeddedError
from infra.embedded.server_processes import still_alive
from infra.postgres import database_roles
from tests.waiting import PATIENCE, wait_until

ROOT = Path(__file__).resolve().parents[3]
# Uses the servers, says so in one line of JSON, and stays until it is ended.
OWNER = """
import json, signal, sys, time
from pathlib import Path
from infra.embedded import servers
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
signal.signal(signal.SIGINT, signal.default_int_handler)
data_dir = Path(sys.argv[1])
try:
    addresses = servers.ensure(data_dir)
    print(json.dumps({"url": addresses.owner_url, "guardian": servers.status(data_dir).guardian}), flush=True)
    time.sleep(600)
except KeyboardInterrupt:
    pass
finally:
    servers.release(data_dir)
"""
# Looks after the servers of a data directory as the guardian does, but not long once nobody uses them.
HASTY_GUARDIAN = """
from infra.embedded import server_guardian
server_guardian.LINGER = 0.5
server_guardian.main()
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can change users")


@contextmanager
def open_folder():
    # pytest closes its own folders to others, but root's servers run as another user.
    with tempfile.TemporaryDirectory(prefix="qm-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "data"
        servers.remove(Path(folder) / "data")


@pytest.fixture
def data_dir():
    with open_folder() as path:
        yield path


@pytest.fixture(scope="module")
def running():
    with open_folder() as path:
        servers.ensure(path)
        yield path


def write(url):
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('kept')")


def kept(url):
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT count(*) FROM kept").fetchone()[0]


def start_owner(data_dir):
    return subprocess.Popen(
        [sys.executable, "-c", OWNER, str(data_dir)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def said(owner):
    return json.loads(owner.stdout.readline())


def ended(owner):
    owner.stdout.close()
    return owner.wait(timeout=PATIENCE)


def server_processes(data_dir):
    """Return both servers; what they have just forked still goes by their command."""
    found = {process.pid: process for process in psutil.process_iter() if serves(process, data_dir)}
    return [process for process in found.values() if parent_of(process) not in found]


def serves(process, data_dir):
    try:
        command = " ".join(process.cmdline())
        return str(data_dir) in command and process.name().startswith(("postgres", "redis-server"))
    except psutil.Error:
        return False


def parent_of(process):
    try:
        return process.ppid()
    except psutil.NoSuchProcess:
        return None


def test_application_role_has_no_admin_attributes_and_cannot_create_tables(running):
    addresses = servers.ensure(running)
    with psycopg.connect(addresses.database_url) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'qm_app'"
        ).fetchone()
        assert row == (False, False, False, False)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine ()")


def test_owner_can_assign_functions_to_lookup_role_without_inheriting_role(running):
    addresses = servers.ensure(running)
    with psycopg.connect(addresses.owner_url) as connection:
        connection.execute("CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        connection.execute("GRANT CREATE ON SCHEMA public TO qm_lookup")
        connection.execute("ALTER FUNCTION one() OWNER TO qm_lookup")
        connection.execute("REVOKE CREATE ON SCHEMA public FROM qm_lookup")
        inherits = connection.execute("SELECT pg_has_role('qm_owner', 'qm_lookup', 'USAGE')").fetchone()
    assert inherits == (False,)


def test_create_roles_again_changes_passwords(data_dir):
    addresses = servers.ensure(data_dir)
    owner_url, app_url = database_roles.create_roles(
        addresses.admin_url, owner_password="o p/@", app_password="ä:?#%"
    )
    for url, role in ((owner_url, "qm_owner"), (app_url, "qm_app")):
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT current_user, current_database()").fetchone() == (role, "qm")


def test_servers_reject_connections_without_password(running):
    addresses = servers.ensure(running)
    status = servers.status(running)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"postgresql://qm_admin@127.0.0.1:{status.database_port}/postgres")
    impatient = Retry(NoBackoff(), 0)
    with (
        redis.Redis(port=status.redis_port, retry=impatient) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()
    with redis.Redis.from_url(addresses.redis_url) as client:
        assert [*client.config_get("maxmemory-policy").values()] in (["noeviction"], [b"noeviction"])


def test_secrets_are_readable_by_their_owner_only(running):
    modes = [path.stat().st_mode & 0o077 for path in (running / "secrets").iterdir()]
    assert modes == [0]


def test_five_processes_at_once_start_one_pair_of_servers(data_dir):
    owners = [start_owner(data_dir) for _ in range(5)]
    answers = [said(owner) for owner in owners]
    assert len({answer["guardian"] for answer in answers}) == 1
    assert len(server_processes(data_dir)) == 2
    for owner in owners:
        owner.terminate()
    assert [ended(owner) for owner in owners] == [0] * 5
    assert server_processes(data_dir) == []


def test_servers_stay_while_another_process_uses_them(data_dir):
    owner = start_owner(data_dir)
    url = said(owner)["url"]
    servers.ensure(data_dir)
    servers.release(data_dir)
    write(url)
    assert kept(url) == 1
    owner.terminate()
    ended(owner)


def test_servers_are_reference_counted_within_a_process(data_dir):
    servers.ensure(data_dir)
    url = servers.ensure(data_dir).owner_url
    servers.release(data_dir)
    write(url)
    assert kept(url) == 1
    servers.release(data_dir)
    assert server_processes(data_dir) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_servers_stop_when_last_process_exits(data_dir, number):
    owner = start_owner(data_dir)
    said(owner)
    owner.send_signal(number)
    assert ended(owner) == 0
    assert server_processes(data_dir) == []
    assert not servers.status(data_dir).running


@pytest.fixture
def hasty_guardian(monkeypatch):
    def start(directory):
        # It is known by its name among its arguments.
        command = [
            sys.executable,
            "-P",
            "-c",
            HASTY_GUARDIAN,
            str(directory.data_dir),
            servers._GUARDIAN_MODULE,
        ]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        subprocess.run(command, env=environment, start_new_session=True, check=True)

    monkeypatch.setattr(servers, "_start_guardian", start)


def test_servers_of_a_killed_process_are_used_by_the_next(data_dir):
    owner = start_owner(data_dir)
    first = said(owner)
    write(first["url"])
    owner.kill()
    ended(owner)
    addresses = servers.ensure(data_dir)
    assert servers.status(data_dir).guardian == first["guardian"]
    assert kept(addresses.owner_url) == 1


def test_servers_of_a_killed_process_are_ended_when_there_is_no_other(data_dir, hasty_guardian):
    first = servers.ensure(data_dir)
    heir = start_owner(data_dir)
    assert said(heir)["url"] == first.owner_url
    servers.release(data_dir)
    assert len(server_processes(data_dir)) == 2
    heir.kill()
    ended(heir)
    wait_until(lambda: not server_processes(data_dir))


def test_killed_servers_are_restarted_with_data(data_dir):
    addresses = servers.ensure(data_dir)
    write(addresses.owner_url)
    killed = server_processes(data_dir)
    for process in killed:
        process.kill()
    wait_until(lambda: len(set(server_processes(data_dir)) - set(killed)) == 2)
    assert kept(servers.ensure(data_dir).owner_url) == 1


def test_killed_server_guardian_leaves_no_orphans_and_no_data_loss(data_dir):
    write(servers.ensure(data_dir).owner_url)
    psutil.Process(servers.status(data_dir).guardian).kill()
    if sys.platform == "linux":
        wait_until(lambda: not server_processes(data_dir))
    assert kept(servers.ensure(data_dir).owner_url) == 1
    assert len(server_processes(data_dir)) == 2


def test_servers_restart_if_stale_pid_files_name_unrelated_process(data_dir):
    write(servers.ensure(data_dir).owner_url)
    lock_file = data_dir / "servers" / "postgres" / "postmaster.pid"
    lines = lock_file.read_text().splitlines()
    guardian = psutil.Process(servers.status(data_dir).guardian)
    for process in (guardian, *server_processes(data_dir)):
        process.kill()
    wait_until(lambda: not server_processes(data_dir))
    bystander = subprocess.Popen(["sleep", "600"])
    lock_file.write_text("\n".join([str(bystander.pid), *lines[1:], ""]))
    (data_dir / "embedded" / "keeper.lock").write_text(f"{bystander.pid} ready\n")
    assert kept(servers.ensure(data_dir).owner_url) == 1
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_servers_choose_other_port_if_previous_port_is_taken(data_dir):
    write(servers.ensure(data_dir).owner_url)
    before = servers.status(data_dir)
    servers.stop(data_dir)
    with socket.create_server(("127.0.0.1", before.database_port)):
        addresses = servers.ensure(data_dir)
        assert servers.status(data_dir).database_port != before.database_port
        assert servers.status(data_dir).redis_port == before.redis_port
        assert kept(addresses.owner_url) == 1


def test_queued_work_survives_a_restart(data_dir):
    with redis.Redis.from_url(servers.ensure(data_dir).redis_url) as client:
        client.rpush("queue", "work")
    servers.stop(data_dir)
    with redis.Redis.from_url(servers.ensure(data_dir).redis_url) as client:
        assert client.llen("queue") == 1


def test_a_data_directory_can_be_moved(data_dir):
    write(servers.ensure(data_dir).owner_url)
    servers.stop(data_dir)
    elsewhere = data_dir.with_name("elsewhere")
    data_dir.rename(elsewhere)
    assert kept(servers.ensure(elsewhere).owner_url) == 1
    servers.remove(elsewhere)


def test_servers_end_when_their_directory_is_deleted(data_dir):
    servers.ensure(data_dir)
    processes = server_processes(data_dir)
    while data_dir.exists():  # the servers delete files of their own meanwhile
        shutil.rmtree(data_dir, ignore_errors=True)
    assert still_alive(processes, PATIENCE) == []


def test_data_of_other_postgres_version_is_refused_with_pg_dump_hint(data_dir):
    servers.ensure(data_dir)
    servers.stop(data_dir)
    (data_dir / "servers" / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(EmbeddedError, match="pg_dump"):
        servers.ensure(data_dir)


def test_missing_secrets_file_is_reported(data_dir):
    servers.ensure(data_dir)
    servers.stop(data_dir)
    shutil.rmtree(data_dir / "secrets")
    with pytest.raises(EmbeddedError, match=r"embedded\.json is missing"):
        servers.ensure(data_dir)


def test_data_directory_below_a_file_is_refused(tmp_path):
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(EmbeddedError, match="QM_DATA_DIR"):
        servers.ensure(file / "data")


def test_asking_for_the_status_creates_nothing(data_dir):
    assert not servers.status(data_dir).running
    assert not data_dir.exists()


@as_root
def test_servers_started_by_root_run_as_a_user_of_their_own(running):
    assert {process.username() for process in server_processes(running)} == {accounts.OWN_USER}


@as_root
def test_the_servers_files_belong_to_that_user_and_are_closed_to_others(running):
    home = servers.status(running).home
    files = [home, *home.rglob("*")]

    assert {path.owner() for path in files} == {accounts.OWN_USER}
    assert home.stat().st_mode & 0o077 == 0


@as_root
def test_servers_of_an_earlier_release_are_taken_from_nobody(data_dir):
    write(servers.ensure(data_dir).owner_url)
    servers.stop(data_dir)
    home = servers.status(data_dir).home
    for path in (home, *home.rglob("*")):
        shutil.chown(path, "nobody")

    assert kept(servers.ensure(data_dir).owner_url) == 1
    assert {process.username() for process in server_processes(data_dir)} == {accounts.OWN_USER}
    assert {path.owner() for path in home.rglob("*")} == {accounts.OWN_USER}


@as_root
def test_servers_started_by_root_keep_data_outside_private_directory(data_dir):
    data_dir.mkdir(mode=0o700)
    write(servers.ensure(data_dir).owner_url)
    home = servers.status(data_dir).home
    assert not home.is_relative_to(data_dir)
    servers.stop(data_dir)
    assert kept(servers.ensure(data_dir).owner_url) == 1
    servers.remove(data_dir)
    assert not home.exists()


@as_root
def test_servers_run_as_unprivileged_caller_and_root_can_reuse_data(data_dir):
    python = readable_python()
    if python is None:
        pytest.skip("no interpreter of this version that an unprivileged user can run")
    data_dir.parent.chmod(0o777)
    nobody = pwd.getpwnam("nobody")
    site = Path(psutil.__file__).parents[1]
    owner = subprocess.Popen(
        [python, "-P", "-c", OWNER, str(data_dir)],
        stdout=subprocess.PIPE,
        text=True,
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
        env={"PYTHONPATH": f"{ROOT}:{site}", "PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    url = said(owner)["url"]
    write(url)
    assert {process.uids().real for process in server_processes(data_dir)} == {nobody.pw_uid}
    owner.terminate()
    assert ended(owner) == 0
    assert kept(servers.ensure(data_dir).owner_url) == 1
    assert {path.stat().st_uid for path in data_dir.rglob("*")} == {nobody.pw_uid}


def readable_python():
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, f"/usr/bin/{name}", f"/usr/local/bin/{name}"):
        try:
            subprocess.run(
                [candidate, "-c", ""], user="nobody", group=pwd.getpwnam("nobody").pw_gid, check=True
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        if os.access(ROOT, os.R_OK):
            return candidate
    return None


def test_watchdog_restarts_servers_of_killed_guardian_at_same_address(data_dir):
    address = servers.ensure(data_dir).owner_url
    write(address)
    psutil.Process(servers.status(data_dir).guardian).kill()
    wait_until(lambda: servers.status(data_dir).guardian is None)

    assert watchdog.restart_guardian(data_dir) is True
    assert kept(address) == 1
    assert watchdog.restart_guardian(data_dir) is False


def test_watchdog_does_not_restart_removed_servers(data_dir):
    servers.ensure(data_dir)
    servers.remove(data_dir)

    assert watchdog.restart_guardian(data_dir) is False
    assert not server_processes(data_dir)
