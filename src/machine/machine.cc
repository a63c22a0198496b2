// SPDX-License-Identifier: GPL-2.0-only
#include "machine/machine.h"

#include "base/check.h"
#include "host/memory.h"
#include "machine/interrupts.h"

namespace ring3::machine {
namespace {

Machine* the_machine = nullptr;

// Without Linux's face: the engine's own words behind GsArea.
constexpr uint64_t kOwnAreaSize = 4096;
constexpr uint64_t kOwnCurrentTask = 64;
constexpr uint64_t kOwnPreemptCount = 72;

}  // namespace

Machine* Machine::instance() { return the_machine; }

Machine::Machine(MachineOptions options)
    : options_(std::move(options)), clock_(options_.clock), scheduler_(*this) {
  CHECK(!the_machine, "a process has one machine at a time");
  the_machine = this;
  if (options_.percpu_areas.empty()) {
    auto areas = host::reserve(0, kOwnAreaSize * options_.cpus);
    CHECK(areas.ok() &&
          host::protect(*areas, kOwnAreaSize * options_.cpus, host::Protection::kReadWrite).ok());
    own_areas_ = *areas;
    for (unsigned i = 0; i < options_.cpus; i++)
      options_.percpu_areas.push_back(own_areas_ + i * kOwnAreaSize);
    options_.current_task_offset = kOwnCurrentTask;
    options_.preempt_count_offset = kOwnPreemptCount;
  }
  CHECK(options_.percpu_areas.size() == options_.cpus);
  for (unsigned i = 0; i < options_.cpus; i++)
    cpus_.push_back(std::make_unique<Cpu>(*this, i, options_.percpu_areas[i]));
  // An idle CPU waits until what was the earliest timer: a new earlier one must wake it.
  timers_.on_earlier = [this](uint64_t) {
    for (auto& cpu : cpus_) cpu->wake_up();
  };
}

Machine::~Machine() {
  stop();
  cpus_.clear();
  if (own_areas_) host::release(own_areas_, kOwnAreaSize * options_.cpus);
  the_machine = nullptr;
}

void Machine::start() {
  install_handlers();
  started_ = true;
  for (auto& cpu : cpus_) cpu->start();
}

void Machine::stop() {
  if (!started_) return;
  stopping_ = true;
  for (auto& cpu : cpus_) cpu->raise(kReschedule);
  for (auto& cpu : cpus_) cpu->join();
  started_ = false;
}

}  // namespace ring3::machine
