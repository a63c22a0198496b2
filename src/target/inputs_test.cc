// SPDX-License-Identifier: GPL-2.0-only
// The small readers: symvers, configuration, macros, ELF sections, boot images.
#include <elf.h>
#include <gtest/gtest.h>

#include "target/boot_image.h"
#include "target/config.h"
#include "target/elf_section.h"
#include "target/macros.h"
#include "target/symvers.h"
#include "target/test_targets.h"

namespace ring3::target {
namespace {

TEST(Symvers, reads_every_layout) {
  IgnoreDiagnostics ignore;
  auto lines = parse_symvers(
      "0x00000001\tfour\tvmlinux\tEXPORT_SYMBOL\n"
      "0xffffffff\tfive\tfs/fat\tEXPORT_SYMBOL_GPL\tNAMES\n"
      "0x00000003\told\tNAMES\tnet/core\tEXPORT_SYMBOL_GPL\n"
      "0x00000004\tplain\t\tvmlinux\tEXPORT_SYMBOL\n",
      "Module.symvers", ignore);
  ASSERT_TRUE(lines.ok());
  ASSERT_EQ(4u, lines->size());
  EXPECT_EQ("vmlinux", (*lines)[0].module);
  EXPECT_FALSE((*lines)[0].gpl_only);
  EXPECT_EQ(0xffffffffu, (*lines)[1].crc);
  EXPECT_EQ("NAMES", (*lines)[1].name_space);
  EXPECT_EQ("NAMES", (*lines)[2].name_space);
  EXPECT_EQ("net/core", (*lines)[2].module);
  EXPECT_TRUE((*lines)[2].gpl_only);
  EXPECT_EQ("", (*lines)[3].name_space);
  EXPECT_EQ("vmlinux", (*lines)[3].module);
}

TEST(Symvers, bad_lines_are_named_and_left_out) {
  CollectDiagnostics diagnostics;
  auto lines =
      parse_symvers("0x1\tgood\tvmlinux\tEXPORT_SYMBOL\t\nnonsense\n0xzz\tx\ty\tEXPORT_SYMBOL\n",
                    "file", diagnostics);
  ASSERT_TRUE(lines.ok());
  EXPECT_EQ(1u, lines->size());
  ASSERT_EQ(2u, diagnostics.lines.size());
  EXPECT_TRUE(diagnostics.lines[0].starts_with("file:2: ")) << diagnostics.lines[0];
  EXPECT_FALSE(parse_symvers("nothing here\n", "file", diagnostics).ok());
}

TEST(Config, reads_values) {
  Config config(
      "CONFIG_A=y\nCONFIG_B=m\nCONFIG_N=n\nCONFIG_T=\"some text\"\n# CONFIG_C is not set\n");
  EXPECT_EQ("y", config.find("CONFIG_A"));
  EXPECT_EQ("m", config.find("CONFIG_B"));
  EXPECT_EQ("some text", config.find("CONFIG_T"));
  EXPECT_FALSE(config.find("CONFIG_C"));
  EXPECT_FALSE(config.find("CONFIG_N"));
}

struct MacroCase {
  const char* text;
  const char* name;
  std::optional<int64_t> number;
};

TEST(Macros, numbers) {
  Config config("CONFIG_YES=y\nCONFIG_MODULE_ONE=m\nCONFIG_VALUE=7\n");
  const MacroCase cases[] = {
      {"#define A (3*32 + 4)", "A", 100},
      {"#define N 22\n#define B(x) (N*32 + (x))\n#define C B(2)", "C", 706},
      {"#define A 0x10 /* a comment \" */ + 1", "A", 17},
      {"#ifdef CONFIG_YES\n#define A 1\n#else\n#define A 2\n#endif", "A", 1},
      {"#ifndef CONFIG_YES\n#define A 1\n#elif defined CONFIG_NO\n#define A 2\n#else\n#define A "
       "3\n#endif",
       "A", 3},
      {"#ifdef CONFIG_NO\n#ifdef CONFIG_YES\n#define A 1\n#else\n#define A 4\n#endif\n#endif", "A",
       std::nullopt},
      {"#ifdef CONFIG_MODULE_ONE\n#define A 1\n#elif defined(CONFIG_MODULE_ONE_MODULE)\n#define A "
       "2\n#endif",
       "A", 2},
      {"#if defined(CONFIG_YES) && !defined(CONFIG_NO)\n#define A 5\n#endif", "A", 5},
      {"#if IS_ENABLED(CONFIG_MODULE_ONE) || 0\n#define A 6\n#endif", "A", 6},
      {"#define A 1\n#undef A", "A", std::nullopt},
      {"#define A A", "A", std::nullopt},
      {"#define A (1 + ", "A", std::nullopt},
      {"#define A B\n#define B \\\n 9", "A", 9},
  };
  for (const MacroCase& one : cases) {
    Macros macros(config, [&](std::string_view) { return std::optional<std::string>(one.text); });
    ASSERT_TRUE(macros.include("header"));
    EXPECT_EQ(one.number, macros.number(one.name)) << one.text;
  }
}

TEST(Macros, texts_are_joined) {
  Config config("CONFIG_SMP=y\n");
  Macros macros(config, [](std::string_view header) -> std::optional<std::string> {
    if (header == "release.h") return "#define RELEASE \"6.1\"\n";
    if (header == "loop.h") return "#include <loop.h>\n";
    if (header != "main.h") return std::nullopt;
    return "#include <release.h>\n#include \"loop.h\"\n#include <absent.h>\n"
           "#define MAGIC RELEASE \" \" \\\n  SMP UNDEFINED\n#define SMP \"SMP \"\n";
  });
  ASSERT_TRUE(macros.include("main.h"));
  EXPECT_EQ("6.1 SMP ", macros.text("MAGIC"));
}

TEST(Macros, endless_expansion_ends) {
  Config config;
  Macros macros(config, [](std::string_view) -> std::optional<std::string> {
    return "#include <again.h>\n#include <other.h>\n#define A A + A + A\n#define B \"x\" B B B\n"
           "#define F(x) F(x x)\n#define C F(1)\n";
  });
  ASSERT_TRUE(macros.include("main.h"));
  EXPECT_FALSE(macros.number("A"));
  EXPECT_FALSE(macros.number("C"));
  EXPECT_TRUE(macros.text("B"));
}

TEST(ElfSection, is_found_or_refused) {
  std::string file = elf_with_section(".BTF", as_bytes("content"));
  auto found = find_section(as_bytes(file), ".BTF", "vmlinux");
  ASSERT_TRUE(found.ok()) << found.error().text;
  EXPECT_EQ("content", as_text(*found));
  EXPECT_EQ("vmlinux: it has no section .text",
            find_section(as_bytes(file), ".text", "vmlinux").error().text);
  for (size_t size = 0; size < file.size(); size++)
    EXPECT_FALSE(find_section(as_bytes(file).first(size), ".BTF", "cut").ok()) << size;
}

// A boot image with the given packed kernel, as boot.rst describes it.
std::string boot_image(std::string_view payload, uint32_t length) {
  std::string image(0x400, '\0');
  auto put = [&](size_t at, auto value) { std::memcpy(image.data() + at, &value, sizeof(value)); };
  put(0x1f1, uint8_t{1});
  put(0x202, uint32_t{0x53726448});
  put(0x206, uint16_t{0x20f});
  put(0x20e, uint16_t{0x100});
  put(0x248, uint32_t{0x40});
  put(0x24c, length);
  std::memcpy(image.data() + 0x300, "9.8.7-test (me@here) #1 SMP", 27);
  return image + std::string(0x40, '\0') + std::string(payload);
}

TEST(BootImage, payload_and_version_are_found) {
  std::string kernel =
      "\x7f"
      "ELFpayload";
  std::string image = boot_image(kernel, static_cast<uint32_t>(kernel.size()));
  auto parsed = parse_boot_image(as_bytes(image), "vmlinuz");
  ASSERT_TRUE(parsed.ok()) << parsed.error().text;
  EXPECT_EQ(kernel, as_text(parsed->payload));
  EXPECT_EQ("9.8.7-test (me@here) #1 SMP", parsed->version);
  std::string zstd = std::string("\x28\xb5\x2f\xfd") + "packed" + "size";
  image = boot_image(zstd, static_cast<uint32_t>(zstd.size()));
  EXPECT_EQ(zstd.size() - 4, parse_boot_image(as_bytes(image), "vmlinuz")->payload.size());
}

TEST(BootImage, what_is_wrong_is_told) {
  EXPECT_FALSE(parse_boot_image(as_bytes("MZ"), "vmlinuz").ok());
  EXPECT_FALSE(parse_boot_image(as_bytes(boot_image("abc", 4)), "vmlinuz").ok()) << "reaches out";
  auto lz4 = parse_boot_image(as_bytes(boot_image("\x02\x21\x4c\x18xxxx", 8)), "vmlinuz");
  ASSERT_FALSE(lz4.ok());
  EXPECT_NE(std::string::npos, lz4.error().text.find("lz4"));
}

}  // namespace
}  // namespace ring3::target
