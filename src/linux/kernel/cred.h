// SPDX-License-Identifier: GPL-2.0-only
// The one set of credentials and namespaces that tasks of the machine begin with: root, everywhere.
#pragma once

#include "kapi/binding.h"
#include "linux/include/sched.h"

namespace ring3::kernel {

void credentials_init(const kapi::Binding& binding);
void credentials_exit();
const k::cred* init_cred();
// include/uapi/linux/capability.h
inline constexpr unsigned kCapSysModule = 16;
bool capable(unsigned capability);  // the running task
// A copy of the running task's credentials, and what makes it the task's own (prepare_creds,
// commit_creds).
k::cred* prepare_credentials();
void commit_credentials(k::cred* cred);
void drop_capabilities(uint64_t capabilities);  // of the running task, for good
k::nsproxy* init_nsproxy();

}  // namespace ring3::kernel
