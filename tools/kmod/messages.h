// SPDX-License-Identifier: GPL-2.0-only
// What the tools say to people: "modprobe: ERROR: ..." on stderr, or in the system's log.
#pragma once

#include <string>
#include <string_view>

#include "base/diagnostics.h"

namespace ring3::kmod {

class Messages final : public Diagnostics {
 public:
  // `tool` begins every line.
  void begin(std::string tool) {
    tool_ = std::move(tool);
    quiet_ = syslog_ = false;
    verbose_ = 0;
  }
  void use_syslog();
  void set_quiet() { quiet_ = true; }
  void more_verbose() { verbose_++; }
  bool quiet() const { return quiet_; }
  int verbose() const { return verbose_; }
  const std::string& tool() const { return tool_; }

  void error(std::string_view text);
  void fatal(std::string_view text);
  void warning(std::string_view text) override;
  void cause(std::string_view text);  // a line that explains the error before it

 private:
  void say(int priority, const char* word, std::string_view text);

  std::string tool_ = "kmod";
  bool quiet_ = false, syslog_ = false;
  int verbose_ = 0;
};

Messages& messages();

// What a reader complains about is an error in kmod's words.
class ReaderErrors final : public Diagnostics {
 public:
  void warning(std::string_view text) override { messages().error(text); }
};

}  // namespace ring3::kmod
