# SPDX-License-Identifier: GPL-2.0-only
"""What a transcript loses before it is compared: only what differs between two boots of one kernel or
belongs to the hardware. Each mask says why. `run --raw` shows lines as they were. README.md shows this table (`run --masks`). Numbers that module code fixes (an offset in its own function) stay."""
import re

DROP = None

# (pattern over a whole line, replacement or DROP, why)
MASKS: list[tuple[str, str | None, str]] = [
    (
        r"<6>(tsc: Refined|clocksource: |random: crng|input: .*(Keyboard|Mouse|Button)).*",
        DROP,
        "the emulated machine's own devices report when they like",
    ),
    (
        r"<\d>(hrtimer: interrupt took \d+ ns|perf: interrupt took too long|sched: RT throttling activated).*",
        DROP,
        "the emulated machine had to wait for its host",
    ),
    (r"( (?:Live|Loading|Unloading)) 0x[0-9a-f]{16}", r"\1 #", "/proc/modules: where the module lies"),
    # Reports: WARNING, BUG and oops. The first lines, the place in module code (offset and size: both
    # worlds run the same .ko) and the module's own frames are compared, the rest is the machine's.
    (r"(?<=CPU: )\d+( UID: \d+)? PID: \d+", "#\\1 PID: #", "which CPU and process is chance"),
    (r" at (?:\S*/)?([^/\s]+:\d+) (?=\S+\+0x)", r" at \1 ", "the folder that the module was built in"),
    (r"(<\d>CPU: .* Comm: \S+).*", r"\1", "taints of the whole boot, kernel version and build"),
    (r" at \S+:\d+ (\w+)\+0x[0-9a-f]+/0x[0-9a-f]+$", r" at # \1+#", "a place in the kernel's own source"),
    (r"(<\d>RIP: 0010:\w+)\+0x[0-9a-f]+/0x[0-9a-f]+$", r"\1+#", "the same"),
    (
        r"(<\d>RIP: 0010:)0x[0-9a-f]+( \(init memory of .*\))?$",
        r"\1#",
        "where no code is; whose it was is what Ring 3 adds",
    ),
    (
        r"(<\d>(?: |RIP: 0010:).*\+0x\S+(?: \[\w+\])?) at \S+:\d+$",
        r"\1",
        "the source lines that Ring 3 adds",
    ),
    (
        r"(?<=page fault for address: )00000000[1-6][0-9a-f]{7}",
        "#",
        "where the module lies in Ring 3",
    ),
    (r"(?<=^<2>kernel BUG at )\S*/", "", "the folder that the module was built in"),
    (r"<\d>(Tainted|Hardware name|Modules linked in|Code|Workqueue|RIP: 0033)[: ].*", DROP, "see above"),
    (r"<\d>(RSP|RAX|RDX|RBP|R10|R13|FS|CS|CR2|DR0|DR3|PKRU): .*", DROP, "registers hold addresses"),
    (
        r"(?<=existing value is nonzero for )(type \d+), loc \S+ val \S+",
        r"\1, loc #, val #",
        "where the module lies",
    ),
    (r"<\d>(PGD|P4D|PUD|PMD) .*", DROP, "page tables"),
    (
        r"(<\d>.*(?:Oops|invalid opcode|divide error|general protection fault).* \[#)\d+\].*",
        r"\1N]",
        "the number of oopses so far; how the kernel is configured",
    ),
    (
        r"(?<=page fault for address: )ffff[0-9a-f]{12}",
        "#",
        "where the module lies; low addresses come from the module and stay",
    ),
    (r"(?<=ERROR: )\.\./libkmod/\S+ \w+\(\) ", "", "a place in the source of kmod"),
    (r"(?<=note: insmod\[)\d+|(?<=note: rmmod\[)\d+", "#", "the process"),
    (r"(?<=^<7>\[)\d+(?=\] )", "#", "dyndbg's flag t: which task is chance"),
    (r"<\d> \? .*", DROP, "stale stack contents"),
    (r"<\d> [A-Za-z_.]\w*(\.\w+)*\+0x[0-9a-f]+/0x[0-9a-f]+", DROP, "frames of the kernel itself"),
]

# Once per boot in Linux, once per process in Ring 3; shown only in the #first scenario.
ONCE_PER_BOOT: list[tuple[str, str | None, str]] = [
    (r"<4>\w+: loading out-of-tree module taints kernel\.", DROP, "the first module only"),
    (
        r"<5>\w+: module verification failed: signature and/or required key missing - tainting kernel",
        DROP,
        "the first module only",
    ),
    (r"<4>\w+: module license '.*' taints kernel\.", DROP, "the first proprietary module only"),
    (r"<4>\w+: module license taints kernel\.", DROP, "6.12 says this later, once"),
    (r"<4>\w+: [\w ]+: kernel tainted\.", DROP, "the first module that is loaded by force only"),
    (r"<5>\w+: tainting kernel with TAINT_LIVEPATCH", DROP, "the first one only"),
    (r"<4>\w+: loading test module taints kernel\.", DROP, "the first one only"),
    (r"<4>Disabling lock debugging due to kernel taint", DROP, "the first such taint only"),
]


def _compile(masks):
    return [(re.compile(pattern), replacement) for pattern, replacement, _ in masks]


_ALWAYS, _ONCE = _compile(MASKS), _compile(ONCE_PER_BOOT)


# After an oops Linux repeats the registers of the *first* oops since boot.
_END_TRACE = re.compile(r"<\d>---\[ end trace [0-9a-f]+ \]---")
_RIP = re.compile(r"<\d>RIP: .*")


def table() -> str:
    """For README.md."""
    rows = ["| a line with | becomes | because |", "| --- | --- | --- |"]
    for when, masks in (("", MASKS), (" (not in #first)", ONCE_PER_BOOT)):
        for pattern, replacement, why in masks:
            shown = "-" if replacement is DROP else f"`{replacement}`" if replacement else "nothing there"
            rows.append(f"| `{pattern.replace('|', '&#124;')}` | {shown} | {why}{when} |")
    return "\n".join(rows)


def apply(lines: list[str], first: bool) -> list[str]:
    """`first`: keep what is said once per boot."""
    masked: list[str] = []
    for line in lines:
        if masked and _END_TRACE.fullmatch(masked[-1]) and _RIP.fullmatch(line):
            continue
        for pattern, replacement in _ALWAYS if first else _ALWAYS + _ONCE:
            if replacement is DROP:
                if pattern.fullmatch(line):
                    break
            else:
                line = pattern.sub(replacement, line)
        else:
            masked.append(line)
    return masked
