// SPDX-License-Identifier: GPL-2.0-only
// The engine's own half of work.h: pools and their workers.
#pragma once

#include "machine/work.h"

namespace ring3::machine {

struct Worker {
  WorkEngine* engine = nullptr;
  WorkPool* pool = nullptr;
  Task* task = nullptr;  // null: a BH pool's
  WorkList current;      // the item that runs, if any
  WorkList scheduled;    // items that wait for it to end, being the same
  uint64_t touched = 0;  // number of the item that it looks at for the first time
  bool counted = false;  // among pool->running
  bool asleep = false;   // was counted before it fell asleep
};

struct WorkPool {
  unsigned cpu = kAnyCpu;
  bool high = false;
  bool bh = false;
  unsigned id = 0;  // of an unbound pool
  WorkList items;
  unsigned running = 0;   // workers that keep others from beginning
  unsigned started = 0;   // workers so far, for their names
  bool starting = false;  // one is being made
  std::vector<Worker*> idle;
  std::vector<std::unique_ptr<Worker>> workers;

  bool unbound() const { return cpu == kAnyCpu; }
  bool may_begin() const { return !items.empty() && running == 0; }
};

}  // namespace ring3::machine
