# SPDX-License-Identifier: GPL-2.0-only
"""Transcripts of Ring 3: `ring3 script`, one process and so one machine a scenario."""
import subprocess
from pathlib import Path

from .linux import Result
from .scenario import Scenario
from .targets import Target

TIMEOUT = 60


def command(binary: Path, modules: Path, target: Target, scenario: Scenario) -> list[str]:
    words = [str(binary), "script", "--modules", str(modules), "--modules", str(modules / "made")]
    if scenario.boot:
        words += ["--cmdline", scenario.boot]
    return [*words, "--kernel", str(target.kdir), str(scenario.path)]


def transcript(binary: Path, modules: Path, target: Target, scenario: Scenario) -> Result:
    """stdout is the transcript; any exit code but 0 means that it is not complete, and then stderr
    says why."""
    line = command(binary, modules, target, scenario)
    try:
        done = subprocess.run(line, capture_output=True, timeout=TIMEOUT, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired as error:
        text = (error.stdout or b"").decode(errors="surrogateescape")
        return Result(text.splitlines(), f"not finished after {TIMEOUT} s: {' '.join(line)}")
    except OSError as error:
        return Result(None, f"cannot run {binary}: {error.strerror}; build it or give --ring3 PATH")
    lines = done.stdout.decode(errors="surrogateescape").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    if done.returncode:
        why = f"signal {-done.returncode}" if done.returncode < 0 else f"exit code {done.returncode}"
        tail = done.stderr.decode(errors="replace").strip().splitlines()[-12:]
        return Result(lines, "\n    ".join([f"ring3 ended with {why}", *tail]))
    return Result(lines)
