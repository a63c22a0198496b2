// SPDX-License-Identifier: GPL-2.0-only
// lib/kfifo.c: byte, element and record queues. `in` and `out` only grow; their low bits are places
// in a buffer whose size is a power of two. One reader and one writer need no lock, so each moves
// its own counter after the bytes. A record is led by its length, in one byte or two.
#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/kernel.h"
#include "linux/include/scatterlist.h"
#include "linux/include/slab.h"

namespace ring3::k {
struct __kfifo;  // NOLINT: Linux's name
}

namespace ring3::kernel {

KFIELD(__kfifo, in, unsigned);
KFIELD(__kfifo, out, unsigned);
KFIELD(__kfifo, mask, unsigned);
KFIELD(__kfifo, esize, unsigned);
KFIELD(__kfifo, data, void*);

namespace {

using Fifo = k::__kfifo;

class Queue {
 public:
  explicit Queue(Fifo* fifo)
      : in(__kfifo_in(fifo)),
        out(__kfifo_out(fifo)),
        size(__kfifo_mask(fifo) + 1),
        element(__kfifo_esize(fifo)),
        data(static_cast<char*>(__kfifo_data(fifo))) {}

  unsigned used() const { return load(in) - load(out); }
  unsigned room() const { return size - used(); }
  void put(unsigned count) { __atomic_store_n(&in, in + count, __ATOMIC_RELEASE); }
  void take(unsigned count) { __atomic_store_n(&out, out + count, __ATOMIC_RELEASE); }

  // The bytes of `count` elements from place `at` on: fn(address, offset in the bytes, length),
  // once or, around the buffer's end, twice.
  template <class Fn>
  void pieces(unsigned at, size_t count, Fn&& fn) const {
    size_t begin = size_t{at & (size - 1)} * element, bytes = count * element;
    size_t first = std::min(bytes, size_t{size} * element - begin);
    if (first) fn(data + begin, size_t{0}, first);
    if (bytes > first) fn(data, first, bytes - first);
  }
  void copy_in(unsigned at, const void* from, size_t count) const {
    pieces(at, count, [from](char* place, size_t offset, size_t bytes) {
      std::memcpy(place, static_cast<const char*>(from) + offset, bytes);
    });
  }
  void copy_out(unsigned at, void* to, size_t count) const {
    pieces(at, count, [to](const char* place, size_t offset, size_t bytes) {
      std::memcpy(static_cast<char*>(to) + offset, place, bytes);
    });
  }
  unsigned record_length(size_t header) const {
    unsigned low = static_cast<uint8_t>(data[out & (size - 1)]);
    return header > 1 ? low | static_cast<uint8_t>(data[(out + 1) & (size - 1)]) << 8 : low;
  }
  void write_record_length(unsigned length, size_t header) const {
    data[in & (size - 1)] = static_cast<char>(length);
    if (header > 1) data[(in + 1) & (size - 1)] = static_cast<char>(length >> 8);
  }

  unsigned& in;
  unsigned& out;
  const unsigned size;
  const unsigned element;
  char* const data;

 private:
  static unsigned load(const unsigned& counter) {
    return __atomic_load_n(&counter, __ATOMIC_ACQUIRE);
  }
};

// What no record of this header can hold is cut off.
unsigned at_most(unsigned length, size_t header) {
  return std::min(length, (1u << (header * 8)) - 1);
}

using UserCopy = unsigned long(void*, const void*, unsigned long);
UserCopy* user_copy(const char* name) { return running().binding->address(name).as<UserCopy>(); }

// Copies between user memory and the elements from `at` on. How many elements did not make it;
// *copied is in bytes.
template <bool kToUser>
size_t copy_user(const Queue& queue, void* user, size_t count, unsigned at, unsigned* copied) {
  UserCopy* copy = user_copy(kToUser ? "_copy_to_user" : "_copy_from_user");
  size_t bytes = count * queue.element, done = 0;
  bool fault = false;
  queue.pieces(at, count, [&](char* place, size_t offset, size_t length) {
    if (fault) return;
    char* there = static_cast<char*>(user) + offset;
    size_t left = kToUser ? copy(there, place, length) : copy(place, there, length);
    done += length - left;
    fault = left != 0;
  });
  size_t missing = (bytes - done + queue.element - 1) / queue.element;
  *copied = static_cast<unsigned>(bytes - missing * queue.element);
  return missing;
}

KAPI(__kfifo_alloc, Real, int, (Fifo * fifo, unsigned size, size_t element, unsigned gfp)) {
  size = size ? std::bit_ceil(size) : 0;
  __kfifo_in(fifo) = __kfifo_out(fifo) = 0;
  __kfifo_esize(fifo) = element;
  __kfifo_mask(fifo) = 0;
  __kfifo_data(fifo) = nullptr;
  if (size < 2) return -EINVAL;
  __kfifo_data(fifo) = kernel_allocate(size * element, gfp);
  if (!__kfifo_data(fifo)) return -ENOMEM;
  __kfifo_mask(fifo) = size - 1;
  return 0;
}
KAPI(__kfifo_free, Real, void, (Fifo * fifo)) {
  kernel_free(__kfifo_data(fifo));
  __kfifo_in(fifo) = __kfifo_out(fifo) = 0;
  __kfifo_esize(fifo) = __kfifo_mask(fifo) = 0;
  __kfifo_data(fifo) = nullptr;
}
KAPI(__kfifo_init, Real, int, (Fifo * fifo, void* buffer, unsigned size, size_t element)) {
  size = std::bit_floor(static_cast<unsigned>(size / element));
  __kfifo_in(fifo) = __kfifo_out(fifo) = 0;
  __kfifo_esize(fifo) = element;
  __kfifo_data(fifo) = buffer;
  __kfifo_mask(fifo) = size < 2 ? 0 : size - 1;
  return size < 2 ? -EINVAL : 0;
}

KAPI(__kfifo_in, Real, unsigned, (Fifo * fifo, const void* from, unsigned count)) {
  Queue queue(fifo);
  count = std::min(count, queue.room());
  queue.copy_in(queue.in, from, count);
  queue.put(count);
  return count;
}
KAPI(__kfifo_out_peek, Real, unsigned, (Fifo * fifo, void* to, unsigned count)) {
  Queue queue(fifo);
  count = std::min(count, queue.used());
  queue.copy_out(queue.out, to, count);
  return count;
}
KAPI(__kfifo_out, Real, unsigned, (Fifo * fifo, void* to, unsigned count)) {
  count = kapi_body___kfifo_out_peek(fifo, to, count);
  Queue(fifo).take(count);
  return count;
}
// How many elements can be read in place, and where they begin.
KAPI(__kfifo_out_linear, Real, unsigned, (Fifo * fifo, unsigned* tail, unsigned count)) {
  Queue queue(fifo);
  unsigned begin = queue.out & (queue.size - 1);
  if (tail) *tail = begin;
  return std::min({count, queue.used(), queue.size - begin});
}

#define USER Partial("reads and writes user memory as copy_from_user does, which has none yet")
KAPI(__kfifo_from_user, USER, int,
     (Fifo * fifo, const void* from, unsigned long bytes, unsigned* copied)) {
  Queue queue(fifo);
  size_t count = std::min<size_t>(bytes / queue.element, queue.room());
  size_t missing = copy_user<false>(queue, const_cast<void*>(from), count, queue.in, copied);
  queue.put(count - missing);
  return missing ? -EFAULT : 0;
}
KAPI(__kfifo_to_user, USER, int, (Fifo * fifo, void* to, unsigned long bytes, unsigned* copied)) {
  Queue queue(fifo);
  size_t count = std::min<size_t>(bytes / queue.element, queue.used());
  size_t missing = copy_user<true>(queue, to, count, queue.out, copied);
  queue.take(count - missing);
  return missing ? -EFAULT : 0;
}

KAPI(__kfifo_max_r, Real, unsigned, (unsigned length, size_t header)) {
  return at_most(length, header);
}
KAPI(__kfifo_len_r, Real, unsigned, (Fifo * fifo, size_t header)) {
  return Queue(fifo).record_length(header);
}
KAPI(__kfifo_in_r, Real, unsigned,
     (Fifo * fifo, const void* from, unsigned length, size_t header)) {
  Queue queue(fifo);
  if (length + header > queue.room()) return 0;
  queue.write_record_length(length, header);
  queue.copy_in(queue.in + header, from, length);
  queue.put(length + header);
  return length;
}
KAPI(__kfifo_out_peek_r, Real, unsigned, (Fifo * fifo, void* to, unsigned length, size_t header)) {
  Queue queue(fifo);
  if (!queue.used()) return 0;
  length = std::min(length, queue.record_length(header));
  queue.copy_out(queue.out + header, to, length);
  return length;
}
KAPI(__kfifo_out_r, Real, unsigned, (Fifo * fifo, void* to, unsigned length, size_t header)) {
  Queue queue(fifo);
  if (!queue.used()) return 0;
  length = kapi_body___kfifo_out_peek_r(fifo, to, length, header);
  queue.take(queue.record_length(header) + header);
  return length;
}
KAPI(__kfifo_out_linear_r, Real, unsigned,
     (Fifo * fifo, unsigned* tail, unsigned length, size_t header)) {
  Queue queue(fifo);
  if (!queue.used()) return 0;
  if (tail) *tail = queue.out + header;
  return std::min(length, queue.record_length(header));
}
KAPI(__kfifo_skip_r, Real, void, (Fifo * fifo, size_t header)) {
  Queue queue(fifo);
  queue.take(queue.record_length(header) + header);
}
KAPI(__kfifo_from_user_r, USER, int,
     (Fifo * fifo, const void* from, unsigned long bytes, unsigned* copied, size_t header)) {
  Queue queue(fifo);
  unsigned length = at_most(bytes, header);
  *copied = 0;
  if (length + header > queue.room()) return 0;
  queue.write_record_length(length, header);
  if (copy_user<false>(queue, const_cast<void*>(from), length, queue.in + header, copied)) {
    *copied = 0;
    return -EFAULT;
  }
  queue.put(length + header);
  return 0;
}
KAPI(__kfifo_to_user_r, USER, int,
     (Fifo * fifo, void* to, unsigned long bytes, unsigned* copied, size_t header)) {
  Queue queue(fifo);
  *copied = 0;
  if (!queue.used()) return 0;
  unsigned record = queue.record_length(header);
  if (copy_user<true>(queue, to, std::min<size_t>(bytes, record), queue.out + header, copied)) {
    *copied = 0;
    return -EFAULT;
  }
  queue.take(record + header);
  return 0;
}

constexpr uint64_t kNoDma = ~uint64_t{0};  // DMA_MAPPING_ERROR

// A scatterlist over the elements from `at` on; how many entries it has.
unsigned list_pieces(const Queue& queue, k::scatterlist* list, int entries, unsigned count,
                     unsigned at, uint64_t dma) {
  int used = 0;
  queue.pieces(at, count, [&](char* place, size_t, size_t bytes) {
    if (used >= entries) return;
    k::scatterlist* entry = sg_at(list, used++);
    sg_set_buffer(entry, place, bytes);
    if (dma != kNoDma) {
      scatterlist_dma_address(entry) = dma + (place - queue.data);
      sg_dma_length(entry) = bytes;
    }
  });
  if (used) sg_mark_end(sg_at(list, used - 1));
  return used;
}
unsigned dma_in(Fifo* fifo, k::scatterlist* list, int entries, unsigned count, uint64_t dma) {
  Queue queue(fifo);
  return list_pieces(queue, list, entries, std::min(count, queue.room()), queue.in, dma);
}
unsigned dma_out(Fifo* fifo, k::scatterlist* list, int entries, unsigned count, uint64_t dma) {
  Queue queue(fifo);
  return list_pieces(queue, list, entries, std::min(count, queue.used()), queue.out, dma);
}
unsigned dma_in_record(Fifo* fifo, k::scatterlist* list, int entries, unsigned length,
                       size_t header, uint64_t dma) {
  Queue queue(fifo);
  length = at_most(length, header);
  if (length + header > queue.room()) return 0;
  return list_pieces(queue, list, entries, length, queue.in + header, dma);
}
unsigned dma_out_record(Fifo* fifo, k::scatterlist* list, int entries, unsigned length,
                        size_t header, uint64_t dma) {
  Queue queue(fifo);
  length = at_most(length, header);
  if (length + header > queue.used()) return 0;
  return list_pieces(queue, list, entries, length, queue.out + header, dma);
}

KAPI(__kfifo_dma_in_finish_r, Real, void, (Fifo * fifo, unsigned length, size_t header)) {
  Queue queue(fifo);
  length = at_most(length, header);
  queue.write_record_length(length, header);
  queue.put(length + header);
}
KAPI(__kfifo_dma_out_finish_r, Real, void, (Fifo * fifo, size_t header)) {
  Queue queue(fifo);
  queue.take(queue.record_length(header) + header);
}

// From v6.10 the caller may give the buffer's DMA address.
namespace unmapped {
KAPI(__kfifo_dma_in_prepare, Real, unsigned,
     (Fifo * fifo, k::scatterlist* list, int entries, unsigned count)) {
  return dma_in(fifo, list, entries, count, kNoDma);
}
KAPI(__kfifo_dma_out_prepare, Real, unsigned,
     (Fifo * fifo, k::scatterlist* list, int entries, unsigned count)) {
  return dma_out(fifo, list, entries, count, kNoDma);
}
KAPI(__kfifo_dma_in_prepare_r, Real, unsigned,
     (Fifo * fifo, k::scatterlist* list, int entries, unsigned length, size_t header)) {
  return dma_in_record(fifo, list, entries, length, header, kNoDma);
}
KAPI(__kfifo_dma_out_prepare_r, Real, unsigned,
     (Fifo * fifo, k::scatterlist* list, int entries, unsigned length, size_t header)) {
  return dma_out_record(fifo, list, entries, length, header, kNoDma);
}
}  // namespace unmapped

KAPI(__kfifo_dma_in_prepare, Real, unsigned,
     (Fifo * fifo, k::scatterlist* list, int entries, unsigned count, uint64_t dma)) {
  return dma_in(fifo, list, entries, count, dma);
}
KAPI(__kfifo_dma_out_prepare, Real, unsigned,
     (Fifo * fifo, k::scatterlist* list, int entries, unsigned count, uint64_t dma)) {
  return dma_out(fifo, list, entries, count, dma);
}
KAPI(__kfifo_dma_in_prepare_r, Real, unsigned,
     (Fifo * fifo, k::scatterlist* list, int entries, unsigned length, size_t header,
      uint64_t dma)) {
  return dma_in_record(fifo, list, entries, length, header, dma);
}
KAPI(__kfifo_dma_out_prepare_r, Real, unsigned,
     (Fifo * fifo, k::scatterlist* list, int entries, unsigned length, size_t header,
      uint64_t dma)) {
  return dma_out_record(fifo, list, entries, length, header, dma);
}

}  // namespace
}  // namespace ring3::kernel
