// SPDX-License-Identifier: GPL-2.0-only
// depmod.d: the directives, bad lines, which file of a name is read, and which of two modules
// counts.
#include "index/depmod_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "host/command.h"

namespace ring3::index {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Search = DepmodConfig::Search;

struct CollectLog final : DepmodLog {
  std::vector<std::string> errors, warnings;
  void error(std::string_view text) override { errors.emplace_back(text); }
  void warning(std::string_view text) override { warnings.emplace_back(text); }
  void show(std::string_view) override {}
};

struct Parsed {
  DepmodConfig config;
  CollectLog log;
};
Parsed parse(std::string_view text, const std::string& version = "6.1.0-56-amd64") {
  Parsed parsed;
  parsed.config.parse(text, "x.conf", version, parsed.log);
  return parsed;
}
std::vector<std::string> searches(const DepmodConfig& config) {
  std::vector<std::string> words;
  for (const Search& search : config.searches)
    words.push_back(search.kind == Search::BuiltIn    ? "<built-in>"
                    : search.kind == Search::External ? "<external>"
                                                      : search.folder);
  return words;
}

TEST(DepmodConfig, EachDirective) {
  Parsed p = parse(
      "search updates/a built-in\texternal  extra\n"
      "override foo * dir\noverride bar * dir/sub\n"
      "external * /opt/a\nexternal * /opt/b\n"
      "exclude .git old\nexclude x\n");
  EXPECT_THAT(searches(p.config), ElementsAre("extra", "<external>", "<built-in>", "updates/a"));
  EXPECT_THAT(p.config.overrides, ElementsAre("dir/sub/bar", "dir/foo"));
  EXPECT_THAT(p.config.externals, ElementsAre("/opt/b", "/opt/a"));
  EXPECT_THAT(p.config.excludes, ElementsAre(".git", "old", "x"));
  EXPECT_THAT(p.log.errors, IsEmpty());
  EXPECT_THAT(p.log.warnings, IsEmpty());
}

TEST(DepmodConfig, CommentsBlankLinesAndContinuations) {
  Parsed p = parse("# search a\n\n \t\n  # search b\nsear\\\nch c \\\n d\\\n\nsearch e\\");
  EXPECT_THAT(searches(p.config), ElementsAre("d", "c"));  // the last line never ends
  EXPECT_THAT(p.log.errors, IsEmpty());
}

TEST(DepmodConfig, BadLinesAreNamedAndTheOthersCount) {
  Parsed p = parse("serch x\nsearch a\noverride a *\nexternal *\ninclude y\nmake_map_files no\n");
  EXPECT_THAT(searches(p.config), ElementsAre("a"));
  ASSERT_EQ(p.log.errors.size(), 3u);
  EXPECT_EQ(p.log.errors[0], "x.conf:1: ignoring bad line starting with 'serch'");
  EXPECT_THAT(p.log.errors[1], HasSubstr("x.conf:3:"));
  EXPECT_THAT(p.log.errors[2], HasSubstr("x.conf:4:"));
  ASSERT_EQ(p.log.warnings.size(), 2u);
  EXPECT_THAT(p.log.warnings[0], HasSubstr("command include is deprecated"));
  EXPECT_THAT(p.log.warnings[1], HasSubstr("make_map_files"));
}

TEST(DepmodConfig, AnExternalFolderIsAbsolute) {
  Parsed p = parse("external * opt/a\n");
  EXPECT_THAT(p.config.externals, IsEmpty());
  EXPECT_THAT(p.log.warnings, ElementsAre(HasSubstr("x.conf:1: the external folder 'opt/a'")));
}

TEST(DepmodConfig, VersionsMatchAsExtendedExpressions) {
  auto matches = [](const std::string& pattern) {
    return !parse("override m " + pattern + " d\n").config.overrides.empty();
  };
  EXPECT_TRUE(matches("*"));
  EXPECT_TRUE(matches("6.1.0-56-amd64"));
  EXPECT_TRUE(matches("^6[.]1[.]"));
  EXPECT_TRUE(matches("(5|6)\\.1"));
  EXPECT_TRUE(matches("amd64$"));
  EXPECT_FALSE(matches("^6\\.12"));
  EXPECT_FALSE(matches("(6.1"));  // no expression
  EXPECT_FALSE(matches("**"));
}

TEST(DepmodConfig, SomeFoldersAreNeverLookedInto) {
  Parsed p = parse("exclude old\n");
  for (const char* name : {"build", "source", "old"})
    EXPECT_TRUE(p.config.excludes_folder(name)) << name;
  for (const char* name : {"builds", "kernel", "older", ""})
    EXPECT_FALSE(p.config.excludes_folder(name)) << name;
}

TEST(DepmodConfig, WhichOfTwoFilesCounts) {
  DepmodConfig config = parse("search first external built-in last\noverride m * last\n").config;
  EXPECT_TRUE(config.replaces("first/x", "/opt/x"));
  EXPECT_TRUE(config.replaces("/opt/x", "kernel/x"));
  EXPECT_TRUE(config.replaces("kernel/x", "last/x"));
  EXPECT_FALSE(config.replaces("last/x", "kernel/x"));
  EXPECT_FALSE(config.replaces("kernel/x", "/opt/x"));
  EXPECT_FALSE(config.replaces("/opt/x", "first/x"));
  EXPECT_TRUE(config.replaces("last/m", "first/m"));  // the override
  EXPECT_FALSE(config.replaces("first/m", "last/m"));
  EXPECT_FALSE(config.replaces("firstly/x", "kernel/x"));  // another folder
  EXPECT_FALSE(config.replaces("kernel/x", "other/x"));    // both built-in
}

class DepmodConfigFiles : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    std::string path = folder_.path() + "/" + name;
    ::mkdir(path.substr(0, path.rfind('/')).c_str(), 0700);
    std::ofstream(path) << text;
    return path;
  }
  DepmodConfig load(const std::vector<std::string>& names) {
    std::vector<std::string> paths;
    for (const std::string& name : names) paths.push_back(folder_.path() + "/" + name);
    return DepmodConfig::load(paths, "6.1", log_);
  }
  host::TemporaryFolder folder_ = host::TemporaryFolder::create("ring3-depmod-").take();
  CollectLog log_;
};

TEST_F(DepmodConfigFiles, TheFirstFolderHidesAndNamesDecideTheOrder) {
  write("a/2.conf", "search two\n");
  write("a/same.conf", "exclude a\n");
  write("b/1.conf", "search one\n");
  write("b/same.conf", "exclude b\n");
  write("a/.hidden.conf", "exclude hidden\n");
  write("a/readme", "exclude readme\n");
  DepmodConfig config = load({"a", "b", "missing"});
  EXPECT_THAT(searches(config), ElementsAre("two", "one"));  // the last one read is the first
  EXPECT_THAT(config.excludes, ElementsAre("a"));
  EXPECT_THAT(log_.errors, IsEmpty());
}

TEST_F(DepmodConfigFiles, AFileIsReadWhateverItsName) {
  write("plain", "search named\n");
  EXPECT_THAT(searches(load({"plain"})), ElementsAre("named"));
}

TEST_F(DepmodConfigFiles, WithoutALineSearchUpdatesComeFirst) {
  EXPECT_THAT(searches(load({"missing"})), ElementsAre("<built-in>", "updates"));
}

}  // namespace
}  // namespace ring3::index
