// SPDX-License-Identifier: GPL-2.0-only
#include "host/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "host/failed.h"

namespace ring3::host {
namespace {

// A descriptor that closes itself.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

Result<void> write_all(int fd, Bytes content, const std::string& path) {
  while (!content.empty()) {
    ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed("write", path);
    content = content.subspan(static_cast<size_t>(n));
  }
  return {};
}

void make_parent_folders(const std::string& path) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1))
    ::mkdir(path.substr(0, slash).c_str(), 0755);
}

}  // namespace

FileInfo stat_file(const std::string& path) {
  struct stat st;
  if (::stat(path.c_str(), &st) != 0) return {};
  return {true, S_ISDIR(st.st_mode), static_cast<uint64_t>(st.st_size),
          st.st_mtim.tv_sec * 1'000'000'000ll + st.st_mtim.tv_nsec, st.st_ino};
}

Result<std::vector<std::byte>> read_file(const std::string& path, uint64_t limit) {
  Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) return failed("open", path);
  struct stat st;
  if (::fstat(file.fd, &st) != 0) return failed("stat", path);
  if (S_ISDIR(st.st_mode))
    return Error{EISDIR, fmt::format("cannot read '{}': it is a folder", path)};
  std::vector<std::byte> content(static_cast<size_t>(st.st_size));
  size_t filled = 0;
  while (true) {  // files of /proc say size 0: read until the end, whatever stat said
    if (filled == content.size()) content.resize(filled + (filled ? 65536 : 4096));
    ssize_t n = ::read(file.fd, content.data() + filled, content.size() - filled);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed("read", path);
    if (n == 0) break;
    filled += static_cast<size_t>(n);
    if (filled > limit)
      return Error{EFBIG, fmt::format("'{}' is larger than {} bytes", path, limit)};
  }
  content.resize(filled);
  return content;
}

Result<void> write_file_atomically(const std::string& path, Bytes content) {
  make_parent_folders(path);
  std::string temporary = fmt::format("{}.{}.tmp", path, ::getpid());
  {
    Descriptor file{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    if (file.fd < 0) return failed("create", temporary);
    TRY(write_all(file.fd, content, temporary));
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    Error error = failed("rename over", path);
    ::unlink(temporary.c_str());
    return error;
  }
  return {};
}

Result<MappedFile> MappedFile::open(const std::string& path) {
  Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) return failed("open", path);
  struct stat st;
  if (::fstat(file.fd, &st) != 0) return failed("stat", path);
  if (st.st_size == 0) return MappedFile(nullptr, 0);
  void* data = ::mmap(nullptr, static_cast<size_t>(st.st_size), PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (data == MAP_FAILED) return failed("map", path);
  return MappedFile(data, static_cast<size_t>(st.st_size));
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_) ::munmap(data_, size_);
}

std::string environment(const char* name) {
  const char* value = ::getenv(name);
  return value ? value : "";
}

std::string running_release() {
  struct utsname name;
  return ::uname(&name) == 0 ? name.release : "";
}

std::string read_link(const std::string& path) {
  char target[4096];
  ssize_t n = ::readlink(path.c_str(), target, sizeof(target));
  return n < 0 ? std::string() : std::string(target, static_cast<size_t>(n));
}

std::string absolute_path(const std::string& path) {
  char resolved[PATH_MAX];
  return ::realpath(path.c_str(), resolved) ? resolved : path;
}

}  // namespace ring3::host
