// SPDX-License-Identifier: GPL-2.0-only
#include "host/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "host/failed.h"

namespace ring3::host {

Result<std::vector<std::string>> list_folder(const std::string& path) {
  DIR* folder = ::opendir(path.c_str());
  if (!folder) return failed("open folder", path);
  std::vector<std::string> names;
  while (dirent* entry = ::readdir(folder)) {
    std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  ::closedir(folder);
  return names;
}

Result<std::string> read_text(const std::string& path, size_t limit) {
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return failed("open", path);
  std::string text;
  struct stat st;
  size_t room =
      ::fstat(fd, &st) == 0 && st.st_size > 0 ? static_cast<size_t>(st.st_size) + 1 : 4096;
  size_t filled = 0;
  while (true) {
    if (filled == text.size()) text.resize(filled + room), room = 65536;
    ssize_t n = ::read(fd, text.data() + filled, text.size() - filled);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      Error error = failed("read", path);
      ::close(fd);
      return error;
    }
    if (n == 0) break;
    filled += static_cast<size_t>(n);
    if (filled > limit) {
      ::close(fd);
      return Error{EFBIG, fmt::format("'{}' is larger than {} bytes", path, limit)};
    }
  }
  ::close(fd);
  text.resize(filled);
  return text;
}

}  // namespace ring3::host
