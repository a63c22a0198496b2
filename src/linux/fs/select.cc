// SPDX-License-Identifier: GPL-2.0-only
// poll(2) on one file: the driver says what the file is ready for and which wait queues tell of a
// change; the task waits on all of them until one does. A queue's waker may run in an interrupt, so
// all it does is set a flag and wake.
#include <atomic>
#include <cerrno>
#include <cstring>
#include <deque>

#include "base/check.h"
#include "kapi/kapi.h"
#include "linux/include/fs.h"
#include "linux/include/list.h"
#include "linux/include/memory.h"
#include "linux/include/sched.h"
#include "linux/include/slab.h"
#include "linux/include/wait.h"
#include "linux/kernel/sched/wait_fields.h"

namespace ring3::kernel {
namespace {

using QueueFunction = void (*)(k::file*, k::wait_queue_head*, k::poll_table_struct*);
KSIZE(poll_table_struct);
KFIELD(poll_table_struct, _qproc, QueueFunction);
KFIELD(poll_table_struct, _key, unsigned);
KSIZE(wait_queue_entry);

constexpr unsigned kReady = 0x145;        // of a file without poll: EPOLLIN, OUT, RDNORM, WRNORM
constexpr unsigned kAlways = 0x8 | 0x10;  // EPOLLERR, EPOLLHUP
constexpr int kMillisecondsAJiffy = 4;    // CONFIG_HZ=250

// One call of poll. The driver sees `table`, which comes first.
class Poller {
 public:
  explicit Poller(unsigned wanted);
  ~Poller();
  unsigned ask(k::file* file);
  // Sleeps until a queue woke us, a signal, or the time is over; what is left of it.
  long wait(long jiffies);

  void watch(k::wait_queue_head* head);
  static int woken(k::wait_queue_entry* entry);

 private:
  struct Watch {
    k::wait_queue_head* head;
    k::wait_queue_entry* entry;
  };
  alignas(16) char table_[64] = {};
  std::deque<Watch> watched_;
  machine::Task* task_ = this_task();
  std::atomic<bool> triggered_{false};
};

// Called by module code, so they are entry points like those of the kernel API.
const kapi::Record queue_record = {.name = "__pollwait",
                                   .kind = kapi::Kind::kFunction,
                                   .status = kapi::status::Real,
                                   .address = nullptr,
                                   .prototype = nullptr,
                                   .file = __FILE__,
                                   .line = __LINE__,
                                   .data = {},
                                   .bound = nullptr};
void queue(k::file*, k::wait_queue_head* head, k::poll_table_struct* table) noexcept {
  reinterpret_cast<Poller*>(table)->watch(head);
}
int wake(k::wait_queue_entry* entry, unsigned, int, void*) noexcept { return Poller::woken(entry); }

constexpr QueueFunction kQueue = &kapi::Entry<void(
    k::file*, k::wait_queue_head*, k::poll_table_struct*)>::call<&queue, &queue_record>;
constexpr auto kWake =
    &kapi::Entry<int(k::wait_queue_entry*, unsigned, int, void*)>::call<&wake, &queue_record>;

Poller::Poller(unsigned wanted) {
  CHECK(sizeof_poll_table_struct() <= sizeof(table_));
  poll_table_struct__qproc(table_) = kQueue;
  poll_table_struct__key(table_) = wanted | kAlways;
}

Poller::~Poller() {
  for (const Watch& watch : watched_) {
    {
      IrqSpinGuard guard(wait_queue_head_lock(watch.head));
      list_unlink(wait_queue_entry_entry(watch.entry));
    }
    kernel_free(watch.entry);
  }
}

unsigned Poller::ask(k::file* file) {
  auto poll = file_operations_poll(file_f_op(file));
  if (!poll) return kReady;
  unsigned events = poll(file, reinterpret_cast<k::poll_table_struct*>(table_));
  poll_table_struct__qproc(table_) = nullptr;  // the queues are known now
  return events;
}

void Poller::watch(k::wait_queue_head* head) {
  auto* entry = static_cast<k::wait_queue_entry*>(
      kernel_allocate_for(0, sizeof_wait_queue_entry(), kGfpKernel));
  if (!entry) return;
  std::memset(static_cast<void*>(entry), 0, sizeof_wait_queue_entry());
  wait_queue_entry_func(entry) = kWake;
  wait_queue_entry_task(entry) = this;
  IrqSpinGuard guard(wait_queue_head_lock(head));
  list_add(wait_queue_entry_entry(entry), wait_queue_head_head(head));
  watched_.push_back({head, entry});
}

int Poller::woken(k::wait_queue_entry* entry) {
  auto* poller = static_cast<Poller*>(wait_queue_entry_task(entry));
  poller->triggered_ = true;
  return wake_up_state(kernel_task_of(poller->task_), kTaskNormal);
}

long Poller::wait(long jiffies) {
  set_current_state(kTaskInterruptible);
  if (!triggered_) jiffies = schedule_timeout(jiffies);
  set_current_state(kTaskRunning);
  triggered_ = false;
  return jiffies;
}

}  // namespace

int poll_file(k::file* file, unsigned wanted, int timeout_ms) {
  Poller poller(wanted);
  long left = timeout_ms < 0 ? kMaxScheduleTimeout
                             : (timeout_ms + kMillisecondsAJiffy - 1L) / kMillisecondsAJiffy;
  for (;;) {
    if (unsigned events = poller.ask(file) & (wanted | kAlways)) return static_cast<int>(events);
    if (signal_pending(kTaskInterruptible)) return -EINTR;
    if (left <= 0) return 0;
    left = poller.wait(left);
  }
}

}  // namespace ring3::kernel
