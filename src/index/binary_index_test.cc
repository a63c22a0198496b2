// SPDX-License-Identifier: GPL-2.0-only
// The trie: what is written is read again, patterns match, and damage is an error at every byte.
#include "index/binary_index.h"

#include <gtest/gtest.h>

namespace ring3::index {
namespace {

std::string build(std::vector<IndexEntry> entries) {
  Result<std::string> built = build_binary_index(std::move(entries));
  EXPECT_TRUE(built.ok()) << (built.ok() ? "" : built.error().text);
  return built.ok() ? *built : "";
}

std::string text(const std::vector<IndexValue>& values) {
  std::string out;
  for (const IndexValue& value : values) {
    if (!out.empty()) out += ' ';
    out.append(value.text);
  }
  return out;
}

std::string find(const std::string& file, std::string_view key) {
  return text(*BinaryIndex::parse(as_bytes(file), "test")->find(key));
}
std::string match(const std::string& file, std::string_view key) {
  return text(*BinaryIndex::parse(as_bytes(file), "test")->match(key));
}

const std::string& sample() {
  static const std::string file = build({{"usb:v1*", "one", 5},
                                         {"usb:v1p2*", "two", 3},
                                         {"usb:v1p[2-4]d*", "three", 4},
                                         {"usb:v?", "four", 9},
                                         {"usb", "five", 1},
                                         {"usb", "six", 0},
                                         {"", "nothing", 7},
                                         {"pci:*", "seven", 2}});
  return file;
}

TEST(BinaryIndex, FindsExactKeysByPriority) {
  EXPECT_EQ(find(sample(), "usb"), "six five");
  EXPECT_EQ(find(sample(), "usb:v1*"), "one");
  EXPECT_EQ(find(sample(), ""), "nothing");
  EXPECT_EQ(find(sample(), "us"), "");
  EXPECT_EQ(find(sample(), "usb:v1p2"), "");
  EXPECT_EQ(find(sample(), "zzz"), "");
}

TEST(BinaryIndex, MatchesPatternsByPriority) {
  EXPECT_EQ(match(sample(), "usb:v1p2d3"), "two three one");
  EXPECT_EQ(match(sample(), "usb:v1"), "one four");
  EXPECT_EQ(match(sample(), "usb:v2"), "four");
  EXPECT_EQ(match(sample(), "usb"), "six five");
  EXPECT_EQ(match(sample(), "pci:"), "seven");
  EXPECT_EQ(match(sample(), "pc"), "");
}

TEST(BinaryIndex, AmongEqualsTheLastComesFirst) {
  EXPECT_EQ(find(build({{"k", "a", 0}, {"k", "b", 0}}), "k"), "b a");
}

TEST(BinaryIndex, ShowsEveryKeyInOrder) {
  std::string seen;
  Result<BinaryIndex> index = BinaryIndex::parse(as_bytes(sample()), "test");
  ASSERT_TRUE(index.ok());
  ASSERT_TRUE(index
                  ->for_each([&](std::string_view key, const IndexValue& value) {
                    seen.append(key).append("=").append(value.text).append(" ");
                  })
                  .ok());
  EXPECT_EQ(seen,
            "=nothing pci:*=seven usb=six usb=five usb:v1*=one usb:v1p2*=two "
            "usb:v1p[2-4]d*=three usb:v?=four ");
}

TEST(BinaryIndex, AnEmptyOneHasNoKeys) {
  std::string file = build({});
  EXPECT_EQ(file.size(), 12u);
  EXPECT_EQ(find(file, ""), "");
  EXPECT_EQ(match(file, "usb"), "");
}

TEST(BinaryIndex, DeepKeysNeedNoStack) {
  std::vector<std::string> keys;
  for (size_t i = 1; i < 4000; i++) keys.emplace_back(i, 'a');
  std::vector<IndexEntry> entries;
  entries.reserve(keys.size());
  for (const std::string& key : keys) entries.push_back({key, "v", 0});
  std::string file = build(entries);
  EXPECT_EQ(find(file, keys[3000]), "v");
  size_t count = 0;
  ASSERT_TRUE(BinaryIndex::parse(as_bytes(file), "test")
                  ->for_each([&](std::string_view, const IndexValue&) { count++; })
                  .ok());
  EXPECT_EQ(count, keys.size());
}

TEST(BinaryIndex, KeysAreAscii) {
  Result<std::string> built = build_binary_index({{"k\xc3\xa4", "v", 0}});
  ASSERT_FALSE(built.ok());
  EXPECT_EQ(built.error().code, EINVAL);
}

// Uses everything; true when nothing was refused.
bool use(const std::string& file) {
  Result<BinaryIndex> index = BinaryIndex::parse(as_bytes(file), "test");
  if (!index) return false;
  bool good = index->find("usb:v1p2*").ok();
  good &= index->match("usb:v1p2d3").ok();
  good &= index->for_each([](std::string_view, const IndexValue&) {}).ok();
  return good;
}

TEST(BinaryIndex, DamageIsRefused) {
  ASSERT_TRUE(use(sample()));
  for (size_t size = 0; size < sample().size(); size++)
    EXPECT_FALSE(use(std::string(sample().data(), size))) << size;
  // Any other byte must not crash or hang; whether it is noticed depends on which.
  for (size_t at = 0; at < sample().size(); at++)
    for (int bit = 0; bit < 8; bit++) {
      std::string file = sample();
      file[at] = static_cast<char>(file[at] ^ (1 << bit));
      use(file);
    }
}

TEST(BinaryIndex, ACircleIsRefused) {
  // The root's only child is the root.
  std::string file("\xb0\x07\xf4\x57\0\x02\0\x01\x20\0\0\x0c\x61\x61\x20\0\0\x0c", 18);
  Result<BinaryIndex> index = BinaryIndex::parse(as_bytes(file), "circle.bin");
  ASSERT_TRUE(index.ok());
  Result<void> walked = index->for_each([](std::string_view, const IndexValue&) {});
  ASSERT_FALSE(walked.ok());
  EXPECT_NE(walked.error().text.find("circle.bin"), std::string::npos);
  EXPECT_TRUE(index->find("aaaa").ok());
}

}  // namespace
}  // namespace ring3::index
