#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""commands_test.py RING3: what `ring3 api` prints, as text and JSON, and what it says of mistakes."""
import json
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

K61, K612 = "6.1.0-56-amd64", "6.12.117+deb12-amd64"
MODULES = Path("/lib/modules") / K61 / "kernel"
# One that has all it imports, and one that will hardly ever have.
SMALL, LARGE = MODULES / "lib/crc7.ko", MODULES / "arch/x86/kvm/kvm.ko"
RING3 = ""


def api(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run([RING3, "api", *words], capture_output=True, text=True, check=False)


def api_json(*words: str):
    return json.loads(api(*words, "--json").stdout)


class List(unittest.TestCase):
    def test_text_ends_with_the_counts_of_json(self):
        rows = api_json("list")
        counts = [sum(row["status"] == status for row in rows) for status in ("real", "partial", "stub")]
        self.assertEqual(
            "{} definitions: {} real, {} partial, {} stubs".format(len(rows), *counts),
            api("list").stdout.splitlines()[-1],
        )
        self.assertGreater(min(counts), 0)

    def test_a_row_says_what_and_where(self):
        (kfree,) = [row for row in api_json("list") if row["name"] == "kfree"]
        self.assertEqual("v(p(v))", kfree["prototype"])
        self.assertRegex(kfree["where"], r"^src/linux/mm/\w+\.cc:\d+$")

    def test_status_selects(self):
        stubs = api_json("list", "--status", "stub")
        self.assertEqual({"stub"}, {row["status"] for row in stubs})
        self.assertTrue(all(row["note"] for row in stubs))
        self.assertNotEqual(0, api("list", "--status", "perfect").returncode)


class Explain(unittest.TestCase):
    def test_each_kernel_has_its_own_prototype(self):
        for kernel in (K61, K612):
            (kfree,) = api_json("explain", "--kernel", kernel, "kfree")
            self.assertEqual("void kfree(const void *)", kfree["declaration"])
            self.assertEqual(("vmlinux", "real"), (kfree["module"], kfree["status"]))
        self.assertIn("  ring3: real, src/linux/mm/", api("explain", "-k", K61, "kfree").stdout)

    def test_missing(self):
        name = api_json("missing", str(LARGE))[0]["name"]
        self.assertEqual("missing", api_json("explain", "-k", K61, name)[0]["status"])
        self.assertIn("the first use stops with an oops", api("explain", "-k", K61, name).stdout)

    def test_an_unknown_symbol_leaves_the_json_whole(self):
        result = api("explain", "-k", K61, "--json", "no_such_function", "kfree")
        self.assertEqual(1, result.returncode)
        self.assertEqual(["kfree"], [row["name"] for row in json.loads(result.stdout)])
        self.assertIn(f"{K61} does not export 'no_such_function'", result.stderr)

    def test_a_kernel_that_is_not_installed(self):
        result = api("explain", "-k", "5.10.0-1-amd64", "kfree")
        self.assertEqual(1, result.returncode)
        self.assertIn("linux-headers-5.10.0-1-amd64", result.stderr)


class Missing(unittest.TestCase):
    def test_nothing(self):
        result = api("missing", str(SMALL))
        self.assertEqual((0, "", ""), (result.returncode, result.stdout, result.stderr))
        self.assertEqual([], api_json("missing", str(SMALL)))

    def test_something_with_its_prototype(self):
        rows = api_json("missing", str(LARGE))
        result = api("missing", str(LARGE))
        self.assertEqual(1, result.returncode)
        self.assertEqual(
            [f"kvm: {row['name']}  {row['declaration']}".rstrip() for row in rows], result.stdout.splitlines()
        )
        functions = [row for row in rows if "(" in row["declaration"]]
        self.assertIn(functions[0]["name"] + "(", functions[0]["declaration"])

    def test_what_is_no_module(self):
        for path in ("/nonexistent.ko", __file__):
            result = api("missing", path)
            self.assertEqual(1, result.returncode)
            self.assertRegex(result.stderr, r"^ring3 api: \S")


def with_a_bad_relocation(module: bytes) -> bytes:
    """The first relocation of .text gets a type that no x86-64 has."""
    table, = struct.unpack_from("<Q", module, 0x28)
    size, count, names = struct.unpack_from("<HHH", module, 0x3A)
    headers = [struct.unpack_from("<IIQQQQIIQQ", module, table + i * size) for i in range(count)]
    for header in headers:
        name = module[headers[names][4] + header[0]:].split(b"\0", 1)[0]
        if name == b".rela.text":
            damaged = bytearray(module)
            struct.pack_into("<I", damaged, header[4] + 8, 255)
            return bytes(damaged)
    raise ValueError("no .rela.text")


class Census(unittest.TestCase):
    FIGURES = ["files", "parsed", "relocated", "bound", "loaded", "init"]

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        for module in (SMALL, LARGE):
            shutil.copy(module, self.folder)
        (self.folder / "broken.ko").write_text("no ELF file")
        (self.folder / "damaged.ko").write_bytes(with_a_bad_relocation(SMALL.read_bytes()))

    def test_figures_text_and_json(self):
        found = api_json("census", "--missing", "3", str(self.folder))
        self.assertEqual([4, 3, 2, 2, 1, 1], [found[name] for name in self.FIGURES])
        self.assertEqual(3, len(found["missing"]))
        self.assertEqual(K61, found["kernel"])
        self.assertIn(str(self.folder / "broken.ko"), found["not_loaded"])
        self.assertIn("255", found["not_loaded"]["crc7"])
        text = api("census", str(self.folder)).stdout
        self.assertEqual(
            [f"kernel {K61}"] + [f"{name} {found[name]}" for name in self.FIGURES], text.splitlines()
        )
        self.assertEqual(text.splitlines()[:5], api("census", "--quick", str(self.folder)).stdout.splitlines())
        self.assertIn("broken.ko", api("census", "--failures", str(self.folder)).stdout)

    def test_at_least(self):
        kept = self.folder / "kept.txt"
        kept.write_text(api("census", str(self.folder)).stdout)
        self.assertEqual(0, api("census", "--at-least", str(kept), str(self.folder)).returncode)
        kept.write_text(kept.read_text().replace("relocated 2", "relocated 3"))
        result = api("census", "--at-least", str(kept), str(self.folder))
        self.assertEqual(1, result.returncode)
        self.assertIn("relocated slid back from 3 to 2", result.stderr)
        kept.write_text(kept.read_text().replace(K61, K612).replace("init 1\n", ""))
        self.assertIn(K612, api("census", "--at-least", str(kept), str(self.folder)).stderr)

    def test_a_folder_without_modules(self):
        empty = self.folder / "empty"
        empty.mkdir()
        result = api("census", str(empty))
        self.assertEqual(1, result.returncode)
        self.assertIn("there is no .ko file below", result.stderr)


class Docs(unittest.TestCase):
    def test_a_folder_that_cannot_be_written(self):
        result = api("docs", "/dev/null/api")
        self.assertEqual(1, result.returncode)
        self.assertIn("/dev/null/api", result.stderr)


if __name__ == "__main__":
    RING3 = sys.argv.pop(1)
    unittest.main()
