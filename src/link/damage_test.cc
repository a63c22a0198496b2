// SPDX-License-Identifier: GPL-2.0-only
// Real modules with random damage: linking must come back, with an image or with an error, and must
// give back what it took. Aimed at what View does not prove: the tables that patches read, the
// relocations that fill them, symbols and section headers. Seeds are fixed, so that a failure
// repeats; the fuzzer looks further.
#include <gtest/gtest.h>

#include <random>

#include "link/test_support.h"

namespace ring3::link {
namespace {

constexpr int kRounds = 400;

// Modules that together have every table.
std::vector<std::string> victims(const TestKernel& kernel) {
  std::vector<std::string> paths;
  for (const char* name :
       {"/kernel/lib/crc7.ko", "/kernel/drivers/block/brd.ko", "/kernel/drivers/char/mem.ko",
        "/kernel/arch/x86/kernel/msr.ko", "/kernel/drivers/platform/x86/intel/ifs/intel_ifs.ko",
        "/kernel/fs/fuse/fuse.ko", "/kernel/drivers/net/dummy.ko"})
    for (const std::string& path : modules_of(kernel.release))
      if (path.find(name) != std::string::npos) paths.push_back(path);
  return paths;
}

void damage(std::vector<std::byte>& file, const elf::View& view, std::mt19937& random) {
  const auto& sections = view.sections();
  auto pick = [&](uint64_t n) { return std::uniform_int_distribution<uint64_t>(0, n - 1)(random); };
  for (uint64_t hits = 1 + pick(4); hits;) {
    uint64_t offset;
    if (pick(8) == 0) {  // a section header
      offset = read_at<Elf64_Ehdr>(file, 0)->e_shoff + pick(sections.size() * sizeof(Elf64_Shdr));
    } else {
      const elf::Section& section = sections[pick(sections.size())];
      bool text_or_data = section.bytes.empty() || section.type == SHT_STRTAB ||
                          section.name.starts_with(".rodata") || section.name == ".BTF";
      if (text_or_data && pick(16)) continue;
      if (section.bytes.empty()) continue;
      offset = section.offset + pick(section.bytes.size());
    }
    if (offset >= file.size()) continue;
    file[offset] = static_cast<std::byte>(pick(3) ? pick(256) : 0xff * pick(2));
    hits--;
  }
}

class Damage : public testing::TestWithParam<TestKernel> {};

TEST_P(Damage, NeverCrashesAndGivesBackWhatItTook) {
  std::vector<std::string> paths = victims(GetParam());
  if (paths.empty()) GTEST_SKIP() << GetParam().release << " is not installed";
  FakeResolver resolver;
  LinkOptions options = options_for(resolver, GetParam().alt_instr_size);
  options.missing_cpu_features = {8 * 32 + 16};
  for (uint32_t bit = 0; bit < 24 * 32; bit++) options.cpu_features.push_back(bit);
  uint64_t before = ModuleSpace::instance().bytes_in_use();
  int linked = 0, refused = 0;
  for (const std::string& path : paths) {
    auto original = elf::read_module_file(path);
    ASSERT_TRUE(original.ok()) << original.error().text;
    auto intact = elf::View::parse(original->bytes);
    ASSERT_TRUE(intact.ok()) << intact.error().text;
    for (int round = 0; round < kRounds; round++) {
      std::mt19937 random(static_cast<uint32_t>(round));
      std::vector<std::byte> file = original->bytes;
      damage(file, *intact, random);
      auto view = elf::View::parse(file);
      if (!view) continue;
      CollectLinkLog log;
      auto image = link_module(*view, "damaged", options, resolver, log);
      if (image) {
        linked++;
        image.value()->seal_after_init();
        image.value()->free_init();
      } else {
        refused++;
        EXPECT_FALSE(image.error().text.empty()) << path << " round " << round;
      }
    }
  }
  EXPECT_GT(linked, 0);
  EXPECT_GT(refused, 0);
  EXPECT_EQ(ModuleSpace::instance().bytes_in_use(), before);
  EXPECT_EQ(resolver.percpu_in_use, 0u);
}

INSTANTIATE_TEST_SUITE_P(Kernels, Damage, testing::ValuesIn(kTestKernels),
                         [](const auto& info) { return info.index == 0 ? "v6_1" : "v6_12"; });

}  // namespace
}  // namespace ring3::link
