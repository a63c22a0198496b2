// SPDX-License-Identifier: GPL-2.0-only
// Deferred work: queues of work items, and pools of worker tasks that run them.
//
// An item is known by the address of its word, which lies in somebody else's memory (a module's
// work_struct). Bit 0 of the word is "pending": whoever sets it owns the item and may queue it; it
// is cleared just before the item's function runs, so that the function can queue its item anew.
// What is queued lies in lists of the engine's own, so a corrupted or freed item does not take them
// with it.
//
// A queue has one place per CPU, or one for all (unbound); each place leads to a pool, which queues
// share. At most max_active items of a place are in its pool, the rest waits inactive.
//
//   queue ---- place CPU 0: inactive items ----> pool CPU 0: items ----> workers
//         \--- place CPU 1: inactive items ----> pool CPU 1: items ----> workers
//
// The workers of a CPU's pool are held back: one item begins only when no other worker of the pool
// runs, that is, when the one before it ended or sleeps (the hooks in Task tell). Unbound workers
// begin what there is. A pool makes a worker when it has none idle, and keeps it. BH pools have no
// workers; their items run in a softirq of their CPU.
//
// An item never runs twice at the same time on one queue, nor in one pool: a second round goes to
// the worker that runs the first.
//
// Every queueing has a number, and waiting is waiting for numbers: for one (flush_work), for all of
// a queue up to now (flush_workqueue), for all. One lock guards everything; it ranks above the run
// queue's and is never held while a task sleeps or an item's memory is first touched.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "machine/machine.h"

namespace ring3::machine {

using WorkWord = std::atomic<unsigned long>;
inline constexpr unsigned long kWorkPending = 1;
inline constexpr unsigned kAnyCpu = ~0u;

struct WorkQueueOptions {
  std::string name;
  bool unbound = false;
  bool high = false;           // the pools of high priority
  bool bh = false;             // runs in softirqs
  bool cpu_intensive = false;  // does not hold back the others of its pool
  unsigned max_active = 256;
};

struct WorkHooks {
  // What tells an item from another one at the same address (its function); touches the item.
  uint64_t (*identity)(WorkWord*) = nullptr;
  // Runs the item. `identity` was read before its pending bit was cleared; the item may be freed.
  void (*run)(WorkWord*, uint64_t identity) = nullptr;
  // A new task for a worker, running.
  std::function<void(const std::string& name, uint64_t cpus, std::function<void()> body)> start;
  // BH pool `high` of this CPU has items: call run_bh there, soon.
  void (*raise_bh)(unsigned cpu, bool high) = nullptr;
};

struct WorkPool;
struct Worker;
class WorkQueue;

struct WorkItem {
  WorkWord* word = nullptr;
  uint64_t identity = 0;
  uint64_t number = 0;
  WorkQueue* queue = nullptr;
  unsigned place = 0;
  bool active = false;
  std::list<WorkItem>* list = nullptr;  // the one it lies in
};
using WorkList = std::list<WorkItem>;

// Somebody who waits for items of a queue; on his stack.
struct WorkWaiter {
  Task* task = nullptr;
  uint64_t number = 0;
  bool only_this = false;  // that number, or all up to it
  std::atomic<bool> done{false};
};

struct WorkPlace {
  WorkPool* pool = nullptr;
  unsigned active = 0;
  WorkList inactive;
};

class WorkQueue {
 public:
  const WorkQueueOptions options;
  void* owner = nullptr;  // whoever made it may keep something with it

 private:
  friend class WorkEngine;
  explicit WorkQueue(WorkQueueOptions options) : options(std::move(options)) {}
  unsigned max_active_ = 0;
  std::vector<WorkPlace> places_;
  std::set<uint64_t> unfinished_;  // numbers
  std::vector<WorkWaiter*> waiters_;
};

// What runs where, as Linux's work_busy() says it.
struct WorkState {
  bool pending = false;  // in a list
  bool running = false;
};

class WorkEngine {
 public:
  // first_unbound_id: what the name of an unbound pool's worker begins to count with.
  WorkEngine(Machine& machine, WorkHooks hooks, unsigned first_unbound_id);
  ~WorkEngine();
  WorkEngine(const WorkEngine&) = delete;
  WorkEngine& operator=(const WorkEngine&) = delete;

  WorkQueue* create(WorkQueueOptions options);
  void destroy(WorkQueue* queue);  // which is empty
  void set_max_active(WorkQueue* queue, unsigned max_active);

  // Queues an item whose pending bit the caller set. From anywhere.
  void enqueue(WorkQueue* queue, WorkWord* word, unsigned cpu = kAnyCpu);
  // Takes a pending item out of its list; its bit stays set and is the caller's. False: it is in
  // none.
  bool take_back(WorkWord* word);
  // While this is on, the item cannot be queued (try_begin says no).
  void block(WorkWord* word, bool on);
  bool blocked(const WorkWord* word);

  // From a task. Whether there was something to wait for.
  bool wait_for_item(WorkWord* word);     // the queueing that is pending, else the running one
  bool wait_for_running(WorkWord* word);  // the running one only
  void wait_for_all_so_far(WorkQueue* queue);
  void wait_until_empty(WorkQueue* queue);
  bool is_empty(WorkQueue* queue);

  WorkState state(const WorkWord* word);
  bool congested(WorkQueue* queue, unsigned cpu);
  // Which queue's item the calling task runs; null: it is no worker, or idle.
  WorkQueue* current_queue();
  WorkWord* current_word();
  uint64_t current_identity();
  // The queue that a pending or running item belongs to; null: neither.
  WorkQueue* queue_of(const WorkWord* word);

  // In the softirq of this CPU.
  void run_bh(unsigned cpu, bool high);

 private:
  static void worker_falls_asleep(Task& task);
  static void worker_woke(Task& task);
  static void worker_ends(Task& task);
  // Who shall begin an item: a pool that needs a new worker is returned by those with the lock held
  // and given to start_worker() without it.
  struct Kick {
    WorkPool* pool = nullptr;
  };
  WorkPool* pool_for(const WorkQueueOptions& options, unsigned cpu);
  Kick kick_locked(WorkPool& pool);
  void carry_out(Kick kick);
  void run_worker(Worker& worker);
  bool begin_one(Worker& worker, WorkList& from);
  void finish_locked(Worker& worker);
  void drop_locked(WorkList& list, uint64_t number);
  void forget_locked(WorkQueue& queue, uint64_t number, unsigned place, bool was_active);
  void activate_locked(WorkQueue& queue, unsigned place);
  Worker* running_locked(const WorkWord* word, std::optional<uint64_t> identity);
  void move(WorkList& from, WorkList::iterator item, WorkList& to);
  bool wait(WorkQueue* queue, uint64_t number, bool only_this);
  Worker* current_worker();
  unsigned place_of(const WorkQueue& queue, unsigned cpu) const;

  Machine& machine_;
  WorkHooks hooks_;
  SpinLock lock_;
  unsigned next_unbound_id_;
  uint64_t next_number_ = 1;
  std::vector<std::unique_ptr<WorkPool>> pools_;
  std::vector<std::unique_ptr<WorkQueue>> queues_;
  std::unordered_map<const WorkWord*, WorkList::iterator> pending_;
  std::unordered_map<const WorkWord*, unsigned> blocked_;
};

}  // namespace ring3::machine
