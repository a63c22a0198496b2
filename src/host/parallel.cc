// SPDX-License-Identifier: GPL-2.0-only
#include "host/parallel.h"

#include <pthread.h>
#include <sched.h>

#include <vector>

namespace ring3::host {
namespace {

struct Start {
  const std::function<void(unsigned)>* fn;
  unsigned number;
  pthread_t thread;
  bool started;
};

void* run(void* argument) {
  Start* start = static_cast<Start*>(argument);
  (*start->fn)(start->number);
  return nullptr;
}

}  // namespace

unsigned usable_cpus() {
  cpu_set_t cpus;
  int count = ::sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? CPU_COUNT(&cpus) : 1;
  return count > 0 ? static_cast<unsigned>(count) : 1;
}

void run_parallel(unsigned count, const std::function<void(unsigned)>& fn) {
  std::vector<Start> threads(count);
  for (unsigned i = 1; i < count; i++) {
    threads[i] = {&fn, i, {}, false};
    threads[i].started = ::pthread_create(&threads[i].thread, nullptr, run, &threads[i]) == 0;
  }
  if (count) fn(0);
  for (unsigned i = 1; i < count; i++) {
    if (threads[i].started)
      ::pthread_join(threads[i].thread, nullptr);
    else
      fn(i);
  }
}

}  // namespace ring3::host
