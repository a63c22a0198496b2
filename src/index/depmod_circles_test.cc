// SPDX-License-Identifier: GPL-2.0-only
// Dependencies of modules made here: their order, and the circles that are reported. `a: b c` is a
// module a that needs what b and c export.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "elf/elf_builder.h"
#include "host/command.h"
#include "index/depmod_dependencies.h"

namespace ring3::index {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct CollectLog final : DepmodLog {
  std::vector<std::string> errors, warnings;
  void error(std::string_view text) override { errors.emplace_back(text); }
  void warning(std::string_view text) override { warnings.emplace_back(text); }
  void show(std::string_view) override {}
};

class Graph {
 public:
  explicit Graph(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string name, needed;
      words >> name;
      name.pop_back();
      elf::ElfBuilder module;
      module.rodata("__ksymtab_strings", "sym_" + name + '\0');
      module.rodata("__ksymtab", std::string(12, '\0'));
      while (words >> needed) module.undefined("sym_" + needed);
      std::string path = folder_.path() + "/" + name + ".ko";
      elf::ElfFile file = module.build();
      std::ofstream(path, std::ios::binary) << as_text(file.bytes);
      modules_.push_back({path, name, folder_.path().size() + 1});
    }
  }
  // Its error's text, or nothing.
  std::string sort() {
    Contents contents(modules_, false, 1);
    for (const Contents::Module& module : contents.modules()) EXPECT_EQ(module.problem, "");
    Symbols symbols;
    symbols.add_modules(contents);
    Dependencies dependencies(modules_, contents, symbols, {.unknown = false}, log);
    auto sorted = dependencies.sort(log);
    if (!sorted) return sorted.error().text;
    Dependencies::Seen seen;
    for (uint32_t i = 0; i < modules_.size(); i++)
      for (uint32_t needed : dependencies.all_of(i, seen))
        all[modules_[i].name] += (all[modules_[i].name].empty() ? "" : " ") + modules_[needed].name;
    return "";
  }
  std::map<std::string, std::string> all;
  CollectLog log;

 private:
  host::TemporaryFolder folder_ = host::TemporaryFolder::create("ring3-graph-").take();
  std::vector<TreeModule> modules_;
};

TEST(DepmodCircles, WithoutCirclesEachStandsBeforeWhatItNeeds) {
  Graph graph("a: b c\nb: d\nc: d\nd:\ne:\n");
  EXPECT_EQ(graph.sort(), "");
  EXPECT_THAT(graph.all["a"], testing::AnyOf("b c d", "c b d"));
  EXPECT_EQ(graph.all["b"], "d");
  EXPECT_FALSE(graph.all.contains("d"));
  EXPECT_THAT(graph.log.errors, IsEmpty());
}

TEST(DepmodCircles, AModuleThatNeedsItselfIsNoCircle) {
  Graph graph("a: a b\nb:\n");
  EXPECT_EQ(graph.sort(), "");
  EXPECT_EQ(graph.all["a"], "b");
}

TEST(DepmodCircles, ARingIsReportedOnce) {
  Graph graph("a: b\nb: c\nc: a\n");
  EXPECT_EQ(graph.sort(), "Found 3 modules in dependency cycles!");
  EXPECT_THAT(graph.log.errors, ElementsAre("Cycle detected: a -> b -> c -> a"));
}

TEST(DepmodCircles, WhoOnlyNeedsARingIsNotInIt) {
  Graph graph("x: a\na: b y\nb: a\ny:\n");
  EXPECT_EQ(graph.sort(), "Found 2 modules in dependency cycles!");
  EXPECT_THAT(graph.log.errors, ElementsAre("Cycle detected: a -> b -> a"));
}

TEST(DepmodCircles, TwoRingsAreTwoReports) {
  Graph graph("a: b\nb: a\nc: d\nd: c\n");
  EXPECT_EQ(graph.sort(), "Found 4 modules in dependency cycles!");
  EXPECT_EQ(graph.log.errors.size(), 2u);
}

// Of a tangle every module is shown, in rings that are really there.
TEST(DepmodCircles, ATangleShowsEveryModule) {
  Graph graph("a: b c\nb: a c\nc: a b d\nd: a\n");
  EXPECT_EQ(graph.sort(), "Found 4 modules in dependency cycles!");
  for (const char* name : {" a ->", " b ->", " c ->", " d ->"})
    EXPECT_THAT(graph.log.errors, testing::Contains(HasSubstr(name)));
}

// A ring of many: the search has no recursion. Of many rings a hundred are reported.
TEST(DepmodCircles, LargeAndManyRings) {
  std::string ring, pairs;
  for (int i = 0; i < 2000; i++) ring += fmt::format("m{}: m{}\n", i, (i + 1) % 2000);
  Graph large(ring);
  EXPECT_EQ(large.sort(), "Found 2000 modules in dependency cycles!");
  EXPECT_EQ(large.log.errors.size(), 1u);
  for (int i = 0; i < 150; i++) pairs += fmt::format("a{0}: b{0}\nb{0}: a{0}\n", i);
  Graph many(pairs);
  EXPECT_EQ(many.sort(), "Found 300 modules in dependency cycles!");
  EXPECT_EQ(many.log.errors.size(), 100u);
}

}  // namespace
}  // namespace ring3::index
