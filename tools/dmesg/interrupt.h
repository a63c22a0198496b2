// SPDX-License-Identifier: GPL-2.0-only
// A signal that ends a program which follows the log: held back while a record is printed, and
// before the end what makes the output whole is written.
#pragma once

namespace ring3::dmesg {

// `ending` is written to the standard output before SIGINT, SIGTERM or SIGHUP ends the program,
// whose status is then the signal's as ever. They only arrive inside of an Interruptible.
void finish_on_signals(const char* ending);

class Interruptible {
 public:
  Interruptible();
  ~Interruptible();
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;
};

}  // namespace ring3::dmesg
