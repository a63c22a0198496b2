// SPDX-License-Identifier: GPL-2.0-only
// What can be seen of modules: the contents of /proc/modules and of /sys/module/NAME/ as far as
// they are here: initstate, refcnt, coresize, initsize, taint, version, srcversion and parameters/.
// Asked by path, answered with Linux's errnos. The whole tree comes with the boundary.
#pragma once

#include <string>
#include <string_view>

#include "module/loader.h"

namespace ring3::module {

class ModuleFiles {
 public:
  explicit ModuleFiles(Loader& loader) : loader_(loader) {}
  Result<std::string> read(std::string_view path) const;
  Result<void> write(std::string_view path, const std::string& text) const;

 private:
  std::string proc_modules() const;
  Result<std::string> attribute(const Module& module, std::string_view name) const;
  const k::kernel_param* parameter(const Module& module, std::string_view name) const;
  Loader& loader_;
};

}  // namespace ring3::module
