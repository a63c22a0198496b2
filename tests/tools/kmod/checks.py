# SPDX-License-Identifier: GPL-2.0-only
"""What ours prints where kmod has nothing like it: each check gets ours's result and a function that runs another
command line in the same root, with ours ("ours") or with kmod, and answers with what is wrong, or "".

JSON is parsed and written again as the text form, line by line; the text form itself is compared with kmod's by
the other cases. So nothing may be missing, added or spelt otherwise.
"""
import json
import re
import subprocess
from pathlib import Path
from typing import Callable

Result = tuple[list[str], list[str], list[str], int]
Run = Callable[..., Result]


def _clean(result: Result) -> str:
    _, errors, calls, status = result
    return f"status {status}, {errors}, {calls}" if status or errors or calls else ""


def _json(result: Result):
    return json.loads("\n".join(result[0]))


def _same(mine: list[str], text: list[str]) -> str:
    if mine == text:
        return ""
    return f"only JSON {[x for x in mine if x not in text][:5]}, only text {[x for x in text if x not in mine][:5]}"


def depends(*arguments: str):
    def check(ours: Result, run: Run) -> str:
        lines = []
        for one in _json(ours):
            if one["action"] == "builtin":
                lines.append(f"builtin {one['module']}")
            else:
                what = one["command"] if one["action"] == "install" else one["path"]
                lines.append(f"{one['action']} {what} {one['options']}".strip())
        text = run("ours", ["modprobe", "-D", *arguments])
        return _clean(ours) or ("" if lines else "nothing") or _same(lines, [line.strip() for line in text[0]])

    return check


def configuration(ours: Result, run: Run) -> str:
    facts = _json(ours)
    lines = [f"blacklist {e['module']}" for e in facts["blacklist"]]
    for command in ("install", "remove"):
        lines += [f"{command} {e['module']} {e['command']}" for e in facts[command]]
    lines += [f"alias {e['alias']} {e['module']}" for e in facts["alias"] + facts["index_alias"] + facts["index_symbol"]]
    lines += [f"options {e['module']} {e['options']}" for e in facts["options"]]
    for e in facts["softdep"]:
        parts = [f"{when}: {' '.join(e[when])}" for when in ("pre", "post") if e[when]]
        lines.append(f"softdep {e['module']} {' '.join(parts)}")
    lines += [f"weakdep {e['module']} {' '.join(e['modules'])}" for e in facts["weakdep"]]
    text = [line.strip() for line in run("ours", ["modprobe", "-c"])[0] if line.strip() and not line.startswith("#")]
    squeeze = lambda of: sorted(re.sub(r"\s+", " ", line).strip() for line in of)  # noqa: E731
    wrong = [e for name in facts for e in facts[name] if not name.startswith("index_") and not (e["line"] > 0 and e["file"])]
    return _clean(ours) or (f"no place: {wrong[:3]}" if wrong else "") or _same(squeeze(lines), squeeze(text))


def listed(ours: Result, run: Run) -> str:
    lines = []
    for one in _json(ours):
        users = ",".join(one["used_by"])
        lines.append(f"{one['module']} {one['size']} {one['references']} {users}".strip())
        if one["state"] != "Live" or one["taints"] != "":
            return f"state and taints of {one}"
    text = [re.sub(r"\s+", " ", line).strip() for line in run("kmod", ["lsmod"])[0][1:]]
    return _clean(ours) or ("" if lines else "nothing") or _same(lines, text)


def information(*modules: str):
    """modinfo --json: each fact of kmod's text. Parameters have a list of their own there, `depends` is a list,
    long numbers are on one line."""

    def check(ours: Result, run: Run) -> str:
        facts = _json(ours)
        if len(facts) != len(modules):
            return f"{len(facts)} modules"
        for module, mine in zip(modules, facts):
            mine.pop("build_id", None)
            theirs: dict[str, list[str]] = {}
            for line in run("kmod", ["modinfo", module])[0]:
                if line.startswith("\t\t"):
                    theirs[key][-1] += line.strip()
                    continue
                key, value = line.split(":", 1)
                theirs.setdefault(key, []).append(value.strip())
            if sorted(set(mine) - {"module"}) != sorted((set(theirs) | {"parm"}) - ({"name"} if "name" not in mine else set())):
                return f"{module}: keys {sorted(mine)}, not {sorted(theirs)}"
            parameters = []
            for one in mine.pop("parm"):
                kind = f" ({one['type']})" if "type" in one else ""
                parameters.append(f"{one['name']}:{one['description']}{kind}" if "description" in one else f"{one['name']}:{one['type']}")
            if sorted(parameters) != sorted(theirs.pop("parm", [])):
                return f"{module}: parameters {parameters}"
            for key, value in mine.items():
                if key == "module":
                    continue
                value = ",".join(value) if key == "depends" else value
                if [v.strip() for v in (value if isinstance(value, list) else [value])] != theirs[key]:
                    return f"{module}: {key} is {value}, not {theirs[key]}"
        return _clean(ours)

    return check


def with_nul(module: str):
    """modinfo -0: KEY=VALUE, each ended by a NUL, with the keys and values of the text form."""

    def check(ours: Result, run: Run) -> str:
        text = "\n".join(ours[0])
        if not text.endswith("\0"):
            return "no NUL at the end"
        mine = [entry.split("=", 1) for entry in text[:-1].split("\0")]
        theirs = []
        for line in run("kmod", ["modinfo", module])[0]:
            if line.startswith("\t\t"):
                theirs[-1][1] += "\n" + line
            else:
                key, value = line.split(":", 1)
                theirs.append([key, value[max(15 - len(key), len(key) - 15):]])
        return _clean(ours) or _same([repr(e) for e in mine], [repr(e) for e in theirs])

    return check


def version(ours: Result, run: Run) -> str:
    if not re.fullmatch(r"kmod version \d+", ours[0][0]):
        return f"the first line is {ours[0][0]!r}"
    return _clean(ours) or ("" if re.fullmatch(r"([+-]\w+ )+\(ring3\)", ours[0][1]) else ours[0][1])


def help_of(tool: str):
    """Fits a screen, and has each long option that kmod's help has, or its name since kmod 34."""
    renamed = {"--resolve-alias": "--show-alias", "--showconfig": "--show-config", "--show": "--dry-run",
               "--dump-modversions": "--show-modversions", "--remove-dependencies": "--remove-holders",
               "--force-modversions": "--force-modversion"}  # fmt: skip

    def check(ours: Result, run: Run) -> str:
        options = lambda result: set(re.findall(r"--[a-z][a-z-]+", "\n".join(result[0])))  # noqa: E731
        wanted = {renamed.get(option, option) for option in options(run("kmod", [tool, "-h"]))}
        missing = wanted - options(ours)
        if missing:
            return f"help lacks {sorted(missing)}"
        if len(ours[0]) > 24 or any(len(line) > 80 for line in ours[0]):
            return "help does not fit a screen"
        return _clean(ours)

    return check


def in_use(ours: Result, run: Run) -> str:
    """modprobe -r -w of a module that stays in use: asked for again and again, then refused."""
    out, errors, calls, status = ours
    wanted = ["TOOL: ERROR: could not remove 'tls': Resource temporarily unavailable",
              "modprobe: tls has 3 references from programs or from the kernel"]  # fmt: skip
    if out or errors != wanted or status != 1:
        return f"{out} {errors} {status}"
    return "" if len(calls) > 1 and set(calls) == {"delete_module tls '' 800"} else f"{calls}"


def build_id(name: str):
    """modinfo -F build-id: what readelf finds in the file's notes; the list of all fields does not have it."""

    def check(ours: Result, run: Run) -> str:
        path = next(Path("/lib/modules").glob(f"6.1.*/kernel/lib/{name}.ko"))
        notes = subprocess.run(["readelf", "-n", path], capture_output=True, text=True, check=True).stdout
        wanted = re.findall(r"Build ID: (\w+)", notes)
        fact = _json(run("ours", ["modinfo", "--json", name]))[0]["build_id"]
        if not wanted or ours[0] != wanted or [fact] != wanted:
            return f"{ours[0]} and {fact}, not {wanted}"
        return _clean(ours)

    return check


def unknown_format(ours: Result, run: Run) -> str:
    out, errors, calls, status = ours
    wanted = out and out[0] == "Usage: static-nodes [OPTION...]" and errors == ["Unknown format: 'x'."]
    return "" if wanted and not calls and status == 1 else f"{out[:1]} {errors} {status}"
