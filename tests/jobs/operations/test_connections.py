"""How many connections a web server process takes, and what becomes of those beyond."""

import resource
import subprocess
import sys
from contextlib import ExitStack

import pytest
from waitress.adjustments import Adjustments

from infra.http_server import MAX_CONNECTIONS, REQUEST_SECONDS, RequestParser
from tests.jobs.operations.test_web_server import Web, half_header
from tests.jobs.worker_processes import WorkerProcesses
from tests.waiting import wait_until

FEW = 20
CROWDED = "from infra import http_server, web; http_server.MAX_CONNECTIONS = 20; web.main()"
SHOWN = """
import resource, sys
from infra import http_server
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), int(sys.argv[2])))
print(http_server._connection_limit(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


def limits(soft, hard):
    """Return the connections, and the open files, of a process that begins with these limits."""
    told = subprocess.run(
        [sys.executable, "-c", SHOWN, str(soft), str(hard)], capture_output=True, check=True
    )
    return tuple(map(int, told.stdout.split()))


def test_a_process_takes_as_many_connections_as_are_promised_and_fewer_with_few_files():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if most != resource.RLIM_INFINITY and most < 10_000:
        pytest.skip(f"this machine opens {most} files at most")

    assert limits(1024, 9000) == (MAX_CONNECTIONS, 2 * MAX_CONNECTIONS + 256)
    assert limits(10_000, 10_000) == (MAX_CONNECTIONS, 10_000)
    assert limits(512, 1256) == (500, 1256)
    assert limits(100, 100) == (64, 100)


def test_where_connections_run_out_those_that_wait_longest_are_closed(services, data_dir, tmp_path, provider):
    processes = WorkerProcesses(data_dir, tmp_path)
    try:
        web = Web(processes, ("-c", CROWDED), provider.key().key)
        with ExitStack() as stack:
            waiting = [stack.enter_context(web.connect()) for _ in range(2 * FEW)]
            for each in waiting:
                each.sendall(half_header(web))
            assert web.seconds_to_answer() < 30
            waiting[0].setblocking(False)
            wait_until(lambda: is_closed(waiting[0]))
            waiting[-1].setblocking(False)
            assert not is_closed(waiting[-1])
    finally:
        processes.end()


def is_closed(connection):
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


@pytest.mark.parametrize(("seconds_late", "gives_up"), [(-5, False), (5, True)])
@pytest.mark.parametrize("kibibytes", [0, 160, 480])
def test_a_request_has_a_minute_and_a_second_for_every_16_kib(kibibytes, seconds_late, gives_up):
    head = b"POST / HTTP/1.1\r\nHost: qm\r\nContent-Length: 20000000\r\n\r\n"
    parser = RequestParser(Adjustments(max_request_body_size=20_000_001))
    assert parser.received(head) == len(head)
    for _ in range(kibibytes // 16):
        parser.received(b"x" * 16 * 1024)
    parser.began -= REQUEST_SECONDS + kibibytes / 16 + seconds_late

    assert (REQUEST_SECONDS, parser.is_overdue) == (60, gives_up)
