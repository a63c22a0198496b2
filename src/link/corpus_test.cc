// SPDX-License-Identifier: GPL-2.0-only
// Every module of the installed kernels is laid out, relocated against made-up thunks, patched and
// given back, without an error. Sanitized builds take every 20th.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "base/sanitizers.h"
#include "link/test_support.h"
#include "link/x86_64/instruction.h"

namespace ring3::link {
namespace {

#if defined(RING3_ASAN) || defined(RING3_TSAN)
constexpr size_t kStep = 20;
#else
constexpr size_t kStep = 1;
#endif

struct Totals {
  std::mutex mutex;
  size_t modules = 0;
  uint64_t link_ns = 0;
  uint64_t returns = 0;  // places of .return_sites, all patched
  uint64_t entries = 0;  // places of __mcount_loc
  std::vector<std::string> problems;
};

// A patch tells what it leaves; here is looked whether it looked at all.
void count_patched(const Image& image, Totals& totals, std::string& problem) {
  auto returns = image.section(".return_sites");
  for (size_t at = 0; at + 4 <= returns.size(); at += 4) {
    const std::byte* place = returns.data() + at;
    int32_t offset;
    std::memcpy(&offset, place, 4);
    if (place[offset] == std::byte{x86_64::kReturn})
      totals.returns++;
    else
      problem += " | a return site is not patched";
  }
  auto entries = image.section("__mcount_loc");
  for (size_t at = 0; at + 8 <= entries.size(); at += 8) {
    const uint8_t* place;
    std::memcpy(&place, entries.data() + at, 8);
    if (x86_64::is_nop(place, 5))
      totals.entries++;
    else
      problem += " | a call of __fentry__ is not patched";
  }
}

void link_one(const std::string& path, FakeResolver& resolver, const LinkOptions& options,
              Totals& totals) {
  std::string problem;
  Totals mine;
  auto file = elf::read_module_file(path);
  auto view = file ? elf::View::parse(file->bytes) : Result<elf::View>(file.take_error());
  if (!view) {
    problem = view.error().text;
  } else {
    CollectLinkLog log;
    auto begin = std::chrono::steady_clock::now();
    auto image = link_module(*view, view->name(0), options, resolver, log);
    mine.link_ns = static_cast<uint64_t>((std::chrono::steady_clock::now() - begin).count());
    if (!image) problem = image.error().text;
    for (const std::string& line : log.errors) problem += " | " + line;
    for (const std::string& line : log.warnings) problem += " | " + line;
    if (image) {
      count_patched(**image, mine, problem);
      image.value()->seal_after_init();
      image.value()->free_init();
    }
  }
  std::lock_guard lock(totals.mutex);
  totals.modules++;
  totals.link_ns += mine.link_ns;
  totals.returns += mine.returns;
  totals.entries += mine.entries;
  if (!problem.empty()) totals.problems.push_back(path + ": " + problem);
}

class Corpus : public testing::TestWithParam<TestKernel> {};

TEST_P(Corpus, EveryModuleLinksAndPatches) {
  std::vector<std::string> paths = modules_of(GetParam().release);
  if (paths.empty()) GTEST_SKIP() << GetParam().release << " is not installed";
  uint64_t before = ModuleSpace::instance().bytes_in_use();
  Totals totals;
  std::atomic<size_t> next = 0;
  auto work = [&] {
    FakeResolver resolver;
    LinkOptions options = options_for(resolver, GetParam().alt_instr_size);
    for (size_t i; (i = next.fetch_add(kStep)) < paths.size();)
      link_one(paths[i], resolver, options, totals);
  };
  std::thread other(work);
  work();
  other.join();
  EXPECT_EQ(totals.modules, (paths.size() + kStep - 1) / kStep);
  for (size_t i = 0; i < totals.problems.size() && i < 20; i++) ADD_FAILURE() << totals.problems[i];
  EXPECT_EQ(totals.problems.size(), 0u);
  EXPECT_EQ(ModuleSpace::instance().bytes_in_use(), before);
  EXPECT_GT(totals.returns, totals.modules);
  EXPECT_GT(totals.entries, totals.modules);
  std::printf(
      "%zu modules, %.1f s in link_module, %lu returns and %lu calls of __fentry__ patched\n",
      totals.modules, totals.link_ns / 1e9, totals.returns, totals.entries);
}

INSTANTIATE_TEST_SUITE_P(Kernels, Corpus, testing::ValuesIn(kTestKernels),
                         [](const auto& info) { return info.index == 0 ? "v6_1" : "v6_12"; });

}  // namespace
}  // namespace ring3::link
