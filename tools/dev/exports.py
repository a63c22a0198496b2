#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes tools/dev/exports.tsv: which file of Linux exports which name.

    apt-get download linux-source-6.1 linux-source-6.12       (in an empty folder outside the tree)
    for package in *.deb; do dpkg-deb -x "$package" .; done
    for archive in usr/src/*.tar.xz; do tar -xf "$archive"; done
    tools/dev/exports.py --symvers /usr/src/linux-headers-6.1.*-amd64/Module.symvers \\
        --symvers /usr/src/linux-headers-6.12.*-amd64/Module.symvers linux-source-6.1 linux-source-6.12

The kernel's sources stay where they were unpacked; only names and paths enter the table. A line is a
file of Linux, a tab, and the names it exports, separated by blanks. Only names are kept that a
Module.symvers knows as the kernel image's own or as those of a module under lib/, crypto/ and the like
(the folders of Linux that src/linux covers). A name that a macro pastes together has `*` in the pasted places (param_ops_*); it is
looked up as a pattern, after the plain names.
"""
import argparse
import fnmatch
import re
import sys
from collections import defaultdict
from pathlib import Path

TABLE = Path(__file__).parent / "exports.tsv"
SKIPPED = {"Documentation", "samples", "scripts", "tools", "usr", "certs", "rust"}
EXPORT = re.compile(
    r"^[^/*\n]*?\b_?(EXPORT_(?:UNUSED_|PER_CPU_|TRACEPOINT_)?SYMBOL\w*|EXPORT_STATIC_CALL\w*|__EXPORT_THUNK|ACPI_EXPORT_SYMBOL\w*)\s*\(\s*([\w#\s]+?)\s*[,)]",
    re.M,
)
COVERED = {"kernel", "mm", "lib", "init", "fs", "block", "crypto", "security", "ipc"}
# Exports that name something else than what appears in the symbol table.
PREFIXES = {
    "EXPORT_TRACEPOINT_SYMBOL": ("__tracepoint_", "__traceiter_", "__SCK__tp_func_", "__SCT__tp_func_"),
    "EXPORT_STATIC_CALL": ("__SCK__", "__SCT__"),
    "EXPORT_STATIC_CALL_TRAMP": ("__SCT__",),
}
# Whole names that a macro's argument carries into its EXPORT line.
BY_ARGUMENT = {
    "drivers/base/core.c": "_dev_alert _dev_crit _dev_emerg _dev_err _dev_info _dev_notice _dev_warn",
    "kernel/cgroup/cgroup.c": "*_cgrp_subsys_enabled_key *_cgrp_subsys_on_dfl_key",
    "kernel/locking/qspinlock.c": "__pv_queued_spin_lock_slowpath native_queued_spin_lock_slowpath",
    "lib/kstrtox.c": "kstrto*_from_user",
    "lib/lzo/lzo1x_compress.c": "lzo1x_1_compress* lzorle1x_1_compress*",
    "net/core/dev.c": "netdev_alert netdev_crit netdev_emerg netdev_err netdev_info netdev_notice netdev_warn",
}


def names_of(macro: str, argument: str) -> list[str]:
    pattern = re.sub(r"\s*##\s*", "##", argument)
    if "##" in pattern:
        # The longest piece is the fixed text; what a parameter stands for is unknown.
        pieces = pattern.split("##")
        fixed = max(pieces, key=len)
        pattern = "".join(p if p == fixed else "*" for p in pieces)
        if len(fixed) < 6 or pattern.startswith("*"):
            return []  # would match half the kernel
    return [prefix + pattern for prefix in PREFIXES.get(macro.removesuffix("_GPL"), ("",))]


def exports(tree: Path):
    """Pairs (path, name or pattern) of every export in the tree, x86's among the architectures."""
    for path in sorted(tree.rglob("*.[chS]")):
        relative = path.relative_to(tree)
        parts = relative.parts
        if parts[0] in SKIPPED or (parts[0] == "arch" and parts[1] != "x86") or "selftests" in parts:
            continue
        text = path.read_text(errors="replace")
        if "EXPORT_" not in text:
            continue
        for macro, argument in EXPORT.findall(text):
            for name in names_of(macro, argument):
                yield relative.as_posix(), name


def exported_names(symvers: list[Path]) -> set[str]:
    lines = [line.split("\t") for file in symvers for line in file.read_text().splitlines()]
    return {name for _, name, owner, *_ in lines if owner == "vmlinux" or owner.split("/")[0] in COVERED}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--symvers", action="append", type=Path, required=True, help="a target's Module.symvers")
    parser.add_argument("--output", type=Path, default=TABLE)
    parser.add_argument("trees", nargs="+", type=Path, help="unpacked kernel sources")
    options = parser.parse_args()
    known = exported_names(options.symvers)
    table: dict[str, set[str]] = defaultdict(set)
    for tree in options.trees:
        for path, name in exports(tree):
            if name in known or ("*" in name and fnmatch.filter(known, name)):
                table[path].add(name)
    for path, names in BY_ARGUMENT.items():
        table[path].update(names.split())
    listed = set().union(*table.values())
    patterns = [name for name in listed if "*" in name]
    missing = [n for n in known - listed if not any(fnmatch.fnmatchcase(n, p) for p in patterns)]
    lines = ["# Linux's file, and the names it exports. Written by tools/dev/exports.py; not edited by hand."]
    lines += [f"{path}\t{' '.join(sorted(names))}" for path, names in sorted(table.items())]
    options.output.write_text("\n".join(lines) + "\n")
    print(f"{len(listed)} names in {len(table)} files; {len(missing)} of {len(known)} without a file: "
          f"{', '.join(sorted(missing)[:40])}", file=sys.stderr)


if __name__ == "__main__":
    main()
