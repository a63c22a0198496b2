// SPDX-License-Identifier: GPL-2.0-only
#include "host/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "host/file.h"

namespace ring3::host {
namespace {

Error failed(const std::string& path, const char* what, int code) {
  return Error{code, fmt::format("{}: {}: {}", path, what, std::strerror(code))};
}

bool write_all(int fd, const char* bytes, size_t size) {
  for (size_t at = 0; at < size;) {
    ssize_t n = ::write(fd, bytes + at, size - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += static_cast<size_t>(n);
  }
  return true;
}

// Bytes of a lock file: somebody holds it, and is not ready yet.
constexpr off_t kHeld = 0, kStart = 1;

// A lock that belongs to the open file, not to the process. `command`: F_OFD_*.
bool lock_byte(int file, int command, short type, off_t byte, struct flock* found = nullptr) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte;
  lock.l_len = 1;
  int result;
  do {
    result = ::fcntl(file, command, &lock);
  } while (result != 0 && errno == EINTR);
  if (found) *found = lock;
  return result == 0;
}

}  // namespace

unsigned user_id() { return ::geteuid(); }
int process_id() { return ::getpid(); }
std::string own_program() { return read_link("/proc/self/exe"); }

bool is_own_folder(const std::string& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
         status.st_uid == ::geteuid();
}

Result<void> make_private_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return failed(path, "cannot make the folder", errno);
  struct stat status;
  if (::lstat(path.c_str(), &status) != 0) return failed(path, "cannot look at it", errno);
  const char* wrong = !S_ISDIR(status.st_mode)       ? "it is not a folder"
                      : status.st_uid != ::geteuid() ? "it belongs to somebody else"
                      : (status.st_mode & 0077) != 0 ? "others may enter it"
                                                     : nullptr;
  if (wrong)
    return Error{EPERM, fmt::format("{}: {}; remove it, or set XDG_RUNTIME_DIR to a folder of your "
                                    "own with mode 0700",
                                    path, wrong)};
  return {};
}

Result<Handle> lock_file(const std::string& path) {
  Handle file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return failed(path, "cannot open the lock", errno);
  // In this order, so that whoever sees it held and nobody starting knows that the start is over.
  if (!lock_byte(file.get(), F_OFD_SETLKW, F_WRLCK, kStart) ||
      !lock_byte(file.get(), F_OFD_SETLK, F_WRLCK, kHeld) || ::ftruncate(file.get(), 0) != 0) {
    int code = errno == EACCES ? EAGAIN : errno;
    return failed(path, "it is locked", code);
  }
  return file;
}

void start_is_over(int lock) { lock_byte(lock, F_OFD_SETLK, F_UNLCK, kStart); }

void wait_for_start(const std::string& path) {
  Handle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file) lock_byte(file.get(), F_OFD_SETLKW, F_RDLCK, kStart);
}

bool is_locked(const std::string& path) {
  Handle file(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  struct flock lock {};
  return file && lock_byte(file.get(), F_OFD_GETLK, F_WRLCK, kHeld, &lock) &&
         lock.l_type != F_UNLCK;
}

Result<Handle> open_for_log(const std::string& path) {
  Handle file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return failed(path, "cannot open it for writing", errno);
  return file;
}

void replace_content(int fd, const std::string& text) {
  if (::ftruncate(fd, 0) != 0 || ::lseek(fd, 0, SEEK_SET) != 0) return;
  write_all(fd, text.data(), text.size());
}

void remove_file(const std::string& path) { ::unlink(path.c_str()); }

Result<Handle> open_for_reading(const std::string& path) {
  Handle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return failed(path, "cannot open it", errno);
  return file;
}

Result<Handle> memory_file_with(const void* bytes, size_t size) {
  Handle file(::memfd_create("ring3", MFD_CLOEXEC));
  if (!file) return failed("memory file", "cannot make it", errno);
  if (!write_all(file.get(), static_cast<const char*>(bytes), size))
    return failed("memory file", "cannot write it", errno);
  return file;
}

Result<int> run_in_copy(const std::function<int()>& body) {
  pid_t child = ::fork();
  if (child < 0) return failed("fork", "cannot copy the process", errno);
  if (child == 0) ::_exit(body());
  return child;
}

// Twice a fork: the first child leads the new session, the second can never get a terminal.
Result<int> run_in_background(int errors, const std::function<int()>& body) {
  auto first = run_in_copy([&] {
    ::setsid();
    auto second = run_in_copy([&] {
      int nothing = ::open("/dev/null", O_RDWR);
      ::dup2(nothing, 0);
      ::dup2(nothing, 1);
      ::dup2(errors >= 0 ? errors : nothing, 2);
      if (nothing > 2) ::close(nothing);
      if (::chdir("/") != 0) return 1;
      return body();
    });
    return second ? 0 : 1;
  });
  if (first) reap(*first);
  return first;
}

void reap(int process) {
  int status;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
}

Result<Handle> watch_process(int process) {
  // glibc has a function for it only since 2.36, which C++ cannot call there.
  Handle watch(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
  if (!watch) return failed(fmt::format("process {}", process), "cannot watch it", errno);
  return watch;
}

int parent_process() { return ::getppid(); }

void close_all_but(int fd) {
  constexpr unsigned kFirst = 3;
  if (fd > static_cast<int>(kFirst)) ::close_range(kFirst, static_cast<unsigned>(fd) - 1, 0);
  ::close_range(static_cast<unsigned>(fd) + 1, ~0u, 0);
}

void on_terminate(void (*handler)()) {
  static void (*terminate)();
  terminate = handler;
  struct sigaction action {};
  action.sa_handler = [](int) { terminate(); };
  action.sa_flags = SA_ONSTACK | SA_RESTART;
  ::sigaction(SIGTERM, &action, nullptr);
}

void raise_descriptor_limit() {
  rlimit limit;
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void end_process(int status) { ::_exit(status); }

void end_by_signal(int signal) {
  rlimit none{};
  ::setrlimit(RLIMIT_CORE, &none);  // nothing in this process is worth a core file
  ::signal(signal, SIG_DFL);
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, signal);
  ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
  ::raise(signal);
  ::_exit(128 + signal);
}

void wait_for_ever() {
  for (;;) ::pause();
}

}  // namespace ring3::host
