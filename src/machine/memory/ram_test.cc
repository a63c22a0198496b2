// SPDX-License-Identifier: GPL-2.0-only
#include "machine/memory/ram.h"

#include <gtest/gtest.h>

#include "host/memory.h"

namespace ring3::machine {
namespace {

TEST(Ram, is_aligned_sparse_and_zero) {
  Ram ram;
  ASSERT_TRUE(ram.create({}).ok());
  EXPECT_EQ(1ull << 30, ram.size());
  EXPECT_EQ(0u, ram.direct_map() % (1ull << 30));
  auto* last = reinterpret_cast<uint64_t*>(ram.direct_map() + ram.size() - 8);
  EXPECT_EQ(0u, *last);
  *last = 7;
  EXPECT_EQ(7u, *last);
}

TEST(Ram, a_page_mapped_again_is_the_same_memory) {
  Ram ram;
  ASSERT_TRUE(ram.create({.size = 8 << 20}).ok());
  auto space = host::reserve(0, kPageBytes);
  ASSERT_TRUE(space.ok());
  ASSERT_TRUE(ram.map_again(*space, 5, 1).ok());
  *reinterpret_cast<int*>(ram.address_of(5)) = 42;
  EXPECT_EQ(42, *reinterpret_cast<int*>(*space));
  EXPECT_FALSE(ram.map_again(*space, ram.page_count(), 1).ok());
  host::release(*space, kPageBytes);
}

TEST(Ram, struct_pages_and_numbers_convert_both_ways) {
  Ram ram;
  ASSERT_TRUE(ram.create({.size = 8 << 20, .page_struct_size = 56}).ok());
  EXPECT_EQ(ram.page_array() + 3 * 56, ram.page_of(3));
  EXPECT_EQ(3u, ram.pfn_of_page(ram.page_of(3)));
  EXPECT_TRUE(ram.is_page(ram.page_of(2047)));
  EXPECT_FALSE(ram.is_page(ram.page_of(2048)));
  EXPECT_FALSE(ram.is_page(ram.page_of(3) + 8));
}

TEST(Ram, too_small_is_an_error_that_says_so) {
  Ram ram;
  auto made = ram.create({.size = 4096});
  ASSERT_FALSE(made.ok());
  EXPECT_NE(std::string::npos, made.error().text.find("at least 4 MiB"));
}

TEST(Ram, is_gone_when_destroyed_and_can_come_again) {
  Ram ram;
  for (int i = 0; i < 3; i++) {
    ASSERT_TRUE(ram.create({.size = 8 << 20}).ok());
    auto* first = reinterpret_cast<uint64_t*>(ram.direct_map());
    EXPECT_EQ(0u, *first);
    *first = 1;
    ram.destroy();
  }
}

}  // namespace
}  // namespace ring3::machine
