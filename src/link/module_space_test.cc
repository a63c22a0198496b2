// SPDX-License-Identifier: GPL-2.0-only
#include "link/module_space.h"

#include <gtest/gtest.h>

namespace ring3::link {
namespace {

constexpr uint64_t kPage = host::kPageSize;

// Other tests of the program may hold pieces, so only what these take is looked at.
TEST(ModuleSpace, a_hole_is_used_by_what_fits_best) {
  auto& space = ModuleSpace::instance();
  KernelAddress large = *space.allocate(10 * kPage), one = *space.allocate(kPage);
  KernelAddress small = *space.allocate(3 * kPage), two = *space.allocate(kPage);
  space.free(large, 10 * kPage);
  space.free(small, 3 * kPage);
  EXPECT_EQ(small, *space.allocate(3 * kPage));
  EXPECT_EQ(large, *space.allocate(10 * kPage));
  for (auto [address, size] :
       {std::pair{large, 10 * kPage}, {one, kPage}, {small, 3 * kPage}, {two, kPage}})
    space.free(address, size);
}

TEST(ModuleSpace, neighbours_that_were_freed_are_one_hole) {
  auto& space = ModuleSpace::instance();
  uint64_t before = space.bytes_in_use();
  KernelAddress parts[3];
  for (KernelAddress& part : parts) part = *space.allocate(100 * kPage);
  KernelAddress end = *space.allocate(kPage);
  space.free(parts[1], 100 * kPage);
  space.free(parts[0], 100 * kPage);
  space.free(parts[2], 100 * kPage);
  EXPECT_EQ(parts[0], *space.allocate(302 * kPage));  // with the guard pages between them
  space.free(parts[0], 302 * kPage);
  space.free(end, kPage);
  EXPECT_EQ(before, space.bytes_in_use());
}

TEST(ModuleSpace, the_front_of_a_piece_can_go_first) {
  auto& space = ModuleSpace::instance();
  KernelAddress piece = *space.allocate(200 * kPage);
  space.free_front(piece, 200 * kPage, 50 * kPage);
  KernelAddress again = *space.allocate(49 * kPage);
  EXPECT_EQ(piece, again);
  space.free(again, 49 * kPage);
  space.free(piece + 50 * kPage, 150 * kPage);
}

}  // namespace
}  // namespace ring3::link
