// SPDX-License-Identifier: GPL-2.0-only
// Work that may crash, hang or leave threads behind, done in forked children, a few at a time. A
// child does several items in order and answers each with a text; when it ends early, the item that
// it was at is blamed and another child does the rest.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace ring3::tools {

struct Answer {
  enum class Fate { kAnswered, kDied, kLate } fate = Fate::kDied;
  std::string text;
  int signal = 0;  // kDied: what ended the child, 0 when it exited
};

struct Children {
  size_t at_once;                      // children
  size_t items_each;                   // at most, one after the other
  std::chrono::milliseconds patience;  // with one item
};

// Answers in the order of the items. What work prints is lost.
std::vector<Answer> in_children(size_t items, const Children& children,
                                const std::function<std::string(size_t)>& work);

}  // namespace ring3::tools
