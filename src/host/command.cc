// SPDX-License-Identifier: GPL-2.0-only
#include "host/command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <ftw.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

namespace ring3::host {

Result<CommandResult> run_command(const std::vector<std::string>& arguments) {
  auto failed = [&](int code) {
    return Error{code, fmt::format("cannot run '{}': {}", arguments[0], std::strerror(code))};
  };
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return failed(errno);

  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  std::string locale = "LC_ALL=C";
  std::vector<char*> envp;
  for (char** variable = environ; *variable; variable++)
    if (std::strncmp(*variable, "LC_ALL=", 7) != 0) envp.push_back(*variable);
  envp.push_back(locale.data());
  envp.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
  pid_t child = 0;
  int error = ::posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), envp.data());
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);

  CommandResult result;
  char buffer[65536];
  while (!error) {
    ssize_t n = ::read(ends[0], buffer, sizeof(buffer));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    result.output.append(buffer, static_cast<size_t>(n));
  }
  ::close(ends[0]);
  if (error) return failed(error);

  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return failed(errno);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

static std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

Result<int> start_program(const std::string& path, const std::vector<std::string>& arguments,
                          const std::vector<std::string>& environment) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (int descriptor = 0; descriptor <= 2; descriptor++)
    posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0);
  posix_spawn_file_actions_addchdir_np(&actions, "/");
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t child = 0;
  int error = ::posix_spawn(&child, path.c_str(), &actions, &attributes, pointers(arguments).data(),
                            pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error) return Error{error, fmt::format("cannot run '{}': {}", path, std::strerror(error))};
  return child;
}

int wait_program(int process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0)
    if (errno != EINTR) return 0;
  return status;
}

bool program_has_ended(int process, int& status) {
  return ::waitpid(process, &status, WNOHANG) != 0;
}

void kill_program(int process) { ::kill(process, SIGKILL); }

Result<TemporaryFolder> TemporaryFolder::create(const std::string& prefix) {
  const char* parent = ::getenv("TMPDIR");
  std::string path = fmt::format("{}/{}XXXXXX", parent && *parent ? parent : "/tmp", prefix);
  if (!::mkdtemp(path.data())) {
    int code = errno;
    return Error{code,
                 fmt::format("cannot make a temporary folder '{}': {}", path, std::strerror(code))};
  }
  return TemporaryFolder(std::move(path));
}

TemporaryFolder::~TemporaryFolder() {
  if (path_.empty()) return;
  // Deepest first, and never through a link.
  ::nftw(
      path_.c_str(), [](const char* path, const struct stat*, int, FTW*) { return ::remove(path); },
      16, FTW_DEPTH | FTW_PHYS);
}

}  // namespace ring3::host
