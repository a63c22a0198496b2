// SPDX-License-Identifier: GPL-2.0-only
// Red-black trees, whole: their state is the module's own memory, and half of their code is inlined
// into modules (include/linux/rbtree_augmented.h), so layout and invariants are Linux's: the colour
// is bit 0 of the parent pointer (1 black), a null child is black. The algorithms are the
// textbook's (Cormen et al., chapter 13), with a callback at each rotation for augmented trees.
#include <cstdint>

#include "kapi/kapi.h"

namespace ring3::k {
struct rb_node {
  unsigned long parent_color;
  rb_node* right;
  rb_node* left;
};
struct rb_root {
  rb_node* node;
};
}  // namespace ring3::k

namespace ring3::kernel {
namespace {

using Node = k::rb_node;
using Root = k::rb_root;
using Rotate = void (*)(Node*, Node*);
constexpr unsigned long kBlack = 1;

Node* parent_of(const Node* node) { return reinterpret_cast<Node*>(node->parent_color & ~3ul); }
bool is_black(const Node* node) { return !node || (node->parent_color & kBlack); }
void set_parent(Node* node, Node* parent) {
  node->parent_color = (node->parent_color & kBlack) | reinterpret_cast<unsigned long>(parent);
}
void set_black(Node* node, bool black) {
  node->parent_color = (node->parent_color & ~kBlack) | black;
}
Node*& child(Node* node, bool left) { return left ? node->left : node->right; }

// Puts `to` in the place of `from` below `parent` (the root when there is none).
void replace_child(Root* root, Node* parent, Node* from, Node* to) {
  if (!parent)
    root->node = to;
  else
    child(parent, parent->left == from) = to;
}

// `node` goes down to the side `left`, its other child comes up.
void rotate(Root* root, Node* node, bool left, Rotate augment) {
  Node* up = child(node, !left);
  Node* middle = child(up, left);
  child(node, !left) = middle;
  if (middle) set_parent(middle, node);
  Node* parent = parent_of(node);
  set_parent(up, parent);
  replace_child(root, parent, node, up);
  child(up, left) = node;
  set_parent(node, up);
  if (augment) augment(node, up);
}

void insert(Node* node, Root* root, Rotate augment) {
  // rb_link_node left the node red.
  while (Node* parent = parent_of(node)) {
    if (is_black(parent)) return;
    Node* grandparent = parent_of(parent);  // a red node is never the root
    bool left = grandparent->left == parent;
    Node* uncle = child(grandparent, !left);
    if (!is_black(uncle)) {
      set_black(parent, true);
      set_black(uncle, true);
      set_black(grandparent, false);
      node = grandparent;
      continue;
    }
    if (child(parent, !left) == node) {
      rotate(root, parent, left, augment);
      parent = node;
    }
    set_black(parent, true);
    set_black(grandparent, false);
    rotate(root, grandparent, !left, augment);
    break;
  }
  set_black(root->node, true);
}

// One black too few below `parent` on the side where `node` (maybe null) hangs.
void rebalance(Node* parent, Root* root, Rotate augment) {
  Node* node = nullptr;
  while (parent && is_black(node)) {
    bool left = parent->left == node;
    Node* sibling = child(parent, !left);
    if (!is_black(sibling)) {
      set_black(sibling, true);
      set_black(parent, false);
      rotate(root, parent, left, augment);
      sibling = child(parent, !left);
    }
    if (is_black(sibling->left) && is_black(sibling->right)) {
      set_black(sibling, false);
      node = parent;
      parent = parent_of(node);
      continue;
    }
    if (is_black(child(sibling, !left))) {
      set_black(child(sibling, left), true);
      set_black(sibling, false);
      rotate(root, sibling, !left, augment);
      sibling = child(parent, !left);
    }
    set_black(sibling, is_black(parent));
    set_black(parent, true);
    set_black(child(sibling, !left), true);
    rotate(root, parent, left, augment);
    return;
  }
  if (node) set_black(node, true);
}

void erase(Node* node, Root* root) {
  Node* parent = parent_of(node);
  Node* fix = nullptr;  // where a black is missing
  if (!node->left || !node->right) {
    Node* only = node->left ? node->left : node->right;
    replace_child(root, parent, node, only);
    if (only) {
      only->parent_color = node->parent_color;  // red below black: takes its colour
    } else if (is_black(node)) {
      fix = parent;
    }
  } else {
    Node* next = node->right;
    while (next->left) next = next->left;
    bool black = is_black(next);
    Node* next_parent = parent_of(next);
    Node* orphan = next->right;
    if (next_parent == node) {
      next_parent = next;
    } else {
      next_parent->left = orphan;
      next->right = node->right;
      set_parent(next->right, next);
    }
    next->left = node->left;
    set_parent(next->left, next);
    next->parent_color = node->parent_color;
    replace_child(root, parent, node, next);
    if (orphan)
      orphan->parent_color = reinterpret_cast<unsigned long>(next_parent) | kBlack;
    else if (black)
      fix = next_parent;
  }
  if (fix) rebalance(fix, root, nullptr);
}

Node* outermost(const Root* root, bool left) {
  Node* node = root->node;
  while (node && child(node, left)) node = child(node, left);
  return node;
}

// The neighbour in order, to the left or the right.
Node* neighbour(const Node* start, bool left) {
  Node* node = const_cast<Node*>(start);
  if (parent_of(node) == node) return nullptr;  // RB_EMPTY_NODE
  if (Node* inner = child(node, left)) {
    while (child(inner, !left)) inner = child(inner, !left);
    return inner;
  }
  Node* parent = parent_of(node);
  while (parent && child(parent, left) == node) {
    node = parent;
    parent = parent_of(node);
  }
  return parent;
}

Node* leftmost_deepest(Node* node) {
  while (true) {
    if (node->left)
      node = node->left;
    else if (node->right)
      node = node->right;
    else
      return node;
  }
}

void replace(Node* victim, Node* fresh, Root* root) {
  *fresh = *victim;
  if (victim->left) set_parent(victim->left, fresh);
  if (victim->right) set_parent(victim->right, fresh);
  replace_child(root, parent_of(victim), victim, fresh);
}

KAPI(rb_insert_color, Real, void, (Node * node, Root* root)) { insert(node, root, nullptr); }
KAPI(__rb_insert_augmented, Real, void, (Node * node, Root* root, Rotate augment)) {
  insert(node, root, augment);
}
KAPI(rb_erase, Real, void, (Node * node, Root* root)) { erase(node, root); }
KAPI(__rb_erase_color, Real, void, (Node * parent, Root* root, Rotate augment)) {
  rebalance(parent, root, augment);
}
KAPI(rb_first, Real, Node*, (const Root* root)) { return outermost(root, true); }
KAPI(rb_last, Real, Node*, (const Root* root)) { return outermost(root, false); }
KAPI(rb_next, Real, Node*, (const Node* node)) { return neighbour(node, false); }
KAPI(rb_prev, Real, Node*, (const Node* node)) { return neighbour(node, true); }
KAPI(rb_replace_node, Real, void, (Node * victim, Node* fresh, Root* root)) {
  replace(victim, fresh, root);
}
KAPI(rb_replace_node_rcu, Real, void, (Node * victim, Node* fresh, Root* root)) {
  replace(victim, fresh, root);
}
KAPI(rb_first_postorder, Real, Node*, (const Root* root)) {
  return root->node ? leftmost_deepest(root->node) : nullptr;
}
KAPI(rb_next_postorder, Real, Node*, (const Node* node)) {
  if (!node) return nullptr;
  Node* parent = parent_of(node);
  if (parent && node == parent->left && parent->right) return leftmost_deepest(parent->right);
  return parent;
}

}  // namespace
}  // namespace ring3::kernel
