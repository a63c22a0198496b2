#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs tools/dev/lint_layers.py on trees with one fault each; every rule must find its own."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINT = ROOT / "tools/dev/lint_layers.py"
sys.path.insert(0, str(LINT.parent))
import exports  # noqa: E402

SPDX = "// SPDX-License-Identifier: GPL-2.0-only\n"


class LintTest(unittest.TestCase):
    def findings(self, files: dict[str, str], spdx: bool = True) -> list[str]:
        """The lines the lint prints for a tree of these files, and checks its exit code."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text((SPDX if spdx else "") + text)
            done = subprocess.run([LINT, folder], capture_output=True, text=True, check=False)
        self.assertEqual(done.stderr, "")
        lines = [line for line in done.stdout.splitlines() if line != "layers: nothing to complain about"]
        self.assertEqual(done.returncode, 1 if lines else 0)
        return lines

    def assert_finds(self, where: str, files: dict[str, str], spdx: bool = True) -> None:
        lines = self.findings(files, spdx)
        self.assertEqual(len(lines), 1, lines)
        self.assertTrue(lines[0].startswith(where), f"{lines[0]!r} should begin with {where!r}")

    def assert_clean(self, files: dict[str, str]) -> None:
        self.assertEqual(self.findings(files), [])

    def test_upward_include_is_found(self):
        self.assert_finds("src/elf/a.cc:2: layer:", {"src/elf/a.cc": '#include "machine/task.h"\n'})

    def test_downward_and_own_includes_are_fine(self):
        self.assert_clean({"src/machine/a.cc": '#include "machine/task.h"\n#include "base/result.h"\n'})

    def test_include_relative_to_the_file_is_found(self):
        self.assert_finds("src/elf/a.cc:2: layer:", {"src/elf/a.cc": '#include "view.h"\n'})

    def test_unknown_layer_is_found(self):
        self.assert_finds("src/extra/a.cc:1: layer:", {"src/extra/a.cc": ""})

    def test_host_header_outside_host_is_found(self):
        for header in ("unistd.h", "sys/mman.h", "linux/futex.h", "pthread.h", "fstream"):
            with self.subTest(header):
                self.assert_finds("src/machine/a.h:2: host:", {"src/machine/a.h": f"#include <{header}>\n"})

    def test_host_header_is_fine_in_host_and_in_tests(self):
        text = "#include <unistd.h>\n"
        self.assert_clean({"src/host/a.cc": text, "src/elf/a_test.cc": text, "tools/ring3/a.cc": text})

    def test_format_header_is_fine_anywhere(self):
        self.assert_clean({"src/elf/a.cc": "#include <elf.h>\n#include <zlib.h>\n"})

    def test_kernel_function_at_another_path_is_found(self):
        for macro in ("KAPI(kfree, Real, void, (const void* p)) {}", "KAPI_ALIAS(kfree, other);",
                      "KAPI_ASM(kfree, Real, x);", "KDATA(kfree, Real, int);"):
            with self.subTest(macro):
                self.assert_finds("src/linux/fs/a.cc:2: path: Linux exports kfree in mm/",
                                  {"src/linux/fs/a.cc": macro + "\n"})

    def test_kernel_function_in_another_file_of_its_folder_is_fine(self):
        self.assert_clean({"src/linux/mm/a.cc": "KAPI(kfree, Real, void, (const void* p)) {}\n"})

    def test_name_that_linux_does_not_export_is_found(self):
        self.assert_finds("src/linux/mm/a.cc:2: path: no file", {"src/linux/mm/a.cc": "KAPI(kfreee, Real, void, ()) {}\n"})

    def test_pasted_names_are_looked_up_as_patterns(self):
        self.assert_clean({"src/linux/kernel/params.cc": "KDATA(param_ops_int, Real, int);\n"})
        self.assert_finds("src/linux/lib/a.cc:2: path:", {"src/linux/lib/a.cc": "KDATA(param_ops_int, Real, int);\n"})

    def test_definition_inside_a_macro_is_left_alone(self):
        self.assert_clean({"src/linux/lib/a.cc": "#define ALL(x) \\\n  KAPI(x, Real, void, ()) {}\n"})

    def test_missing_licence_is_found(self):
        self.assert_finds("src/elf/a.cc:1: spdx:", {"src/elf/a.cc": "int x;\n"}, spdx=False)
        self.assert_finds("tools/dev/a.py:1: spdx:", {"tools/dev/a.py": "x = 1\n"}, spdx=False)

    def test_long_file_needs_a_reason(self):
        self.assert_finds("src/elf/a.cc:1: length: 501 lines", {"src/elf/a.cc": "\n" * 500})
        self.assert_clean({"src/elf/a.cc": "\n" * 499})
        self.assert_clean({"src/elf/a.cc": "// LENGTH: one table\n" + "\n" * 600})

    def test_exceptions_and_filesystem_are_found(self):
        for text in ("throw 1;", "try {", "} catch (...) {", "std::filesystem::path p;"):
            with self.subTest(text):
                self.assert_finds("src/elf/a.cc:2: language:", {"src/elf/a.cc": text + "\n"})

    def test_the_words_in_text_are_fine(self):
        self.assert_clean({"src/elf/a.cc": '// try to throw\nconst char* x = "catch it"; int try_lock();\n'})

    def test_todo_needs_an_issue(self):
        word = "TO" "DO"
        self.assert_finds("tools/a.cc:2: todo:", {"tools/a.cc": f"// {word}: later\n"})
        self.assert_clean({"tools/a.cc": f"// {word}(#12): later\n"})


class ExportsTest(unittest.TestCase):
    """The reader of the kernel's sources, which writes the table."""

    def exported(self, text: str) -> set[str]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "lib/a.c"
            path.parent.mkdir()
            path.write_text(text)
            return {name for where, name in exports.exports(Path(folder)) if where == "lib/a.c"}

    def test_plain_gpl_namespace_and_percpu(self):
        text = "EXPORT_SYMBOL(a);\nEXPORT_SYMBOL_GPL(b);\nEXPORT_SYMBOL_NS_GPL(c, N);\nEXPORT_PER_CPU_SYMBOL(d);\n"
        self.assertEqual(self.exported(text), {"a", "b", "c", "d"})

    def test_comments_are_not_exports(self):
        self.assertEqual(self.exported(" * EXPORT_SYMBOL(a);\n/* EXPORT_SYMBOL(b); */\n"), set())

    def test_what_tracepoints_and_static_calls_are_called(self):
        self.assertEqual(self.exported("EXPORT_STATIC_CALL_TRAMP(x);\n"), {"__SCT__x"})
        self.assertIn("__tracepoint_x", self.exported("EXPORT_TRACEPOINT_SYMBOL_GPL(x);\n"))

    def test_pasted_names_become_patterns(self):
        self.assertEqual(self.exported("#define D(n) \\\n  EXPORT_SYMBOL(param_ops_##n)\n"), {"param_ops_*"})


if __name__ == "__main__":
    unittest.main()
