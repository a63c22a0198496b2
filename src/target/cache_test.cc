// SPDX-License-Identifier: GPL-2.0-only
// The compiled file: used while its inputs stand, rebuilt when one changes or when it is damaged,
// and harmless whatever it holds.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "host/command.h"
#include "host/file.h"
#include "host/folder.h"
#include "target/compiled_target.h"
#include "target/test_targets.h"

namespace ring3::target {
namespace {

std::vector<std::byte> content_of(const std::string& path) {
  auto content = host::read_file(path);
  EXPECT_TRUE(content.ok());
  return content ? content.take() : std::vector<std::byte>();
}

uint64_t inode_of(const std::string& path) { return host::stat_file(path).inode; }

TEST(TargetCache, is_used_while_nothing_changes) {
  TestKernel kernel;
  ASSERT_TRUE(kernel.open().ok());
  uint64_t first = inode_of(kernel.cache_file());
  ASSERT_TRUE(kernel.open().ok());
  EXPECT_EQ(first, inode_of(kernel.cache_file())) << "written again";
  kernel.options.rebuild = true;
  ASSERT_TRUE(kernel.open().ok());
  EXPECT_NE(first, inode_of(kernel.cache_file())) << "--rebuild";
}

TEST(TargetCache, follows_its_inputs) {
  TestKernel kernel;
  EXPECT_EQ("300", kernel.open().value()->config("CONFIG_HZ"));
  kernel.write(".config", "CONFIG_HZ=1000\n");
  EXPECT_EQ("1000", kernel.open().value()->config("CONFIG_HZ"));
  kernel.write("Module.symvers", "0x1\tother\tvmlinux\tEXPORT_SYMBOL\t\n");
  EXPECT_TRUE(kernel.open().value()->find_export("other"));
  // A header that did not exist when the target was compiled.
  EXPECT_FALSE(kernel.open().value()->cpu_feature("NEW"));
  kernel.write("arch/x86/include/asm/cpufeatures.h", "#define X86_FEATURE_NEW (2*32 + 1)\n");
  EXPECT_EQ(65u, kernel.open().value()->cpu_feature("NEW"));
}

TEST(TargetCache, a_better_source_of_types_is_taken_when_it_appears) {
  TestKernel kernel;
  kernel.places.running_release = "9.8.7-test";
  std::vector<std::byte> btf = test_btf();
  ASSERT_TRUE(host::write_file_atomically(kernel.places.running_btf, btf).ok());
  ASSERT_TRUE(host::run_command({"rm", kernel.path("vmlinux")}).ok());
  EXPECT_EQ("running kernel: " + kernel.places.running_btf, kernel.open().value()->btf_source());
  kernel.write("vmlinux", elf_with_section(".BTF", btf));
  EXPECT_EQ("vmlinux: " + kernel.path("vmlinux"), kernel.open().value()->btf_source());
}

TEST(TargetCache, views_outlive_a_rebuild) {
  TestKernel kernel;
  auto first = kernel.open();
  std::string_view hz = *(*first)->config("CONFIG_HZ");
  kernel.write(".config", "CONFIG_HZ=1000\n");
  ASSERT_TRUE(kernel.open().ok());
  EXPECT_EQ("300", hz);
}

TEST(TargetCache, damage_is_noticed_and_repaired) {
  TestKernel kernel;
  ASSERT_TRUE(kernel.open().ok());
  std::string path = kernel.cache_file();
  const std::vector<std::byte> good = content_of(path);
  auto repaired = [&](std::vector<std::byte> bad, const char* what) {
    ASSERT_TRUE(host::write_file_atomically(path, bad).ok());
    auto opened = kernel.open();
    ASSERT_TRUE(opened.ok()) << what;
    EXPECT_EQ("300", (*opened)->config("CONFIG_HZ")) << what;
    EXPECT_EQ(1u, kernel.diagnostics.lines.size()) << what;
    EXPECT_EQ(good, content_of(path)) << what;
  };
  repaired({}, "empty");
  repaired(std::vector<std::byte>(good.begin(), good.begin() + 100), "within the header");
  repaired(std::vector<std::byte>(good.begin(), good.end() - 1), "one byte short");
  repaired(std::vector<std::byte>(100000, std::byte{'x'}), "foreign");
  std::vector<std::byte> longer = good;
  longer.push_back({});
  repaired(longer, "one byte long");
  std::vector<std::byte> flipped = good;
  flipped[flipped.size() / 2] ^= std::byte{1};
  repaired(flipped, "one bit");
}

TEST(TargetCache, every_flipped_bit_is_noticed) {
  TestKernel kernel;
  ASSERT_TRUE(kernel.open().ok());
  const std::vector<std::byte> good = content_of(kernel.cache_file());
  for (size_t at = 0; at < good.size(); at++) {
    std::vector<std::byte> bad = good;
    bad[at] ^= std::byte{static_cast<unsigned char>(1 << at % 8)};
    EXPECT_FALSE(CompiledTarget::open(std::move(bad), "flipped").ok()) << at;
  }
}

TEST(TargetCache, a_forged_file_may_lie_but_not_crash) {
  TestKernel kernel;
  ASSERT_TRUE(kernel.open().ok());
  const std::vector<std::byte> good = content_of(kernel.cache_file());
  std::mt19937 random(1);
  int opened = 0;
  for (int round = 0; round < 3000; round++) {
    std::vector<std::byte> bad = good;
    for (int i = 0; i < 8; i++) {
      size_t at = random() % bad.size();
      bad[at] = static_cast<std::byte>(random() % 4 ? random() : 0xff);
    }
    if (bad.size() < sizeof(format::Header)) continue;
    uint64_t sum = format::checksum(bad);
    std::memcpy(bad.data() + offsetof(format::Header, checksum), &sum, sizeof(sum));
    auto target = CompiledTarget::open(std::move(bad), "forged");
    if (!target) continue;
    opened++;
    ask_everything(**target);
  }
  EXPECT_GT(opened, 1000) << "the checksum was not forged rightly";
}

TEST(TargetCache, an_unwritable_folder_costs_time_only) {
  TestKernel kernel;
  kernel.write("a_file", "");
  kernel.options.cache_dir = kernel.path("a_file") + "/cache";
  auto opened = kernel.open();
  ASSERT_TRUE(opened.ok()) << opened.error().text;
  EXPECT_EQ("300", (*opened)->config("CONFIG_HZ"));
  ASSERT_FALSE(kernel.diagnostics.lines.empty());
}

// With the compiled target there, nothing is written again: bench/ has the time that it saves.
TEST(TargetCache, a_warm_open_writes_nothing) {
  auto made = host::TemporaryFolder::create("ring3-warm");
  ASSERT_TRUE(made.ok());
  const std::string folder = made->path();
  auto open = [&](const char* release) {
    OpenOptions options;
    options.release = release;
    options.cache_dir = folder;
    IgnoreDiagnostics diagnostics;
    return Target::open(options, diagnostics).ok();
  };
  auto written = [&] {  // a file that is written again is another inode
    std::map<std::string, uint64_t> inodes;
    auto names = host::list_folder(folder);
    EXPECT_TRUE(names.ok());
    if (names)
      for (const std::string& name : *names)
        inodes[name] = host::stat_file(folder + "/" + name).inode;
    return inodes;
  };
  for (const char* release : kReleases) {
    installed(release);
    ASSERT_TRUE(open(release));
    auto before = written();
    ASSERT_FALSE(before.empty());
    ASSERT_TRUE(open(release));
    EXPECT_EQ(written(), before) << release;
  }
}

}  // namespace
}  // namespace ring3::target
