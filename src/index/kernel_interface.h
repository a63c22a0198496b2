// SPDX-License-Identifier: GPL-2.0-only
// The kernel that the module tools talk to. Everything that insmod, rmmod, lsmod and modprobe ask
// of a kernel goes through this one class, so that they work alike on the running kernel
// (HostKernel) and on a Ring 3 machine behind a socket.
//
// The calls are Linux's, with Linux's errnos in Error::code; Error::text may be empty, the tools
// have their own words for an errno. Paths are absolute: below /proc and /sys they are the
// kernel's. What lies on disk (modules.dep, modprobe.d, the .ko files) is read from the host either
// way.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "index/log_record.h"

namespace ring3::index {

// Flags of finit_module(2) and delete_module(2) that the tools use.
enum FinitFlags : unsigned {
  kIgnoreModversions = 1,
  kIgnoreVermagic = 2,
  kCompressedFile = 4,
};
enum DeleteFlags : unsigned {
  kDeleteNonblock = 04000,  // O_NONBLOCK, always given
  kDeleteForce = 01000,     // O_TRUNC
};

struct LogLine {
  int level = 6;     // 0 (emergency) to 7 (debug)
  std::string text;  // without level, time and newline
};

// Where a reader of the log begins. kCleared: behind what `dmesg --clear` hid.
enum class LogStart { kCleared, kEnd };

// The log's records, oldest first, each once.
class LogReader {
 public:
  virtual ~LogReader() = default;
  // Nothing: there are no more now. ENODATA: there never will be, the kernel ended.
  virtual Result<std::optional<KernelRecord>> next() = 0;
  // Returns when next() may have something to say, or after about a second.
  virtual void wait() = 0;
};

// syslog(2)'s result and, for the actions that read, the text.
struct SyslogResult {
  int64_t value = 0;
  std::string text;
};

class KernelInterface {
 public:
  virtual ~KernelInterface() = default;

  // uname -r.
  virtual std::string release() = 0;

  // `image` is the whole ELF file, unpacked.
  virtual Result<void> init_module(Bytes image, const std::string& args) = 0;
  // `fd` is the caller's. ENOSYS: this kernel has no such call; the tools then use init_module.
  virtual Result<void> finit_module(int fd, const std::string& args, unsigned flags) = 0;
  virtual Result<void> delete_module(const std::string& name, unsigned flags) = 0;

  // A file below /proc or /sys: /proc/modules, /proc/cmdline, /sys/module/NAME/{refcnt, initstate,
  // coresize}, /sys/module/compression.
  virtual Result<std::string> read_file(const std::string& path) = 0;
  // The names in a folder there (/sys/module/NAME/holders), in the order in which the kernel gives
  // them, without "." and "..".
  virtual Result<std::vector<std::string>> list_folder(const std::string& path) = 0;
  virtual bool exists(const std::string& path) = 0;

  // Remembers where the kernel's log ends now. log_since_mark gives the lines that came after it,
  // oldest first; nothing where the log may not be read. Several marks: the last one counts.
  virtual void mark_log() = 0;
  virtual std::vector<LogLine> log_since_mark() = 0;

  // /dev/kmsg, for reading; records have no sequence numbers missing unless they were lost.
  virtual Result<std::unique_ptr<LogReader>> open_log(LogStart start) = 0;
  // syslog(2): `action` is one of SYSLOG_ACTION_*, `length` the size of the buffer.
  virtual Result<SyslogResult> syslog(int action, int64_t length) = 0;
  // What has to be added to the times of the log's records to have the time of day, in
  // microseconds since 1970. Time that the system slept counts as if it had slept before.
  virtual Result<int64_t> log_epoch() = 0;
};

}  // namespace ring3::index
