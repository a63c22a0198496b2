// SPDX-License-Identifier: GPL-2.0-only
// Linking a module, as a list of passes. Each is a file; between them stands what holds from there
// on.
#include "link/linker.h"

namespace ring3::link {

Result<std::unique_ptr<Image>> link_module(const elf::View& view, const std::string& name,
                                           const LinkOptions& options, Resolver& resolver,
                                           LinkLog& log) {
  auto image = std::make_unique<Image>();
  image->name = name;
  Linker linker(view, options, resolver, log, *image);

  TRY(linker.layout());  // layout.cc
  // Every section that goes to memory has a region and an offset in it. No section is added any
  // more.
  TRY(linker.place());  // layout.cc
  // Addresses are fixed; memory holds the file's bytes and is writable, and nothing is executable.
  TRY(linker.resolve());  // resolve.cc
  // Every symbol has its final value.
  TRY(linker.relocate());  // relocate.cc
  // Every pointer is right: the module would run as it is, through the thunks.
  TRY(linker.patch());  // x86_64/
  // No byte of text changes any more.
  TRY(linker.protect());  // layout.cc
  // Text can be executed and not written, read-only data not written, data not executed.
  return image;
}

}  // namespace ring3::link
