// SPDX-License-Identifier: GPL-2.0-only
// The kernel API against every installed kernel: that the whole table fits, and that the check can
// fail, with records that are wrong on purpose.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "abi/abi_check.h"
#include "base/encode.h"
#include "kapi/binding.h"
#include "target/test_targets.h"

namespace ring3::abi {
namespace {

using kapi::FieldRecord;
using kapi::Kind;
using kapi::Record;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string lines(const std::vector<std::string>& findings) {
  std::string text;
  for (const std::string& finding : findings) text += "  " + finding + "\n";
  return text;
}

// One test, because compiling the headers takes seconds.
TEST(Abi, the_whole_table_fits_every_installed_kernel) {
  Table table = whole_table();
  EXPECT_GT(table.records.size(), 500u);
  EXPECT_GT(table.fields.size(), 100u);
  std::vector<Kernel> kernels;
  for (const char* release : target::kReleases) {
    const target::Target& target = target::installed(release);
    auto headers = header_types(release, open_names(table, target));
    ASSERT_TRUE(headers) << headers.error().text;
    kernels.push_back({&target, headers.take()});
    const HeaderTypes& types = kernels.back().headers;
    // The headers were understood.
    EXPECT_EQ("i8u", types.at("jiffies").type);
    EXPECT_EQ(8u, types.at("jiffies").size);
    EXPECT_EQ("p(v)(p(v),p(v),i8u)", types.at("memcpy").type);
    EXPECT_EQ(target.size_of("kernel_param_ops"), types.at("param_ops_int").size);
  }
  std::vector<std::string> found = findings(table, kernels);
  EXPECT_THAT(found, IsEmpty()) << lines(found);
  // zero_pfn is declared inside an inline function only.
  EXPECT_THAT(undeclared_data(table, kernels), ElementsAre("zero_pfn"));
}

// What ring3 does at every start agrees with the check.
TEST(Abi, every_installed_kernel_binds_without_a_mismatch) {
  for (const char* release : target::kReleases) {
    auto binding = kapi::Binding::create(target::installed(release));
    ASSERT_TRUE(binding) << binding.error().text;
    for (const kapi::Mismatch& mismatch : (*binding)->mismatches())
      ADD_FAILURE() << release << ": " << mismatch.text;
  }
}

// For what is planted below: the installed kernels, and what their headers say of a few names.
const std::vector<Kernel>& kernels() {
  static const std::vector<Kernel> all = [] {
    HeaderTypes types = {{"jiffies", {false, "i8u", 8}},
                         {"memcpy", {true, "p(v)(p(v),p(v),i8u)", 0}},
                         {"node_states", {false, "a6[s128(nodemask_t)]", 768}},
                         {"param_ops_int", {false, "s32(kernel_param_ops)", 32}}};
    std::vector<Kernel> opened;
    for (const char* release : target::kReleases)
      opened.push_back({&target::installed(release), types});
    return opened;
  }();
  return all;
}

Record function(const char* name, const char* prototype) {
  return {.name = name, .kind = Kind::kFunction, .prototype = prototype, .file = "bad.cc"};
}

Record data(const char* name, kapi::DataShape shape) {
  return {.name = name, .kind = Kind::kData, .file = "bad.cc", .data = shape};
}

std::vector<std::string> findings_of(const std::vector<Record>& records) {
  Table table;
  for (const Record& record : records) table.records.push_back(&record);
  return findings(table, kernels());
}

std::vector<std::string> findings_of_field(const char* struct_name, const char* path,
                                           const char* type, uint64_t size, bool optional) {
  FieldRecord field = *FieldRecord::first();  // a copy is in no list
  field.struct_name = struct_name;
  field.path = path;
  field.type = type;
  field.size = size;
  field.optional = optional;
  Table table;
  table.fields.push_back(&field);
  return findings(table, kernels());
}

auto in_each_kernel(const char* text) {
  return AllOf(SizeIs(std::size(target::kReleases)), Each(HasSubstr(text)));
}

TEST(AbiFinds, a_wrong_prototype_in_each_kernel) {
  std::string said = "ksize: ours is i4s(p(v)), the kernel's BTF has i8u(p(v)) in 6.1";
  EXPECT_THAT(findings_of({function("ksize", encoded_function<int(const void*)>)}),
              ElementsAre(HasSubstr(said + ".0"), HasSubstr(said + "2.")));
}

TEST(AbiFinds, a_wrong_prototype_of_assembly_that_only_headers_tell) {
  EXPECT_THAT(findings_of({function("memcpy", encoded_function<void*(void*, const void*, int)>)}),
              in_each_kernel("the kernel's headers declare p(v)(p(v),p(v),i8u)"));
}

TEST(AbiFinds, a_definition_that_no_kernel_exports) {
  EXPECT_THAT(findings_of({function("kfree_all_of_it", encoded_function<void()>)}),
              ElementsAre("kfree_all_of_it: no kernel exports it (bad.cc:0)"));
}

TEST(AbiFinds, a_definition_that_fits_no_kernel_beside_one_that_does) {
  EXPECT_THAT(findings_of({function("ksize", encoded_function<unsigned long(const void*)>),
                           function("ksize", encoded_function<int(const void*)>)}),
              ElementsAre("ksize: this definition fits no kernel (bad.cc:0)"));
}

TEST(AbiFinds, two_definitions_that_fit) {
  Record same = function("ksize", encoded_function<unsigned long(const void*)>);
  EXPECT_THAT(findings_of({same, same}), in_each_kernel("ksize: 2 definitions fit 6.1"));
}

TEST(AbiFinds, data_of_a_wrong_size_type_or_struct) {
  EXPECT_THAT(findings_of({data("jiffies", {nullptr, 4, nullptr})}),
              in_each_kernel("jiffies: ours has 4 bytes, the kernel's 8, i8u in 6.1"));
  EXPECT_THAT(findings_of({data("jiffies", {nullptr, 8, nullptr, nullptr, encoded_type<long>})}),
              in_each_kernel("jiffies: ours is i8s, the kernel's headers declare i8u in 6.1"));
  EXPECT_THAT(findings_of({data("param_ops_int", {"seq_operations", 0, nullptr})}),
              in_each_kernel("ours is struct seq_operations, the kernel's headers declare s32("));
  EXPECT_THAT(
      findings_of({data("param_ops_int", {"no_such_ops", 0, nullptr})}),
      in_each_kernel("param_ops_int: struct no_such_ops is not in the kernel's BTF in 6.1"));
}

TEST(AbiFinds, a_per_cpu_variable_that_is_none_in_the_kernel) {
  Record record = data("jiffies", {nullptr, 8, nullptr});
  record.kind = Kind::kPerCpu;
  EXPECT_THAT(findings_of({record}), in_each_kernel("jiffies: ours is per-CPU, the kernel's BTF"));
  record.name = "this_cpu_off";
  EXPECT_THAT(findings_of({record}), IsEmpty());
}

TEST(AbiFinds, an_array_that_is_too_short_but_none_that_has_room) {
  EXPECT_THAT(findings_of({data("node_states", {nullptr, 640, nullptr})}),
              in_each_kernel("node_states: ours has 640 bytes, the kernel's 768"));
  EXPECT_THAT(findings_of({data("node_states", {nullptr, 1024, nullptr})}), IsEmpty());
}

TEST(AbiFinds, data_that_no_header_declares) {
  Record undeclared = data("zero_pfn", {nullptr, 8, nullptr});
  Record declared = data("jiffies", {nullptr, 8, nullptr});
  EXPECT_THAT(undeclared_data({{&undeclared, &declared}, {}}, kernels()), ElementsAre("zero_pfn"));
}

TEST(AbiFinds, a_function_where_the_kernel_has_data_and_the_other_way_round) {
  EXPECT_THAT(findings_of({function("jiffies", encoded_function<unsigned long()>)}),
              in_each_kernel("jiffies: ours is a function, the kernel's headers declare data"));
  EXPECT_THAT(findings_of({data("ksize", {nullptr, 8, nullptr})}),
              in_each_kernel("ksize: ours is data, the kernel exports a function in 6.1"));
}

TEST(AbiFinds, a_field_of_a_wrong_type_size_or_name_in_each_kernel) {
  EXPECT_THAT(findings_of_field("work_struct", "func", encoded_type<unsigned long>, 8, false),
              ElementsAre(HasSubstr("struct work_struct: func is p(fn), ours is i8u in 6.1."),
                          HasSubstr("struct work_struct: func is p(fn), ours is i8u in 6.12.")));
  EXPECT_THAT(findings_of_field("work_struct", "func", encoded_type<int>, 4, true),
              in_each_kernel("struct work_struct: func has 8 bytes, ours has 4 in 6.1"));
  EXPECT_THAT(findings_of_field("work_struct", "gunc", encoded_type<int>, 4, false),
              in_each_kernel("struct work_struct has no member gunc in 6.1"));
}

TEST(AbiFinds, an_optional_field_or_struct_that_no_kernel_has) {
  EXPECT_THAT(findings_of_field("work_struct", "gunc", encoded_type<int>, 4, true),
              ElementsAre(HasSubstr("struct work_struct member gunc: optional, but no kernel")));
  EXPECT_THAT(findings_of_field("twork_struct", nullptr, nullptr, 0, true),
              ElementsAre(HasSubstr("struct twork_struct: optional, but no kernel has it")));
}

// In a real table half of the names exist on one kernel only; that is no finding.
TEST(AbiFinds, nothing_wrong_with_what_one_kernel_alone_has) {
  EXPECT_THAT(findings_of_field("module", "core_layout.base", encoded_type<void*>, 8, true),
              IsEmpty());
  EXPECT_THAT(
      findings_of({function("__kmalloc", encoded_function<void*(unsigned long, unsigned)>)}),
      IsEmpty());
}

}  // namespace
}  // namespace ring3::abi
