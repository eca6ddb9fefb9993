"""Usage: bin/supervise.py NAME COMMAND [ARGUMENT ...] [-- NAME COMMAND [ARGUMENT ...]] ...

Runs the commands together: when one ends, or on Ctrl-C or SIGTERM, all of them end, with every
process that they started. Exits with 0 when it was told to stop, with 1 when a command ended.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time

SECONDS_TO_FINISH = 15.0


def commands(arguments: list[str]) -> dict[str, list[str]]:
    """Split the command line at each "--"; give every command by its name."""
    found: dict[str, list[str]] = {}
    words: list[str] = []
    for argument in [*arguments, "--"]:
        if argument != "--":
            words.append(argument)
            continue
        if len(words) < 2 or words[0] in found:
            sys.exit(__doc__)
        found[words[0]], words = words[1:], []
    return found


def first_to_end(processes: dict[str, subprocess.Popen[bytes]], told: list[int]) -> str | None:
    """Wait until one of the processes ends and give its name, or None once we are told to stop."""
    while not told:
        for name, process in processes.items():
            if process.poll() is not None:
                return name
        time.sleep(0.2)
    return None


def end(processes: dict[str, subprocess.Popen[bytes]]) -> None:
    """Ask each process to finish; after 15 seconds end whatever is left of its group."""
    for process in processes.values():
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + SECONDS_TO_FINISH
    for process in processes.values():
        try:
            process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        # macOS answers "not permitted" for a group that nobody is left in.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def main() -> int:
    wanted = commands(sys.argv[1:])
    # Only noted here: an exception in the middle of a start could lose sight of a process.
    told: list[int] = []
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, lambda number, frame: told.append(number))
    processes: dict[str, subprocess.Popen[bytes]] = {}
    ended = None
    try:
        for name, command in wanted.items():
            # A group of its own, so that its children can be ended with it.
            processes[name] = subprocess.Popen(command, start_new_session=True)
        ended = first_to_end(processes, told)
    finally:
        if ended is None:
            sys.stderr.write(f"\nStopping {', '.join(wanted)} ...\n")
        end(processes)
    if ended is None:
        return 0
    status = processes[ended].returncode
    sys.stderr.write(f"The {ended} ended by itself (status {status}), so everything was stopped.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
