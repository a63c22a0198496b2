// SPDX-License-Identifier: GPL-2.0-only
#include "base/encode.h"

#include <gtest/gtest.h>

namespace ring3 {
namespace k {
struct work_struct;
struct kuid_t {
  unsigned val;
};
}  // namespace k
namespace {

TEST(Encode, spells_functions_as_btf_does) {
  EXPECT_STREQ("i4s(p(i1),...)", (encoded_function<int(const char*), true>));
  EXPECT_STREQ("v(p(v))", (encoded_function<void(const void*)>));
  EXPECT_STREQ("i1b(i4s,p(work_struct),p(p),p(fn))",
               (encoded_function<bool(int, k::work_struct*, char**, void (*)(int))>));
  EXPECT_STREQ("s4(kuid_t)(i8u)", (encoded_function<k::kuid_t(unsigned long)>));
  EXPECT_STREQ("v()", (encoded_function<void()>));
}

TEST(Encode, spells_fields) {
  EXPECT_STREQ("a56[i1]", encoded_type<char[56]>);
  EXPECT_STREQ("p(fn)", encoded_type<void (*)(k::work_struct*)>);
}

TEST(Encode, an_enum_matches_either_sign) {
  EXPECT_TRUE(same_type("i4e(i4e)", "i4u(i4s)"));
  EXPECT_FALSE(same_type("i4s", "i4u"));
  EXPECT_FALSE(same_type("i4e", "i8u"));
}

}  // namespace
}  // namespace ring3
