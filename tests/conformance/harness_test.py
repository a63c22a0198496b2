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
from harness import linux, mask, scenario, targets  # noqa: E402

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


if __name__ == "__main__":
    unittest.main()
