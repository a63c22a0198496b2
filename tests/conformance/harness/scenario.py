# SPDX-License-Identifier: GPL-2.0-only
"""Reads a .scenario file: steps that both worlds perform, and what a reader may rely on.

The language is one line a step, so that `ring3 script` and a shell in a QEMU guest can both perform
it; README.md has the whole of it. Lines that begin with `#word` speak to this harness only (and are
comments to `ring3 script`):

    #expect TEXT             this line appears in the (masked) transcript, after the previous #expect
    #todo ring3: REASON      Ring 3 does not do this yet; passing is then a failure
    #todo ring3 6.12: REASON the same for one kernel
    #kernel 6.12: REASON     only for this kernel
    #crash                   leaves a damaged kernel behind: runs last in its boot
    #first                   needs a kernel that never loaded a module: runs first, tainting is shown
    #boot PARAMETER...       needs a kernel booted with these; shares that boot with others of the same
    #with NAME ...           modules that the kernel itself asks modprobe for
    #file NEW = BASE: EDIT; EDIT ...
                             NEW.ko is BASE.ko after these edits (harness/mutate.py has the list)
"""
import re
from dataclasses import dataclass, field
from pathlib import Path

# Command -> least and most arguments.
COMMANDS: dict[str, tuple[int, int | None]] = {
    "insmod": (1, None),
    "rmmod": (1, None),
    "cat": (1, 1),
    "grep": (2, 2),
    "ls": (1, 1),
    "write": (2, 2),
    "sleep": (1, 1),
    "init_module": (2, None),
    "finit_module": (2, None),
    "delete_module": (2, 2),
    "join": (1, 1),
    "kill": (1, 1),
    "device": (2, None),
}
# Words that stand before a command and change how it is performed.
PREFIXES = {"start": 1, "without": 1}
LOADS = ("insmod", "init_module", "finit_module")


class BadScenario(Exception):
    """Text names file and line."""


@dataclass
class Step:
    text: str
    words: list[str]  # all of them, with prefixes
    command: str
    arguments: list[str]


@dataclass
class Scenario:
    name: str
    path: Path
    steps: list[Step] = field(default_factory=list)
    expects: list[str] = field(default_factory=list)
    todos: dict[str, str] = field(default_factory=dict)  # kernel ("" = all) -> reason
    kernels: list[str] = field(default_factory=list)  # empty = all
    crash: bool = False
    first: bool = False
    boot: str = ""
    requested: list[str] = field(default_factory=list)  # what modprobe may load
    files: dict[str, tuple[str, list[str]]] = field(default_factory=dict)  # NEW -> BASE, edits

    def modules(self) -> list[str]:
        names = [s.arguments[0] for s in self.steps if s.command in LOADS] + self.requested
        return list(dict.fromkeys(names))

    def runs_on(self, kernel: str) -> bool:
        return not self.kernels or kernel in self.kernels

    def todo(self, kernel: str) -> str | None:
        return self.todos.get(kernel, self.todos.get(""))


def split_words(line: str) -> list[str]:
    """Words as a shell splits them, with '...' and "..." the only quoting and nothing expanded."""
    words: list[str] = []
    word: str | None = None
    quote = ""
    for c in line:
        if quote:
            if c == quote:
                quote = ""
            else:
                word = (word or "") + c
        elif c in "'\"":
            quote = c
            word = word or ""
        elif c in " \t":
            if word is not None:
                words.append(word)
            word = None
        else:
            word = (word or "") + c
    if quote:
        raise ValueError(f"no closing {quote}")
    if word is not None:
        words.append(word)
    return words


def _directive(scenario: Scenario, line: str) -> None:
    word, _, rest = line[1:].partition(" ")
    if word == "expect" and rest:
        scenario.expects.append(rest)
    elif word == "todo" and (match := re.fullmatch(r"ring3(?: ([\d.]+))?: (.+)", rest)):
        scenario.todos[match[1] or ""] = match[2]
    elif word == "kernel" and (match := re.fullmatch(r"([\d.]+): .+", rest)):
        scenario.kernels.append(match[1])
    elif word == "crash" and not rest:
        scenario.crash = True
    elif word == "first" and not rest:
        scenario.first = True
    elif word == "with" and rest:
        scenario.requested += rest.split()
    elif word == "boot" and rest:
        scenario.boot = rest
    elif word == "file" and (match := re.fullmatch(r"([\w-]+) = ([\w-]+): (.+)", rest)):
        scenario.files[match[1]] = (match[2], [e.strip() for e in match[3].split(";")])
    else:
        raise ValueError(f"cannot read '{line}'; a comment has a blank after #")


def _step(line: str) -> Step:
    words = split_words(line)
    at = 0
    while words[at] in PREFIXES:
        at += 1 + PREFIXES[words[at]]
        if at >= len(words):
            raise ValueError(f"'{line}' has no command")
    command, arguments = words[at], words[at + 1 :]
    if command not in COMMANDS:
        raise ValueError(f"unknown command '{command}' (there are: {', '.join(COMMANDS)})")
    least, most = COMMANDS[command]
    if len(arguments) < least or (most is not None and len(arguments) > most):
        raise ValueError(f"'{command}' with {len(arguments)} arguments")
    return Step(line, words, command, arguments)


def read(path: Path) -> Scenario:
    scenario = Scenario(path.stem, path)
    for number, raw in enumerate(path.read_text().splitlines(), 1):
        line = raw.strip()
        try:
            if re.match(r"#\w", line):
                _directive(scenario, line)
            elif line and not line.startswith("#"):
                scenario.steps.append(_step(line))
        except ValueError as error:
            raise BadScenario(f"{path}:{number}: {error}") from None
    if not scenario.expects:
        raise BadScenario(f"{path}: no #expect: a scenario says what it is about")
    return scenario


def unmet(scenario: Scenario, transcript: list[str]) -> list[str]:
    """What is wrong with a transcript taken alone. Expectations must appear in order; a failing step
    (rc=N) must be expected; a module's own check (tests/modules/check.h) must not have failed."""
    problems = []
    position, covered = 0, set()
    for text in scenario.expects:
        try:
            at = transcript.index(text, position)
        except ValueError:
            problems.append(f"expected, not seen: {text}")
            continue
        covered.add(at)
        position = at + 1
    for at, line in enumerate(transcript):
        if re.fullmatch(r"rc=\d+", line) and at not in covered:
            step = next((l for l in reversed(transcript[:at]) if l.startswith("$ ")), "?")
            problems.append(f"not expected: {line} of {step}")
        if re.match(r"<\d+>\S+: FAIL ", line):
            problems.append(f"a check failed: {line}")
    return problems
