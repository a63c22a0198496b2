#include "linux/include/slab.h"
#include <cstdlib>
namespace ring3::kernel { [[gnu::weak]] void* kernel_allocate(size_t n, unsigned) { return malloc(n);} [[gnu::weak]] void kernel_free(const void*p){free((void*)p);} }
