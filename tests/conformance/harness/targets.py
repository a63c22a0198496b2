# SPDX-License-Identifier: GPL-2.0-only
"""The kernels that modules are built for and that QEMU boots: what is installed, found by release.

`6.1` and `6.12` are short for the one installed release that starts so. Nothing here (or elsewhere in
the harness) asks for a version to decide behaviour; a version only selects a kernel.
"""
import re
import sys
from dataclasses import dataclass
from pathlib import Path

MODULES = Path("/lib/modules")
BOOT = Path("/boot")


@dataclass(frozen=True)
class Target:
    release: str

    @property
    def short(self) -> str:
        """6.1 of 6.1.0-56-amd64."""
        return ".".join(re.findall(r"\d+", self.release)[:2])

    @property
    def kdir(self) -> Path:
        """What Kbuild is run against: the installed headers."""
        return MODULES / self.release / "build"

    @property
    def vmlinuz(self) -> Path:
        return BOOT / f"vmlinuz-{self.release}"


def installed() -> list[Target]:
    """Every release with headers, oldest first."""
    releases = [p.name for p in MODULES.iterdir() if (p / "build").exists()] if MODULES.is_dir() else []
    return [Target(r) for r in sorted(releases, key=lambda r: [int(n) for n in re.findall(r"\d+", r)])]


def select(wanted: str) -> list[Target]:
    targets = installed()
    if wanted != "all":
        targets = [t for t in targets if wanted in (t.short, t.release)]
    if not targets:
        sys.exit(
            f"no installed kernel matches --kernel {wanted}; installed: "
            f"{', '.join(t.release for t in installed()) or 'none'}. "
            "Install linux-headers-RELEASE and linux-image-RELEASE."
        )
    return targets
