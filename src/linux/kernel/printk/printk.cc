// SPDX-License-Identifier: GPL-2.0-only
// printk: formats into a buffer on the stack, takes the KERN_ prefixes off and writes one record.
// The engine is src/machine/log.h; here is what Linux's vprintk_store decides: level, continuation,
// the newline that ends a line, and how long a record may be.
#include "linux/include/printk.h"

#include <atomic>
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/format.h"
#include "linux/include/tags.h"
#include "linux/kernel/printk/printk_files.h"
#include "target/target.h"

namespace ring3::kernel {
namespace {

std::atomic<machine::Log*> current_log = nullptr;
std::atomic<uint64_t (*)()> caller_of = nullptr;

// Longest text of one record with its final 0. Until 6.3 room for a console's prefix was kept
// (LOG_LINE_MAX); since then a record may fill PRINTKRB_RECORD_MAX.
constexpr size_t kRecordMax = 1024;
constexpr size_t kOldRecordMax = 1024 - 32;
std::atomic<size_t> record_max = kRecordMax;

uint64_t caller() {
  if (auto ask = caller_of.load(std::memory_order_relaxed)) return ask();
  static thread_local char marker;
  return reinterpret_cast<uint64_t>(&marker);
}

struct Prefix {
  int level = kLevelDefault;
  bool continuation = false;
};

// Takes prefixes off the front: "\0016", "\001c", any number of them; the first level counts.
size_t take_prefixes(const char* text, Prefix& prefix) {
  const char* at = text;
  while (at[0] == '\001' && at[1]) {
    if (at[1] >= '0' && at[1] <= '7') {
      if (prefix.level == kLevelDefault) prefix.level = at[1] - '0';
    } else if (at[1] == 'c') {
      prefix.continuation = true;
    } else {
      break;
    }
    at += 2;
  }
  return at - text;
}

}  // namespace

machine::Log& kernel_log() {
  if (machine::Log* log = current_log.load(std::memory_order_acquire)) return *log;
  static machine::Log early(machine::LogOptions{.bytes = 1 << 16});
  return early;
}
void set_kernel_log(machine::Log* log) { current_log = log; }
// struct printk_message came with the larger records.
void bind_printk(const target::Target& target) {
  record_max = target.size_of("printk_message") ? kRecordMax : kOldRecordMax;
}
// With printk_message a read got its smaller limit (PRINTK_MESSAGE_MAX instead of
// CONSOLE_EXT_LOG_MAX).
machine::KmsgLimits kmsg_limits() {
  constexpr size_t kReadMax = 2048, kOldReadMax = 8192;
  size_t limit = record_max;
  return {limit, limit == kRecordMax ? kReadMax : kOldReadMax};
}
void set_log_caller(uint64_t (*ask)()) { caller_of = ask; }

ConsoleLevels& console_levels() {
  static ConsoleLevels levels;
  return levels;
}

int kernel_print_list(int facility, int level, const char* dictionary, const char* format,
                      va_list arguments) noexcept {
  char buffer[kRecordMax];
  size_t limit = record_max.load(std::memory_order_relaxed);
  size_t length = format_text(buffer, limit, format, arguments);
  size_t size = std::min(length, limit - 1);
  size_t reserved = size + 1;

  Prefix prefix;
  if (level != kLevelScheduler) prefix.level = level;
  bool newline = size && buffer[size - 1] == '\n';
  if (newline) size--;
  buffer[size] = 0;
  size_t skip = facility == 0 ? take_prefixes(buffer, prefix) : 0;
  if (skip > size) skip = size;
  if (prefix.level == kLevelDefault) prefix.level = console_levels().default_message;

  machine::Log::Entry entry;
  entry.text = {buffer + skip, size - skip};
  if (dictionary) entry.dictionary = dictionary;
  entry.caller = caller();
  entry.level = static_cast<uint8_t>(prefix.level & 7);
  entry.facility = static_cast<uint8_t>(facility);
  entry.newline = newline || dictionary;
  entry.continuation = prefix.continuation;
  // Linux asks for room for the prefix and the final 0 as well.
  entry.join_limit = limit - reserved;
  kernel_log().write(entry);
  return static_cast<int>(size - skip);
}

int kernel_print(const char* format, ...) noexcept {
  va_list arguments;
  va_start(arguments, format);
  int length = kernel_print_list(0, kLevelDefault, nullptr, format, arguments);
  va_end(arguments);
  return length;
}

void kernel_warning(const char* format, ...) noexcept {
  va_list arguments;
  va_start(arguments, format);
  kernel_print_list(0, machine::kLogWarning, nullptr, format, arguments);
  va_end(arguments);
}

namespace {

KAPI_VA(_printk, Real, int, (const char* format), arguments) {
  return kernel_print_list(0, kLevelDefault, nullptr, format, arguments);
}

}  // namespace
}  // namespace ring3::kernel
