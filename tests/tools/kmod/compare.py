#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs each command line with our module tools and with kmod, in fresh copies of a small root with a kernel
that is only files (fake_kernel.c), and compares what they print, their exit status, and what they asked the
kernel to do.

    compare.py BIN SHIM [-v] [PATTERN]     our tools' folder, the compiled fake_kernel.c

Where ours is meant to differ a case has one of
  ours      the lines of stdout and stderr, the calls and the status, and `why`
  check     a function of checks.py that says what is wrong, and `why`
  replace   (part, text of kmod's, text of ours): what else is compared
  causes    true: ours adds lines to stderr that explain the error
 Exit 77: kmod or the modules of a kernel are not installed.
"""
import argparse
import difflib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from cases import CASES, CONFIG, MODULES

KMOD = Path("/usr/bin/kmod") if Path("/usr/bin/kmod").exists() else Path("/bin/kmod")
TREES = sorted(Path("/lib/modules").glob("6.1.*"))
RELEASE = "1.2.3-test"
# kmod does not flush what it prints before it starts a command.
STDBUF = Path("/usr/libexec/coreutils/libstdbuf.so")
PARTS = ("stdout", "stderr", "calls", "status")


def build_root(folder: Path, tree: Path) -> None:
    modules = folder / "lib/modules" / RELEASE
    for name in MODULES:
        found = next((tree / "kernel").rglob(f"{name}.ko"))
        to = modules / found.relative_to(tree)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(found, to)
    for name in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
        shutil.copyfile(tree / name, modules / name)
    subprocess.run(["depmod", "-b", folder, RELEASE], executable=KMOD, check=True, stderr=subprocess.DEVNULL)
    for name, text in CONFIG.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "release").write_text(RELEASE + "\n")
    (folder / "sys/module").mkdir(parents=True)
    (folder / "proc").mkdir()
    (folder / "proc/cmdline").write_text("quiet root=/dev/sda1 tls.a=1 \"dummy.b=x y\" modprobe.blacklist=crc7,crc8\n")
    (folder / "proc/modules").write_text("")


def load(folder: Path, modules: str) -> None:
    """`crc16(ext4,jbd2)=2 dummy`: which are in the kernel, used by whom, and how often."""
    lines = []
    for word in modules.split():
        name, users, count = re.fullmatch(r"(\w+)(?:\(([\w,]*)\))?(?:=(\d+))?", word).groups()
        users = users.split(",") if users else []
        count = int(count) if count else len(users)
        sysfs = folder / "sys/module" / name
        (sysfs / "holders").mkdir(parents=True)
        for user in users:
            (sysfs / "holders" / user).symlink_to(f"../../{user}")
        (sysfs / "initstate").write_text("live\n")
        (sysfs / "refcnt").write_text(f"{count}\n")
        (sysfs / "coresize").write_text("16384\n")
        lines.append(f"{name} 16384 {count} {''.join(u + ',' for u in users) or '-'} Live 0x0000000000000000\n")
    (folder / "proc/modules").write_text("".join(lines))


def normal(text: str, folder: Path) -> list[str]:
    """What differs between any two runs, and kmod's source positions, taken out."""
    text = text.replace(str(folder), "ROOT")
    text = re.sub(r"^(?:libkmod: ERROR |(\w+): ERROR: )\.\./\S+:\d+ \w+[:()]* ?", r"\1: ERROR: ", text, flags=re.M)
    text = re.sub(r"^(?:\w+)?: ERROR: ", "TOOL: ERROR: ", text, flags=re.M)
    return text.splitlines()


class Runner:
    def __init__(self, base: Path, scratch: Path, shim: Path, ours: Path):
        self._base, self._scratch, self._shim, self._ours = base, scratch, shim, ours

    def run(self, who: str, case: dict) -> tuple[list[str], list[str], list[str], int]:
        # The same path for both, since it is printed.
        root = self._scratch / "root"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self._base, root, symlinks=True)
        load(root, case.get("loaded", ""))
        for name, text in case.get("files", {}).items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                (root / name).unlink(missing_ok=True)
            else:
                (root / name).write_text(text)
        if errors := case.get("errors"):
            (root / "errors").write_text(errors)
        words = [w.replace("ROOT", str(root)) for w in case["command"]]
        tool = words[0]
        executable = KMOD if who == "kmod" else self._ours / tool
        environment = {
            "PATH": f"{self._ours}:/usr/bin:/bin:/usr/sbin:/sbin" if who != "kmod" else "/usr/sbin:/sbin:/usr/bin:/bin",
            "FAKE_ROOT": str(root), "LD_PRELOAD": str(self._shim), "LC_ALL": "C",
            "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0", **case.get("env", {}),
        }  # fmt: skip
        if who == "kmod" and STDBUF.exists():
            environment |= {"LD_PRELOAD": f"{self._shim}:{STDBUF}", "_STDBUF_O": "L"}
        out = self._scratch / "stdout"
        with out.open("wb") as stdout:
            done = subprocess.run(words, executable=executable, cwd=root, env=environment, stdout=stdout, timeout=120,
                                  stderr=subprocess.PIPE, errors="surrogateescape", stdin=subprocess.DEVNULL)  # fmt: skip
        printed = out.read_text(errors="surrogateescape")
        calls = root / "calls"
        called = calls.read_text().splitlines() if calls.exists() else []
        return normal(printed, root), normal(done.stderr, root), called, done.returncode


def expected(case: dict, runner: Runner, ours: tuple) -> tuple:
    """What ours must be."""
    if "ours" in case:
        return case["ours"]
    wanted = list(runner.run("kmod", case))
    for part, theirs, mine in case.get("replace", []):
        text = "".join(line + "\n" for line in wanted[PARTS.index(part)])
        if theirs not in text:
            raise SystemExit(f"{case['command']}: kmod does not say {theirs!r} any more")
        wanted[PARTS.index(part)] = text.replace(theirs, mine).splitlines()
    return tuple(wanted)


def without_causes(case: dict, result: tuple) -> tuple:
    """Lines such as `modprobe: crc16 is used by: ext4` taken out; there must be one."""
    tool = case["command"][0]
    kept = [line for line in result[1] if not re.match(rf"{tool}: (?!ERROR|FATAL|WARNING)", line)]
    if len(kept) == len(result[1]):
        kept.append("(no line says why)")
    return (result[0], kept, *result[2:])


def differences(ours: tuple, wanted: tuple) -> str:
    text = ""
    for part, a, b in zip(PARTS, wanted, ours):
        if part == "status":
            a, b = [str(a)], [str(b)]
        lines = list(difflib.unified_diff(a, b, lineterm="", n=0))[2:]
        text += "".join(f"    {part} {line[:300]}\n" for line in lines if not line.startswith("@@"))
    return text


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("bin", type=Path)
    parser.add_argument("shim", type=Path)
    parser.add_argument("pattern", nargs="?", default="")
    parser.add_argument("-v", action="store_true")
    options = parser.parse_args()
    if not KMOD.exists() or not TREES:
        print("kmod or linux-image 6.1 is not installed")
        return 77
    failures = 0
    with tempfile.TemporaryDirectory(prefix="ring3-kmod-") as temporary:
        base = Path(temporary) / "base"
        build_root(base, TREES[-1])
        runner = Runner(base, Path(temporary), options.shim.resolve(), options.bin.resolve())
        for case in CASES:
            line = " ".join(case["command"])
            if not re.search(options.pattern, line):
                continue
            ours = runner.run("ours", case)
            if check := case.get("check"):
                wrong = check(ours, lambda who, command: runner.run(who, {**case, "command": command}))
                if wrong:
                    failures += 1
                    print(f"{line}\n    {wrong}")
                continue
            wanted = expected(case, runner, ours)
            if case.get("causes"):
                ours = without_causes(case, ours)
            if options.v:
                print(line, ours)
            if ours != wanted:
                failures += 1
                about = {k: v for k, v in case.items() if k in ("loaded", "errors", "files", "env")}
                print(f"{line}   {about}\n{differences(ours, wanted)}")
    print(f"{len(CASES)} command lines, {sum(any(k in c for k in ('ours', 'replace', 'check')) for c in CASES)} of them meant to differ, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
