// SPDX-License-Identifier: GPL-2.0-only
// lib/dynamic_queue_limits.c: how much a network queue should hold so that its device never waits
// and nothing waits long. The limit grows when the device ran dry while more was kept back, and
// falls by the least slack that was seen for a while.
#include <algorithm>
#include <climits>

#include "kapi/kapi.h"
#include "linux/include/time.h"

namespace ring3::k {
struct dql;
}

namespace ring3::kernel {

KFIELD(dql, num_queued, unsigned);
KFIELD(dql, adj_limit, unsigned);
KFIELD(dql, last_obj_cnt, unsigned);
KFIELD(dql, limit, unsigned);
KFIELD(dql, num_completed, unsigned);
KFIELD(dql, prev_ovlimit, unsigned);
KFIELD(dql, prev_num_queued, unsigned);
KFIELD(dql, prev_last_obj_cnt, unsigned);
KFIELD(dql, lowest_slack, unsigned);
KFIELD(dql, slack_start_time, unsigned long);
KFIELD(dql, max_limit, unsigned);
KFIELD(dql, min_limit, unsigned);
KFIELD(dql, slack_hold_time, unsigned);

namespace {

using Limits = k::dql;

// a - b, or 0 when b is ahead; counters wrap.
unsigned ahead(unsigned a, unsigned b) { return static_cast<int>(a - b) > 0 ? a - b : 0; }

void restart_slack(Limits* dql) {
  dql_slack_start_time(dql) = jiffies();
  dql_lowest_slack(dql) = UINT_MAX;
}

KAPI(dql_completed, Partial("counts no stalls, which only sysfs shows"), void,
     (Limits * dql, unsigned count)) {
  const unsigned queued = dql_num_queued(dql), before = dql_num_completed(dql);
  const unsigned completed = before + count;
  unsigned limit = dql_limit(dql);
  unsigned over = ahead(queued - before, limit);
  const unsigned busy = queued - completed;
  const unsigned was_busy = dql_prev_num_queued(dql) - before;
  const unsigned was_over = dql_prev_ovlimit(dql);
  const bool all_of_before = static_cast<int>(completed - dql_prev_num_queued(dql)) >= 0;

  if ((over && !busy) || (was_over && all_of_before)) {
    limit += ahead(completed, dql_prev_num_queued(dql)) + was_over;
    restart_slack(dql);
  } else if (busy && was_busy && !all_of_before) {
    unsigned slack = ahead(limit + was_over, 2 * (completed - before));
    unsigned last = was_over ? ahead(dql_prev_last_obj_cnt(dql), was_over) : 0;
    dql_lowest_slack(dql) = std::min(dql_lowest_slack(dql), std::max(slack, last));
    if (static_cast<int64_t>(dql_slack_start_time(dql) + dql_slack_hold_time(dql) - jiffies()) <
        0) {
      limit = ahead(limit, dql_lowest_slack(dql));
      restart_slack(dql);
    }
  }
  limit = std::min(std::max(limit, dql_min_limit(dql)), dql_max_limit(dql));
  if (limit != dql_limit(dql)) {
    dql_limit(dql) = limit;
    over = 0;
  }
  dql_adj_limit(dql) = limit + completed;
  dql_prev_ovlimit(dql) = over;
  dql_prev_last_obj_cnt(dql) = dql_last_obj_cnt(dql);
  dql_num_completed(dql) = completed;
  dql_prev_num_queued(dql) = queued;
}
KAPI(dql_reset, Real, void, (Limits * dql)) {
  dql_limit(dql) = 0;
  dql_num_queued(dql) = dql_num_completed(dql) = dql_prev_num_queued(dql) = 0;
  dql_last_obj_cnt(dql) = dql_prev_last_obj_cnt(dql) = 0;
  dql_prev_ovlimit(dql) = 0;
  restart_slack(dql);
}
KAPI(dql_init, Real, void, (Limits * dql, unsigned hold_time)) {
  constexpr unsigned kMaxObject = UINT_MAX / 16;
  dql_max_limit(dql) = UINT_MAX / 2 - kMaxObject;
  dql_min_limit(dql) = 0;
  dql_slack_hold_time(dql) = hold_time;
  kapi_body_dql_reset(dql);
}

}  // namespace
}  // namespace ring3::kernel
