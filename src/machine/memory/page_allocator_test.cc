// SPDX-License-Identifier: GPL-2.0-only
#include "machine/memory/page_allocator.h"

#include <cstring>
#include <set>
#include <thread>

#include "machine/memory/memory_fixture.h"

namespace ring3::machine {
namespace {

struct PageAllocatorTest : MemoryTest {
  void SetUp() override { create(); }
  uint8_t* bytes(uint64_t pfn) { return reinterpret_cast<uint8_t*>(ram().address_of(pfn)); }
};

TEST_F(PageAllocatorTest, blocks_are_aligned_and_do_not_overlap) {
  std::set<uint64_t> pages;
  for (unsigned order = 0; order <= kMaxOrder; order++) {
    uint64_t pfn = page_allocator().allocate({.order = order});
    ASSERT_NE(kNoPage, pfn);
    EXPECT_EQ(0u, pfn % (1ull << order));
    for (uint64_t i = 0; i < (1ull << order); i++) EXPECT_TRUE(pages.insert(pfn + i).second);
  }
}

TEST_F(PageAllocatorTest, freed_buddies_merge_again) {
  auto before = page_allocator().statistics();
  std::vector<uint64_t> pages;
  for (uint64_t pfn; (pfn = page_allocator().allocate({})) != kNoPage;) pages.push_back(pfn);
  EXPECT_EQ(before.total_pages, pages.size());
  EXPECT_EQ(0u, page_allocator().statistics().free_pages);
  for (size_t i = 0; i < pages.size(); i++)  // in an order that is not that of allocation
    page_allocator().free(pages[(i * 7919) % pages.size()], 0, 0);
  auto after = page_allocator().statistics();
  EXPECT_EQ(before.free_pages, after.free_pages);
  for (unsigned order = 0; order <= kMaxOrder; order++)
    EXPECT_EQ(before.free_blocks[order], after.free_blocks[order]) << "order " << order;
  EXPECT_TRUE(reports.empty());
}

TEST_F(PageAllocatorTest, dma_pages_lie_below_16_mib_and_others_do_not_first) {
  uint64_t dma = page_allocator().allocate({.order = 0, .dma = true});
  EXPECT_LT(dma, 4096u);
  EXPECT_GE(dma, 256u);  // never physical address 0
  EXPECT_GE(page_allocator().allocate({}), 4096u);
  while (page_allocator().allocate({.order = 10, .dma = true}) != kNoPage) {
  }
  EXPECT_NE(kNoPage, page_allocator().allocate({.order = 10}));
}

TEST_F(PageAllocatorTest, zeroed_on_request_even_when_dirty) {
  uint64_t pfn = page_allocator().allocate({.order = 2});
  std::memset(bytes(pfn), 0xee, 4 * kPageBytes);
  page_allocator().free(pfn, 2, 0);
  EXPECT_EQ(pfn, page_allocator().allocate({.order = 2}));
  EXPECT_EQ(0xee, bytes(pfn)[5000]);  // not without the request
  page_allocator().free(pfn, 2, 0);
  EXPECT_EQ(pfn, page_allocator().allocate({.order = 2, .zero = true}));
  for (uint64_t i = 0; i < 4 * kPageBytes; i++) ASSERT_EQ(0, bytes(pfn)[i]);
}

TEST_F(PageAllocatorTest, a_merge_of_clean_and_dirty_is_dirty) {
  uint64_t pfn = page_allocator().allocate({.order = 0});
  bytes(pfn)[0] = 1;
  page_allocator().free(pfn, 0, 0);
  uint64_t block;
  std::vector<uint64_t> blocks;
  while ((block = page_allocator().allocate({.order = 10, .zero = true})) != kNoPage) {
    blocks.push_back(block);
    if (pfn >= block && pfn < block + 1024) break;
  }
  EXPECT_EQ(0, bytes(pfn)[0]);
}

TEST_F(PageAllocatorTest, wrong_frees_are_refused_and_reported) {
  uint64_t pfn = page_allocator().allocate({.order = 1});
  EXPECT_FALSE(page_allocator().free(pfn, 0, 0xc0de));      // another order
  EXPECT_FALSE(page_allocator().free(pfn + 1, 0, 0xc0de));  // inside
  EXPECT_TRUE(page_allocator().free(pfn, 1, 0xc0de));
  EXPECT_FALSE(page_allocator().free(pfn, 1, 0xc0de));  // again
  EXPECT_FALSE(page_allocator().free(0, 0, 0xc0de));    // reserved
  EXPECT_FALSE(page_allocator().free(1ull << 40, 0, 0xc0de));
  ASSERT_EQ(5u, reports.size());
  for (auto& report : reports) {
    EXPECT_EQ(MemoryReport::kBadPageFree, report.kind);
    EXPECT_EQ(0xc0deu, report.caller);
  }
}

TEST_F(PageAllocatorTest, a_split_block_is_freed_page_by_page) {
  uint64_t before = page_allocator().free_pages();
  uint64_t pfn = page_allocator().allocate({.order = 3, .owner = 0x77});
  ASSERT_TRUE(page_allocator().split(pfn));
  PageAllocator::Block block;
  ASSERT_TRUE(page_allocator().find(pfn + 5, block));
  EXPECT_EQ(pfn + 5, block.pfn);
  EXPECT_EQ(0u, block.order);
  EXPECT_EQ(0x77u, block.owner);
  for (uint64_t i = 0; i < 8; i++) EXPECT_TRUE(page_allocator().free(pfn + i, 0, 0));
  EXPECT_EQ(before, page_allocator().free_pages());
}

TEST_F(PageAllocatorTest, trim_gives_dirty_free_blocks_back) {
  uint64_t pfn = page_allocator().allocate({.order = 10});
  std::memset(bytes(pfn), 1, kPageBytes);
  page_allocator().free(pfn, 10, 0);
  EXPECT_EQ(1024u, page_allocator().trim());
  EXPECT_EQ(0u, page_allocator().trim());
  EXPECT_EQ(0, bytes(pfn)[0]);
}

TEST_F(PageAllocatorTest, serves_threads_at_once) {
  uint64_t before = page_allocator().free_pages();
  std::vector<std::thread> threads;
  std::atomic<int> clashes{0};
  for (int t = 1; t <= 4; t++)
    threads.emplace_back([&, t] {
      std::vector<std::pair<uint64_t, unsigned>> mine;
      for (unsigned i = 0; i < 2000; i++) {
        unsigned order = (i * 7 + static_cast<unsigned>(t)) % 4;
        uint64_t pfn = page_allocator().allocate({.order = order});
        if (pfn != kNoPage) {
          for (uint64_t p = 0; p < (1ull << order); p++)
            bytes(pfn + p)[0] = static_cast<uint8_t>(t);
          mine.emplace_back(pfn, order);
        }
        if (mine.size() < 50) continue;
        auto [old, old_order] = mine[i % 50];
        for (uint64_t p = 0; p < (1ull << old_order); p++) clashes += bytes(old + p)[0] != t;
        page_allocator().free(old, old_order, 0);
        mine[i % 50] = mine.back();
        mine.pop_back();
      }
      for (auto [pfn, order] : mine) page_allocator().free(pfn, order, 0);
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(0, clashes.load());
  EXPECT_EQ(before, page_allocator().free_pages());
  EXPECT_TRUE(reports.empty());
}

}  // namespace
}  // namespace ring3::machine
