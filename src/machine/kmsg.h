// SPDX-License-Identifier: GPL-2.0-only
// /dev/kmsg as a function of the log: one record a read, and writing that puts a program's text
// into the log. Whoever gives it to programs has one KmsgReader for each open file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "machine/log.h"

namespace ring3::machine {

// What changed between kernels: the longest text that may be written, and the longest record that
// is read, with its dictionary.
struct KmsgLimits {
  size_t write_max = 1024;
  size_t read_max = 2048;
};

class KmsgReader {
 public:
  // Begins at the oldest record.
  KmsgReader(const Log& log, KmsgLimits limits)
      : log_(log), limits_(limits), cursor_{log.first()} {}

  // "6,339,5140900,-;text\n SUBSYSTEM=pci\n". EAGAIN: there is no record yet; wait for next().
  // EPIPE: records were overwritten before they were read, the next read goes on behind them.
  // EINVAL: the record is longer than `size`, and passed over.
  Result<std::string> read(size_t size);
  // lseek(2): SEEK_SET is the oldest record, SEEK_DATA the first that was not cleared, SEEK_END
  // behind the newest. Other offsets than 0 are refused.
  Result<int64_t> seek(int64_t offset, int whence);

  uint64_t next() const { return cursor_.sequence; }

 private:
  const Log& log_;
  const KmsgLimits limits_;
  Log::Cursor cursor_;
};

// write(2): "<14>text\n". The number is facility * 8 + level; nobody can speak for the kernel
// (facility 0 becomes 1, user). Without one the level is `level`. A text without a newline ends all
// the same when the next one comes. Returns the size of `text`; EINVAL: it is too long.
Result<int64_t> kmsg_write(Log& log, std::string_view text, uint8_t level, uint64_t caller,
                           KmsgLimits limits);

}  // namespace ring3::machine
