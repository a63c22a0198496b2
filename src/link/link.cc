// SPDX-License-Identifier: GPL-2.0-only
// The list of passes. A pass is a function of Linker in the file of its name; what may be relied on
// between two passes stands between them. Linux does the same work in the same order
// (kernel/module/main.c load_module: layout_and_allocate, simplify_symbols, apply_relocations,
// post_relocation with module_finalize, complete_formation).
#include "link/linker.h"

namespace ring3::link {

Result<std::unique_ptr<Image>> link_module(const elf::View& view, const std::string& name,
                                           const LinkOptions& options, Resolver& resolver,
                                           LinkLog& log) {
  auto image = std::make_unique<Image>();  // an error below gives back what was taken until then
  image->name = name;
  Linker linker(view, options, resolver, log, *image);

  TRY(linker.layout());
  // Each section has a region and an offset in it, or stays out of memory. No section is writable
  // and executable. Region sizes are known; nothing is allocated.

  if (options.laid_out) TRY(options.laid_out());

  TRY(linker.place());
  // Each section's bytes are at their final address, which is writable and not executable. The
  // per-CPU section has an offset.

  if (options.placed) TRY(options.placed());

  TRY(linker.resolve());
  // Each symbol has its final value. Nobody is asked for a name again.

  TRY(linker.relocate());
  // The module is complete and would run as it is, through the thunks that it was compiled to call.
  // Every CPU's area has the per-CPU section.

  TRY(linker.patch());
  // It behaves as before, with less indirection. No patched byte lies outside the module's text.

  TRY(linker.protect());
  // Text is read-execute, constants read-only, data not executable. Until seal_after_init()
  // ro_after_init is writable.

  return image;
}

}  // namespace ring3::link
