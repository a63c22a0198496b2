// SPDX-License-Identifier: GPL-2.0-only
// The ring. A record is a Header, its text and its dictionary, in one piece: where the rest of the
// ring is too short, a filler takes that rest. The newest record is open when its line is
// unfinished; joining a continuation takes it out of the ring and appends it again, longer, under
// the same sequence number.
#include "machine/log.h"

#include <algorithm>
#include <cstring>
#include <thread>

#include "base/check.h"

namespace ring3::machine {

struct Log::Header {
  uint64_t sequence;  // kFiller: the rest of the ring is unused
  uint64_t time_ns;
  uint64_t caller;
  uint32_t size;  // of the whole record, a multiple of 8
  uint16_t text_size;
  uint16_t dictionary_size;
  uint8_t level;
  uint8_t facility;
  bool continuation;
  bool finished;

  static constexpr uint64_t kFiller = ~uint64_t{0};
  char* text() { return reinterpret_cast<char*>(this + 1); }
  LogHead head() const { return {sequence, time_ns, caller, level, facility, continuation}; }
};

struct Log::Deferred {
  enum State : int { kFree, kFilling, kReady };
  std::atomic<int> state = kFree;
  uint64_t time_ns = 0;
  Entry entry;
  char text[1024];
};

namespace {
constexpr size_t kDictionaryMax = 128;
// This thread is inside a Guard: a write that comes now is from a signal handler.
thread_local std::atomic<bool> inside = false;
}  // namespace

class Log::Guard {
 public:
  explicit Guard(const Log& log) : log_(log) {
    inside.store(true, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    for (int spins = 0; log_.lock_.test_and_set(std::memory_order_acquire); spins++) {
      if (spins < 1000)
        __builtin_ia32_pause();
      else
        std::this_thread::yield();  // the holder may have lost its CPU
    }
  }
  ~Guard() {
    log_.lock_.clear(std::memory_order_release);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    inside.store(false, std::memory_order_relaxed);
  }

 private:
  const Log& log_;
};

Log::Log(const LogOptions& options)
    : ring_(new char[options.bytes & ~size_t{7}]),
      capacity_(options.bytes & ~size_t{7}),
      record_max_(options.record_max),
      clock_(options.clock),
      clock_context_(options.clock_context),
      deferred_(new Deferred[kDeferred]),
      sink_(options.sink),
      sink_context_(options.sink_context) {
  CHECK(record_max_ >= 64 && record_max_ <= 32768, "record_max {}", record_max_);
  CHECK(capacity_ >= 2 * (record_max_ + kDictionaryMax + sizeof(Header)),
        "a log of {} bytes does not hold two records", capacity_);
  delivery_.text.reserve(record_max_);
  delivery_.dictionary.reserve(kDictionaryMax);
}

Log::~Log() = default;

Log::Header* Log::at(uint64_t position) const {
  return reinterpret_cast<Header*>(ring_.get() + position % capacity_);
}

// Moves a position over unused bytes to the next record. False: there is none.
bool Log::skip(uint64_t& position) const {
  while (position < head_) {
    uint64_t rest = capacity_ - position % capacity_;
    if (rest < sizeof(Header)) {
      position += rest;
    } else if (at(position)->sequence == Header::kFiller) {
      position += at(position)->size;
    } else {
      return true;
    }
  }
  return false;
}

void Log::make_room(uint64_t size) {
  while (head_ + size - tail_ > capacity_) {
    if (!skip(tail_)) {
      tail_ = head_;
      return;
    }
    tail_ += at(tail_)->size;
    dropped_++;
  }
}

// `text` and `dictionary` may lie in the record that was just taken out of the ring's end.
void Log::append(LogHead head, std::string_view text, std::string_view more,
                 std::string_view dictionary, bool finished) {
  size_t text_size = text.size() + more.size();
  uint64_t size = (sizeof(Header) + text_size + dictionary.size() + 7) & ~uint64_t{7};
  uint64_t rest = capacity_ - head_ % capacity_;
  if (rest < size) {
    make_room(rest);
    if (rest >= sizeof(Header)) {
      at(head_)->sequence = Header::kFiller;
      at(head_)->size = static_cast<uint32_t>(rest);
    }
    head_ += rest;
  }
  make_room(size);
  Header* header = at(head_);
  *header = {head.sequence,
             head.time_ns,
             head.caller,
             static_cast<uint32_t>(size),
             static_cast<uint16_t>(text_size),
             static_cast<uint16_t>(dictionary.size()),
             head.level,
             head.facility,
             head.continuation,
             finished};
  if (!dictionary.empty())
    std::memmove(header->text() + text_size, dictionary.data(), dictionary.size());
  if (!text.empty()) std::memmove(header->text(), text.data(), text.size());
  if (!more.empty()) std::memcpy(header->text() + text.size(), more.data(), more.size());
  last_ = head_;
  head_ += size;
  open_ = !finished;
  if (finished) finished_.store(head.sequence + 1, std::memory_order_release);
}

void Log::store(const Entry& entry, uint64_t time_ns) {
  std::string_view text = entry.text.substr(0, record_max_);
  std::string_view dictionary = entry.dictionary.substr(0, kDictionaryMax);
  if (entry.continuation && open_) {
    Header* last = at(last_);
    if (last->caller == entry.caller && last->text_size <= entry.join_limit &&
        last->text_size + text.size() <= record_max_) {
      LogHead head = last->head();
      std::string_view old_text(last->text(), last->text_size);
      std::string_view old_dictionary(last->text() + last->text_size, last->dictionary_size);
      head_ = last_;
      append(head, old_text, text, old_dictionary, entry.newline);
      return;
    }
  }
  if (open_) {
    at(last_)->finished = true;
    finished_.store(next_sequence_, std::memory_order_release);
  }
  append({next_sequence_, time_ns, entry.caller, entry.level, entry.facility, entry.continuation},
         {}, text, dictionary, entry.newline);
  next_sequence_++;
}

void Log::write(const Entry& entry) {
  if (inside.load(std::memory_order_relaxed)) return defer(entry);
  uint64_t time_ns = now();
  uint64_t before, after;
  {
    Guard guard(*this);
    before = finished_.load(std::memory_order_relaxed);
    store(entry, time_ns);
    after = finished_.load(std::memory_order_relaxed);
  }
  if (deferred_count_.load(std::memory_order_relaxed)) [[unlikely]] {
    store_deferred();
    after = next();
  }
  if (after == before) return;
  generation_.fetch_add(1, std::memory_order_release);
  generation_.notify_all();
  if (sink_.load(std::memory_order_relaxed)) deliver();
}

void Log::finish_line() {
  {
    Guard guard(*this);
    if (!open_) return;
    open_ = false;
    at(last_)->finished = true;
    finished_.store(next_sequence_, std::memory_order_release);
  }
  generation_.fetch_add(1, std::memory_order_release);
  generation_.notify_all();
  if (sink_.load(std::memory_order_relaxed)) deliver();
}

// In a signal handler that interrupted a write. Full: the entry is lost and counted.
void Log::defer(const Entry& entry) {
  for (int i = 0; i < kDeferred; i++) {
    Deferred& slot = deferred_[i];
    int expected = Deferred::kFree;
    if (!slot.state.compare_exchange_strong(expected, Deferred::kFilling)) continue;
    size_t size = std::min(entry.text.size(), sizeof(slot.text));
    std::memcpy(slot.text, entry.text.data(), size);
    slot.entry = entry;
    slot.entry.text = {slot.text, size};
    slot.entry.dictionary = {};
    slot.time_ns = now();
    slot.state = Deferred::kReady;
    deferred_count_++;
    return;
  }
  lost_++;
}

void Log::store_deferred() {
  Guard guard(*this);
  for (int i = 0; i < kDeferred; i++) {
    Deferred& slot = deferred_[i];
    if (slot.state != Deferred::kReady) continue;
    store(slot.entry, slot.time_ns);
    slot.state = Deferred::kFree;
    deferred_count_--;
  }
}

bool Log::find(Cursor& cursor) const {
  uint64_t position = cursor.position;
  if (position < tail_ || position > head_ || (position == 0 && cursor.sequence != 0))
    position = tail_;
  while (skip(position)) {
    Header* header = at(position);
    if (header->sequence >= cursor.sequence) {
      cursor.position = position;
      return header->finished;
    }
    position += header->size;
  }
  return false;
}

bool Log::read(Cursor& cursor, LogRecord& record) const {
  if (cursor.sequence >= next()) return false;
  Guard guard(*this);
  if (!find(cursor)) return false;
  Header* header = at(cursor.position);
  static_cast<LogHead&>(record) = header->head();
  record.text.assign(header->text(), header->text_size);
  record.dictionary.assign(header->text() + header->text_size, header->dictionary_size);
  cursor.sequence = header->sequence + 1;
  cursor.position += header->size;
  return true;
}

bool Log::wait(uint64_t sequence) const {
  while (!stopped_) {
    uint32_t seen = generation_.load(std::memory_order_acquire);
    if (next() > sequence) return true;
    if (stopped_) break;
    generation_.wait(seen);
  }
  return false;
}

void Log::stop_waiting() {
  stopped_ = true;
  generation_++;
  generation_.notify_all();
}

uint64_t Log::first() const {
  Guard guard(*this);
  uint64_t position = tail_;
  return skip(position) ? at(position)->sequence : next_sequence_;
}

uint64_t Log::dropped() const {
  Guard guard(*this);
  return dropped_ + lost_;
}

void Log::set_sink(void (*sink)(void*, const LogRecordView&), void* context) {
  sink_context_ = context;
  sink_ = sink;
  if (sink) deliver();
}

// One thread at a time hands out records; one that comes meanwhile leaves its record to it.
void Log::deliver() {
  do {
    if (delivering_.test_and_set(std::memory_order_acquire)) return;
    auto sink = sink_.load();
    while (sink && read(delivered_, delivery_)) {
      delivered_sequence_ = delivered_.sequence;
      LogRecordView view{delivery_, delivery_.text, delivery_.dictionary};
      sink(sink_context_, view);
    }
    delivering_.clear(std::memory_order_release);
  } while (sink_.load() && delivered_sequence_ < next());
}

}  // namespace ring3::machine
