// SPDX-License-Identifier: GPL-2.0-only
// Sleeping on an address: tasks that wait for a word somewhere queue up in a table of the engine's
// own, keyed by that word's address. So a lock needs no memory besides its word (which lies in a
// module's memory, where inlined code reads it), and a corrupted lock cannot lead us into
// corrupted lists.
//
// A sleeper checks under its queue's lock whether it still has to wait; a waker changes the word
// under the same lock. Hence no wake-up is lost. Both are the caller's functions: they may only
// look at and change words. Rank of the queues' locks: above the run queue's, below everything
// else; never held while anything else is called.
#pragma once

#include <cstdint>
#include <type_traits>

#include "machine/spinlock.h"
#include "machine/task.h"

namespace ring3::machine {

enum class Parked : uint8_t {
  kUnneeded,  // the condition was true already
  kWoken,
  kTimeout,
  kSignal,  // the state allowed signals and one came
};

struct Parker;

// A sleep of the running task on `key`. `state` is what its state word says meanwhile.
struct ParkRequest {
  const void* key = nullptr;
  unsigned state = kUninterruptible;
  uint64_t deadline_ns = ~0ull;  // machine time; ~0: none
  uintptr_t tag = 0;             // what kind of waiter, for the waker
};

class Parking {
 public:
  // Sleeps unless must_wait() says false. `first`: the place at the queue's head, not its end.
  template <class MustWait>
  static Parked park(const ParkRequest& request, MustWait&& must_wait, bool first = false) {
    auto call = [](void* argument) {
      return (*static_cast<std::remove_reference_t<MustWait>*>(argument))();
    };
    return park_until(request, call, &must_wait, first);
  }

  // Calls decide(tag of the next waiter, waiters behind it) for one waiter after the other, in
  // their order, until it returns kStop; kWake takes the waiter out and wakes it. At the end
  // finish(waiters left) runs. All of it under the queue's lock.
  enum class Decision : uint8_t { kWake, kWakeAndStop, kSkip, kStop };
  template <class Decide, class Finish>
  static unsigned unpark(const void* key, Decide&& decide, Finish&& finish) {
    return unpark_tasks(
        key, [&](uintptr_t tag, Task*) { return decide(tag); }, finish);
  }
  // The same, where the decision hands something to the task.
  template <class Decide, class Finish>
  static unsigned unpark_tasks(const void* key, Decide&& decide, Finish&& finish) {
    auto call_decide = [](void* argument, uintptr_t tag, Task* task) {
      return (*static_cast<std::remove_reference_t<Decide>*>(argument))(tag, task);
    };
    auto call_finish = [](void* argument, unsigned left) {
      (*static_cast<std::remove_reference_t<Finish>*>(argument))(left);
    };
    return unpark_with(key, call_decide, &decide, call_finish, &finish);
  }
  static unsigned unpark_all(const void* key) {
    return unpark(
        key, [](uintptr_t) { return Decision::kWake; }, [](unsigned) {});
  }
  // Runs change(waiters) under the queue's lock.
  template <class Change>
  static void with_queue(const void* key, Change&& change) {
    unpark(
        key, [](uintptr_t) { return Decision::kStop; }, change);
  }
  static unsigned waiters(const void* key);
  // The machine has ended, and with it the stacks of all sleepers: the next one begins with empty
  // queues.
  static void forget();

 private:
  static Parked park_until(const ParkRequest& request, bool (*must_wait)(void*), void* argument,
                           bool first);
  static unsigned unpark_with(const void* key, Decision (*decide)(void*, uintptr_t, Task*),
                              void* decider, void (*finish)(void*, unsigned), void* finisher);
};

}  // namespace ring3::machine
