// SPDX-License-Identifier: GPL-2.0-only
#include "module/taint.h"

#include <iterator>

namespace ring3::module {
namespace {

// One row a bit: the letter when it is set, the letter when not, whether a module carries it.
struct Row {
  char set, clear;
  bool module;
};
constexpr Row kRows[] = {
    {'P', 'G', true},  {'F', ' ', true},  {'S', ' ', false}, {'R', ' ', false}, {'M', ' ', false},
    {'B', ' ', false}, {'U', ' ', false}, {'D', ' ', false}, {'A', ' ', false}, {'W', ' ', false},
    {'C', ' ', true},  {'I', ' ', false}, {'O', ' ', true},  {'E', ' ', true},  {'L', ' ', false},
    {'K', ' ', true},  {'X', ' ', true},  {'T', ' ', true},  {'N', ' ', true},
};

}  // namespace

std::string module_taint_letters(uint64_t taints) {
  std::string letters;
  for (size_t i = 0; i < std::size(kRows); i++)
    if (kRows[i].module && (taints >> i & 1)) letters += kRows[i].set;
  return letters;
}

std::string tainted_text(uint64_t taints) {
  if (!taints) return "Not tainted";
  std::string text = "Tainted: ";
  for (size_t i = 0; i < std::size(kRows); i++)
    text += taints >> i & 1 ? kRows[i].set : kRows[i].clear;
  return text;
}

}  // namespace ring3::module
