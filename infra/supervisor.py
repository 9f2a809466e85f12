"""Supervises several programs in the foreground, such as web server, workers and scheduler of `qm up`.

Each program runs in a session of its own, so that Ctrl-C reaches the supervisor alone, which stops them in
order. Should the supervisor be killed with -9, a small guard process sees its pipe close and ends the
programs: this works on every Unix and needs nothing from the programs.
"""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

import psutil

from infra.embedded.server_processes import still_alive

GRACE_SECONDS = 15.0
_POLL_SECONDS = 0.1
_MIN_RESTART_DELAY = 0.5
_MAX_RESTART_DELAY = 30.0
# A program without a readiness check counts as ready when it has not ended by then.
_SETTLED_SECONDS = 0.3
# A program that ran this long has recovered: its next crash is treated as its first.
_STABLE_SECONDS = 30.0
# The supervisor gives up after so many crashes of one program in a row before all were ready once.
_MAX_START_CRASHES = 5
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Process:
    """A program to keep running; `is_ready` is called until it first returns true, and must be quick."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] | None = None
    is_ready: Callable[[], bool] | None = None


@dataclass(slots=True)
class _Child:
    """One program with its running process, or the time at which it is restarted."""

    process: Process
    running: subprocess.Popen[bytes] | None = None
    is_ready: bool = False
    started: float = 0.0
    restart_at: float = 0.0
    crashes: int = 0


@dataclass(slots=True)
class _Supervisor:
    """The state of one call of `supervise`."""

    children: list[_Child]
    say: Callable[[str], None]
    on_ready: Callable[[], None]
    stop_requests: int = 0
    announced: bool = False
    gave_up: bool = False
    guard: "Guard | None" = field(default=None)

    def request_stop(self, _number: int, _frame: FrameType | None) -> None:
        """Count signals: the first stops the programs, the second kills them."""
        self.stop_requests += 1

    def run(self, wake: int) -> None:
        """Keep every program running until a stop is requested or one of them never stays up."""
        while not self.stop_requests and not self.gave_up:
            self.guard = _living_guard(self.guard, self.children)
            for child in self.children:
                self._update(child)
            if not self.announced and all(child.is_ready for child in self.children):
                self.announced = True
                self.on_ready()
            _sleep(wake)

    def stop(self, wake: int, grace: float) -> None:
        """Stop every program; kill what is left after the grace period or at the second signal."""
        requests_before = self.stop_requests
        living = [child.running for child in self.children if child.running is not None]
        trees = [process for running in living for process in _process_tree(running.pid)]
        for running in living:
            running.terminate()
        deadline = time.monotonic() + grace
        while any(running.poll() is None for running in living):
            if time.monotonic() > deadline or self.stop_requests > requests_before:
                self.say("killing what has not ended")
                break
            _sleep(wake)
        _kill(trees)
        for running in living:
            _signal_group(running.pid, signal.SIGKILL)
            running.wait()

    def _update(self, child: _Child) -> None:
        now = time.monotonic()
        if child.running is None:
            if now >= child.restart_at:
                self._start(child)
        elif (code := child.running.poll()) is not None:
            self._plan_restart(child, code)
        elif not child.is_ready:
            check = child.process.is_ready
            child.is_ready = check() if check is not None else now - child.started > _SETTLED_SECONDS

    def _start(self, child: _Child) -> None:
        process = child.process
        child.started = time.monotonic()
        child.running = subprocess.Popen(
            list(process.command),
            env=None if process.environment is None else dict(process.environment),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        if self.guard is not None:
            self.guard.watch(child.running.pid)

    def _plan_restart(self, child: _Child, code: int) -> None:
        """Schedule a restart with exponential backoff, from half a second up to half a minute."""
        if child.running is not None:
            # Its own children, such as the web server's processes, may hold the port.
            _signal_group(child.running.pid, signal.SIGTERM)
        now = time.monotonic()
        child.crashes = 1 if now - child.started > _STABLE_SECONDS else child.crashes + 1
        delay = min(_MIN_RESTART_DELAY * 2 ** (child.crashes - 1), _MAX_RESTART_DELAY)
        child.running, child.is_ready, child.restart_at = None, False, now + delay
        self.gave_up = self.gave_up or (not self.announced and child.crashes >= _MAX_START_CRASHES)
        outcome = "giving up" if self.gave_up else f"starting it again in {delay:g} s"
        self.say(f"{child.process.name} ended ({_reason(code)}); {outcome}")


def supervise(
    commands: Sequence[Process],
    *,
    on_ready: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda event: print(event, file=sys.stderr, flush=True),
    grace: float = GRACE_SECONDS,
) -> int:
    """Run the programs until SIGINT, SIGTERM or SIGHUP; return 0, or 1 when one of them never stayed up.

    Call it from the main thread. The first signal lets the programs finish within `grace` seconds, the second
    kills them at once. `on_ready` is called once, when every program runs and is ready.
    """
    wake, signal_pipe = os.pipe()
    os.set_blocking(signal_pipe, False)
    supervisor = _Supervisor([_Child(process) for process in commands], say, on_ready)
    before = {number: signal.signal(number, supervisor.request_stop) for number in _SIGNALS}
    before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    wakeup_before = signal.set_wakeup_fd(signal_pipe, warn_on_full_buffer=False)
    try:
        supervisor.run(wake)
    finally:
        supervisor.stop(wake, grace)
        if supervisor.guard is not None:
            supervisor.guard.dismiss()
        signal.set_wakeup_fd(wakeup_before)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(wake)
        os.close(signal_pipe)
    return 1 if supervisor.gave_up else 0


@dataclass(frozen=True, slots=True)
class Guard:
    """Our end of the pipe to the guard process."""

    process: subprocess.Popen[bytes]
    pipe: int

    @classmethod
    def start(cls, pids: Sequence[int]) -> "Guard":
        """Start the guard; it alone holds the reading end, so that the pipe closes when we die.

        The running programs are written to the pipe before it starts, so that it knows them from the start.
        """
        reading, writing = os.pipe()
        os.write(writing, "".join(f"{pid}\n" for pid in pids).encode())
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "infra.supervisor"],
            stdin=reading,
            # Whoever reads our output must not wait for the guard.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(reading)
        return cls(process, writing)

    def watch(self, pid: int) -> None:
        """Tell the guard of a program that must not outlive us."""
        try:
            os.write(self.pipe, f"{pid}\n".encode())
        except BrokenPipeError:
            # The guard was killed; the loop starts a new one that knows every running program.
            return

    def dismiss(self) -> None:
        """Close the pipe; the guard ends what is left, and then itself."""
        os.close(self.pipe)
        self.process.wait()


def _living_guard(guard: Guard | None, children: Sequence[_Child]) -> Guard:
    """Return a living guard that knows every running program."""
    if guard is not None:
        if guard.process.poll() is None:
            return guard
        os.close(guard.pipe)
    return Guard.start([child.running.pid for child in children if child.running is not None])


def run_guard() -> None:
    """Run as the guard: read process ids from standard input, and end these processes when it closes."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    watched: list[psutil.Process] = []
    for line in sys.stdin:
        try:
            # The object knows when the process began, so a re-used id is never mistaken for it.
            watched.append(psutil.Process(int(line)))
        except psutil.NoSuchProcess:
            continue
    left = [process for process in watched if process.is_running()]
    trees = [member for process in left for member in _process_tree(process.pid)]
    for process in left:
        _signal(process, signal.SIGTERM)
    still_alive(left, GRACE_SECONDS)
    _kill(trees)
    for process in left:
        _signal_group(process.pid, signal.SIGKILL)


def _process_tree(pid: int) -> list[psutil.Process]:
    """Return a process and all its descendants, whatever sessions they moved to."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _kill(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        _signal(process, signal.SIGKILL)


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


def _signal_group(leader: int, number: signal.Signals) -> None:
    try:
        os.killpg(leader, number)
    except (ProcessLookupError, PermissionError):
        # No process of the group is left. (macOS answers "not permitted" when only zombies are.)
        return


def _reason(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def _sleep(wake: int) -> None:
    ready, _, _ = select.select([wake], [], [], _POLL_SECONDS)
    if ready:
        os.read(wake, 4096)


if __name__ == "__main__":
    run_guard()
