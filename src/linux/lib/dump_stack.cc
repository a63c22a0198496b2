// SPDX-License-Identifier: GPL-2.0-only
// dump_stack: who runs, on which CPU, and how it got there.
#include "kapi/kapi.h"
#include "linux/include/kernel.h"

namespace ring3::kernel {
namespace {

KAPI(dump_stack_lvl, Real, void, (const char* level)) {
  if (running().dump_stack) running().dump_stack(level);
}
KAPI(dump_stack, Real, void, ()) {
  if (running().dump_stack) running().dump_stack("");
}

}  // namespace
}  // namespace ring3::kernel
