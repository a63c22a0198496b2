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
  std::vector<std::string> problems;
};

void link_one(const std::string& path, FakeResolver& resolver, const LinkOptions& options,
              Totals& totals) {
  std::string problem;
  uint64_t link_ns = 0;
  auto file = elf::read_module_file(path);
  auto view = file ? elf::View::parse(file->bytes) : Result<elf::View>(file.take_error());
  if (!view) {
    problem = view.error().text;
  } else {
    CollectLinkLog log;
    auto begin = std::chrono::steady_clock::now();
    auto image = link_module(*view, view->name(0), options, resolver, log);
    link_ns = static_cast<uint64_t>((std::chrono::steady_clock::now() - begin).count());
    if (!image) problem = image.error().text;
    for (const std::string& line : log.errors) problem += " | " + line;
    for (const std::string& line : log.warnings) problem += " | " + line;
    if (image) image.value()->free_init();
  }
  std::lock_guard lock(totals.mutex);
  totals.modules++;
  totals.link_ns += link_ns;
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
  RecordProperty("modules", static_cast<int>(totals.modules));
  RecordProperty("link_ms", static_cast<int>(totals.link_ns / 1'000'000));
  std::printf("%zu modules, %.1f s in link_module\n", totals.modules, totals.link_ns / 1e9);
}

INSTANTIATE_TEST_SUITE_P(Kernels, Corpus, testing::ValuesIn(kTestKernels),
                         [](const auto& info) { return info.index == 0 ? "v6_1" : "v6_12"; });

}  // namespace
}  // namespace ring3::link
