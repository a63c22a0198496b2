// SPDX-License-Identifier: GPL-2.0-only
// Each kind of type once (test_btf() in test_targets_test.cc shows them), and BTF that lies.
#include "target/btf.h"

#include <bpf/btf.h>
#include <gtest/gtest.h>

#include <random>

#include "target/btf_check.h"
#include "target/compile.h"
#include "target/compiled_target.h"
#include "target/test_targets.h"

namespace ring3::target {
namespace {

TEST(BtfTypes, functions_in_canonical_text) {
  TestKernel kernel;
  auto target = kernel.open();
  ASSERT_TRUE(target.ok()) << target.error().text;
  EXPECT_EQ("i4s(p(i1),...)", (*target)->prototype("say"));
  EXPECT_EQ("p(widget)(s4(kuid_t),i8u,i4e,i1b)", (*target)->prototype("make"));
  EXPECT_EQ("v(p(widget),p(fn),i8e,i1,f8)", (*target)->prototype("watch"));
  EXPECT_EQ("v()", (*target)->prototype("entry"));
  EXPECT_EQ("struct widget *make(kuid_t, size_t, enum color, _Bool)",
            (*target)->find_export("make")->declaration);
}

TEST(BtfTypes, fields_and_bit_fields) {
  TestKernel kernel;
  auto target = kernel.open();
  ASSERT_TRUE(target.ok()) << target.error().text;
  auto low = (*target)->field("widget", "low"), high = (*target)->field("widget", "high");
  ASSERT_TRUE(low && high);
  EXPECT_EQ(4u, low->offset);
  EXPECT_EQ(0u, low->bit_offset);
  EXPECT_EQ(3u, low->bit_size);
  EXPECT_EQ(4u, high->offset);
  EXPECT_EQ(3u, high->bit_offset);
  EXPECT_EQ(29u, high->bit_size);
  EXPECT_EQ(8u, (*target)->field("widget", "as_uid.val")->offset) << "an anonymous union";
  EXPECT_EQ("a10[i1]", (*target)->field("widget", "name")->type);
  EXPECT_EQ(10u, (*target)->field("widget", "name")->size);
  EXPECT_EQ("p(fn)", (*target)->field("widget", "call")->type);
  EXPECT_EQ("p(elsewhere)", (*target)->field("widget", "far")->type) << "only declared";
  EXPECT_EQ(0u, (*target)->field("kuid_t", "val")->offset) << "a typedef of a nameless struct";
  EXPECT_EQ(64u, (*target)->size_of("widget"));
}

TEST(BtfTypes, enumerators_keep_their_sign) {
  TestKernel kernel;
  auto target = kernel.open();
  EXPECT_EQ(-1, (*target)->enumerator("NONE"));
  EXPECT_EQ(static_cast<int64_t>(0x8000'0000'0000'0001), (*target)->enumerator("WIDE"));
  EXPECT_EQ(200, (*target)->enumerator("SMALL"));
}

TEST(BtfCheck, a_newer_kind_is_named) {
  std::vector<std::byte> blob = test_btf();
  btf_header header = *read_at<btf_header>(blob, 0);
  uint32_t info = 25u << 24;  // the first type's kind
  std::memcpy(blob.data() + header.hdr_len + header.type_off + 4, &info, 4);
  auto checked = check_btf(blob, "new.btf");
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(ENOTSUP, checked.error().code);
  EXPECT_NE(std::string::npos,
            checked.error().text.find("new.btf: BTF type 1 (offset 0x0) is of kind 25"))
      << checked.error().text;
}

TEST(BtfCheck, every_truncation_is_refused) {
  std::vector<std::byte> blob = test_btf();
  ASSERT_TRUE(check_btf(blob, "whole").ok());
  for (size_t size = 0; size < blob.size(); size++)
    EXPECT_FALSE(check_btf(Bytes(blob).first(size), "cut").ok()) << size;
}

TEST(BtfCheck, random_damage_is_refused_or_harmless) {
  const std::vector<std::byte> good = test_btf();
  std::mt19937 random(1);
  Config config;
  IgnoreDiagnostics ignore;
  auto exports = parse_symvers(
      "0x1\tsay\tvmlinux\tEXPORT_SYMBOL\t\n0x1\tmake\tvmlinux\tEXPORT_SYMBOL\t\n"
      "0x1\twatch\tvmlinux\tEXPORT_SYMBOL\t\n",
      "symvers", ignore);
  std::vector<CpuFeature> features;
  BuiltinModules builtin;
  int read = 0;
  for (int round = 0; round < 5000; round++) {
    std::vector<std::byte> bad = good;
    for (int i = 0; i < 3; i++)
      bad[24 + random() % (bad.size() - 24)] = static_cast<std::byte>(random() % 64);
    auto btf = Btf::parse(bad, "damaged");
    if (!btf) continue;
    Sources sources{"r", "v", "k", "s", "b", *exports, config, features, builtin, **btf, {}};
    auto compiled = compile_target(sources);
    if (!compiled) continue;
    auto target = CompiledTarget::open(compiled.take(), "compiled");
    ASSERT_TRUE(target.ok()) << target.error().text;
    ask_everything(**target);
    read++;
  }
  EXPECT_GT(read, 500);
}

}  // namespace
}  // namespace ring3::target
