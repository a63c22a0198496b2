// SPDX-License-Identifier: GPL-2.0-only
// One load in progress: what its steps (loader.cc, checks.cc) hand to each other.
#pragma once

#include "module/loader.h"

namespace ring3::module {

struct Loader::Loading {
  Bytes file;  // without the signature
  LoadFlags flags;
  bool signature_good = false;
  const elf::View* view = nullptr;
  std::unique_ptr<Module> owned;  // until the registry has it
  Module* module = nullptr;
  std::unique_ptr<SymbolResolver> resolver;
};

// Thunks and features of the bound kernel API that patches look for.
link::LinkOptions link_options(const kapi::Binding& binding, const LoaderOptions& options);

}  // namespace ring3::module
