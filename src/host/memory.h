// SPDX-License-Identifier: GPL-2.0-only
// Address space of this process: reservations at chosen addresses, pages of them made usable, their
// protection changed. Thin over mmap(2), with errors that name the range.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/result.h"

namespace ring3::host {

inline constexpr uint64_t kPageSize = 4096;
constexpr uint64_t page_up(uint64_t n) { return (n + kPageSize - 1) & ~(kPageSize - 1); }

enum class Protection { kNone, kRead, kReadWrite, kReadExecute };

// Reserves [address, address + size) without memory behind it; address 0 lets the host choose, at a
// multiple of `alignment`. Nothing that exists is replaced.
Result<uint64_t> reserve(uint64_t address, uint64_t size, uint64_t alignment = kPageSize);
// Fresh zeroed pages over a part of a reservation.
Result<void> commit(uint64_t address, uint64_t size, Protection protection);
// Gives the pages back; the range stays reserved and unreadable.
Result<void> decommit(uint64_t address, uint64_t size);
Result<void> protect(uint64_t address, uint64_t size, Protection protection);
void release(uint64_t address, uint64_t size);

// A memory file of `size` bytes (sparse), and a shared mapping of all of it over a reservation.
Result<int> create_memory_file(const char* name, uint64_t size);
Result<void> map_file_shared(uint64_t address, uint64_t size, int fd, uint64_t offset);
// The pages of a shared memory file range become holes (zeros, memory given back).
void punch_hole(int fd, uint64_t offset, uint64_t size);
void close_fd(int fd);

}  // namespace ring3::host
