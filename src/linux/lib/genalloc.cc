// SPDX-License-Identifier: GPL-2.0-only
// lib/genalloc.c: pools of addresses that nobody here touches (device memory): chunks of them, each
// with a map of a bit for every 2^min_alloc_order bytes. How a place in a map is chosen is a
// function that the pool's owner may bring. Linux takes bits without a lock; here the pool's lock
// is held.
#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/api_function.h"
#include "linux/include/bitmap.h"
#include "linux/include/list.h"
#include "linux/include/memory.h"
#include "linux/include/printk.h"
#include "linux/include/sched.h"
#include "linux/mm/mm.h"

namespace ring3::k {
struct gen_pool;
struct gen_pool_chunk;
}  // namespace ring3::k

namespace ring3::kernel {

using PoolChoice = unsigned long (*)(unsigned long*, unsigned long, unsigned long, unsigned, void*,
                                     k::gen_pool*, unsigned long);
KSIZE(gen_pool);
KPLACE(gen_pool, lock, lock);
KPLACE(gen_pool, chunks, chunks);
KFIELD(gen_pool, min_alloc_order, int);
KFIELD(gen_pool, algo, PoolChoice);
KFIELD(gen_pool, data, void*);
KFIELD(gen_pool, name, const char*);
KSIZE(gen_pool_chunk);
KPLACE(gen_pool_chunk, avail, available_place);
KFIELD(gen_pool_chunk, phys_addr, unsigned long long);
KFIELD(gen_pool_chunk, owner, void*);
KFIELD(gen_pool_chunk, start_addr, unsigned long);
KFIELD(gen_pool_chunk, end_addr, unsigned long);
KPLACE(gen_pool_chunk, bits, bits);

namespace {

using Pool = k::gen_pool;
using Chunk = k::gen_pool_chunk;  // its place in the list comes first

PoolChoice choice(const char* name) {
  return api_function<std::remove_pointer_t<PoolChoice>>(name);
}

template <class Fn>
Chunk* find_chunk(const Pool* pool, Fn&& fn) {
  ListNode* head = list_node(gen_pool_chunks(pool));
  for (ListNode* node = head->next; node != head; node = node->next)
    if (fn(reinterpret_cast<Chunk*>(node))) return reinterpret_cast<Chunk*>(node);
  return nullptr;
}
Chunk* chunk_of(const Pool* pool, uint64_t address) {
  return find_chunk(pool, [=](const Chunk* chunk) {
    return gen_pool_chunk_start_addr(chunk) <= address && address <= gen_pool_chunk_end_addr(chunk);
  });
}
uint64_t size_of(const Chunk* chunk) {
  return gen_pool_chunk_end_addr(chunk) - gen_pool_chunk_start_addr(chunk) + 1;
}
uint64_t& available(const Chunk* chunk) {
  return *static_cast<uint64_t*>(gen_pool_chunk_available_place(chunk));
}
Word* map_of(const Chunk* chunk) { return static_cast<Word*>(gen_pool_chunk_bits(chunk)); }
uint64_t units(const Pool* pool, uint64_t size) {
  unsigned order = gen_pool_min_alloc_order(pool);
  return (size + (uint64_t{1} << order) - 1) >> order;
}

// The first run of `count` free bits at or after `start` whose place, counted with `offset`, is a
// multiple of mask + 1; beyond `size` when there is none (bitmap_find_next_zero_area_off).
uint64_t free_run(const Word* map, uint64_t size, uint64_t start, uint64_t count, uint64_t mask,
                  uint64_t offset) {
  while (true) {
    uint64_t at = find_next_zero(map, size, start);
    at = ((at + offset + mask) & ~mask) - offset;
    uint64_t end = at + count;
    if (end > size) return end;
    uint64_t taken = find_next(map, end, at);
    if (taken >= end) return at;
    start = taken + 1;
  }
}

KAPI(gen_pool_first_fit, Real, unsigned long,
     (unsigned long* map, unsigned long size, unsigned long start, unsigned count, void*, Pool*,
      unsigned long)) {
  return free_run(map, size, start, count, 0, 0);
}
KAPI(gen_pool_first_fit_align, Real, unsigned long,
     (unsigned long* map, unsigned long size, unsigned long start, unsigned count, void* data,
      Pool* pool, unsigned long address)) {
  unsigned order = gen_pool_min_alloc_order(pool);
  uint64_t align = *static_cast<int*>(data);
  uint64_t mask = units(pool, align) - 1;
  uint64_t offset = (address & (align - 1)) >> order;
  return free_run(map, size, start, count, mask, offset);
}
KAPI(gen_pool_first_fit_order_align, Real, unsigned long,
     (unsigned long* map, unsigned long size, unsigned long start, unsigned count, void*, Pool*,
      unsigned long)) {
  return free_run(map, size, start, count, std::bit_ceil(count) - 1, 0);
}
KAPI(gen_pool_fixed_alloc, Real, unsigned long,
     (unsigned long* map, unsigned long size, unsigned long, unsigned count, void* data, Pool* pool,
      unsigned long)) {
  uint64_t wanted = *static_cast<unsigned long*>(data) >> gen_pool_min_alloc_order(pool);
  return free_run(map, size, wanted, count, 0, 0) == wanted ? wanted : size;
}
KAPI(gen_pool_best_fit, Real, unsigned long,
     (unsigned long* map, unsigned long size, unsigned long start, unsigned count, void*, Pool*,
      unsigned long)) {
  uint64_t best = size, least = size + 1;
  for (uint64_t at = free_run(map, size, start, count, 0, 0); at < size;) {
    uint64_t end = find_next(map, size, at);
    if (end - at < least) {
      least = end - at;
      best = at;
      if (least == count) break;
    }
    at = free_run(map, size, end + 1, count, 0, 0);
  }
  return best;
}

KAPI(gen_pool_create, Real, Pool*, (int order, int)) {
  auto* pool = static_cast<Pool*>(kernel_allocate(sizeof_gen_pool(), kGfpKernel | kGfpZero));
  if (!pool) return nullptr;
  list_init(gen_pool_chunks(pool));
  gen_pool_min_alloc_order(pool) = order;
  gen_pool_algo(pool) = choice("gen_pool_first_fit");
  return pool;
}
KAPI(gen_pool_add_owner, Real, int,
     (Pool * pool, unsigned long start, unsigned long long physical, size_t size, int,
      void* owner)) {
  uint64_t bytes =
      sizeof_gen_pool_chunk() + words_for(size >> gen_pool_min_alloc_order(pool)) * sizeof(Word);
  auto* chunk = static_cast<Chunk*>(kv_allocate(bytes, kGfpKernel | kGfpZero, module_caller()));
  if (!chunk) return -ENOMEM;
  gen_pool_chunk_phys_addr(chunk) = physical;
  gen_pool_chunk_start_addr(chunk) = start;
  gen_pool_chunk_end_addr(chunk) = start + size - 1;
  gen_pool_chunk_owner(chunk) = owner;
  available(chunk) = size;
  IrqSpinGuard guard(gen_pool_lock(pool));
  list_add(chunk, gen_pool_chunks(pool));
  return 0;
}
KAPI(gen_pool_destroy, Real, void, (Pool * pool)) {
  ListNode* head = list_node(gen_pool_chunks(pool));
  while (head->next != head) {
    auto* chunk = reinterpret_cast<Chunk*>(head->next);
    uint64_t bits = size_of(chunk) >> gen_pool_min_alloc_order(pool);
    if (find_next(map_of(chunk), bits, 0) < bits) memory_bug();  // something is still in use
    list_del(chunk);
    kv_free(chunk, module_caller());
  }
  kernel_free(gen_pool_name(pool));
  kernel_free(pool);
}

unsigned long allocate(Pool* pool, size_t size, PoolChoice choice, void* data, void** owner) {
  if (owner) *owner = nullptr;
  if (!size) return 0;
  const uint64_t count = units(pool, size);
  const unsigned order = gen_pool_min_alloc_order(pool);
  uint64_t address = 0;
  IrqSpinGuard guard(gen_pool_lock(pool));
  find_chunk(pool, [&](Chunk* chunk) {
    if (size > available(chunk)) return false;
    uint64_t bits = size_of(chunk) >> order;
    uint64_t at =
        choice(map_of(chunk), bits, 0, count, data, pool, gen_pool_chunk_start_addr(chunk));
    if (at >= bits || at + count > bits) return false;
    for (uint64_t i = 0; i < count; i++) set_bit(map_of(chunk), at + i);
    address = gen_pool_chunk_start_addr(chunk) + (at << order);
    available(chunk) -= count << order;
    if (owner) *owner = gen_pool_chunk_owner(chunk);
    return true;
  });
  return address;
}
KAPI(gen_pool_alloc_algo_owner, Real, unsigned long,
     (Pool * pool, size_t size, PoolChoice choice, void* data, void** owner)) {
  return allocate(pool, size, choice, data, owner);
}
KAPI(gen_pool_free_owner, Real, void,
     (Pool * pool, unsigned long address, size_t size, void** owner)) {
  if (owner) *owner = nullptr;
  const unsigned order = gen_pool_min_alloc_order(pool);
  IrqSpinGuard guard(gen_pool_lock(pool));
  Chunk* chunk = chunk_of(pool, address);
  if (!chunk) return memory_bug();
  uint64_t first = (address - gen_pool_chunk_start_addr(chunk)) >> order;
  uint64_t count = units(pool, size);
  for (uint64_t i = first; i < first + count; i++) {
    if (!test_bit(map_of(chunk), i)) return memory_bug();  // freed twice
    clear_bit(map_of(chunk), i);
  }
  available(chunk) += count << order;
  if (owner) *owner = gen_pool_chunk_owner(chunk);
}

uint64_t physical_of(const Pool* pool, uint64_t address) {
  const Chunk* chunk = chunk_of(pool, address);
  if (!chunk) return ~uint64_t{0};
  return gen_pool_chunk_phys_addr(chunk) + (address - gen_pool_chunk_start_addr(chunk));
}
KAPI(gen_pool_virt_to_phys, Real, unsigned long long, (Pool * pool, unsigned long address)) {
  return physical_of(pool, address);
}

void* allocate_dma(Pool* pool, size_t size, unsigned long long* dma, PoolChoice choice, void* data,
                   bool zero) {
  if (!pool) return nullptr;
  void* memory = reinterpret_cast<void*>(allocate(pool, size, choice, data, nullptr));
  if (!memory) return nullptr;
  if (dma) *dma = physical_of(pool, reinterpret_cast<uint64_t>(memory));
  if (zero) std::memset(memory, 0, size);
  return memory;
}
KAPI(gen_pool_dma_alloc, Real, void*, (Pool * pool, size_t size, unsigned long long* dma)) {
  return allocate_dma(pool, size, dma, gen_pool_algo(pool), gen_pool_data(pool), false);
}
KAPI(gen_pool_dma_zalloc, Real, void*, (Pool * pool, size_t size, unsigned long long* dma)) {
  return allocate_dma(pool, size, dma, gen_pool_algo(pool), gen_pool_data(pool), true);
}
KAPI(gen_pool_dma_alloc_algo, Real, void*,
     (Pool * pool, size_t size, unsigned long long* dma, PoolChoice choice, void* data)) {
  return allocate_dma(pool, size, dma, choice, data, false);
}
KAPI(gen_pool_dma_zalloc_algo, Real, void*,
     (Pool * pool, size_t size, unsigned long long* dma, PoolChoice choice, void* data)) {
  return allocate_dma(pool, size, dma, choice, data, true);
}
KAPI(gen_pool_dma_alloc_align, Real, void*,
     (Pool * pool, size_t size, unsigned long long* dma, int align)) {
  return allocate_dma(pool, size, dma, choice("gen_pool_first_fit_align"), &align, false);
}
KAPI(gen_pool_dma_zalloc_align, Real, void*,
     (Pool * pool, size_t size, unsigned long long* dma, int align)) {
  return allocate_dma(pool, size, dma, choice("gen_pool_first_fit_align"), &align, true);
}

KAPI(gen_pool_for_each_chunk, Real, void,
     (Pool * pool, void (*function)(Pool*, Chunk*, void*), void* data)) {
  find_chunk(pool, [&](Chunk* chunk) {
    function(pool, chunk, data);
    return false;
  });
}
KAPI(gen_pool_has_addr, Real, bool, (Pool * pool, unsigned long start, size_t size)) {
  uint64_t last = start + size - 1;
  return find_chunk(pool, [=](const Chunk* chunk) {
           return gen_pool_chunk_start_addr(chunk) <= start &&
                  start <= gen_pool_chunk_end_addr(chunk) && last <= gen_pool_chunk_end_addr(chunk);
         }) != nullptr;
}
KAPI(gen_pool_avail, Real, size_t, (Pool * pool)) {
  size_t total = 0;
  find_chunk(pool, [&](const Chunk* chunk) { return total += available(chunk), false; });
  return total;
}
KAPI(gen_pool_size, Real, size_t, (Pool * pool)) {
  size_t total = 0;
  find_chunk(pool, [&](const Chunk* chunk) { return total += size_of(chunk), false; });
  return total;
}
KAPI(gen_pool_set_algo, Real, void, (Pool * pool, PoolChoice algorithm, void* data)) {
  gen_pool_data(pool) = data;
  gen_pool_algo(pool) = algorithm ? algorithm : choice("gen_pool_first_fit");
}

}  // namespace
}  // namespace ring3::kernel
