// SPDX-License-Identifier: GPL-2.0-only
// Every kind of question to a target that a fuzzer made.
#pragma once

#include "target/target.h"

namespace ring3::target {

inline void ask(const Target& target) {
  for (const Export& e : target.exports()) (void)target.find_any_export(e.name);
  for (const char* type : {"widget", "list_head", "int"}) {
    (void)target.size_of(type);
    for (const char* path : {"id", "next.prev", "as_uid.val", ""}) (void)target.field(type, path);
  }
  (void)target.prototype("say");
  (void)target.enumerator("RED");
  (void)target.config("CONFIG_HZ");
  (void)target.cpu_feature("FPU");
}

}  // namespace ring3::target
