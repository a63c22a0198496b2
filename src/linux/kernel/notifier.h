// SPDX-License-Identifier: GPL-2.0-only
// Notifier chains for runtime code: blocks in order of priority, called until one says stop
// (include/linux/notifier.h).
#pragma once

namespace ring3::k {
struct notifier_block {
  int (*call)(notifier_block*, unsigned long action, void* data);
  notifier_block* next;
  int priority;
};
}  // namespace ring3::k

namespace ring3::kernel {

using NotifierHead = k::notifier_block*;
inline constexpr int kNotifyDone = 0, kNotifyOk = 1, kNotifyStopMask = 0x8000;

int add_notifier(NotifierHead* head, k::notifier_block* block, bool unique_priority);
int remove_notifier(NotifierHead* head, k::notifier_block* block);
// At most `limit` blocks (-1: all); how many were called goes to *called. Returns the last answer.
int call_notifiers(NotifierHead* head, unsigned long action, void* data, int limit = -1,
                   int* called = nullptr);
// An answer as errno: 0, or what notifier_from_errno put in.
constexpr int notifier_errno(int answer) {
  answer &= ~kNotifyStopMask;
  return answer > kNotifyOk ? kNotifyOk - answer : 0;
}

}  // namespace ring3::kernel
