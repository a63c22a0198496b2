// SPDX-License-Identifier: GPL-2.0-only
// Where depmod's messages go. Warnings and errors are what it goes on after; a fatal problem is the
// Error that it returns. show() is what -v adds.
#pragma once

#include <string_view>

namespace ring3::index {

class DepmodLog {
 public:
  virtual ~DepmodLog() = default;
  virtual void error(std::string_view text) = 0;
  virtual void warning(std::string_view text) = 0;
  virtual void show(std::string_view text) = 0;
};

}  // namespace ring3::index
