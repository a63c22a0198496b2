// SPDX-License-Identifier: GPL-2.0-only
#include "messages.h"

#include <fmt/format.h>
#include <syslog.h>

#include <cstdio>

namespace ring3::kmod {

void Messages::use_syslog() {
  syslog_ = true;
  ::openlog(tool_.c_str(), LOG_CONS, LOG_DAEMON);
}

void Messages::say(int priority, const char* word, std::string_view text) {
  if (quiet_) return;
  std::fflush(stdout);
  if (syslog_)
    ::syslog(priority, "%s%s%.*s", word, *word ? ": " : "", static_cast<int>(text.size()),
             text.data());
  else
    fmt::print(stderr, "{}: {}{}{}\n", tool_, word, *word ? ": " : "", text);
}

void Messages::error(std::string_view text) { say(LOG_ERR, "ERROR", text); }
void Messages::fatal(std::string_view text) { say(LOG_CRIT, "FATAL", text); }
void Messages::warning(std::string_view text) { say(LOG_WARNING, "WARNING", text); }
void Messages::cause(std::string_view text) { say(LOG_ERR, "", text); }

Messages& messages() {
  static Messages instance;
  return instance;
}

}  // namespace ring3::kmod
