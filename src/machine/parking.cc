// SPDX-License-Identifier: GPL-2.0-only
#include "machine/parking.h"

#include "machine/machine.h"

namespace ring3::machine {

// Lives on the sleeper's stack and is in its queue exactly while `queued`; guarded by the queue's
// lock, which the sleeper takes once more before it leaves. So a waker never meets a dead one.
struct Parker {
  const void* key;
  Task* task;
  uintptr_t tag;
  bool queued;
  Parker* next;
  Parker* previous;
};

namespace {

struct Queue {
  SpinLock lock;
  Parker* head = nullptr;
  Parker* tail = nullptr;
};

constexpr unsigned kQueueBits = 9;
Queue queues[1u << kQueueBits];

// Different keys may share a queue, so each walk compares.
Queue& queue_of(const void* key) {
  return queues[reinterpret_cast<uint64_t>(key) * 0x9e3779b97f4a7c15ull >> (64 - kQueueBits)];
}

void insert(Queue& queue, Parker& parker, bool first) {
  parker.queued = true;
  parker.previous = first ? nullptr : queue.tail;
  parker.next = first ? queue.head : nullptr;
  (parker.previous ? parker.previous->next : queue.head) = &parker;
  (parker.next ? parker.next->previous : queue.tail) = &parker;
}

void remove(Queue& queue, Parker& parker) {
  parker.queued = false;
  (parker.previous ? parker.previous->next : queue.head) = parker.next;
  (parker.next ? parker.next->previous : queue.tail) = parker.previous;
}

struct Alarm : Timer {
  Task* task;
};

// Ends a sleep: the parker is out of the queue (by whomever) when this returns.
bool still_queued(Queue& queue, Parker& parker) {
  SpinGuard guard(queue.lock);
  bool queued = parker.queued;
  if (queued) remove(queue, parker);
  return queued;
}

bool signalled(const Task& task, unsigned state) {
  return ((state & kInterruptible) && task.signalled.load()) ||
         ((state & kWakeKill) && task.fatally_signalled.load());
}

}  // namespace

Parked Parking::park_until(const ParkRequest& request, bool (*must_wait)(void*), void* argument,
                           bool first) {
  Machine& machine = *Machine::instance();
  Task* task = Scheduler::current();
  Queue& queue = queue_of(request.key);
  Parker parker{request.key, task, request.tag, false, nullptr, nullptr};
  {
    SpinGuard guard(queue.lock);
    if (!must_wait(argument)) return Parked::kUnneeded;
    insert(queue, parker, first);
  }
  Alarm alarm;
  alarm.task = task;
  alarm.function = [](Timer* timer) {
    Machine::instance()->scheduler().wake(static_cast<Alarm*>(timer)->task);
  };
  bool timed = request.deadline_ns != ~0ull;
  if (timed) machine.timers().add(&alarm, request.deadline_ns);
  Parked result = Parked::kWoken;
  while (true) {
    task->state->store(request.state);
    {
      SpinGuard guard(queue.lock);
      if (!parker.queued) break;
    }
    if (signalled(*task, request.state)) {
      if (still_queued(queue, parker)) result = Parked::kSignal;
      break;
    }
    if (timed && machine.clock().now_ns() >= request.deadline_ns) {
      if (still_queued(queue, parker)) result = Parked::kTimeout;
      break;
    }
    machine.scheduler().schedule();
  }
  task->state->store(kRunning);
  if (timed && !machine.timers().cancel(&alarm)) machine.timers().wait_running(&alarm);
  return result;
}

unsigned Parking::unpark_with(const void* key, Decision (*decide)(void*, uintptr_t, Task*),
                              void* decider, void (*finish)(void*, unsigned), void* finisher) {
  Scheduler& scheduler = Machine::instance()->scheduler();
  Queue& queue = queue_of(key);
  SpinGuard guard(queue.lock);
  unsigned woken = 0, left = 0;
  bool stopped = false;
  for (Parker *parker = queue.head, *next; parker; parker = next) {
    next = parker->next;
    if (parker->key != key) continue;
    Decision decision = stopped ? Decision::kStop : decide(decider, parker->tag, parker->task);
    stopped |= decision == Decision::kStop || decision == Decision::kWakeAndStop;
    if (decision == Decision::kWake || decision == Decision::kWakeAndStop) {
      remove(queue, *parker);
      scheduler.wake(parker->task);
      woken++;
    } else {
      left++;
    }
  }
  finish(finisher, left);
  return woken;
}

unsigned Parking::waiters(const void* key) {
  Queue& queue = queue_of(key);
  SpinGuard guard(queue.lock);
  unsigned count = 0;
  for (Parker* parker = queue.head; parker; parker = parker->next) count += parker->key == key;
  return count;
}

void Parking::forget() {
  for (Queue& queue : queues) {
    SpinGuard guard(queue.lock);
    queue.head = queue.tail = nullptr;
  }
}

}  // namespace ring3::machine
