// SPDX-License-Identifier: GPL-2.0-only
#include "abi/header_types.h"

#include <bpf/btf.h>

#include "target/btf.h"
#include "target/kernel_tree.h"
#include "target/probe.h"

namespace ring3::abi {

Result<HeaderTypes> header_types(const std::string& release,
                                 const std::vector<std::string_view>& names) {
  auto tree = TRY(target::KernelTree::open(target::host_places(),
                                           "/lib/modules/" + release + "/build", release));
  std::vector<std::byte> blob = TRY(target::build_probe(tree, names));
  std::unique_ptr<target::Btf> btf = TRY(target::Btf::parse(blob, "headers of " + release));
  HeaderTypes types;
  for (target::TypeId id = 1; id < btf->type_count(); id++) {
    if (btf->kind(id) != BTF_KIND_STRUCT || btf->name(id) != target::kProbeStruct) continue;
    const btf_type* exports = btf->type(id);
    for (unsigned i = 0; i < btf_vlen(exports); i++) {
      target::TypeId pointer = btf->strip(btf_members(exports)[i].type);
      if (btf->kind(pointer) != BTF_KIND_PTR) continue;
      target::TypeId to = btf->type(pointer)->type;
      bool function = btf->kind(btf->strip(to)) == BTF_KIND_FUNC_PROTO;
      types[std::string(btf->name_at(btf_members(exports)[i].name_off))] = {
          function, btf->canonical(function ? btf->strip(to) : to), btf->size(to).value_or(0)};
    }
  }
  return types;
}

}  // namespace ring3::abi
