// SPDX-License-Identifier: GPL-2.0-only
// Where a reader reports what it noticed. The reader says what is wrong; the caller decides whether
// to print, collect or drop it: insmod wants the kernel log, modinfo wants every problem, a fuzzer
// none. A fatal problem is a reader's returned Error; diagnostics are for what reading goes on
// after.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ring3 {

class Diagnostics {
 public:
  virtual ~Diagnostics() = default;
  virtual void warning(std::string_view text) = 0;
};

class IgnoreDiagnostics final : public Diagnostics {
 public:
  void warning(std::string_view) override {}
};

class CollectDiagnostics final : public Diagnostics {
 public:
  void warning(std::string_view text) override { lines.emplace_back(text); }
  std::vector<std::string> lines;
};

}  // namespace ring3
