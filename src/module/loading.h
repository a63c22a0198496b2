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
  bool claimed = false;           // the registry has it: the name is taken
  Module* module = nullptr;
  std::unique_ptr<SymbolResolver> resolver;

  // Linux forgets the section when it is told to ignore it.
  bool has_versions() const { return !flags.ignore_modversions && view->find("__versions"); }
};

// Thunks and features of the bound kernel API that patches look for.
link::LinkOptions link_options(const kapi::Binding& binding, const LoaderOptions& options);

}  // namespace ring3::module
