#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes kmsg-RELEASE.expected: what kmsg.script does to the real kernels, which are booted in QEMU. Compared
with a machine's log by src/machine/kmsg_test.cc.

    kmsg_record.py [--check]     with --check: 1 if a file differs from what the kernel says now
"""
import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "conformance"))
from harness import initramfs, qemu, targets  # noqa: E402


def record(target: targets.Target) -> list[str]:
    build = HERE.parents[2] / "build"
    archive = initramfs.base(build)
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "guest"
        subprocess.run(["gcc", "-O1", "-Wall", "-static", "-o", program, HERE / "kmsg_guest.c"], check=True)
        archive.file("kmsg_guest", program.read_bytes(), 0o755)
    archive.file("kmsg.script", (HERE / "kmsg.script").read_bytes())
    archive.file("run", b"sleep 3\necho %%begin\n/kmsg_guest /kmsg.script\necho %%end\n")
    lines: list[str] = []
    console = build / f"conformance/kmsg-{target.short}.console"
    problem = qemu.boot(
        target, archive.bytes(), console, 300, lambda raw: lines.append(raw.decode().rstrip("\r\n")), "printk.devkmsg=on log_buf_len=256K"
    )
    if problem or "%%end" not in lines:
        sys.exit(f"{target.release}: {problem or 'did not come to its end'}; see {console}\n" + "\n".join(lines[-5:]))
    return lines[lines.index("%%begin") + 1 : lines.index("%%end")]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    status = 0
    for target in targets.installed():
        if reason := qemu.available(target):
            print(reason)
            return 77
        text = "\n".join(record(target)) + "\n"
        path = HERE / f"kmsg-{target.short}.expected"
        if not options.check:
            path.write_text(text)
        elif path.read_text() != text:
            print(f"{path}: the kernel says something else now; kmsg_record.py writes it again")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
