// SPDX-License-Identifier: GPL-2.0-only
#include "linux/fs/inode.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "linux/fs/file_table.h"
#include "linux/include/sched.h"
#include "linux/include/slab.h"
#include "machine/spinlock.h"

namespace ring3::kernel {
namespace {

struct Node {
  uint32_t number = 0;
  k::inode* inode = nullptr;
  k::dentry* dentry = nullptr;
  int opens = 0;
};
machine::SpinLock lock;
std::vector<Node> nodes;
unsigned long last_number = 0;

k::inode* make_inode(uint32_t number) {
  constexpr unsigned short kCharacterMode = 0020600;
  auto* inode = static_cast<k::inode*>(zeroed(sizeof_inode()));
  if (!inode) return nullptr;
  inode_i_mode(inode) = kCharacterMode;
  inode_i_rdev(inode) = number;
  word<int>(inode_count(inode)) = 1;
  void* data = inode_data(inode);
  std::memcpy(inode_mapping(inode), &data, sizeof(data));
  return inode;
}

k::dentry* make_dentry(k::inode* inode, const char* name) {
  constexpr size_t kInlineSize = 32;  // a longer name is cut, where Linux would allocate
  auto* dentry = static_cast<k::dentry*>(zeroed(sizeof_dentry()));
  if (!dentry) return nullptr;
  dentry_d_inode(dentry) = inode;
  dentry_d_parent(dentry) = dentry;
  auto* text = static_cast<char*>(dentry_inline_name(dentry));
  std::memcpy(text, name, strnlen(name, kInlineSize - 1));
  std::memcpy(dentry_name(dentry), &text, sizeof(text));
  return dentry;
}

}  // namespace

k::cdev* node_device(uint32_t number) {
  machine::SpinGuard guard(lock);
  auto node = std::ranges::find(nodes, number, &Node::number);
  return node == nodes.end() ? nullptr : inode_i_cdev(node->inode);
}

k::inode* node_open(uint32_t number, k::cdev* device, const char* name) {
  // Made before the lock is taken; not used if somebody has it open already.
  Node made{.number = number, .inode = make_inode(number)};
  if (made.inode) made.dentry = make_dentry(made.inode, name);
  k::inode* result = nullptr;
  {
    machine::SpinGuard guard(lock);
    auto node = std::ranges::find(nodes, number, &Node::number);
    if (node == nodes.end() && made.dentry) {
      inode_i_cdev(made.inode) = device;
      inode_i_ino(made.inode) = ++last_number;
      node = nodes.insert(nodes.end(), std::exchange(made, {}));
    }
    if (node != nodes.end()) {
      node->opens++;
      result = node->inode;
    }
  }
  kernel_free(made.dentry);
  kernel_free(made.inode);
  return result;
}

k::dentry* node_dentry(const k::inode* inode) {
  machine::SpinGuard guard(lock);
  return std::ranges::find(nodes, inode, &Node::inode)->dentry;
}

void node_close(k::inode* inode) {
  Node gone;
  {
    machine::SpinGuard guard(lock);
    auto node = std::ranges::find(nodes, inode, &Node::inode);
    if (--node->opens) return;
    gone = *node;
    nodes.erase(node);
  }
  kernel_free(gone.dentry);
  kernel_free(gone.inode);
}

}  // namespace ring3::kernel
