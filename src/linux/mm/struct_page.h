// SPDX-License-Identifier: GPL-2.0-only
// The members of struct page that the allocator keeps, as the target lays them out.
#pragma once

#include "linux/mm/mm.h"

namespace ring3::k {
struct address_space;
}

namespace ring3::kernel {

KSIZE(page);
KFIELD(page, flags, unsigned long);
KFIELD(page, compound_head, unsigned long);
KFIELD(page, mapping, k::address_space*);
KFIELD_PATH(page, private, private_data, unsigned long);
KFIELD_PATH(page, _refcount.counter, refcount, int);
KFIELD_PATH(page, _mapcount.counter, mapcount, int);
KPLACE(page, lru, lru);
// A compound page's order: in its second struct page, named there (6.1) or in the folio (6.12).
KFIELD_MAYBE(page, compound_order, unsigned char);
KFIELD_MAYBE(page, compound_nr, unsigned int);
KFIELD_MAYBE(folio, _flags_1, unsigned long);
KFIELD_MAYBE(folio, _folio_nr_pages, unsigned int);

}  // namespace ring3::kernel
