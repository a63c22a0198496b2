// SPDX-License-Identifier: GPL-2.0-only
// For the tests of this folder: the machine's memory, small, with what it reported kept.
#pragma once

#include <gtest/gtest.h>

#include <mutex>
#include <vector>

#include "machine/memory/memory.h"

namespace ring3::machine {

struct MemoryTest : testing::Test {
  void create(bool guarded = false, GuardOptions guard = {}) {
    MemoryOptions options;
    options.ram.size = 64 << 20;
    options.vmalloc_size = 4ull << 30;
    options.percpu_area_size = 1 << 20;
    options.cpus = 2;
    options.guarded = guarded;
    options.guard = guard;
    options.report = [this](const MemoryReport& report) {
      std::lock_guard lock(mutex);
      reports.push_back(report);
    };
    auto made = create_memory(options);
    ASSERT_TRUE(made.ok()) << made.error().text;
  }
  void TearDown() override { destroy_memory(); }
  void* allocate(size_t size, uint64_t owner = 0x1000, bool zero = false) {
    return heap().allocate({.size = size, .zero = zero, .owner = owner});
  }
  static uint64_t number(const void* pointer) { return reinterpret_cast<uint64_t>(pointer); }

  std::mutex mutex;
  std::vector<MemoryReport> reports;
};

}  // namespace ring3::machine
