#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of the harness itself: a judge that cannot fail a scenario is worth nothing."""
import argparse
import contextlib
import importlib.machinery
import importlib.util
import io
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from harness import linux, mask, mutate, scenario, targets  # noqa: E402

_loader = importlib.machinery.SourceFileLoader("run", str(HERE / "run"))
run = importlib.util.module_from_spec(importlib.util.spec_from_loader("run", _loader))
_loader.exec_module(run)


def parse(text: str) -> scenario.Scenario:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "test.scenario"
        path.write_text(text)
        return scenario.read(path)


class Words(unittest.TestCase):
    def test_splits_like_a_shell_without_expansion(self):
        self.assertEqual(scenario.split_words("a  'b c' \"d e\" f'g'h ''"), ["a", "b c", "d e", "fgh", ""])
        self.assertEqual(scenario.split_words("""name='"two words"' $x *"""), ['name="two words"', "$x", "*"])

    def test_an_open_quote_is_an_error(self):
        with self.assertRaises(ValueError):
            scenario.split_words("a 'b")


class Reading(unittest.TestCase):
    def test_directives(self):
        test = parse("# a comment\n#crash\n#todo ring3 6.1: why\n#kernel 6.1: only there\ninsmod a\n#expect x y\n")
        self.assertTrue(test.crash and not test.first)
        self.assertEqual((test.todo("6.1"), test.todo("6.12")), ("why", None))
        self.assertTrue(test.runs_on("6.1") and not test.runs_on("6.12"))
        self.assertEqual((test.expects, test.modules()), (["x y"], ["a"]))

    def test_requested_modules_are_modules_too(self):
        test = parse("#with b c\ninsmod a\n#expect x\n")
        self.assertEqual((test.requested, test.modules()), (["b", "c"], ["a", "b", "c"]))

    def test_mistakes_are_refused(self):
        for text in ("#expct x", "boil a\n#expect x", "cat a b\n#expect x", "insmod a", "#todo ring3\n#expect x"):
            with self.assertRaises(scenario.BadScenario, msg=text):
                parse(text)

    def test_every_scenario_of_the_tree_can_be_read(self):
        for path in (HERE / "scenarios").glob("*.scenario"):
            scenario.read(path)


class Expectations(unittest.TestCase):
    test = parse("insmod a\n#expect one\n#expect rc=1\n")

    def test_in_order(self):
        self.assertEqual(scenario.unmet(self.test, ["$ insmod a", "one", "rc=1"]), [])
        self.assertEqual(len(scenario.unmet(self.test, ["rc=1", "one"])), 2)

    def test_an_unexpected_failure_of_a_step(self):
        self.assertEqual(len(scenario.unmet(self.test, ["one", "rc=1", "$ rmmod a", "rc=1"])), 1)

    def test_a_failed_check_of_a_module(self):
        lines = ["one", "rc=1", "<3>mutexes:7: FAIL mutex_is_locked(&a)"]
        self.assertEqual(len(scenario.unmet(self.test, lines)), 1)


class Masks(unittest.TestCase):
    def test_report(self):
        lines = [
            "<4>WARNING: CPU: 0 PID: 236 at /a/b/broken.c:106 broken_init+0x71/0x1000 [broken]",
            "<4>Modules linked in: broken(OE+)",
            "<4>CPU: 0 PID: 236 Comm: insmod Tainted: G           OE      6.1.0 #1  Debian",
            "<4>RIP: 0010:broken_init+0x71/0x1000 [broken]",
            "<4>RAX: 0000000000000000 RBX: ff2126da418203d0 RCX: c0000000ffffefff",
            "<4> ? 0xffffffffc051f000",
            "<4> do_one_initcall+0x59/0x220",
            "<4> broken_init+0x71/0x1000 [broken]",
            "<4>---[ end trace 0000000000000000 ]---",
            "<4>RIP: 0010:another+0x5/0xffb [other]",
        ]
        self.assertEqual(
            mask.apply(lines, False),
            [
                "<4>WARNING: CPU: # PID: # at broken.c:106 broken_init+0x71/0x1000 [broken]",
                "<4>CPU: # PID: # Comm: insmod",
                "<4>RIP: 0010:broken_init+0x71/0x1000 [broken]",
                "<4> broken_init+0x71/0x1000 [broken]",
                "<4>---[ end trace 0000000000000000 ]---",
            ],
        )

    def test_a_null_pointer_keeps_its_address(self):
        line = "<1>BUG: kernel NULL pointer dereference, address: 0000000000000123"
        self.assertEqual(mask.apply([line], False), [line])

    def test_what_is_said_once_shows_only_first(self):
        line = "<4>hello: loading out-of-tree module taints kernel."
        self.assertEqual(mask.apply([line], False), [])
        self.assertEqual(mask.apply([line], True), [line])


    def test_the_readme_has_the_table(self):
        text = (HERE / "README.md").read_text()
        self.assertIn(f"<!-- masks -->\n{mask.table()}\n<!-- /masks -->", text, "run --masks prints the new table")


class Judging(unittest.TestCase):
    target = targets.Target("6.1.0-test")

    def judge(self, text: str, on_linux: list[str], on_ring3: list[str] | None, problem=None):
        options = argparse.Namespace(show=False, raw=False, on="both", ring3=Path("ring3"))
        judge = run.Judge(options)
        ours = None if on_ring3 is None and not problem else linux.Result(on_ring3, problem)
        with contextlib.redirect_stdout(io.StringIO()):
            judge.judge(parse(text), self.target, linux.Result(on_linux), ours)
        return judge.passed, judge.failed, judge.todo

    def test_equal_passes_and_different_fails(self):
        text = "insmod a\n#expect x\n"
        self.assertEqual(self.judge(text, ["x", "y"], ["x", "y"]), (1, 0, 0))
        self.assertEqual(self.judge(text, ["x", "y"], ["x", "z"]), (0, 1, 0))
        self.assertEqual(self.judge(text, ["x"], None), (1, 0, 0))
        self.assertEqual(self.judge(text, ["x"], ["x"], "signal 11"), (0, 1, 0))
        self.assertEqual(self.judge(text, ["x"], None, "cannot run"), (0, 1, 0))

    def test_a_wrong_expectation_fails_even_where_both_agree(self):
        self.assertEqual(self.judge("insmod a\n#expect x\n", ["y"], ["y"]), (0, 1, 0))

    def test_todo(self):
        text = "insmod a\n#expect x\n#todo ring3: not yet\n"
        self.assertEqual(self.judge(text, ["x"], ["z"]), (0, 0, 1))
        self.assertEqual(self.judge(text, ["x"], ["x"]), (0, 1, 0), "a todo that passes is a failure")
        self.assertEqual(self.judge(text, ["z"], ["z"]), (0, 1, 0), "todo does not excuse Linux")


class Mutations(unittest.TestCase):
    """Edits on a file with a symbol table, a relocation, .modinfo, __versions and a struct module."""

    def setUp(self):
        strings = b"\0first\0second\0"
        symbols = b"".join(
            mutate.SYM.pack(name, 0x10, 0, shndx, value, 0) for name, shndx, value in ((0, 0, 0), (1, 0, 1), (7, 0, 2))
        )
        version = (7).to_bytes(8, "little") + b"first".ljust(56, b"\0")
        self.sections = [
            ("", 0, b""),
            (".modinfo", 1, b"name=old\0license=GPL\0"),
            (".text", 1, bytes(8)),
            (".rela.text", 4, mutate.RELA.pack(0, 2, 2, -4)),
            ("__versions", 1, version),
            (".gnu.linkonce.this_module", 1, bytes(24) + b"old".ljust(56, b"\0") + bytes(8)),
            (".symtab", 2, symbols),
            (".strtab", 3, strings),
            (".shstrtab", 3, b""),
        ]
        names, headers, body = b"", b"", b""
        names = b"\0".join(name.encode() for name, _, _ in self.sections) + b"\0"
        self.sections[-1] = (".shstrtab", 3, names)
        for name, kind, content in self.sections:
            at = names.index(name.encode() + b"\0") if name else 0
            headers += mutate.SHDR.pack(at, kind, 2, 0, 64 + len(body), len(content), 0, 0, 1, 0)
            body += content
        ident = b"\x7fELF\2\1\1".ljust(16, b"\0")
        count = len(self.sections)
        header = mutate.EHDR.pack(ident, 1, 62, 1, 0, 0, 64 + len(body), 0, 64, 0, 0, 64, count, count - 1)
        self.file = header + body + headers

    def edited(self, *edits: str) -> mutate.Module:
        signers = {"sign": self.sign, "cms": self.sign}
        return mutate.Module(mutate.apply(self.file, list(edits), signers), signers)

    @staticmethod
    def sign(data: bytes, key: str, options: list[str]) -> bytes:
        return mutate.signed(data, " ".join([key, *options]).encode())

    def content(self, module: mutate.Module, name: str) -> bytes:
        section = module.shdr(name)
        return bytes(module.data[section["sh_offset"] : section["sh_offset"] + section["sh_size"]])

    def test_nothing_asked_nothing_changed(self):
        self.assertEqual(bytes(self.edited().data), self.file)

    def test_bytes(self):
        self.assertEqual(bytes(self.edited("truncate 10").data), self.file[:10])
        self.assertEqual(bytes(self.edited("truncate -10").data), self.file[:-10])
        self.assertEqual(bytes(self.edited(r"append a b\n\xff").data), self.file + b"a b\n\xff")
        self.assertEqual(self.edited("bytes 4 0102").data[4:6], b"\1\2")
        self.assertEqual(self.content(self.edited("poke .text 6 aabb"), ".text"), bytes(6) + b"\xaa\xbb")
        self.assertIn(b"SECOND", self.edited("find second SECOND").data)

    def test_fields(self):
        self.assertEqual(self.edited("ehdr e_machine 0x3e8").ehdr()["e_machine"], 1000)
        self.assertEqual(self.edited("shdr .text sh_flags 7").shdr("#2")["sh_flags"], 7)
        self.assertEqual(self.edited("sym second st_value 9").symbol("second")["st_value"], 9)
        rela = self.content(self.edited("rela .rela.text 0 r_type 99"), ".rela.text")
        self.assertEqual(mutate.RELA.unpack(rela), (0, 99, 2, -4))

    def test_names(self):
        module = self.edited("hide __versions")
        self.assertEqual(self.content(module, "_versions"), self.content(self.edited(), "__versions"))
        self.assertEqual(self.content(self.edited("call .text .other"), ".other"), bytes(8))
        self.assertEqual(self.edited("alias first other").symbol("other")["st_value"], 1)
        module = self.edited("name new")
        self.assertEqual(self.content(module, ".modinfo"), b"name=new\0license=GPL\0")
        self.assertEqual(self.content(module, ".gnu.linkonce.this_module")[24:80], b"new".ljust(56, b"\0"))

    def test_order_takes_relocations_along(self):
        self.assertEqual(bytes(self.edited("order first second").data), self.file)
        module = self.edited("order second first")
        self.assertLess(module.symbol("second").at, module.symbol("first").at)
        self.assertEqual(mutate.RELA.unpack(self.content(module, ".rela.text"))[2], 1)

    def test_modinfo(self):
        self.assertEqual(self.content(self.edited(r"modinfo license=a b\x20"), ".modinfo"), b"name=old\0license=a b \0")
        self.assertEqual(self.content(self.edited("modinfo new=1"), ".modinfo"), b"name=old\0license=GPL\0new=1\0")
        self.assertEqual(self.content(self.edited("modinfo -name"), ".modinfo"), b"license=GPL\0")

    def test_versions(self):
        self.assertEqual(self.content(self.edited("crc first 0x1234"), "__versions")[:8], b"\x34\x12" + bytes(6))
        self.assertEqual(self.content(self.edited("unversion first"), "__versions")[8:13], b"?irst")

    def test_signatures(self):
        self.assertIn(b"mine sha512", self.edited("sign mine sha512").data)
        self.assertIn(b"mine -md sha1", self.edited("cms mine -md sha1").data)
        self.assertEqual(bytes(self.edited("sign mine", "unsign").data), self.file)
        module = self.edited("pkcs7 0102ff", "flip pkcs7 1")
        self.assertEqual(bytes(module.data[len(self.file) :][:3]), b"\1\xfd\xff")

    def test_mistakes_are_refused(self):
        for edit in (
            "invent 1",
            "shdr .none sh_type 1",
            "sym none st_value 1",
            "shdr .text sh_none 1",
            "find first longer",
            "find i x",
            "crc second 1",
            "modinfo -none",
            "unsign",
            "poke .text",
            "truncate x",
        ):
            with self.assertRaises(mutate.BadEdit, msg=edit):
                self.edited(edit)


if __name__ == "__main__":
    unittest.main()
