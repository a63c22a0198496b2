// SPDX-License-Identifier: GPL-2.0-only
#include "pager.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "base/text.h"
#include "host/file.h"

namespace ring3::dmesg {
namespace {

bool is_program(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 0111);
}

// The first word of a command, in PATH or by its path.
bool can_run(std::string_view command) {
  while (command.starts_with(' ')) command.remove_prefix(1);
  std::string name(take_field(command, ' '));
  if (name.find('/') != std::string::npos) return is_program(name);
  std::string path = host::environment("PATH");
  for (std::string_view rest = path; !rest.empty();)
    if (is_program(std::string(take_field(rest, ':')) + "/" + name)) return true;
  return false;
}

}  // namespace

Pager::Pager(bool wanted) {
  if (!wanted || !::isatty(STDOUT_FILENO)) return;
  const char* said = ::getenv("PAGER");
  std::string command = said ? said : "less";
  if (command.empty() || command == "cat" || !can_run(command)) return;
  // Quit if it fits a screen, show colours, cut long lines, leave the screen as it is.
  ::setenv("LESS", "FRSX", 0);
  std::fflush(stdout);
  pipe_ = ::popen(command.c_str(), "we");
  if (!pipe_) return;
  // Ctrl-C is the pager's; a pager that was left early ends the output, not with a signal.
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGPIPE, SIG_IGN);
  output_ = ::dup(STDOUT_FILENO);
  ::dup2(::fileno(pipe_), STDOUT_FILENO);
  if (::isatty(STDERR_FILENO)) {
    errors_ = ::dup(STDERR_FILENO);
    ::dup2(::fileno(pipe_), STDERR_FILENO);
  }
}

Pager::~Pager() {
  if (!pipe_) return;
  std::fflush(stdout);
  ::clearerr(stdout);
  ::dup2(output_, STDOUT_FILENO);
  ::close(output_);
  if (errors_ >= 0) {
    ::dup2(errors_, STDERR_FILENO);
    ::close(errors_);
  }
  ::pclose(pipe_);
}

}  // namespace ring3::dmesg
