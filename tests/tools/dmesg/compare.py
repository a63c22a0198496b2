#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Our dmesg beside util-linux's on the same files with the same options: standard output, exit status and
messages, byte for byte.

    compare.py DMESG FIXED_CLOCK.SO [--peer COMMAND] [--seed N] [-v]

Where the two differ on purpose:

  empty file          util-linux fails to map it; an empty log is no error, and a file may be a pipe
  JSON of nothing     util-linux prints nothing, which is no JSON; ours is an empty array
  JSON of odd bytes   util-linux prints them, and ends a text at a NUL; ours is valid UTF-8, each byte a character
  -d -t, -d -e        2.41 loses the time with the first and shows the second in another order; ours is what came after
  <6[    1.0] text    2.41 takes any byte for the end of the level
  damaged /dev/kmsg   without its newline util-linux cuts a record short, takes "caller=" out of a message and
                      sees one record for each NUL byte; ours takes lines as well (`cat /dev/kmsg >FILE`)
  memory              a caller's number stays for the next record of /dev/kmsg; without text it prints what lies behind the file
  [T5 without an end  is a text, not somebody's number
  lists               a wrong item is named alone; an empty one is an error that is said

What util-linux before 2.41 does not know (-K, LEVEL+, callers, damaged lines, schemes of several lines, -p refused for files, several times in a line,
facilities above 11, fractions of seconds and @ in --since, JSON's facilities and the end of its texts) is compared with newer ones only.
"""
import argparse
import json
import os
import pty
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

NEW = (2, 41)

# More facilities than util-linux knows (24; before 2.41 12).
EVERY = "".join(
    f"<{facility * 8 + level}>[{facility * 8 + level:5}.{facility:06}] {name}: level {level}\n"
    for facility, name in enumerate("kern user mail daemon auth syslog lpr news uucp cron".split() + ["x"] * 18)
    for level in range(8)
)
SYSLOG = {
    "every": EVERY.encode(),
    "lines": b"<6>[    0.000000] Linux version\n<6>[    0.000000] none: yet\n<4>[    1.5] a: b: c\n<3>[   12.000001] first\nsecond\n\n"
    b"fourth\n<6>[   59.999999] x\n<6>[   60.000000] y:\tz\n<14>[ 3725.100000] seg: segfault at 0\n<1>[ 3725.2] alert\n<0>[99999.9] e\n"
    b"<2>[100000.0] crit: x\n<6>[123456789.123456] late: \n<5>[  9.0] back: in time\n<7>[  9.1]  leading space\n<6>\n<6>[ 1.0]\n",
    "bytes": b"<6>[    1.0] tab\there bell\x07 esc\x1b[31m del\x7f\n<6>[    2.0] \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 \xff\xfe \xc3\n"
    b"<6>[    3.0] nul\x00behind\n<6>[  4.0] \xc2\x85\xe2\x80\xa8 cr\r lf\\n \\x41 \"quoted\"\n",
    "utf8": "<6>[    1.0] é€😀 \t\\ \" \b\f\r \x01\n<30>[    2.0] zwei\nZeilen\n".encode(),
    "odd": b"no prefix\n<6>no time\n<x>[ 1.0] no level\n<6>[ 1.] a\n<6>[1]b\n<6>[ x] c\n<6>[ 1.2 ]d\n<-1>[ 1.0] e\n"
    b"<99999>[ 1.0] f\n<199>[ 2.0] g\n<192>[ 2.5] h\n<99999999999999999999>[ 3.0] i\n<6>[99999999999999999999.0] j\n<>[ 1.0] k\n\n\n<6>[ 5.0] l",
    "no-newline": b"<6>[    1.000000] one\n<6>[    2.000000] two",
    "zeros": b"\0\0\0<6>[    1.000000] one\n\0\0<6>[    2.000000] two\n\0\0\0\0",
    "newlines": b"\n\n<6>[    1.000000] one\n\n<6>[    2.000000] two\n\n",
    "plain": b"just text\nof two lines\n",
    "callers": b"<6>[    1.000000] [    T1] one: x\n<6>[    2.000000] [   C0] two\nlines\n<6>[ 3.0][T12345678] three\n<6>[T9] four\n"
    b"<6>[    4.0] [T1234567890123456789012] long\n<6>[    5.0] [Text] in brackets\n",
}
KMSG = {
    "kmsg": [
        rb"6,1,1000000,-;hello: world",
        rb"4,2,1500000,c;continued",
        rb"14,3,2000000,-;two\x0alines\x0a",
        rb"30,4,60000000,-;tab\x09 back\x5cslash \xc3\xa9 \xff \x1b[0m",
        b"3,5,61000000,-;with a dictionary\n SUBSYSTEM=pci\n DEVICE=+pci:0000:00:02.0",
        rb"1,6,3600000000,-,caller=T12;alert: who",
        rb"2,7,3600000001,-,caller=C1;crit",
        rb"191,8,4000000000,-;one\x0a\x0athree\x0a four",
        rb"0,9,4000000001,-;segfault at",
        rb"2047,10,4000000002,-;far \x not \xzz hex",
        rb"6,11,4000000003,-;",
        rb"6,12,100000000000,-;nul\x00behind",
    ],
    "kmsg-utf8": [rb"6,1,1000000,-;\xc3\xa9", rb"6,3,5,-;\x22", rb"12,2,1000001,-,caller=T1;two\x0alines"],
}  # fmt: skip

SINGLE = """|-x|-d|-e|-t|-T|-k|-u|-L|-Lnever|-H -P|-r|--noescape|-J|-J -x|-x -J -T|-d -t|-d -T|-d -e|-T -e|-d -T -x|-t -x|-P|-w|-W
--color=always|--color=always -x|--color=always -e|--color=always -l err,crit|-L=always -T|--color=never|--color=auto
--time-format delta|--time-format reltime|--time-format ctime|--time-format notime|--time-format iso|--time-format raw
--time-format raw --time-format iso|--time-format iso -x|-d --time-format iso|--time-format delta --time-format raw|-T --time-format delta
-l err|-l emerg,alert,crit|-l 4|-l WARN|-l 07|-f kern|-f 3,USER|-f daemon -l info|-x -f local7|-u -l notice|-l err+|-l +warn|-l 4+|-l notice+,debug
--since @1700040060|--until @1700040060|--since @1700040001.5 --until @1700040100 -x|--since 2023-11-15|--since now|--until tomorrow
--since yesterday|--until today|--since +5min|--since -2h30m|--since 30000s\\ ago|--until 1.5h\\ ago|--since Wednesday\\ 2023-11-15
--since 09:20|--until 09:20:01,5|--since 23-11-15\\ 09:20|--until 20231115092100|--until 2023-11-15T09:21:00.25|--since Thu\\ 09:20
-s 4096|-s 1|-S -s 100""".replace("\n", "|").split("|")  # fmt: skip

# Their messages, not their output, since nothing is shown: exit status and standard error.
REFUSED = """-l foo|-l 8|-l -1|-l ,|-l warn,|-l +|-f bar|-f 24|-f kern+|-n 0|-n 9|-n foo|-n -1|-s 1k|-s 99999999999|-s -1|-s x|--color=blue
--time-format x|--since x|--until 25:00|--since Tue\\ 2023-11-15|--since 2023-13-01|-r -x|-r -C|-C -c|-D -E|-H -r|-L -r|-r -T|-d -r|-e -r|-t -r
-w -S|-F x -K y|extra|--bogus|-Z|-n|-F|-F /nonexistent|-F /dev/null/x|-r -l err|-r -f kern|-p|-x extra|--clear=1""".replace("\n", "|").split("|")  # fmt: skip


@dataclass
class Peer:
    command: list[str]
    version: tuple[int, ...]
    path: str


def words(text: str) -> list[str]:
    return [w.replace("\\ ", " ") for w in re.findall(r"(?:\\ |\S)+", text)]


class Comparison:
    def __init__(self, own: str, clock: Path, peer: Peer, folder: Path, verbose: bool):
        self._own, self._peer, self._folder, self._verbose = own, peer, folder, verbose
        self._environment = {
            **os.environ, "LD_PRELOAD": str(clock), "TZ": "UTC", "LC_ALL": "C.UTF-8", "TERM": "xterm", "HOME": str(folder),
            "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0",
        }  # fmt: skip
        self.runs = 0
        self.failures: list[str] = []

    def environment(self, more: dict[str, str]) -> dict[str, str]:
        return {**self._environment, **more}

    def run(self, command: list[str], options: list[str], **more: str) -> tuple[int, bytes, str]:
        done = subprocess.run(
            command + options, capture_output=True, env=self.environment(more), stdin=subprocess.DEVNULL, timeout=60, check=False
        )
        errors = done.stderr.decode(errors="replace").replace(self._peer.path, "dmesg")
        return done.returncode, done.stdout, re.sub(rf"(?m)^{re.escape(self._own)}: ", "dmesg: ", errors)

    def _fail(self, options: list[str], ours: object, theirs: object) -> None:
        self.failures.append(f"dmesg {' '.join(options)}\n  util-linux {theirs}\n  ours       {ours}")

    def same(self, options: list[str], known: Callable[[bytes, bytes], bool] = lambda ours, theirs: False, **more: str) -> None:
        self.runs += 1
        ours, theirs = self.run([self._own], options, **more), self.run(self._peer.command, options, **more)
        if ours != theirs and not (ours[0] == theirs[0] and ours[2] == theirs[2] and known(ours[1], theirs[1])):
            self._fail(options, ours, theirs)
        elif self._verbose:
            print(options, ours[0])

    def refused(self, options: list[str]) -> None:
        """The same status; the same message, unless it is about one item of a list."""
        self.runs += 1
        ours, theirs = self.run([self._own], options), self.run(self._peer.command, options)
        if ours[0] != theirs[0] or ours[1] != theirs[1] or ours[2] != theirs[2]:
            self._fail(options, ours, theirs)

    def survives(self, options: list[str]) -> None:
        self.runs += 1
        ours = self.run([self._own], options)
        if ours[0] != 0 or ours[2]:
            self._fail(options, ours, "(not asked)")


def empty_json(ours: bytes, theirs: bytes) -> bool:
    return not theirs and ours.startswith(b"{") and json.loads(ours) == {"dmesg": []}


def is_new(options: str) -> bool:
    """Needs util-linux 2.41."""
    times = len(re.findall(r"(?:^| )(?:-[deTtH]|--time-format)", options))
    return bool(re.search(r"-J|\+|-K|-p|raw|-S|local|@|\d[.,]\d+$", options)) or (times > 1 and options not in ("-d -t", "-d -T", "-d -T -x"))


def mutated(source: bytes, dice: random.Random) -> bytes:
    data = bytearray(source[: dice.randrange(1, 1500)])
    for _ in range(dice.randrange(1, 12)):
        at = dice.randrange(len(data) + 1)
        what = dice.randrange(4)
        if what == 0:
            data[at:at] = dice.choice([b"<", b">", b"[", b"]", b"\n", b"\n<", b" ", b".", b"\xff", b"9", b":", b"-", b"+", b"]\n", b"<6>["])
        elif what == 1:
            del data[at : at + dice.randrange(1, 9)]
        elif what == 2 and at < len(data):
            data[at] = dice.randrange(1, 256)
        else:
            data[at:at] = data[dice.randrange(len(data) + 1) :][: dice.randrange(30)]
    return bytes(data)


def tests(c: Comparison, peer: Peer, folder: Path, seed: int) -> list[Callable[[], None]]:
    new = peer.version >= NEW
    jobs: list[Callable[[], None]] = []
    dice = random.Random(seed)

    def add(name: str, option: str, utf8: bool) -> None:
        if re.search("^-d (-t|-e|--time-format iso)", option) and peer.version[:2] == (2, 41) or (is_new(option) and not new) or ("-J" in option and not utf8):
            return
        kmsg = name.startswith("kmsg")
        if kmsg and option.startswith(("-S", "-s")):
            return
        # -S asks the kernel: only its refusals are compared here.
        if option.startswith("-S"):
            return
        arguments = ["-K" if kmsg else "-F", str(folder / name), *words(option)]
        jobs.append(lambda: c.same(arguments, empty_json))

    for name, data in SYSLOG.items():
        if name == "every" and not new:
            data = b"".join(line for line in data.splitlines(True) if int((re.match(rb"<(\d+)>", line) or [0, 0])[1]) < 96)
        (folder / name).write_bytes(data)
        if name in ("callers", "odd") and not new:
            continue
        for option in SINGLE:
            add(name, option, name in ("every", "lines", "utf8", "callers", "plain"))
    for name, records in KMSG.items():
        (folder / name).write_bytes(b"\n\0".join(records) + b"\n\0")
        for option in [*SINGLE, "-p", "-p -x", "-p -T -x", "-p -e", "-p --color=always", "-r -l err", "-r -f 0", "-p -r"]:
            if new:
                add(name, option, name == "kmsg-utf8")
    # Damage, on which both agree as well.
    for number in range(80):
        name = f"damaged{number}"
        data = mutated(SYSLOG[dice.choice(["every", "lines", "bytes"] + ["odd"] * new)], dice)
        (folder / name).write_bytes(data)
        # A caller, or what might be one; a level without its end.
        odd = re.search(rb"\[ *[TC ][^]]*\]|\[ *[TC]|\0|(?:^|\n)< *[-+]?\d+[^>\d]", data)
        for option in dice.sample([o for o in SINGLE if not o.startswith("-S")], 10):
            if odd or "-J" in option or not new:
                jobs.append(lambda option=option, name=name: c.survives(["-F", str(folder / name), *words(option)]))
            else:
                add(name, option, False)
        damaged = mutated(b"\n\0".join(KMSG["kmsg"]) + b"\n\0", dice)
        (folder / f"kmsg-{name}").write_bytes(damaged)
        for option in ("-x", "-J", "-p", "-r"):
            jobs.append(lambda option=option, name=name: c.survives(["-K", str(folder / f"kmsg-{name}"), option]))
    for option in REFUSED:
        if (is_new(option) or "-l 8" in option) and not new:
            continue
        given = words(option)
        takes_file = not any(w in ("-n", "-F") for w in given)
        jobs.append(lambda given=given, takes_file=takes_file: c.refused((["-F", str(folder / "lines")] if takes_file else []) + given))
    # terminal-colors.d.
    scheme = folder / "config/terminal-colors.d"
    scheme.mkdir(parents=True)
    names = "black blink blue bold brown cyan darkgray gray green halfbright lightblue lightcyan lightgray lightgreen lightmagenta".split()
    names += ["lightred", "magenta", "red", "reset", "reverse", "yellow", "white", "1;35", "7;31\\e[4"]
    for start in range(0, len(names), 8):
        roles = ["subsys", "time", "timebreak", "alert", "crit", "err", "warn", "segfault"]
        text = "# a comment\n\n" + "".join(f" {role}  {name}\n" for role, name in zip(roles, names[start:] + names))
        other = folder / f"config{start}/terminal-colors.d"
        other.mkdir(parents=True)
        (other / "dmesg.scheme").write_text(text)
        (other / "scheme").write_text("err blue\n")
        arguments = ["-F", str(folder / "lines"), "--color=always", "-e"]
        if new:
            jobs.append(lambda arguments=arguments, other=other: c.same(arguments, XDG_CONFIG_HOME=str(other.parent)))
    for locale in ("C", "C.UTF-8", "POSIX"):
        jobs.append(lambda locale=locale: c.same(["-F", str(folder / "bytes")], LC_ALL=locale))
    return jobs


# On a terminal: options and variables. The pager of 2.38 takes no arguments.
TERMINAL = [
    ("", {}), ("-T", {"TERM": "linux"}), ("-x", {"TERM": "dumb"}), ("", {"TERM": "vt100"}), ("-H -P", {}), ("-Lnever", {}), ("-L", {}), ("-J", {}),
    ("-H", {"PAGER": "cat"}), ("-H", {"PAGER": ""}), ("-H", {"PAGER": "nosuchpager"}), ("-H -r", {}), ("-H", {"PAGER": "sed s/^/paged:/"}),
    ("-H -x", {"PAGER": "head -n 1"}), ("-H -J", {"PAGER": "sed s/^/paged:/"}), ("-H -w", {"PAGER": "sed s/^/paged:/"}),
    ("", {"XDG_CONFIG_HOME": "DISABLED"}), ("-L", {"XDG_CONFIG_HOME": "DISABLED"}), ("-e", {"XDG_CONFIG_HOME": "ENABLED"}),
]  # fmt: skip


def on_terminal(command: list[str], environment: dict[str, str]) -> tuple[bytes, int]:
    process, terminal = pty.fork()
    if process == 0:
        os.execvpe(command[0], command, environment)
    output = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # its end is gone
            part = b""
        if not part:
            break
        output += part
    os.close(terminal)
    return output, os.waitpid(process, 0)[1]


def terminals(c: Comparison, own: str, peer: Peer, folder: Path) -> None:
    for name, files in (("DISABLED", ["dmesg.disable", "enable"]), ("ENABLED", ["disable", "dmesg@xterm.enable", "dmesg@other.disable"])):
        rules = folder / name / "terminal-colors.d"
        rules.mkdir(parents=True)
        for file in files:
            (rules / file).touch()
    for options, more in TERMINAL:
        if peer.version < NEW and ("-J" in options or " " in more.get("PAGER", "")):
            continue
        c.runs += 1
        environment = c.environment({k: str(folder / v) if k == "XDG_CONFIG_HOME" else v for k, v in more.items()})
        ours, theirs = (on_terminal([*p, "-F", str(folder / "lines"), *words(options)], environment) for p in ([own], peer.command))
        if ours != theirs:
            c.failures.append(f"on a terminal: dmesg {options} {more}\n  util-linux {theirs}\n  ours       {ours}")


def own_ways(c: Comparison, own: str, folder: Path) -> None:
    """What only ours does."""

    def expect(options: list[str], output: bytes) -> None:
        got = c.run([own], options)
        if got != (0, output, ""):
            c.failures.append(f"dmesg {' '.join(options)}: {got}, not {output!r}")

    (folder / "empty").write_bytes(b"")
    expect(["-F", str(folder / "empty")], b"")
    expect(["-F", "/dev/null"], b"")
    (folder / "cat").write_bytes(b"6,1,1000000,-;one caller=x;y\n KEY=value\n3,2,2000000,-,caller=T1,more=2;two\n6,3,3000000,-;no newline")
    expect(["-K", str(folder / "cat")], b"[    1.000000] one caller=x;y\n[    2.000000] [%s] two\n[    3.000000] no newline\n" % caller())
    (folder / "T5").write_bytes(b"<6>[    1.000000] one\n<6>[    3.000000] [T5]\n")
    expect(["-F", str(folder / "T5")], b"[    1.000000] one\n\n")
    expect(["-d", "-t", "-F", str(folder / "no-newline")], b"[<    0.000000>] one\n[<    1.000000>] two\n")
    for name in ("bytes", "empty", "odd", "zeros"):
        got = c.run([own], ["-J", "-F", str(folder / name)])
        text = json.loads(got[1].decode("utf-8"))
        if name == "bytes" and text["dmesg"][1]["msg"] != "é€😀 ÿþ Ã":
            c.failures.append(f"JSON of bytes: {text}")


def caller() -> bytes:
    return b"T1".rjust(len(Path("/proc/sys/kernel/pid_max").read_text()))


def find_peer(command: str) -> Peer | None:
    parts = command.split()
    path = shutil.which(parts[0])
    if not path:
        return None
    said = subprocess.run([path, *parts[1:], "--version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"util-linux (\d+(?:\.\d+)*)", said)
    return Peer([path, *parts[1:]], tuple(int(n) for n in version[1].split(".")), path) if version else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dmesg")
    parser.add_argument("clock", type=Path)
    parser.add_argument("--peer", default="/usr/bin/dmesg")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-v", action="store_true")
    options = parser.parse_args()
    peer = find_peer(options.peer)
    if not peer:
        print(f"{options.peer} is not util-linux's dmesg")
        return 77
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        c = Comparison(options.dmesg, options.clock.resolve(), peer, folder, options.v)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for done in [pool.submit(job) for job in tests(c, peer, folder, options.seed)]:
                done.result()
        terminals(c, options.dmesg, peer, folder)
        own_ways(c, options.dmesg, folder)
    for failure in c.failures[:20]:
        print("\n".join(line if len(line) < 1000 else line[:1000] + "..." for line in failure.split("\n")))
    print(f"{c.runs} calls beside util-linux {'.'.join(map(str, peer.version))}, {len(c.failures)} failures")
    return 1 if c.failures else 0


if __name__ == "__main__":
    sys.exit(main())
