// SPDX-License-Identifier: GPL-2.0-only
#include "machine/file_tree.h"

#include "base/text.h"
#include "machine/parking.h"

namespace ring3::machine {
namespace {

constexpr int kMaxLinks = 40;  // as MAXSYMLINKS

// "a/b" from "/x/y" with "../": a link's target as a path from the root.
std::string joined(std::string_view folder, std::string_view target, std::string_view rest) {
  std::string path(target.starts_with('/') ? std::string_view() : folder);
  while (!target.empty()) {
    std::string_view part = take_field(target, '/');
    if (part.empty() || part == ".") continue;
    if (part == "..")
      path.resize(path.rfind('/') == path.npos ? 0 : path.rfind('/'));
    else
      (path += '/') += part;
  }
  if (!rest.empty()) (path += '/') += rest;
  return path;
}

}  // namespace

File make_directory(std::string name, uint16_t mode, std::function<Files()> entries) {
  auto node = std::make_shared<FileNode>();
  node->name = std::move(name);
  node->kind = FileKind::kDirectory;
  node->mode = mode;
  node->entries = std::move(entries);
  return node;
}

File make_file(std::string name, uint16_t mode, FileFunctions functions) {
  auto node = std::make_shared<FileNode>();
  node->name = std::move(name);
  node->mode = mode;
  node->functions = std::move(functions);
  return node;
}

File make_link(std::string name, std::string target) {
  auto node = std::make_shared<FileNode>();
  node->name = std::move(name);
  node->kind = FileKind::kLink;
  node->mode = 0777;
  node->target = std::move(target);
  return node;
}

void put_file(Files& files, File file) {
  std::string name = file->name;
  files.insert_or_assign(std::move(name), std::move(file));
}

FileTree::Hold::Hold(File lasting) : node(lasting), lasting_(std::move(lasting)) {
  lasting_->inside_++;
}

FileTree::Hold::~Hold() {
  if (lasting_ && --lasting_->inside_ == 0 && lasting_->awaited_)
    Parking::unpark_all(&lasting_->inside_);
}

FileTree::FileTree() : root_(make_directory("", 0755)) {}

Result<File> FileTree::add(std::string_view folder, File file) {
  SpinGuard guard(lock_);
  bool sysfs = folder.starts_with("/sys/");
  File at = root_;
  while (!folder.empty()) {
    std::string_view part = take_field(folder, '/');
    if (part.empty()) continue;
    if (at->kind != FileKind::kDirectory || at->entries) return Error{ENOTDIR, ""};
    auto found = at->children_.find(part);
    if (found == at->children_.end()) {
      File made = make_directory(std::string(part), sysfs ? 0755 : 0555);
      made->parent_ = at.get();
      found = at->children_.emplace(part, std::move(made)).first;
    }
    at = found->second;
  }
  if (at->kind != FileKind::kDirectory || at->entries) return Error{ENOTDIR, ""};
  if (!at->children_.emplace(file->name, file).second) return Error{EEXIST, ""};
  file->parent_ = at.get();
  return file;
}

void FileTree::remove(const File& file) {
  {
    SpinGuard guard(lock_);
    if (file->parent_) file->parent_->children_.erase(file->name);
    file->parent_ = nullptr;
  }
  // Nobody finds it any more; wait for those who are inside, folder by folder.
  std::vector<File> waiting = {file};
  while (!waiting.empty()) {
    File node = std::move(waiting.back());
    waiting.pop_back();
    node->awaited_ = true;
    while (node->inside_.load())
      Parking::park({.key = &node->inside_}, [&] { return node->inside_.load() != 0; });
    for (const auto& [name, child] : node->children_) waiting.push_back(child);
  }
}

// One walk from the root. A link in the way sets `restart` and the path to go on with.
Result<FileTree::Hold> FileTree::walk(std::string_view path, bool follow, std::string& resolved,
                                      bool& restart) {
  std::string folder;
  auto hold = [&] {
    SpinGuard guard(lock_);
    return std::make_unique<Hold>(root_);
  }();
  while (!path.empty()) {
    std::string_view part = take_field(path, '/');
    if (part.empty()) continue;
    if (hold->node->kind != FileKind::kDirectory) return Error{ENOTDIR, ""};
    if (hold->node->entries) {
      Files made = hold->node->entries();  // under the hold of its lasting ancestor
      auto found = made.find(part);
      if (found == made.end()) return Error{ENOENT, ""};
      hold->node = found->second;
    } else {
      SpinGuard guard(lock_);
      auto found = hold->node->children_.find(part);
      if (found == hold->node->children_.end()) {
        // children of a folder that a function made are not under the lock, nor do they change
        return Error{ENOENT, ""};
      }
      File next = found->second;
      hold = std::make_unique<Hold>(next);
    }
    if (hold->node->kind == FileKind::kLink && (follow || !path.empty())) {
      resolved = joined(folder, hold->node->target, path);
      restart = true;
      return Error{ENOENT, ""};
    }
    (folder += '/') += part;
  }
  return std::move(*hold);
}

Result<FileTree::Hold> FileTree::find(std::string_view path, bool follow) {
  std::string current(path);
  for (int links = 0; links <= kMaxLinks; links++) {
    std::string next;
    bool restart = false;
    auto found = walk(current, follow, next, restart);
    if (!restart) return found;
    current = std::move(next);
  }
  return Error{ELOOP, ""};
}

Result<std::string> FileTree::read(std::string_view path) {
  Hold hold = TRY(find(path, true));
  const FileNode& node = *hold.node;
  if (node.kind == FileKind::kDirectory) return Error{EISDIR, ""};
  if (!node.functions.read || !(node.mode & 0444)) return Error{node.functions.refusal, ""};
  return node.functions.read();
}

Result<void> FileTree::write(std::string_view path, const std::string& text) {
  Hold hold = TRY(find(path, true));
  const FileNode& node = *hold.node;
  if (node.kind == FileKind::kDirectory) return Error{EISDIR, ""};
  if (!node.functions.write || !(node.mode & 0222)) return Error{node.functions.refusal, ""};
  return node.functions.write(text);
}

Result<std::vector<File>> FileTree::list(std::string_view path) {
  Hold hold = TRY(find(path, true));
  if (hold.node->kind != FileKind::kDirectory) return Error{ENOTDIR, ""};
  Files entries;
  if (hold.node->entries) {
    entries = hold.node->entries();
  } else {
    SpinGuard guard(lock_);
    entries = hold.node->children_;
  }
  std::vector<File> list;
  for (auto& [name, file] : entries) list.push_back(file);
  return list;
}

Result<std::string> FileTree::read_link(std::string_view path) {
  Hold hold = TRY(find(path, false));
  if (hold.node->kind != FileKind::kLink) return Error{EINVAL, ""};
  return hold.node->target;
}

}  // namespace ring3::machine
