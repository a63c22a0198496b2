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

}  // namespace ring3::kernel
