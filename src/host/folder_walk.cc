// SPDX-License-Identifier: GPL-2.0-only
#include "host/folder_walk.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace ring3::host {
namespace {

EntryKind kind_of(const std::string& folder, const dirent& entry) {
  if (entry.d_type == DT_REG) return EntryKind::File;
  if (entry.d_type == DT_DIR) return EntryKind::Folder;
  struct stat st;
  if (::stat((folder + "/" + entry.d_name).c_str(), &st) != 0) return EntryKind::Broken;
  return S_ISREG(st.st_mode)   ? EntryKind::File
         : S_ISDIR(st.st_mode) ? EntryKind::Folder
                               : EntryKind::Other;
}

}  // namespace

Result<void> for_each_entry(const std::string& path,
                            const std::function<void(std::string_view, EntryKind)>& fn) {
  DIR* folder = ::opendir(path.c_str());
  if (!folder) {
    int code = errno;
    return Error{code, fmt::format("cannot open folder '{}': {}", path, std::strerror(code))};
  }
  while (dirent* entry = ::readdir(folder)) {
    std::string_view name = entry->d_name;
    if (name != "." && name != "..") fn(name, kind_of(path, *entry));
  }
  ::closedir(folder);
  return {};
}

}  // namespace ring3::host
