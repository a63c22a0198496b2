# SPDX-License-Identifier: GPL-2.0-only
"""The guest's file system: a newc cpio archive written here, uncompressed (QEMU hands it over faster
than an emulated CPU inflates it), with busybox, dash, the distribution's own kmod and its libraries."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

GUEST = Path(__file__).resolve().parents[1] / "guest"
KMOD_NAMES = ("insmod", "rmmod", "lsmod", "modprobe", "depmod", "modinfo")


class Archive:
    def __init__(self) -> None:
        self._out = bytearray()
        self._inode = 0
        self._directories: set[str] = set()

    def _entry(self, name: str, mode: int, data: bytes) -> None:
        self._inode += 1
        encoded = name.encode() + b"\0"
        fields = [self._inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(encoded), 0]
        self._out += b"070701" + b"".join(b"%08X" % f for f in fields) + encoded
        self._out += b"\0" * (-len(self._out) % 4)
        self._out += data
        self._out += b"\0" * (-len(self._out) % 4)

    def directory(self, name: str) -> None:
        if name in ("", ".") or name in self._directories:
            return
        self.directory(str(Path(name).parent))
        self._directories.add(name)
        self._entry(name, 0o040755, b"")

    def file(self, name: str, data: bytes, mode: int = 0o644) -> None:
        self.directory(str(Path(name).parent))
        self._entry(name, 0o100000 | mode, data)

    def link(self, name: str, to: str) -> None:
        self.directory(str(Path(name).parent))
        self._entry(name, 0o120777, to.encode())

    def bytes(self) -> bytes:
        end = Archive()
        end._entry("TRAILER!!!", 0, b"")
        return bytes(self._out) + bytes(end._out)


def _program(name: str, package: str) -> Path:
    found = shutil.which(name, path="/bin:/usr/bin:/sbin:/usr/sbin")
    if not found:
        sys.exit(f"{name} is not installed; apt install {package}")
    return Path(found).resolve()


PROGRAMS = ("call", "device")  # of the guest, in C


def program_of(build: Path, name: str) -> Path:
    """guest/NAME.c, compiled without shared libraries."""
    program = build / "conformance" / name
    source = GUEST / f"{name}.c"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        program.parent.mkdir(parents=True, exist_ok=True)
        new = program.with_suffix(f".{os.getpid()}.{threading.get_ident()}")  # both kernels want it
        subprocess.run(["gcc", "-O1", "-Wall", "-static", "-o", new, source], check=True)
        new.replace(program)
    return program


def tools() -> list[Path]:
    """Every host file that goes into the guest; also what a cached transcript depends on."""
    busybox, kmod = _program("busybox", "busybox-static"), _program("kmod", "kmod")
    dash = _program("dash", "dash")
    libraries = subprocess.run(["ldd", str(kmod)], capture_output=True, text=True, check=True).stdout
    return [busybox, kmod, dash, *(Path(p) for p in re.findall(r"(/\S+) \(0x", libraries))]


def base(build: Path) -> Archive:
    """A root with tools and the guest's own scripts, without anything to run."""
    archive = Archive()
    for name in ("proc", "sys", "dev", "tmp", "etc", "work", "root"):
        archive.directory(name)
    busybox, kmod, dash, *libraries = tools()
    archive.file("bin/busybox", busybox.read_bytes(), 0o755)
    archive.file("bin/kmod", kmod.read_bytes(), 0o755)
    archive.file("bin/dash", dash.read_bytes(), 0o755)
    for name in KMOD_NAMES:
        archive.link(f"sbin/{name}", "/bin/kmod")
    for library in libraries:
        archive.file(str(library).lstrip("/"), library.read_bytes(), 0o755)
    archive.file("init", (GUEST / "init").read_bytes(), 0o755)
    for name in PROGRAMS:
        archive.file(f"bin/{name}", program_of(build, name).read_bytes(), 0o755)
    archive.file("steps.sh", (GUEST / "steps.sh").read_bytes())
    return archive


def add_index(archive: Archive, release: str, modules: dict[str, bytes]) -> None:
    """What modprobe needs to find these modules: links to them and depmod's index."""
    folder = f"lib/modules/{release}"
    depmod = _program("depmod", "kmod")
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary) / folder
        root.mkdir(parents=True)
        for name, data in modules.items():
            (root / f"{name}.ko").write_bytes(data)
            archive.link(f"{folder}/{name}.ko", f"/modules/{name}.ko")
        # argv[0] says which of kmod's tools it is.
        subprocess.run(["depmod", "-b", temporary, release], executable=depmod, check=True, capture_output=True)
        for index in sorted(root.glob("modules.*")):
            archive.file(f"{folder}/{index.name}", index.read_bytes())
