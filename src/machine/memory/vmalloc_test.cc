// SPDX-License-Identifier: GPL-2.0-only
#include "machine/memory/vmalloc.h"

#include <cstring>
#include <thread>

#include "machine/memory/memory_fixture.h"

namespace ring3::machine {
namespace {

struct VmallocTest : MemoryTest {
  void SetUp() override { create(); }
  VmallocSpace& space() { return vmalloc_space(); }
  static char* bytes(uint64_t address) { return reinterpret_cast<char*>(address); }
};

TEST_F(VmallocTest, is_the_same_memory_as_its_pages) {
  uint64_t area = space().allocate({.size = 5 * kPageBytes + 10});
  ASSERT_TRUE(area);
  EXPECT_TRUE(space().contains(area));
  for (uint64_t at = 0; at < 6 * kPageBytes; at += kPageBytes) {
    bytes(area + at)[7] = static_cast<char>(at >> kPageShift);
    EXPECT_EQ(static_cast<char>(at >> kPageShift),
              bytes(ram().address_of(space().pfn_at(area + at)))[7]);
  }
  EXPECT_EQ(kNoPage, space().pfn_at(area + 6 * kPageBytes));
  EXPECT_EQ(5 * kPageBytes + 10, space().size_at(area));
}

TEST_F(VmallocTest, gives_all_pages_back_and_zeroes_on_request) {
  uint64_t before = page_allocator().free_pages();
  uint64_t dirty = space().allocate({.size = 40 << 20});
  ASSERT_TRUE(dirty);
  std::memset(bytes(dirty), 0xff, 40 << 20);
  EXPECT_TRUE(space().free(dirty, 1));
  EXPECT_EQ(before, page_allocator().free_pages());
  uint64_t clean = space().allocate({.size = 40 << 20, .zero = true});
  for (uint64_t i = 0; i < 40 << 20; i += 509) ASSERT_EQ(0, bytes(clean)[i]);
}

TEST_F(VmallocTest, uses_scattered_pages_when_there_are_no_others) {
  std::vector<uint64_t> pages;
  for (uint64_t pfn; (pfn = page_allocator().allocate({})) != kNoPage;) pages.push_back(pfn);
  for (size_t i = 0; i < pages.size(); i += 2) page_allocator().free(pages[i], 0, 0);
  uint64_t area = space().allocate({.size = 100 * kPageBytes});
  ASSERT_TRUE(area);
  std::memset(bytes(area), 3, 100 * kPageBytes);
  EXPECT_TRUE(space().free(area, 1));
}

TEST_F(VmallocTest, more_than_there_is_fails_and_loses_nothing) {
  uint64_t before = page_allocator().free_pages();
  EXPECT_FALSE(space().allocate({.size = 1ull << 30}));
  EXPECT_FALSE(space().allocate({.size = 0}));
  EXPECT_FALSE(space().allocate({.size = ~0ull}));
  EXPECT_EQ(before, page_allocator().free_pages());
}

TEST_F(VmallocTest, freed_addresses_are_not_used_again_at_once) {
  uint64_t first = space().allocate({.size = 100});
  space().free(first, 1);
  EXPECT_GT(space().allocate({.size = 100}), first);
}

TEST_F(VmallocTest, addresses_wrap_round_when_the_space_ends) {
  uint64_t page = page_allocator().allocate({});
  uint64_t kept = space().map({page}, false, 1);
  EXPECT_TRUE(kept);
  std::vector<uint64_t> pages;  // 32 MiB, neighbours: one mapping
  for (uint64_t pfn = 4096; pfn < 4096 + 8192; pfn++) pages.push_back(pfn);
  for (int i = 0; i < 160; i++) {  // 5 GiB of addresses in all; the space has 4
    uint64_t area = space().map(pages, false, 1);
    ASSERT_TRUE(area) << i;
    ASSERT_TRUE(area > kept || area + (32 << 20) <= kept);
    ASSERT_TRUE(space().free(area, 1));
  }
}

TEST_F(VmallocTest, maps_pages_of_others_in_their_order) {
  uint64_t one = page_allocator().allocate({}), two = page_allocator().allocate({});
  *bytes(ram().address_of(one)) = 1;
  *bytes(ram().address_of(two)) = 2;
  uint64_t area = space().map({two, one, two}, false, 0x55);
  ASSERT_TRUE(area);
  EXPECT_EQ(2, bytes(area)[0]);
  EXPECT_EQ(1, bytes(area)[kPageBytes]);
  EXPECT_EQ(2, bytes(area)[2 * kPageBytes]);
  EXPECT_TRUE(space().free(area, 1));
  EXPECT_TRUE(page_allocator().free(one, 0, 1));  // they are still the caller's
}

TEST_F(VmallocTest, wrong_frees_are_reported) {
  uint64_t area = space().allocate({.size = 10000});
  EXPECT_FALSE(space().free(area + kPageBytes, 0xf1));
  EXPECT_TRUE(space().free(area, 0xf1));
  EXPECT_FALSE(space().free(area, 0xf2));
  ASSERT_EQ(2u, reports.size());
  EXPECT_EQ(MemoryReport::kBadVmallocFree, reports[1].kind);
}

TEST_F(VmallocTest, serves_threads_at_once) {
  uint64_t before = page_allocator().free_pages();
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; t++)
    threads.emplace_back([&, t] {
      for (uint64_t i = 1; i < 200; i++) {
        uint64_t size = i % 9 * kPageBytes + 1;
        uint64_t area = space().allocate({.size = size});
        std::memset(bytes(area), t, size);
        std::this_thread::yield();
        wrong += bytes(area)[size - 1] != t;
        wrong += !space().free(area, 1);
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(0, wrong.load());
  EXPECT_EQ(before, page_allocator().free_pages());
}

}  // namespace
}  // namespace ring3::machine
