# SPDX-License-Identifier: GPL-2.0-only
"""Modules that no source of tests/modules makes: files changed on purpose (`#file` in a scenario,
edits in mutate.py) and the distribution's own modules, named like any other. Both lie unpacked in
build/modules/RELEASE/made/, for both worlds."""
import gzip
import hashlib
import lzma
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from . import mutate
from .scenario import BadScenario, Scenario
from .targets import MODULES, Target

UNPACK = {".ko": lambda data: data, ".xz": lzma.decompress, ".gz": gzip.decompress}

SERIAL = "0x4d6f64756c6573207369676e6564206865726521"  # of one length, so that messages have one shape


@cache
def distribution(release: str) -> dict[str, Path]:
    """The modules of linux-image-RELEASE by name."""
    found = {}
    for path in (MODULES / release / "kernel").rglob("*.ko*"):
        found[path.name.split(".")[0].replace("-", "_")] = path
    return found


def _key(build: Path, name: str) -> Path:
    """A key with a self-signed certificate, made once: PEM, the private key first."""
    pem = build / "conformance/keys" / f"{name}.pem"
    if not pem.exists():
        pem.parent.mkdir(parents=True, exist_ok=True)
        new = pem.with_suffix(".new")
        command = ["openssl", "req", "-new", "-x509", "-nodes", "-newkey", "rsa:2048", "-days", "36500"]
        command += ["-sha256", "-set_serial", SERIAL, "-subj", f"/CN=Ring 3 test key {name}"]
        command += ["-keyout", new, "-out", f"{new}.crt"]
        subprocess.run(command, check=True, capture_output=True)
        new.write_bytes(new.read_bytes() + Path(f"{new}.crt").read_bytes())
        new.rename(pem)
    return pem


def signers(target: Target, build: Path) -> dict[str, mutate.Signer]:
    """What `sign` and `cms` in a scenario's #file do."""

    def sign(data: bytes, key: str, options: list[str]) -> bytes:
        pem = _key(build, key)
        with tempfile.NamedTemporaryFile() as module:
            module.write(data)
            module.flush()
            command = [target.kdir / "scripts/sign-file", *(options or ["sha256"]), pem, pem, module.name]
            subprocess.run(command, check=True)
            return Path(module.name).read_bytes()

    def cms(data: bytes, key: str, options: list[str]) -> bytes:
        pem = _key(build, key)
        # Kept, because a signature may hold the time or be random, and another file is another boot.
        what = hashlib.sha256(pem.read_bytes() + " ".join(options).encode() + data).hexdigest()[:32]
        kept = pem.parent / f"{key}.{what}.der"
        if not kept.exists():
            command = ["openssl", "cms", "-sign", "-binary", "-outform", "DER", "-signer", pem]
            done = subprocess.run([*command, *options], input=data, capture_output=True)
            if done.returncode:
                raise mutate.BadEdit(done.stderr.decode(errors="replace").strip())
            kept.write_bytes(done.stdout)
        return mutate.signed(data, kept.read_bytes())

    return {"sign": sign, "cms": cms}


class Files:
    """Brings what scenarios ask for into `made`."""

    def __init__(self, target: Target, modules: Path, build: Path):
        self._target, self._modules = target, modules
        self._made = modules / "made"
        self._sign = signers(target, build)
        self._by: dict[str, tuple[str, tuple[str, list[str]]]] = {}

    def _original(self, name: str) -> bytes | None:
        path = self._modules / f"{name}.ko"
        if path.exists():
            return path.read_bytes()
        if found := distribution(self._target.release).get(name.replace("-", "_")):
            return UNPACK[found.suffix](found.read_bytes())
        return None

    def _write(self, name: str, data: bytes) -> None:
        path = self._made / f"{name}.ko"
        self._made.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != data:
            path.write_bytes(data)

    def provide(self, scenario: Scenario) -> None:
        for name, (base, edits) in scenario.files.items():
            other, what = self._by.setdefault(name, (scenario.name, (base, edits)))
            if what != (base, edits):
                raise BadScenario(f"{scenario.path}: #file {name} is another file in {other}; rename one")
            data = self._original(base)
            if data is None:
                raise BadScenario(f"{scenario.path}: #file {name}: there is no module {base}")
            try:
                self._write(name, mutate.apply(data, edits, self._sign))
            except mutate.BadEdit as error:
                raise BadScenario(f"{scenario.path}: #file {name}: {error}") from None
        for name in scenario.modules():
            if name in scenario.files or (self._modules / f"{name}.ko").exists():
                continue
            if (data := self._original(name)) is not None:
                self._write(name, data)
