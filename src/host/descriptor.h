// SPDX-License-Identifier: GPL-2.0-only
// Files that somebody else opened: what a descriptor leads to, and its bytes. And memory that may
// not be there: copied with an answer instead of a fault.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"

namespace ring3::host {

struct DescriptorInfo {
  bool regular = false;
  uint64_t size = 0;
  uint64_t inode = 0;
};
// EBADF: it is closed, or was not opened for reading.
Result<DescriptorInfo> readable_file(int fd);
// Does anybody have the file open for writing? (What Linux's deny_write_access finds out; here a
// read lease is asked for. Where no lease can be had, for somebody else's file, the answer is no.)
bool open_for_writing(int fd);
// The whole file from its beginning, wherever the descriptor stands.
Result<std::vector<std::byte>> read_descriptor(int fd, uint64_t size);

// All of it or nothing; false: a part of `from` is not readable.
bool copy_checked(void* to, const void* from, size_t size);

}  // namespace ring3::host
