#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Checks what no compiler checks: the rules of DESIGN sections 2 and 4 that hold over files.

    tools/dev/lint_layers.py [ROOT]      every finding as path:line: rule: what, and what to do

  layer       a file of src/X includes only headers of X and of the layers before it
  host        only src/host includes headers of the host OS
  path        a kernel function is defined in the folder of the Linux file that exports it;
              those that are not yet stand in lint_known.txt, which only shrinks
  spdx        the first lines name the licence
  length      more than 500 lines need a `// LENGTH: reason`
  language    src/ has no exceptions and no std::filesystem
  todo        a TODO names its issue: TODO(#12) or TODO(word)

Exit code: 0 nothing found, 1 findings.
"""
import fnmatch
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

LAYERS = "base host elf index service target link kapi machine module linux user debug".split()
SUFFIXES = (".cc", ".h", ".S")
MAX_LINES = 500
KNOWN = Path(__file__).with_name("lint_known.txt")

# Headers of the host OS: what gives access to it, under C's names and under C++'s.
HOST_HEADERS = re.compile(
    r"""^(sys/.*|linux/.*|asm/.*|asm-generic/.*|net/.*|netinet/.*|arpa/.*|bits/.*
    |aio|dirent|dlfcn|execinfo|fcntl|fnmatch|ftw|getopt|glob|grp|ifaddrs|link|mqueue|netdb|poll|pthread|pwd
    |sched|semaphore|signal|spawn|syslog|termios|time|ucontext|unistd|utime|wordexp|threads|pty|err)\.h$
    |^(fstream|csignal|filesystem)$""",
    re.X,
)
# (files, header, reason): the only exceptions to the host rule.
HOST_EXCEPTIONS = [
    ("src/*_test.cc", "*", "a test makes files and child processes of its own"),
    ("*", "linux/btf.h", "constants and structs of a file format, no calls"),
    ("src/linux/*", "netinet/in.h", "structs that are user ABI (sockaddr), no calls"),
    ("src/linux/include/testing.h", "*", "stands in for a CPU's %gs area in unit tests, included by them only"),
]
# Definitions of the kernel API, except in the #define of a macro.
DEFINITION = re.compile(r"^\s*K(?:API|API_VA|API_ALIAS|API_ASM|DATA|DATA_INIT|PERCPU|PERCPU_INIT)\(\s*(\w+)\s*([,)]|##)")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
BANNED = [
    (re.compile(r"\b(throw|try|catch)\b(?!\w)"), "exceptions end the process at a module's frame; return a Result"),
    (re.compile(r"\bstd::filesystem\b"), "std::filesystem throws; src/host/file.h has what is needed"),
]
TODO = re.compile(r"\b(TODO|FIXME|XXX)\b(?!\((#\d+|[a-z][\w-]*)\))")
STRINGS = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')


class Exports:
    """Which folders of Linux export a name, from exports.tsv."""

    def __init__(self, table: Path):
        self._paths: dict[str, set[str]] = defaultdict(set)
        for line in table.read_text().splitlines():
            if line.startswith("#"):
                continue
            path, names = line.split("\t")
            for name in names.split():
                self._paths[name].add(path)
        self._patterns = [name for name in self._paths if "*" in name]

    def paths(self, name: str) -> set[str]:
        if name in self._paths:
            return self._paths[name]
        matching = [self._paths[p] for p in self._patterns if fnmatch.fnmatchcase(name, p)]
        return set().union(*matching)


class Lint:
    def __init__(self, root: Path, exports: Exports, known: set[str]):
        self._root, self._exports, self._known = root, exports, known
        self._misplaced: set[str] = set()
        self.findings: list[str] = []

    def _report(self, path: str, line: int, rule: str, text: str) -> None:
        self.findings.append(f"{path}:{line}: {rule}: {text}")

    def file(self, path: str) -> None:
        try:
            lines = (self._root / path).read_text().split("\n")
        except UnicodeDecodeError as error:
            return self._report(path, 1, "spdx", f"is not UTF-8 text ({error.reason})")
        if lines != [""] and not any("SPDX-License-Identifier: GPL-2.0-only" in line for line in lines[:2]):
            self._report(path, 1, "spdx", "the first line must be `SPDX-License-Identifier: GPL-2.0-only`")
        if not path.endswith(SUFFIXES):
            return None
        if len(lines) - 1 > MAX_LINES and not any(line.startswith("// LENGTH: ") for line in lines):
            self._report(path, 1, "length", f"{len(lines) - 1} lines; split it, or say why not: // LENGTH: reason")
        parts = path.split("/")
        in_src = parts[0] == "src" and len(parts) > 2
        if in_src and parts[1] not in LAYERS:
            self._report(path, 1, "layer", f"src/{parts[1]} is no layer; they are {' '.join(LAYERS)}")
            in_src = False
        continued = False  # inside the lines of a #define
        for number, line in enumerate(lines, 1):
            if TODO.search(line):
                self._report(path, number, "todo", "name the issue: TODO(#12) or TODO(word)")
            if in_src:
                self._source_line(path, parts, number, line, continued)
            continued = line.endswith("\\") and (continued or line.lstrip().startswith("#"))
        return None

    def _source_line(self, path: str, parts: list[str], number: int, line: str, in_macro: bool) -> None:
        if include := INCLUDE.match(line):
            if include[1] == '"':
                self._layer(path, parts[1], number, include[2])
            else:
                self._host(path, parts[1], number, include[2])
            return
        code = STRINGS.sub('""', line).split("//")[0]
        for pattern, reason in BANNED:
            if path.endswith(".S"):
                break
            if found := pattern.search(code):
                self._report(path, number, "language", f"`{found[0]}`: {reason}")
        definition = DEFINITION.match(line)
        if definition and definition[2] != "##" and not in_macro and parts[1] == "linux":
            self._path(path, "/".join(parts[2:-1]), number, definition[1])

    def _layer(self, path: str, layer: str, number: int, header: str) -> None:
        first = header.split("/")[0]
        if header.startswith("../") or first not in LAYERS:
            # Data that a test shares with a test module; headers beside the file have full paths too.
            if not (path.endswith("_test.cc") and "/tests/modules/" in header):
                self._report(path, number, "layer", f'"{header}" must be named from src/, as "{layer}/..."')
        elif LAYERS.index(first) > LAYERS.index(layer):
            self._report(
                path, number, "layer", f"src/{layer} may not include src/{first}, which comes after it; "
                "move the code down, or hand the later layer in as a parameter or hook"
            )

    def _host(self, path: str, layer: str, number: int, header: str) -> None:
        if layer == "host" or not HOST_HEADERS.match(header):
            return
        if any(fnmatch.fnmatchcase(path, f) and fnmatch.fnmatchcase(header, h) for f, h, _ in HOST_EXCEPTIONS):
            return
        self._report(path, number, "host", f"<{header}> is the host OS's; only src/host calls it")

    def _path(self, path: str, folder: str, number: int, name: str) -> None:
        if name.startswith("ring3_"):  # an entry point that modules only get as a pointer
            return
        paths = self._exports.paths(name)
        if not paths:
            self._report(path, number, "path", f"no file of Linux is known to export {name}; "
                         "is it misspelt? tools/dev/exports.py --help tells how the table is written")
        elif folder not in {p.rpartition("/")[0] for p in paths}:
            self._misplaced.add(f"{path} {name}")
            if f"{path} {name}" in self._known:
                return
            self._report(path, number, "path", f"Linux exports {name} in {' and '.join(sorted(paths))}; "
                         f"define it in src/linux/{sorted(paths)[0].rsplit('.', 1)[0]}.cc")

    def check_known(self) -> None:
        for entry in sorted(self._known - self._misplaced):
            self._report(KNOWN.name, 1, "path", f"`{entry}` is in its place now, or gone; remove the line")


def files_of(root: Path) -> list[str]:
    """What git knows and what is new; without git (the test's trees) what lies there."""
    listed = subprocess.run(
        ["git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard", "."],
        capture_output=True, text=True, check=False,
    ).stdout.splitlines()
    names = listed or [p.relative_to(root).as_posix() for p in sorted(root.rglob("*")) if p.is_file()]
    return [n for n in sorted(set(names)) if (root / n).is_file()]


def is_source(name: str) -> bool:
    if name.startswith(("tests/lint/trees/", "docs/")):
        return False
    return name.endswith((*SUFFIXES, ".c", ".py", ".sh", ".cmake", "CMakeLists.txt", "Makefile", "Kbuild")) or name == "dev"


def main() -> int:
    own = Path(__file__).resolve().parent
    root = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else own.parents[1]
    known = {line for line in KNOWN.read_text().splitlines() if line and not line.startswith("#")}
    lint = Lint(root, Exports(own / "exports.tsv"), known if root == own.parents[1] else set())
    sources = [name for name in files_of(root) if is_source(name)]
    if not sources:
        print(f"{root}: no source files there", file=sys.stderr)
        return 1
    for name in sources:
        lint.file(name)
    lint.check_known()
    print("\n".join(lint.findings) or "layers: nothing to complain about")
    return 1 if lint.findings else 0


if __name__ == "__main__":
    sys.exit(main())
