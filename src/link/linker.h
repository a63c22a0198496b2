// SPDX-License-Identifier: GPL-2.0-only
// What the passes of link.cc share while one module is linked.
#pragma once

#include "link/image.h"

namespace ring3::link {

class Linker {
 public:
  Linker(const elf::View& view, const LinkOptions& options, Resolver& resolver, LinkLog& log,
         Image& image)
      : view(view), options(options), resolver(resolver), log(log), image(image) {
    image.resolver_ = &resolver;
  }

  const elf::View& view;
  const LinkOptions& options;
  Resolver& resolver;
  LinkLog& log;
  Image& image;
  const elf::Section* percpu = nullptr;  // .data..percpu, which goes to the machine

  // The passes, in order (link.cc says what holds after each).
  Result<void> layout();
  Result<void> place();
  Result<void> resolve();
  Result<void> relocate();
  Result<void> patch();
  Result<void> protect();

  // An error line of Linux's, and the Error that goes with it.
  Error fail(int code, std::string line) const {
    log.error(line);
    return Error{code, std::move(line)};
  }
};

}  // namespace ring3::link
