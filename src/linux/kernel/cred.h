// SPDX-License-Identifier: GPL-2.0-only
// The one set of credentials and namespaces that tasks of the machine begin with: root, everywhere.
#pragma once

#include "kapi/binding.h"
#include "linux/include/sched.h"

namespace ring3::kernel {

void credentials_init(const kapi::Binding& binding);
void credentials_exit();
const k::cred* init_cred();
// The task's two references; nobody reads them any more.
void creds_release(k::task_struct* task);
k::nsproxy* init_nsproxy();

// include/uapi/linux/capability.h
inline constexpr unsigned kCapSysModule = 16;
bool may_current(unsigned capability);          // the running task, as capable() answers
void drop_capabilities(uint64_t capabilities);  // of the running task, for good

}  // namespace ring3::kernel
