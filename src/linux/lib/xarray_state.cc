// SPDX-License-Identifier: GPL-2.0-only
// lib/xarray.c: the advanced interface, for callers that keep a struct xa_state between calls and
// hold the lock themselves. The target's struct is read into a cursor and written back.
#include "kapi/kapi.h"
#include "linux/lib/xarray.h"

namespace ring3::kernel {

KFIELD(xa_state, xa, k::xarray*);
KFIELD(xa_state, xa_index, unsigned long);
KFIELD(xa_state, xa_shift, unsigned char);
KFIELD(xa_state, xa_sibs, unsigned char);
KFIELD(xa_state, xa_offset, unsigned char);
KFIELD(xa_state, xa_node, k::xa_node*);
KFIELD(xa_state, xa_alloc, k::xa_node*);
KFIELD(xa_state, xa_update, UpdateNode);

namespace {

using State = k::xa_state;

class Borrowed : public Cursor {
 public:
  explicit Borrowed(State* state)
      : Cursor(xa_state_xa(state), xa_state_xa_index(state)), state_(state) {
    shift = xa_state_xa_shift(state);
    sibs = xa_state_xa_sibs(state);
    offset = xa_state_xa_offset(state);
    node = xa_state_xa_node(state);
    spare = xa_state_xa_alloc(state);
    update = xa_state_xa_update(state);
  }
  ~Borrowed() {
    xa_state_xa_index(state_) = index;
    xa_state_xa_shift(state_) = shift;
    xa_state_xa_sibs(state_) = sibs;
    xa_state_xa_offset(state_) = offset;
    xa_state_xa_node(state_) = node;
    xa_state_xa_alloc(state_) = spare;
  }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;

 private:
  State* state_;
};

KAPI(xas_load, Real, Entry, (State * state)) { return Borrowed(state).load(); }
KAPI(xas_store, Real, Entry, (State * state, Entry entry)) { return Borrowed(state).store(entry); }
KAPI(xas_find, Real, Entry, (State * state, unsigned long last)) {
  return Borrowed(state).find(last);
}
KAPI(xas_find_marked, Real, Entry, (State * state, unsigned long last, unsigned mark)) {
  return Borrowed(state).find_marked(last, mark);
}
KAPI(xas_find_conflict, Real, Entry, (State * state)) { return Borrowed(state).find_conflict(); }
KAPI(__xas_next, Real, Entry, (State * state)) { return Borrowed(state).next(); }
KAPI(__xas_prev, Real, Entry, (State * state)) { return Borrowed(state).previous(); }
KAPI(xas_pause, Real, void, (State * state)) { Borrowed(state).pause(); }
KAPI(xas_get_mark, Real, bool, (const State* state, unsigned mark)) {
  return Borrowed(const_cast<State*>(state)).marked(mark);
}
KAPI(xas_set_mark, Real, void, (const State* state, unsigned mark)) {
  Borrowed(const_cast<State*>(state)).set_mark(mark);
}
KAPI(xas_clear_mark, Real, void, (const State* state, unsigned mark)) {
  Borrowed(const_cast<State*>(state)).clear_mark(mark);
}
KAPI(xas_init_marks, Real, void, (const State* state)) {
  Borrowed(const_cast<State*>(state)).init_marks();
}
KAPI(xas_nomem, Real, bool, (State * state, unsigned gfp)) {
  return Borrowed(state).out_of_memory(gfp);
}
KAPI(xas_create_range, Real, void, (State * state)) { Borrowed(state).create_range(); }
KAPI(xas_get_order, Real, int, (State * state)) {
  return static_cast<int>(Borrowed(state).order());
}
KAPI(xas_split_alloc, Real, void, (State * state, Entry entry, unsigned order, unsigned gfp)) {
  Borrowed(state).split_alloc(entry, order, gfp);
}
KAPI(xas_split, Real, void, (State * state, Entry entry, unsigned order)) {
  Borrowed(state).split(entry, order);
}

}  // namespace
}  // namespace ring3::kernel
