// SPDX-License-Identifier: GPL-2.0-only
// Softirqs: work that an interrupt leaves for after itself, with interrupts on. Numbers and order
// are Linux's (include/linux/interrupt.h).
#pragma once

namespace ring3::kernel {

enum Softirq : unsigned {
  kHighSoftirq,
  kTimerSoftirq,
  kNetTxSoftirq,
  kNetRxSoftirq,
  kBlockSoftirq,
  kIrqPollSoftirq,
  kTaskletSoftirq,
  kSchedSoftirq,
  kHrtimerSoftirq,
  kRcuSoftirq,
  kSoftirqs
};

// On the calling CPU. From a task, ksoftirqd runs it soon; from an interrupt, its end.
void raise_softirq(Softirq which);
void set_softirq_handler(Softirq which, void (*handler)());

}  // namespace ring3::kernel
