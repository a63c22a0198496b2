// SPDX-License-Identifier: GPL-2.0-only
// The one tree of files that the machine shows: /proc, /sys, /dev. Whoever has something to show
// adds nodes; whoever asks (a test, a tool, the boundary for user programs) comes by path. Contents
// are made when they are read, by functions; a folder may be made when it is looked at, too, which
// keeps a module's forty files free of charge until somebody wants one.
//
// remove() returns when nobody is inside a function of what it took out, so that these functions
// may be code of a module that is about to go (kernfs drains for the same reason).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "machine/spinlock.h"

namespace ring3::machine {

class FileNode;
using File = std::shared_ptr<FileNode>;
using Files = std::map<std::string, File, std::less<>>;

enum class FileKind : uint8_t { kDirectory, kRegular, kLink };

// What a regular file does; an absent function is answered with `refusal`: EACCES as in sysfs, EIO
// as in procfs.
struct FileFunctions {
  std::function<Result<std::string>()> read;              // the whole text
  std::function<Result<void>(const std::string&)> write;  // one write(2)
  int refusal = 13;
};

class FileNode {
 public:
  std::string name;
  FileKind kind = FileKind::kRegular;
  uint16_t mode = 0;   // permission bits
  std::string target;  // of a link, as readlink shows it
  FileFunctions functions;
  // A folder whose entries are made for each look; `children` is then not used.
  std::function<Files()> entries;

 private:
  friend class FileTree;
  Files children_;
  FileNode* parent_ = nullptr;
  std::atomic<int> inside_{0};        // calls of functions of it and of what it makes
  std::atomic<bool> awaited_{false};  // remove() sleeps until nobody is inside
};

// For folders made by a function.
File make_directory(std::string name, uint16_t mode, std::function<Files()> entries = {});
File make_file(std::string name, uint16_t mode, FileFunctions functions);
File make_link(std::string name, std::string target);
void put_file(Files& files, File file);

class FileTree {
 public:
  FileTree();

  // Adds to the folder of that path, which is made if it is not there (with
  // the mode that proc and sysfs give their folders). EEXIST: the name is
  // taken.
  Result<File> add(std::string_view folder, File file);
  void remove(const File& file);

  // Links are followed, except a last one where `follow` is false. ENOENT, ENOTDIR, ELOOP.
  Result<std::string> read(std::string_view path);
  Result<void> write(std::string_view path, const std::string& text);
  Result<std::vector<File>> list(std::string_view path);  // in the order of their names
  Result<std::string> read_link(std::string_view path);
  bool exists(std::string_view path) { return bool(find(path, true)); }

 private:
  // A node that was found, and the hold on its nearest lasting ancestor: while it lives, that
  // ancestor's removal waits.
  class Hold {
   public:
    explicit Hold(File lasting);
    Hold(Hold&& other) noexcept
        : node(std::move(other.node)), lasting_(std::move(other.lasting_)) {}
    Hold& operator=(Hold&&) = delete;
    ~Hold();
    File node;

   private:
    File lasting_;
  };
  Result<Hold> find(std::string_view path, bool follow);
  Result<Hold> walk(std::string_view path, bool follow, std::string& resolved, bool& restart);
  SpinLock lock_;
  File root_;
};

}  // namespace ring3::machine
