// SPDX-License-Identifier: GPL-2.0-only
// The standard output into a pager: $PAGER, else less. Without a terminal, without such a program
// or with PAGER=cat nothing happens.
#pragma once

#include <cstdio>

namespace ring3::dmesg {

class Pager {
 public:
  explicit Pager(bool wanted);
  Pager(const Pager&) = delete;
  Pager& operator=(const Pager&) = delete;
  // Waits for the user to leave it.
  ~Pager();

 private:
  FILE* pipe_ = nullptr;
  int output_ = -1, errors_ = -1;  // what they were
};

}  // namespace ring3::dmesg
