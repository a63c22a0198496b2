# SPDX-License-Identifier: GPL-2.0-only
"""Boots a kernel with an initramfs in QEMU, emulated (never KVM, so that every machine behaves alike),
and streams the guest's second serial port. The first one is the kernel's console and goes to a file."""
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from .targets import Target

QEMU = "qemu-system-x86_64"
# printk.time=0: the log then carries no times that would have to be masked. clocksource=hpet: an
# emulated TSC is calibrated at boot, on a busy host wrongly, and the kernel's clocks would disagree.
COMMAND_LINE = "console=ttyS0 quiet panic=-1 printk.time=0 tsc=reliable clocksource=hpet"


def available(target: Target) -> str | None:
    """Why this kernel cannot be booted here, or None."""
    if not shutil.which(QEMU):
        return f"{QEMU} is not installed; apt install qemu-system-x86"
    if not os.access(target.vmlinuz, os.R_OK):
        return f"cannot read {target.vmlinuz}; apt install linux-image-{target.release}"
    return None


def boot(
    target: Target, initramfs: bytes, console: Path, silence: float, on_line: Callable[[bytes], None] | None, more: str = ""
) -> str | None:
    """Runs until the guest powers off, or for `silence` seconds without a line from it. `more` is added to
    the command line. Returns None, or what went wrong. Without on_line the terminal is the guest's second serial port, unwatched."""
    if reason := available(target):
        return reason
    console.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(prefix="ring3-initramfs-") as archive:
        archive.write(initramfs)
        archive.flush()
        command = [QEMU, "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "512"]
        command += ["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"]
        command += ["-kernel", str(target.vmlinuz), "-initrd", archive.name, "-append", f"{COMMAND_LINE} {more}".strip()]
        command += ["-serial", f"file:{console}", "-serial", "stdio"]
        if not on_line:
            return None if subprocess.run(command).returncode == 0 else f"{QEMU} failed"
        guest = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        last = time.monotonic()
        finished = threading.Event()
        silent = threading.Event()

        def watch() -> None:
            while not finished.wait(1):
                if time.monotonic() - last > silence:
                    silent.set()
                    guest.kill()
                    return

        threading.Thread(target=watch, daemon=True).start()
        try:
            assert guest.stdout
            for line in guest.stdout:
                last = time.monotonic()
                on_line(line)
            guest.wait()
        except BaseException:
            guest.kill()
            raise
        finally:
            finished.set()
    if silent.is_set():
        return f"the guest said nothing for {silence:g} s and was stopped; its console: {console}"
    if guest.returncode:
        return f"{QEMU} exited with {guest.returncode}"
    return None
