// SPDX-License-Identifier: GPL-2.0-only
// mempool: elements kept in reserve, so that who may sleep always gets one. The struct is the
// module's (embedded, set up by mempool_init) or ours; its members are kept as Linux keeps them,
// while its lock and wait queue are not used: one lock serves all pools, and waiters are listed
// here.
#include <algorithm>
#include <vector>

#include "kapi/kapi.h"
#include "linux/include/kernel.h"
#include "linux/mm/mm.h"

namespace ring3::kernel {
namespace {

using AllocateElement = void* (*)(gfp_t, void*);
using FreeElement = void (*)(void*, void*);

KSIZE(mempool_s);
KFIELD(mempool_s, min_nr, int);
KFIELD(mempool_s, curr_nr, int);
KFIELD(mempool_s, elements, void**);
KFIELD(mempool_s, pool_data, void*);
KFIELD(mempool_s, alloc, AllocateElement);
KFIELD(mempool_s, free, FreeElement);

struct Waiter {
  k::mempool_s* pool;
  machine::Task* task;
};
constexpr uint64_t kPatience = 5'000'000'000;  // as Linux's 5 * HZ

machine::SpinLock lock;  // guards the elements and curr_nr of all pools, and the waiters
std::vector<Waiter> waiters;

// Takes one out of the reserve; null when it is empty.
void* take_locked(k::mempool_s* pool) {
  int& count = mempool_s_curr_nr(pool);
  return count ? mempool_s_elements(pool)[--count] : nullptr;
}

// Into the reserve, if there is room: true.
bool put(k::mempool_s* pool, void* element) {
  machine::SpinGuard guard(lock);
  int& count = mempool_s_curr_nr(pool);
  if (count >= mempool_s_min_nr(pool)) return false;
  mempool_s_elements(pool)[count++] = element;
  return true;
}

void wake_one(k::mempool_s* pool) {
  machine::Task* task = nullptr;
  {
    machine::SpinGuard guard(lock);
    auto found = std::find_if(waiters.begin(), waiters.end(),
                              [pool](const Waiter& waiter) { return waiter.pool == pool; });
    if (found == waiters.end()) return;
    task = found->task;
    waiters.erase(found);
  }
  running().machine->scheduler().wake(task);
}

// Sleeps until an element comes back, or takes one that just did.
void* take_or_wait(k::mempool_s* pool) {
  machine::Task* task = kapi::gs_task();
  {
    machine::SpinGuard guard(lock);
    if (void* element = take_locked(pool)) return element;
    waiters.push_back({pool, task});
    task->state->store(machine::kUninterruptible);
  }
  // Nor for ever: the allocation itself may work again although no element came back.
  machine::Machine& machine = *running().machine;
  struct Timeout : machine::Timer {
    machine::Task* task = nullptr;
  } timeout;
  timeout.task = task;
  timeout.function = [](machine::Timer* timer) {
    running().machine->scheduler().wake(static_cast<Timeout*>(timer)->task);
  };
  machine.timers().add(&timeout, machine.clock().now_ns() + kPatience);
  machine.scheduler().schedule();
  if (!machine.timers().cancel(&timeout)) machine.timers().wait_running(&timeout);
  machine::SpinGuard guard(lock);  // who was woken by the timer is still in the list
  std::erase_if(waiters, [task](const Waiter& waiter) { return waiter.task == task; });
  return nullptr;
}

void* allocate(k::mempool_s* pool, gfp_t gfp) {
  // Linux's first try: not insisting, silent, not sleeping.
  gfp_t first = (gfp | kGfpNoWarn) & ~unsigned{kGfpDirectReclaim};
  for (;;) {
    if (void* element = mempool_s_alloc(pool)(first, mempool_s_pool_data(pool))) return element;
    {
      machine::SpinGuard guard(lock);
      if (void* element = take_locked(pool)) return element;
    }
    if (!(gfp & kGfpDirectReclaim)) return nullptr;
    if (void* element = take_or_wait(pool)) return element;
  }
}

void drain(k::mempool_s* pool) {
  for (;;) {
    void* element;
    {
      machine::SpinGuard guard(lock);
      element = take_locked(pool);
    }
    if (!element) break;
    mempool_s_free(pool)(element, mempool_s_pool_data(pool));
  }
  slab_free(mempool_s_elements(pool), module_caller());
  mempool_s_elements(pool) = nullptr;
}

int initialise(k::mempool_s* pool, int min_nr, AllocateElement alloc, FreeElement free,
               void* pool_data, gfp_t gfp) {
  mempool_s_min_nr(pool) = min_nr;
  mempool_s_curr_nr(pool) = 0;
  mempool_s_pool_data(pool) = pool_data;
  mempool_s_alloc(pool) = alloc;
  mempool_s_free(pool) = free;
  size_t slots = static_cast<size_t>(std::max(1, min_nr));
  mempool_s_elements(pool) =
      static_cast<void**>(slab_allocate(slots * sizeof(void*), gfp, module_caller()));
  if (!mempool_s_elements(pool)) return -ENOMEM;
  for (size_t i = 0; i < slots; i++) {  // Linux keeps one even for min_nr 0
    void* element = alloc(gfp, pool_data);
    if (!element) {
      drain(pool);
      return -ENOMEM;
    }
    mempool_s_elements(pool)[mempool_s_curr_nr(pool)++] = element;
  }
  return 0;
}

k::mempool_s* create(int min_nr, AllocateElement alloc, FreeElement free, void* pool_data,
                     gfp_t gfp) {
  auto* pool = static_cast<k::mempool_s*>(
      slab_allocate(sizeof_mempool_s(), gfp | kGfpZero, module_caller()));
  if (!pool) return nullptr;
  if (initialise(pool, min_nr, alloc, free, pool_data, gfp) == 0) return pool;
  slab_free(pool, module_caller());
  return nullptr;
}

KAPI(mempool_init, Real, int,
     (k::mempool_s * pool, int min_nr, AllocateElement alloc, FreeElement free, void* pool_data)) {
  return initialise(pool, min_nr, alloc, free, pool_data, kGfpKernel);
}
KAPI_ALIAS(mempool_init_noprof, mempool_init);
KAPI(mempool_init_node, Real, int,
     (k::mempool_s * pool, int min_nr, AllocateElement alloc, FreeElement free, void* pool_data,
      gfp_t gfp, int)) {
  return initialise(pool, min_nr, alloc, free, pool_data, gfp);
}
KAPI(mempool_create, Real, k::mempool_s*,
     (int min_nr, AllocateElement alloc, FreeElement free, void* pool_data)) {
  return create(min_nr, alloc, free, pool_data, kGfpKernel);
}
KAPI(mempool_create_node, Real, k::mempool_s*,
     (int min_nr, AllocateElement alloc, FreeElement free, void* pool_data, gfp_t gfp, int)) {
  return create(min_nr, alloc, free, pool_data, gfp);
}
KAPI_ALIAS(mempool_create_node_noprof, mempool_create_node);

KAPI(mempool_exit, Real, void, (k::mempool_s * pool)) {
  if (mempool_s_elements(pool)) drain(pool);
}
KAPI(mempool_destroy, Real, void, (k::mempool_s * pool)) {
  if (!pool) return;
  if (mempool_s_elements(pool)) drain(pool);
  slab_free(pool, module_caller());
}
KAPI(mempool_resize, Real, int, (k::mempool_s * pool, int new_min_nr)) {
  size_t slots = static_cast<size_t>(std::max(1, new_min_nr));
  auto** fresh =
      static_cast<void**>(slab_allocate(slots * sizeof(void*), kGfpKernel, module_caller()));
  if (!fresh) return -ENOMEM;
  std::vector<void*> surplus;
  void** old;
  {
    machine::SpinGuard guard(lock);
    old = mempool_s_elements(pool);
    while (mempool_s_curr_nr(pool) > new_min_nr) surplus.push_back(take_locked(pool));
    std::copy(old, old + mempool_s_curr_nr(pool), fresh);
    mempool_s_elements(pool) = fresh;
    mempool_s_min_nr(pool) = new_min_nr;
  }
  slab_free(old, module_caller());
  for (void* element : surplus) mempool_s_free(pool)(element, mempool_s_pool_data(pool));
  while (mempool_s_curr_nr(pool) < new_min_nr) {
    void* element = mempool_s_alloc(pool)(kGfpKernel, mempool_s_pool_data(pool));
    if (!element) break;
    if (!put(pool, element)) mempool_s_free(pool)(element, mempool_s_pool_data(pool));
  }
  return 0;
}

KAPI(mempool_alloc, Real, void*, (k::mempool_s * pool, gfp_t gfp)) { return allocate(pool, gfp); }
KAPI_ALIAS(mempool_alloc_noprof, mempool_alloc);
KAPI(mempool_alloc_preallocated, Real, void*, (k::mempool_s * pool)) {
  machine::SpinGuard guard(lock);
  return take_locked(pool);
}
KAPI(mempool_free, Real, void, (void* element, k::mempool_s* pool)) {
  if (!element) return;
  if (put(pool, element))
    wake_one(pool);
  else
    mempool_s_free(pool)(element, mempool_s_pool_data(pool));
}

// The ready-made pairs of functions that pools are made with.
KAPI(mempool_alloc_slab, Real, void*, (gfp_t gfp, void* cache)) {
  auto* engine = static_cast<machine::Cache*>(cache);
  return machine::heap().allocate(
      *engine, {.zero = wants_zero(gfp) && !engine->options.construct, .owner = module_caller()});
}
KAPI(mempool_free_slab, Real, void, (void* element, void* cache)) {
  machine::heap().free(element, module_caller(), static_cast<machine::Cache*>(cache));
}
KAPI(mempool_kmalloc, Real, void*, (gfp_t gfp, void* size)) {
  return slab_allocate(reinterpret_cast<size_t>(size), gfp, module_caller());
}
KAPI(mempool_kfree, Real, void, (void* element, void*)) { slab_free(element, module_caller()); }
KAPI(mempool_kvmalloc, Real, void*, (gfp_t gfp, void* size)) {
  return kv_allocate(reinterpret_cast<size_t>(size), gfp, module_caller());
}
KAPI(mempool_kvfree, Real, void, (void* element, void*)) { kv_free(element, module_caller()); }
KAPI(mempool_alloc_pages, Real, void*, (gfp_t gfp, void* order)) {
  return pages_allocate(gfp, static_cast<unsigned>(reinterpret_cast<uint64_t>(order)),
                        module_caller());
}
KAPI(mempool_free_pages, Real, void, (void* element, void* order)) {
  page_free(static_cast<k::page*>(element),
            static_cast<unsigned>(reinterpret_cast<uint64_t>(order)), module_caller());
}

}  // namespace
}  // namespace ring3::kernel
