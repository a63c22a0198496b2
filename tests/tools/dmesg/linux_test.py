#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""dmesg on the real kernel, as root and as nobody: util-linux's and ours in one boot of QEMU, on one log that was
filled through /dev/kmsg, at one moment (a preloaded clock). Output, messages and status are compared.

    linux_test.py BIN FIXED_CLOCK.SO [-v] [PATTERN]
"""
import argparse
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "conformance"))
from harness import initramfs, qemu, targets  # noqa: E402

PEER = Path("/usr/bin/dmesg")

# On the log as it is: nothing is changed. util-linux before 2.41 loses facilities in raw lines and JSON: -k there.
SHOW = """-|-x|-r -k|-k|-u|-t|-d|-e|-T|-d -T|--time-format iso|-l err|-l warn,crit -x|-f daemon|-f kern -l info|-x -u|-p|-p -x|-p -T -x|-p -r -k
-r -k -l warn|-r -f kern|--color=always|--color=always -p|--color=always -e|-L -x|-H|-H -P|--noescape|-s 4096|-s 100000|-k -J|-k -J -x|-J -k -T
-S|-S -x|-S -r|-S -s 4096|-S -s 20000|-S -s 100000 -T|-S -k|-S --color=always|-S -r -s 5000|-S -r -l err|-S -d
--since 2023-11-15|--until 2023-11-15|--since now|--until now""".replace("\n", "|").split("|")  # fmt: skip

# From the same state each; times are masked.
CHANGE = [
    "dmesg -C; dmesg; dmesg -S; echo '<6>after' >/dev/kmsg; dmesg; dmesg -S",
    "dmesg -c | tail -n 3; dmesg; echo '<6>after' >/dev/kmsg; dmesg",
    "dmesg -c -S | tail -n 3; dmesg; dmesg -S",
    "dmesg -c -x -T -l err >/dev/null; dmesg",
    "dmesg -C -c; dmesg | tail -n 1",
    *[f"dmesg -n {level}; cat /proc/sys/kernel/printk" for level in "1 3 8 9 0 emerg debug WARN x".split()],
    "dmesg -D; cat /proc/sys/kernel/printk; dmesg -E; cat /proc/sys/kernel/printk",
    "dmesg -E; cat /proc/sys/kernel/printk",
    "dmesg -D; dmesg -n 5; dmesg -E; cat /proc/sys/kernel/printk",
    "timeout -s INT 4 $tools/dmesg -w | tail -n 4",
    "timeout -s INT 4 $tools/dmesg -w >/tmp/out; echo $?; tail -n 2 /tmp/out",
    "timeout -s TERM 4 $tools/dmesg -W; echo $?",
    "dmesg -W -t >/tmp/out & p=$!; while ! [ -s /tmp/out ]; do echo '<6>new' >/dev/kmsg; done; kill $p; wait $p 2>/dev/null; echo $?; head -n 1 /tmp/out",
    "dmesg -w -t -l info >/tmp/out & p=$!; echo '<4>warn' >/dev/kmsg; echo '<6>info' >/dev/kmsg; "
    "until grep -q info /tmp/out; do :; done; kill $p; wait $p 2>/dev/null; tail -n 1 /tmp/out",
    "nobody dmesg; nobody dmesg -S; nobody dmesg -C; nobody dmesg -n 3; nobody dmesg -w",
    "echo 0 >/proc/sys/kernel/dmesg_restrict; nobody dmesg | tail -n 2; nobody dmesg -S -x | tail -n 2; nobody dmesg -c >/dev/null; "
    "nobody dmesg -D; echo 1 >/proc/sys/kernel/dmesg_restrict",
    "mv /dev/kmsg /dev/away; dmesg | tail -n 3; dmesg -r -l err; mv /dev/away /dev/kmsg",
    "dmesg | head -n 2 >/dev/null; echo $?",
]

# /proc/sys/kernel/printk, which src/linux/kernel/printk/printk_files.cc has to read as Linux does: what is
# written (printf's text) and what stands there then. Its unit test has the same table.
LEVELS = [
    ("3", r"3\t4\t1\t7"), ("5 6 2 1", r"5\t6\t2\t1"), (" 3\\t2\\n", r"3\t2\t1\t7"), ("3 x", r"error\n3\t4\t1\t7"), ("x", r"error\n1\t4\t1\t7"),
    ("1 2 3 4 5", r"^1\t2\t3\t4"), ("99 -3", r"99\t-3\t1\t7"), ("3x", r"error\n1\t4\t1\t7"), ("0x3", r"^3\t4\t1\t7"), ("010", r"^8\t4\t1\t7"),
    ("08", r"error\n1\t4\t1\t7"), ("\\n", r"error\n1\t4\t1\t7"), ("4 5 6 7 x", r"^4\t5\t6\t7"), ("+3", r"error\n1\t4\t1\t7"), ("-0x2 0", r"^-2\t0\t1\t7"),
    ("2147483648", r"error\n1\t4\t1\t7"), ("-2147483648", r"^-2147483648\t4"), ("5,6", r"error\n1\t4\t1\t7"), ("- 3", r"error\n1\t4\t1\t7"),
]  # fmt: skip

# Only ours does this, or both must do it; what must be said.
OWN = [
    # A pipe that is read too late.
    ("mkfifo /tmp/f; dmesg -w -t >/tmp/f 2>/tmp/lost & p=$!; exec 3</tmp/f; read -r x <&3; busybox yes '<6>yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy' | "
     "head -n 9000 | while read -r l; do echo \"$l\" >/dev/kmsg; done; echo '<6>the last' >/dev/kmsg; grep -m 1 'the last' <&3; cat /tmp/lost; "
     "kill $p; exec 3<&-; rm /tmp/f", r"the last\ndmesg: \d+ records were lost here"),
    ("dmesg >/dev/full; echo $?", r"could not write the output\n1"),
    ("dmesg -C; dmesg -J", r'\{\n   "dmesg": \[\n\n   \]\n\}'),
    ("timeout -s INT 4 $tools/dmesg -J -w | tail -n 3", r"      \}\n   \]\n\}"),
    ("dmesg -w >/tmp/out & p=$!; until [ -s /tmp/out ]; do :; done; kill $p; dmesg -w | head -n 1 >/dev/null; echo ended", "ended"),
    *[(f"printf -- '{text}' >/proc/sys/kernel/printk; cat /proc/sys/kernel/printk", want)
      for text, want in LEVELS],
]  # fmt: skip

FILL = r"""# A build with asan does not want a library before it.
export ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0
fill() {
  echo "1 4 1 7" >/proc/sys/kernel/printk
  for f in 0 8 16 24 32 40 48 56 64 72 80 88; do
    for l in 0 1 2 3 4 5 6 7; do echo "<$((f + l))>fac$f: level $l" >/dev/kmsg; done
  done
  printf '<6>two\nlines\n' >/dev/kmsg
  printf '<6>one\n\nthree\n\n' >/dev/kmsg
  printf '<12>bytes \001 \033[31m \177 \\ \\x41 \303\251 \377 "q" \t tab\n' >/dev/kmsg
  printf '<3>segfault at 0: y\n' >/dev/kmsg
  printf '<6>\n' >/dev/kmsg
  printf '<6>: : a:b: c\n' >/dev/kmsg
  printf '<6>without a newline' >/dev/kmsg
  printf 'no level either' >/dev/kmsg
  printf '<30>%0900d\n' 7 >/dev/kmsg
  printf '<6> caller=x; text\n' >/dev/kmsg
  printf '<6>last\n' >/dev/kmsg
}
# By their paths: busybox would take its own applet.
nobody() {
  program=$tools/$1
  shift
  busybox setuidgid nobody "$program" "$@"
}
one() {
  for tools in /theirs /ours; do
    [ "$1" = change ] && { /theirs/dmesg -C; fill; }
    rm -f /tmp/out
    echo "%%begin $1 $2 $tools"
    (PATH=$tools:$PATH; export LC_ALL=C TZ=UTC TERM=linux; eval "$3") >/tmp/all 2>&1
    status=$?
    cat /tmp/all
    echo "status $status"
    echo "%%end"
  done
}
echo 'nobody:x:65534:65534::/:/bin/sh' >/etc/passwd; echo 'nogroup:x:65534:' >/etc/group
fill
"""


def quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def archive_for(tools: Path, clock: Path, build: Path, script: str) -> bytes:
    archive = initramfs.base(build)
    archive.file("ours/kmod", (tools / "kmod").read_bytes(), 0o755)
    archive.link("ours/dmesg", "kmod")
    archive.file("theirs/dmesg", PEER.read_bytes(), 0o755)
    archive.file("fixed_clock.so", clock.read_bytes(), 0o755)
    known = {str(p) for p in initramfs.tools()}
    for program in (tools / "kmod", PEER, clock):
        listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
        for path in re.findall(r"(/\S+) \(0x", listed):
            if path not in known:
                known.add(path)
                archive.file(path.lstrip("/"), Path(path).read_bytes(), 0o755)
    archive.file("run", script.encode())
    return archive.bytes()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("bin", type=Path)
    parser.add_argument("clock", type=Path)
    parser.add_argument("pattern", nargs="?", default="")
    parser.add_argument("-v", action="store_true")
    options = parser.parse_args()
    said = subprocess.run([PEER, "--version"], capture_output=True, text=True, check=False).stdout if PEER.exists() else ""
    found = [t for t in targets.installed() if t.short == "6.1"]
    if not found or qemu.available(found[0]) or "util-linux" not in said:
        print("no kernel 6.1 to boot, no QEMU or no dmesg of util-linux")
        return 77
    build = HERE.parents[2] / "build"
    cases = [("show", f"LD_PRELOAD=/fixed_clock.so dmesg {o if o != '-' else ''}", "") for o in SHOW]
    cases += [("change", text, "") for text in CHANGE] + [("change", text, want) for text, want in OWN]
    cases = [c for c in cases if re.search(options.pattern, c[1])]
    script = FILL + "".join(f"one {kind} {number} {quoted(text)}\n" for number, (kind, text, _) in enumerate(cases))
    results: dict[tuple[int, str], list[str]] = {}
    current: list[str] | None = None

    def on_line(raw: bytes) -> None:
        nonlocal current
        line = raw.rstrip(b"\n").decode("latin-1")
        if line.startswith("%%begin "):
            _, kind, number, tools = line.split()
            current = results[int(number), tools] = []
            if options.v:
                print(number, tools, flush=True)
        elif line == "%%end":
            current = None
        elif current is not None:
            current.append(re.sub(r"\[ *\d+\.\d{6}\]", "[T]", line) if kind_of(results) == "change" else line)

    def kind_of(results: dict[tuple[int, str], list[str]]) -> str:
        return cases[next(reversed(results))[0]][0]

    console = build / "conformance/tools_dmesg.console"
    problem = qemu.boot(found[0], archive_for(options.bin.resolve(), options.clock.resolve(), build, script), console, 300, on_line, "printk.devkmsg=on")
    failures = 0
    own = {text for text, _ in OWN}
    for number, (_, text, want) in enumerate(cases):
        theirs, ours = (results.get((number, tools)) for tools in ("/theirs", "/ours"))
        if theirs is None or ours is None:
            print(f"{text}: did not run ({problem})")
            failures += 1
            continue
        good = re.search(want, "\n".join(ours)) if text in own else ours == theirs
        if options.v or not good:
            print(f"{text[:300]}\n  util-linux {str(theirs)[:1500]}\n  ours       {str(ours)[:1500]}")
        failures += not good
    print(f"{len(cases)} scripts on {found[0].release}, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
