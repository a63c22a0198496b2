// SPDX-License-Identifier: GPL-2.0-only
#include "index/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "index/config_files.h"
#include "index/insert.h"
#include "index/loaded.h"
#include "index/plan.h"

namespace ring3::index {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Parsed {
  Config config;
  CollectDiagnostics log;
};
Parsed parse(std::string_view text) {
  Parsed parsed;
  parse_config(parsed.config, text, "x.conf", parsed.log);
  return parsed;
}
Config command_line(std::string_view text) {
  Config config;
  CollectDiagnostics log;
  parse_command_line(config, text, "/proc/cmdline", log);
  return config;
}

TEST(ModprobeConfig, NamesHaveUnderscoresAndPatternsKeepTheirDashes) {
  Parsed p = parse("alias a-b[0-9]-* mod-x\nblacklist c-d\n");
  EXPECT_EQ(p.config.aliases.at(0).pattern, "a_b[0-9]_*");
  EXPECT_EQ(p.config.aliases.at(0).module, "mod_x");
  EXPECT_TRUE(p.config.blacklisted("c_d"));
  EXPECT_THAT(p.log.lines, IsEmpty());
}

TEST(ModprobeConfig, ABackslashJoinsLinesAndTheLastOneIsReported) {
  Parsed p = parse("options a \\\n x=1 \\\n y=2\nbogus\n");
  EXPECT_EQ(p.config.options_of("a", ""), " x=1  y=2");
  EXPECT_EQ(p.config.options.at(0).origin.line, 3u);
  EXPECT_THAT(p.log.lines, ElementsAre("x.conf line 4: ignoring bad line starting with 'bogus'"));
}

TEST(ModprobeConfig, AllOptionsCountAndTheFirstCommand) {
  Parsed p = parse(
      "options a x=1\noptions other y\noptions a z=2\n"
      "install a* one\ninstall abc two\n");
  EXPECT_EQ(p.config.options_of("a", "other"), "x=1 y z=2");
  EXPECT_EQ(*p.config.install_command("abc"), "one");
  EXPECT_EQ(p.config.install_command("b"), nullptr);
}

TEST(ModprobeConfig, SoftDependenciesAreSplitWhateverTheBlanks) {
  Parsed p = parse("softdep a  pre:\tb  c post: d\nweakdep a e f\n");
  EXPECT_THAT(p.config.softdeps.at(0).before, ElementsAre("b", "c"));
  EXPECT_EQ(p.config.softdeps.at(0).text(), "pre: b c post: d");
  EXPECT_THAT(p.config.weakdeps.at(0).names, ElementsAre("e", "f"));
}

TEST(ModprobeConfig, TheKernelsCommandLine) {
  Config c = command_line(
      "quiet a-b.x=1 root=/dev/x.y \"m.p=a b\" n.q=\"c d\" z.y.x=1 w.v"
      " modprobe.blacklist=e,f open.x=\"never");
  std::vector<std::string> options;
  for (const ConfigOptions& o : c.options) options.push_back(o.module + " " + o.text);
  EXPECT_THAT(options, ElementsAre("a_b x=1", "m p=\"a b\"", "n q=\"c d\"", "w v"));
  EXPECT_TRUE(c.blacklisted("e") && c.blacklisted("f"));
}

// A folder with text indexes, removed at the end.
class LookupTest : public testing::Test {
 protected:
  LookupTest() {
    char name[] = "/tmp/ring3-lookup-XXXXXX";
    folder_ = mkdtemp(name);
  }
  ~LookupTest() override {
    for (const char* file : {"modules.dep", "modules.alias", "modules.builtin"})
      remove((folder_ + "/" + file).c_str());
    remove(folder_.c_str());
  }
  void write(const char* name, const char* text) { std::ofstream(folder_ + "/" + name) << text; }
  std::vector<std::string> steps(Lookup& lookup, const char* name) {
    std::vector<std::string> names;
    for (const Step& step : insertion_plan(lookup, lookup.resolve(name).at(0), false))
      names.push_back(step.module.name + (step.required ? "" : "?"));
    return names;
  }
  std::string folder_;
  CollectDiagnostics log_;
};

TEST_F(LookupTest, WhatIsNeededComesFirstWithItsSoftDependenciesAround) {
  write("modules.dep", "k/a.ko: k/b.ko k/c.ko\nk/b.ko: k/c.ko\nk/c.ko:\nk/s.ko: k/t.ko\nk/t.ko:\n");
  write("modules.alias", "# c\nalias pci:*x a\n");
  write("modules.builtin", "kernel/in-side.ko\n");
  Config config = parse(
                      "softdep b pre: s\nsoftdep b post: nothing\nsoftdep a post: in_side\n"
                      "softdep s pre: a\n")
                      .config;
  Lookup lookup(folder_, config, log_);
  EXPECT_THAT(steps(lookup, "a"), ElementsAre("c", "t?", "s?", "b", "a", "in_side?"));
  EXPECT_EQ(lookup.resolve("pci:1x").at(0).alias, "pci:1x");
  EXPECT_TRUE(lookup.resolve("in-side").at(0).builtin);
  EXPECT_THAT(lookup.resolve("nobody"), IsEmpty());
  EXPECT_EQ(lookup.entry("a")->path, folder_ + "/k/a.ko");
  EXPECT_THAT(log_.lines, IsEmpty());
}

TEST_F(LookupTest, ADamagedIndexIsNamed) {
  write("modules.dep", "k/a.ko:\n");
  std::ofstream(folder_ + "/modules.dep.bin") << "rubbish, and enough of it";
  Config none;
  Lookup lookup(folder_, none, log_);
  EXPECT_EQ(lookup.resolve("a").size(), 1u);
  EXPECT_THAT(log_.lines, ElementsAre(HasSubstr("modules.dep.bin")));
  remove((folder_ + "/modules.dep.bin").c_str());
}

TEST(Loaded, LinesOfProcModules) {
  auto modules = parse_loaded(
      "a 16384 2 b,c, Live 0x0000000000000000\n"
      "d 8 1 [permanent], Loading 0x0 (OE+)\ne 1 - - Live 0x0\n");
  ASSERT_EQ(modules.size(), 3u);
  EXPECT_THAT(modules[0].used_by, ElementsAre("b", "c"));
  EXPECT_THAT(modules[1].used_by, IsEmpty());
  EXPECT_EQ(modules[1].taints, "(OE+)");
  EXPECT_EQ(modules[2].references, "-");
}

TEST(Insert, TheLogLinesThatTellWhy) {
  std::vector<LogLine> log{{6, "m: hello"},
                           {4, "m: Unknown symbol x (err -2)"},
                           {4, "m: Unknown symbol x (err -2)"},
                           {3, "usb: something else"},
                           {5, "Loading of unsigned module is rejected"}};
  EXPECT_THAT(causes(log, "m"), ElementsAre("m: Unknown symbol x (err -2)"));
}

}  // namespace
}  // namespace ring3::index
