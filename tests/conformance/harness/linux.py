# SPDX-License-Identifier: GPL-2.0-only
"""Transcripts of the real kernel: one boot performs all scenarios that have no cached transcript.

A cached transcript is keyed by everything that could change it: kernel, tools, guest scripts, the
scenario's steps and the modules it loads. Scenarios do not see each other (end() in guest/steps.sh
unloads what is left), so it does not matter which of them shared a boot.
"""
import hashlib
import lzma
import shlex
from dataclasses import dataclass
from pathlib import Path

from . import initramfs, qemu
from .scenario import Scenario
from .targets import Target

SILENCE = 300  # seconds without a line from the guest, booting on a very busy host included

BOOTS = 4  # attempts to get as far as the first scenario


@dataclass
class Result:
    transcript: list[str] | None  # None: no complete transcript
    problem: str | None = None


class NoGuest(Exception):
    """The kernel did not get as far as the first scenario."""


def _digest(*parts: bytes) -> str:
    h = hashlib.sha256()
    for part in parts:
        h.update(len(part).to_bytes(8, "little") + part)
    return h.hexdigest()[:32]


def _identity(path: Path) -> bytes:
    status = path.stat()
    return f"{path} {status.st_size} {status.st_mtime_ns}".encode()


class Guest:
    def __init__(self, target: Target, modules: Path, build: Path):
        self._target = target
        self._modules = modules
        self._build = build
        self.boots = 0
        common = [(initramfs.GUEST / n).read_bytes() for n in ("init", "steps.sh", *(f"{p}.c" for p in initramfs.PROGRAMS))]
        common += [_identity(p) for p in initramfs.tools()] + [qemu.COMMAND_LINE.encode()]
        if target.vmlinuz.exists():
            common.append(_identity(target.vmlinuz))
        self._common = _digest(*common)

    def _ko(self, name: str) -> bytes:
        for folder in (self._modules, self._modules / "made"):
            path = folder / f"{name}.ko"
            if path.exists():
                return path.read_bytes()
        return b""

    def _cache(self, scenario: Scenario) -> Path:
        parts = [self._common.encode(), script(scenario).encode(), *map(self._ko, scenario.modules())]
        key = _digest(*parts, *([scenario.boot.encode()] if scenario.boot else []))
        return self._build / "conformance" / self._target.release / f"{scenario.name}.{key}.linux"

    def transcripts(self, scenarios: list[Scenario], fresh: bool) -> dict[str, Result]:
        results: dict[str, Result] = {}
        stale = []
        for scenario in scenarios:
            cache = self._cache(scenario)
            if not fresh and cache.exists():
                text = cache.read_text(errors="surrogateescape")
                results[scenario.name] = Result(text.split("\n")[:-1])
            else:
                stale.append(scenario)
        # A sorted order, so that two runs do the same; see #first and #crash in scenario.py.
        stale.sort(key=lambda s: (not s.first, s.crash, s.name))
        while stale:
            together = [s for s in stale if s.boot == stale[0].boot]
            done = self._boot_patiently(together)
            results |= done
            stale = [s for s in stale if s.name not in done]
        return results

    def _boot_patiently(self, scenarios: list[Scenario]) -> dict[str, Result]:
        """On a busy host the emulated timer may miss its interrupts, and the kernel panics over that
        before it begins."""
        for _ in range(BOOTS - 1):
            try:
                return self._boot(scenarios)
            except NoGuest:
                pass
        return self._boot(scenarios)

    def _boot(self, scenarios: list[Scenario]) -> dict[str, Result]:
        """One boot. Answers for at least one scenario: if the guest gets stuck, the one that was
        running is blamed and those after it are left for the next boot."""
        self.boots += 1
        archive = initramfs.base(self._build)
        for name in sorted({m for s in scenarios for m in s.modules()}):
            if data := self._ko(name):
                archive.file(f"modules/{name}.ko", data)
        # insmod unpacks these itself and calls init_module(2): since v6.5 a finit_module(2) that dies
        # leaves the kernel's table of loads in progress with an entry on a stack that is gone, and
        # what is loaded after it may hang.
        for name in sorted({m for s in scenarios if s.crash for m in s.modules()}):
            archive.file(f"modules/{name}.ko.xz", lzma.compress(self._ko(name), lzma.FORMAT_XZ, preset=0))
        archive.directory("modules")
        if requested := sorted({m for s in scenarios for m in s.requested}):
            initramfs.add_index(archive, self._target.release, {m: self._ko(m) for m in requested})
        run = ["#!/bin/sh", ". /steps.sh", *(script(s) for s in scenarios), ""]
        archive.file("run", "\n".join(run).encode())

        results: dict[str, Result] = {}
        current: str | None = None
        lines: list[str] = []

        def on_line(raw: bytes) -> None:
            nonlocal current, lines
            line = raw.rstrip(b"\r\n").decode(errors="surrogateescape")
            if line.startswith("%%begin "):
                current, lines = line[8:], []
            elif line.startswith("%%end "):
                results[line[6:]] = Result(lines)
                current = None
            elif line.startswith("%%left "):
                name, *left = line[7:].split()
                results[name].problem = f"cannot be unloaded, use #crash: {' '.join(left)}"
            elif current:
                lines.append(line)

        console = self._build / "conformance" / self._target.release / "console.log"
        problem = qemu.boot(self._target, archive.bytes(), console, SILENCE, on_line, scenarios[0].boot)
        for scenario in scenarios:
            if result := results.get(scenario.name):
                if not result.problem:
                    self._save(scenario, result)
        if current:
            results[current] = Result(None, f"{problem or 'the guest ended'}; last lines: {lines[-20:]}")
        elif not results:
            raise NoGuest(f"{self._target.release}: {problem or f'no scenario ran; the console: {console}'}")
        return results

    def _save(self, scenario: Scenario, result: Result) -> None:
        cache = self._cache(scenario)
        cache.parent.mkdir(parents=True, exist_ok=True)
        for old in cache.parent.glob(f"{scenario.name}.*.linux"):
            old.unlink()
        text = "".join(line + "\n" for line in result.transcript or [])
        cache.write_text(text, errors="surrogateescape")


def script(scenario: Scenario) -> str:
    """The scenario as a shell script for guest/steps.sh."""
    lines = [f"scenario {scenario.name}"]
    for step in scenario.steps:
        words = [step.text, *step.words]
        lines.append("step " + " ".join(shlex.quote(w) for w in words))
    lines.append(f"{'end_crash' if scenario.crash else 'end'} {scenario.name}")
    return "\n".join(lines)
