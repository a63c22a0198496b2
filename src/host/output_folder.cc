// SPDX-License-Identifier: GPL-2.0-only
#include "host/output_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "host/failed.h"

namespace ring3::host {

OutputFolder::~OutputFolder() {
  for (const std::string& name : written_) ::unlinkat(fd_, temporary(name).c_str(), 0);
  if (fd_ >= 0) ::close(fd_);
}

Result<void> OutputFolder::open(const std::string& path) {
  path_ = path;
  fd_ = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd_ < 0) return failed("open folder", path);
  timeval now;
  ::gettimeofday(&now, nullptr);
  suffix_ = fmt::format(".{}.{}.{}", ::getpid(), now.tv_usec, now.tv_sec);
  return {};
}

Result<void> OutputFolder::write(const std::string& name, std::string_view content) {
  std::string file = temporary(name);
  int fd = ::openat(fd_, file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return failed("create", path_ + "/" + file);
  {
    std::lock_guard hold(lock_);
    written_.push_back(name);
  }
  while (!content.empty()) {
    ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      Error error = failed("write", path_ + "/" + file);
      ::close(fd);
      return error;
    }
    content.remove_prefix(static_cast<size_t>(n));
  }
  if (::close(fd) != 0) return failed("write", path_ + "/" + file);  // NFS says it here
  return {};
}

Result<void> OutputFolder::put_in_place(const std::vector<std::string>& names) {
  std::lock_guard hold(lock_);
  for (const std::string& name : names) {
    if (::renameat(fd_, temporary(name).c_str(), fd_, name.c_str()) != 0)
      return failed("rename over", path_ + "/" + name);
    std::erase(written_, name);
  }
  return {};
}

Result<void> make_folders(const std::string& path) {
  struct stat st;
  for (size_t slash = 0; slash != std::string::npos;) {
    slash = path.find('/', slash + 1);
    std::string part = path.substr(0, slash);
    if (::mkdir(part.c_str(), 0755) != 0 && errno != EEXIST && errno != EROFS && errno != EACCES)
      return failed("make folder", part);
  }
  if (::stat(path.c_str(), &st) != 0) return failed("make folder", path);
  return {};
}

}  // namespace ring3::host
