// SPDX-License-Identifier: GPL-2.0-only
// The kernel log: a ring of records with a fixed size in bytes. A full ring drops its oldest
// records and counts them; writing never allocates and never waits for a reader, so any thread may
// write at any time. Linux's rules for unfinished lines hold (kernel/printk/printk_ringbuffer.c):
//
//  - a text that does not end in a newline leaves its record open, and readers do not see it;
//  - a continuation (KERN_CONT) joins the newest record when that is open and of the same caller,
//    and the joined text fits in record_max; otherwise it is a record of its own;
//  - any new record finishes the open one.
//
// Locking: lock_ is a leaf, held for the few hundred nanoseconds of a copy. A write from a signal
// handler that interrupted a write on the same thread is put into deferred_ and stored by the
// interrupted one when it is done.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace ring3::machine {

// Linux's KERN_* levels.
enum LogLevel : uint8_t {
  kLogEmergency,
  kLogAlert,
  kLogCritical,
  kLogError,
  kLogWarning,
  kLogNotice,
  kLogInfo,
  kLogDebug
};

struct LogHead {
  uint64_t sequence = 0;
  uint64_t time_ns = 0;
  uint64_t caller = 0;
  uint8_t level = kLogInfo;
  uint8_t facility = 0;
  bool continuation = false;  // was a KERN_CONT that found nothing to join
};

// A record as a reader gets it. Lines of a text are separated by '\n', without one at the end.
struct LogRecord : LogHead {
  std::string text;
  std::string dictionary;  // "SUBSYSTEM=pci\nDEVICE=+pci:0000:00:02.0", or empty
};
struct LogRecordView : LogHead {
  std::string_view text;
  std::string_view dictionary;
};

struct LogOptions {
  size_t bytes = 1 << 18;
  size_t record_max = 1024;                    // longest text of one record
  uint64_t (*clock)(void* context) = nullptr;  // nanoseconds; null: all stamps are 0
  void* clock_context = nullptr;
  // Called with each finished record, in order, by whichever thread finished it; may itself log.
  void (*sink)(void* context, const LogRecordView& record) = nullptr;
  void* sink_context = nullptr;
};

class Log {
 public:
  struct Entry {
    std::string_view text;  // without the final newline
    std::string_view dictionary = {};
    uint64_t caller = 0;
    uint8_t level = kLogWarning;
    uint8_t facility = 0;
    bool newline = true;        // the text was ended by a newline
    bool continuation = false;  // KERN_CONT
    // A continuation joins an open line of at most this length (and never beyond record_max).
    size_t join_limit = SIZE_MAX;
  };
  // Where a reader is. Made from a sequence number; the position is a hint.
  struct Cursor {
    uint64_t sequence = 0;
    uint64_t position = 0;
  };

  explicit Log(const LogOptions& options = {});
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void write(const Entry& entry);
  // Finishes an open line, as Linux does when nothing more may come (panic, shutdown).
  void finish_line();

  // The first finished record at or after the cursor, which moves behind it. When records before
  // it were dropped, record.sequence tells how many.
  bool read(Cursor& cursor, LogRecord& record) const;
  // Waits until a record with this sequence number is finished. False: stop_waiting() was called.
  bool wait(uint64_t sequence) const;
  void stop_waiting();

  uint64_t first() const;  // sequence number of the oldest record
  uint64_t next() const { return finished_.load(std::memory_order_acquire); }
  uint64_t dropped() const;
  // dmesg --clear: what was written so far is not shown by default.
  void mark_cleared() { cleared_ = next(); }
  void mark_cleared(uint64_t sequence) { cleared_ = sequence; }
  uint64_t cleared() const { return cleared_; }

  void set_sink(void (*sink)(void*, const LogRecordView&), void* context);

  size_t record_max() const { return record_max_; }
  uint64_t capacity() const { return capacity_; }

 private:
  struct Header;
  struct Deferred;
  class Guard;

  uint64_t now() const { return clock_ ? clock_(clock_context_) : 0; }
  void store(const Entry& entry, uint64_t time_ns);
  void append(LogHead head, std::string_view text, std::string_view more,
              std::string_view dictionary, bool finished);
  void make_room(uint64_t size);
  bool find(Cursor& cursor) const;
  void defer(const Entry& entry);
  void store_deferred();
  void deliver();
  Header* at(uint64_t position) const;
  bool skip(uint64_t& position) const;

  const std::unique_ptr<char[]> ring_;
  const uint64_t capacity_;
  const size_t record_max_;
  uint64_t (*const clock_)(void*);
  void* const clock_context_;

  mutable std::atomic_flag lock_;
  // Guarded by lock_. Positions only grow; the place in the ring is position % capacity_.
  uint64_t tail_ = 0;
  uint64_t head_ = 0;
  uint64_t last_ = 0;  // of the newest record
  uint64_t next_sequence_ = 0;
  uint64_t dropped_ = 0;
  bool open_ = false;  // the newest record is unfinished

  std::atomic<uint64_t> finished_ = 0;  // sequence after the newest finished record
  std::atomic<uint64_t> cleared_ = 0;
  mutable std::atomic<uint32_t> generation_ = 0;  // what wait() sleeps on
  std::atomic<bool> stopped_ = false;

  static constexpr int kDeferred = 8;
  std::unique_ptr<Deferred[]> deferred_;
  std::atomic<int> deferred_count_ = 0;
  std::atomic<uint64_t> lost_ = 0;  // found no slot

  std::atomic<void (*)(void*, const LogRecordView&)> sink_;
  void* sink_context_;
  std::atomic_flag delivering_;
  std::atomic<uint64_t> delivered_sequence_ = 0;
  Cursor delivered_;    // guarded by delivering_
  LogRecord delivery_;  // guarded by delivering_; its strings are reserved once
};

}  // namespace ring3::machine
