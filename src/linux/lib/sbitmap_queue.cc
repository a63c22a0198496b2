// SPDX-License-Identifier: GPL-2.0-only
// lib/sbitmap.c: waiting for a bit. Eight wait queues share the waiters; when `wake_batch` bits
// have come back, as many waiters of the next queue are woken.
#include <algorithm>
#include <cerrno>
#include <climits>

#include "kapi/kapi.h"
#include "linux/include/list.h"
#include "linux/include/slab.h"
#include "linux/include/wait.h"
#include "linux/lib/sbitmap.h"
#include "machine/memory/memory.h"

namespace ring3::k {
struct sbitmap_queue;
struct sbq_wait;
struct sbq_wait_state;
}  // namespace ring3::k

namespace ring3::kernel {

KPLACE(sbitmap_queue, sb, map_place);
KFIELD(sbitmap_queue, wake_batch, unsigned);
KPLACE(sbitmap_queue, wake_index, wake_index);
KFIELD(sbitmap_queue, ws, k::sbq_wait_state*);
KPLACE(sbitmap_queue, ws_active, active);
KFIELD(sbitmap_queue, min_shallow_depth, unsigned);
KPLACE(sbitmap_queue, completion_cnt, completions);
KPLACE(sbitmap_queue, wakeup_cnt, wakeups);
KSIZE(sbq_wait_state);
KPLACE(sbq_wait_state, wait, head_place);
KFIELD(sbq_wait, sbq, k::sbitmap_queue*);
KPLACE(sbq_wait, wait, entry_place);
KPLACE(sbq_wait, wait.entry, hook);

namespace {

using Queue = k::sbitmap_queue;
using Wait = k::sbq_wait;
using WaitState = k::sbq_wait_state;

constexpr unsigned kWaitQueues = 8, kMostBatch = 8;

k::sbitmap* map_of(const Queue* queue) {
  return static_cast<k::sbitmap*>(sbitmap_queue_map_place(queue));
}
std::atomic<int>& number(void* place) { return word<int>(place); }
k::wait_queue_head* head_of(const WaitState* state) {
  return static_cast<k::wait_queue_head*>(sbq_wait_state_head_place(state));
}
k::wait_queue_head* head_of(const Queue* queue, unsigned index) {
  uint64_t at =
      reinterpret_cast<uint64_t>(sbitmap_queue_ws(queue)) + index * sizeof_sbq_wait_state();
  return head_of(reinterpret_cast<WaitState*>(at));
}
k::wait_queue_entry* entry_of(const Wait* wait) {
  return static_cast<k::wait_queue_entry*>(sbq_wait_entry_place(wait));
}

void set_batch(Queue* queue, unsigned depth) {
  unsigned bits = 1u << sbitmap_shift(map_of(queue));
  unsigned usable = std::min(bits, sbitmap_queue_min_shallow_depth(queue));
  depth = depth / bits * usable + std::min(depth % bits, usable);
  sbitmap_queue_wake_batch(queue) = std::clamp(depth / kWaitQueues, 1u, kMostBatch);
}

void wake_batch(Queue* queue, int count) {
  std::atomic<int>& index = number(sbitmap_queue_wake_index(queue));
  unsigned at = index.load();
  for (unsigned i = 0; i < kWaitQueues && count > 0; i++) {
    count -= wake_up(head_of(queue, at), kTaskNormal, count, nullptr);
    at = (at + 1) % kWaitQueues;
  }
  index = static_cast<int>(at);
}
void given_back(Queue* queue, int count) {
  if (!number(sbitmap_queue_active(queue)).load()) return;
  const int batch = static_cast<int>(sbitmap_queue_wake_batch(queue));
  number(sbitmap_queue_completions(queue)) += count;
  std::atomic<int>& wakeups = number(sbitmap_queue_wakeups(queue));
  int before = wakeups.load();
  do {
    if (number(sbitmap_queue_completions(queue)).load() - before < batch) return;
  } while (!wakeups.compare_exchange_weak(before, before + batch));
  wake_batch(queue, batch);
}

KAPI(sbitmap_queue_init_node, Real, int,
     (Queue * queue, unsigned depth, int shift, bool round_robin, unsigned gfp, int)) {
  k::sbitmap* map = map_of(queue);
  if (int error = sbitmap_make(map, depth, shift, gfp, round_robin, true)) return error;
  sbitmap_queue_min_shallow_depth(queue) = UINT_MAX;
  set_batch(queue, depth);
  for (void* place : {sbitmap_queue_wake_index(queue), sbitmap_queue_active(queue),
                      sbitmap_queue_completions(queue), sbitmap_queue_wakeups(queue)})
    number(place) = 0;
  sbitmap_queue_ws(queue) = static_cast<WaitState*>(
      kernel_allocate(kWaitQueues * sizeof_sbq_wait_state(), gfp | kGfpZero));
  if (!sbitmap_queue_ws(queue)) {
    machine::percpu().free(reinterpret_cast<uint64_t>(sbitmap_alloc_hint(map)), 0);
    kernel_free(sbitmap_map(map));
    return -ENOMEM;
  }
  for (unsigned i = 0; i < kWaitQueues; i++) waitqueue_init(head_of(queue, i));
  return 0;
}
KAPI(sbitmap_queue_resize, Real, void, (Queue * queue, unsigned depth)) {
  set_batch(queue, depth);
  sbitmap_change_depth(map_of(queue), depth);
}
KAPI(sbitmap_queue_recalculate_wake_batch, Real, void, (Queue * queue, unsigned users)) {
  unsigned depth = sbitmap_depth(map_of(queue));
  unsigned least = depth >= 4 * kWaitQueues ? 4 : 1;
  sbitmap_queue_wake_batch(queue) =
      std::clamp((depth + users - 1) / users / kWaitQueues, least, kMostBatch);
}
KAPI(sbitmap_queue_min_shallow_depth, Real, void, (Queue * queue, unsigned depth)) {
  sbitmap_queue_min_shallow_depth(queue) = depth;
  set_batch(queue, sbitmap_depth(map_of(queue)));
}
KAPI(__sbitmap_queue_get, Real, int, (Queue * queue)) { return sbitmap_take(map_of(queue), 64); }
KAPI(sbitmap_queue_get_shallow,
     Partial("limits each word, as 6.1 does; 6.12 limits the map as a whole"), int,
     (Queue * queue, unsigned most)) {
  return sbitmap_take(map_of(queue), std::min(most, 64u));
}
KAPI(sbitmap_queue_clear, Real, void, (Queue * queue, unsigned bit, unsigned cpu)) {
  sbitmap_give_back(map_of(queue), bit, cpu);
  given_back(queue, 1);
}
KAPI(sbitmap_queue_wake_up, Real, void, (Queue * queue, int count)) { given_back(queue, count); }
KAPI(sbitmap_queue_wake_all, Real, void, (Queue * queue)) {
  for (unsigned i = 0; i < kWaitQueues; i++) wake_up(head_of(queue, i), kTaskNormal, 1, nullptr);
}

// `wait` counts among the waiters from now on, once.
void account(Queue* queue, Wait* wait) {
  if (sbq_wait_sbq(wait)) return;
  number(sbitmap_queue_active(queue))++;
  sbq_wait_sbq(wait) = queue;
}
void forget(Wait* wait) {
  if (!sbq_wait_sbq(wait)) return;
  number(sbitmap_queue_active(sbq_wait_sbq(wait)))--;
  sbq_wait_sbq(wait) = nullptr;
}
KAPI(sbitmap_prepare_to_wait, Real, void,
     (Queue * queue, WaitState* state, Wait* wait, int task_state)) {
  account(queue, wait);
  prepare_to_wait(head_of(state), entry_of(wait), static_cast<unsigned>(task_state), true);
}
KAPI(sbitmap_finish_wait, Real, void, (Queue*, WaitState* state, Wait* wait)) {
  finish_wait(head_of(state), entry_of(wait));
  forget(wait);
}
KAPI(sbitmap_del_wait_queue, Real, void, (Wait * wait)) {
  list_del_init(sbq_wait_hook(wait));
  forget(wait);
}

}  // namespace
}  // namespace ring3::kernel
