#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The module tools as root on a real kernel: one boot of it in QEMU, in which every case runs
with kmod and with ours, from the same state. What they print, their status and the modules that are loaded
afterwards are compared; lines of ours that explain an error are looked at apart.

    linux_test.py BIN [--kernel 6.1|6.12|RELEASE] [-v] [PATTERN]     our tools' folder; the oldest kernel installed
"""
import argparse
import lzma
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "conformance"))
from harness import initramfs, qemu, targets  # noqa: E402

MODULES = """ext4 jbd2 mbcache crc16 crc32c_generic libcrc32c crc32c-intel crc7 crc8 dummy bonding tls parport
nls_utf8 xor raid6_pq zstd_compress""".split()
CONFIG = """alias my-dummy dummy
options my_dummy numdummies=3
blacklist crc8
alias listed crc8
install crc7 echo installing $MODPROBE_MODULE; modprobe --ignore-install crc7 $CMDLINE_OPTS
remove nls_utf8 echo removing $MODPROBE_MODULE; modprobe -r --ignore-remove nls_utf8
install xor exit 3
softdep dummy pre: crc16
"""

# The script, and (as an expression) what ours must say beyond what kmod says.
CASES = [
    ("modprobe ext4", ""),
    ("modprobe -v ext4", ""),
    ("modprobe ext4; modprobe ext4; modprobe --first-time ext4", ""),
    ("modprobe ext4; modprobe -r ext4", ""),
    ("modprobe ext4; modprobe -v -r ext4", ""),
    ("modprobe ext4; modprobe -r crc16", "crc16 is used by: "),
    ("modprobe ext4; rmmod crc16; rmmod ext4; rmmod jbd2", ""),
    ("modprobe ext4; lsmod", ""),
    ("modprobe bonding; lsmod; modprobe -r bonding", ""),
    ("modprobe dummy numdummies=2; ls -d /sys/class/net/dummy*", ""),
    ("modprobe my-dummy; ls -d /sys/class/net/dummy*", ""),
    ("modprobe dummy numdummies=abc", "numdummies"),
    ("modprobe dummy nosuch=1", ""),
    ("modprobe -a crc16 nosuch mbcache", ""),
    ("modprobe nosuch", ""),
    ("modprobe -q nosuch", ""),
    ("modprobe listed", ""),
    ("modprobe crc8", ""),
    ("modprobe -b crc8", ""),
    ("modprobe crc7", ""),
    ("modprobe -i crc7", ""),
    ("modprobe xor", ""),
    ("modprobe nls_utf8; modprobe -r nls_utf8", ""),
    ("modprobe -n -v ext4", ""),
    ("modprobe -D ext4", ""),
    ("modprobe -r ext4; modprobe -r --first-time ext4", ""),
    ("modprobe ext2", ""),
    ("modprobe loop; modprobe -r unix", ""),
    ("insmod /lib/modules/$R/kernel/lib/crc16.ko$K; lsmod", ""),
    ("insmod /lib/modules/$R/kernel/fs/jbd2/jbd2.ko$K; insmod /lib/modules/$R/kernel/fs/jbd2/jbd2.ko$K", ""),
    ("insmod /lib/modules/$R/kernel/fs/ext4/ext4.ko$K", "Unknown symbol"),
    ("insmod /lib/modules/$R/kernel/drivers/net/dummy.ko$K numdummies=x", "numdummies"),
    ("insmod /lib/modules/$R/kernel/drivers/net/dummy.ko$K numdummies=2; rmmod dummy", ""),
    ("insmod /other.ko", "disagrees about version of symbol|section size must match"),
    ("insmod -f /other.ko", ""),
    ("insmod /cut.ko", ""),
    ("insmod /packed.ko.xz; lsmod", ""),
    ("rmmod nosuch", ""),
    ("rmmod unix", ""),
    ("modprobe mbcache; rmmod -f mbcache; lsmod", ""),
    ("modinfo ext4", ""),
    ("modinfo -F signer dummy unix", ""),
    ("kmod static-nodes", ""),
]  # fmt: skip

# $K: how the kernel's modules are packed.
RUN = """R=$(uname -r)
K={packed}
export R K
clean() {{
  for again in 1 2 3 4 5 6 7 8; do
    for module in $(/sbin/lsmod | busybox sed -n '2,$s/ .*//p'); do /sbin/rmmod "$module" 2>/dev/null; done
  done
}}
number=0
one() {{
  for tools in /sbin /ours; do
    clean
    echo "%%begin $number $tools"
    PATH=$tools:/bin /bin/sh -c "$1" 2>&1
    echo "status $?"
    echo "loaded $(busybox cut -d' ' -f1,3 /proc/modules | busybox sort | busybox tr '\\n' ' ')"
    echo "%%end"
  done
  number=$((number + 1))
}}
"""


def unpacked(path: Path) -> bytes:
    return lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()


def module(target: targets.Target, name: str) -> Path | None:
    """None: it is built in, or does not exist there."""
    return next((targets.MODULES / target.release / "kernel").rglob(f"{name}.ko*"), None)


def archive_for(target: targets.Target, tools: Path, build: Path) -> initramfs.Archive:
    archive = initramfs.base(build)
    archive.file("ours/kmod", (tools / "kmod").read_bytes(), 0o755)
    for name in ("insmod", "rmmod", "lsmod", "modprobe", "modinfo"):
        archive.link(f"ours/{name}", "kmod")
    known = {str(p) for p in initramfs.tools()}
    for path in re.findall(r"(/\S+) \(0x", subprocess.run(["ldd", tools / "kmod"], capture_output=True, text=True, check=True).stdout):
        if str(Path(path)) not in known:
            archive.file(path.lstrip("/"), Path(path).read_bytes(), 0o755)
    tree = targets.MODULES / target.release
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary) / "lib/modules" / target.release
        for name in MODULES:
            source = module(target, name)
            if not source:
                continue
            to = root / source.relative_to(tree)
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(source.read_bytes())
        for name in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
            (root / name).write_bytes((tree / name).read_bytes())
        subprocess.run(["depmod", "-b", temporary, target.release], executable=initramfs.tools()[1], check=True, capture_output=True)
        for path in sorted(root.rglob("*")):
            if path.is_file():
                archive.file(str(path.relative_to(temporary)), path.read_bytes())
    crc16 = unpacked(module(target, "crc16"))
    archive.file("packed.ko.xz", lzma.compress(crc16, lzma.FORMAT_XZ, check=lzma.CHECK_CRC32, preset=0))
    archive.file("cut.ko", crc16[:3000])
    # Another kernel's, which must be refused.
    other = next((t for t in targets.installed() if t.short != target.short and module(t, "crc-itu-t")), target)
    archive.file("other.ko", unpacked(module(other, "crc-itu-t")))
    archive.file("etc/modprobe.d/a.conf", CONFIG.encode())
    return archive


def quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def normal(lines: list[str]) -> list[str]:
    text = "\n".join(lines)
    text = re.sub(r"^(?:libkmod: ERROR |(\w+): ERROR: )\.\./\S+:\d+ \w+[:()]* ?", r"\1: ERROR: ", text, flags=re.M)
    return text.split("\n")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("bin", type=Path)
    parser.add_argument("pattern", nargs="?", default="")
    parser.add_argument("-v", action="store_true")
    parser.add_argument("--kernel")
    options = parser.parse_args()
    found = [t for t in targets.installed() if options.kernel in (None, t.short, t.release)]
    if not found or qemu.available(found[0]):
        print(f"no kernel {options.kernel or ''} to boot, or no QEMU")
        return 77
    build = HERE.parents[2] / "build"
    archive = archive_for(found[0], options.bin.resolve(), build)
    packed = module(found[0], "crc16").suffix.removeprefix(".ko")
    cases = [c for c in CASES if re.search(options.pattern, c[0])]
    archive.file("run", (RUN.format(packed=packed) + "".join(f"one {quoted(script)}\n" for script, _ in cases)).encode())
    results: dict[tuple[int, str], list[str]] = {}
    current = None

    def on_line(raw: bytes) -> None:
        nonlocal current
        line = raw.rstrip(b"\r\n").decode(errors="replace")
        if line.startswith("%%begin "):
            _, number, tools = line.split()
            current = (int(number), tools)
            results[current] = []
        elif line == "%%end":
            current = None
        elif current:
            results[current].append(line)

    console = build / f"conformance/{found[0].release}/tools_kmod.console"
    problem = qemu.boot(found[0], archive.bytes(), console, 300, on_line)
    failures = 0
    for number, (script, word) in enumerate(cases):
        theirs, ours = (results.get((number, tools)) for tools in ("/sbin", "/ours"))
        if theirs is None or ours is None:
            print(f"{script}: did not run ({problem})")
            failures += 1
            continue
        said = [line for line in ours if re.match(r"\w+: (?!ERROR|FATAL|WARNING)", line)]
        rest = [line for line in ours if line not in said]
        wanted = [line for line in normal(theirs) if not re.match(r"\w+: (?!ERROR|FATAL|WARNING)", line)]
        missing = word and not any(re.search(word, line) for line in said)
        if options.v:
            print(f"{script}\n  kmod {theirs}\n  ours {ours}")
        if rest != wanted or missing:
            failures += 1
            print(f"{script}\n  kmod {theirs}\n  ours {ours}" + (f"\n  nothing says {word!r}" if missing else ""))
    print(f"{len(cases)} scripts on {found[0].release}, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
