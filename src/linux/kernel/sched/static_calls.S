# SPDX-License-Identifier: GPL-2.0-only
# The trampolines of static calls that module code makes in the middle of anything: cond_resched,
# might_resched, preempt_schedule. Each keeps every register (but eax where there is an answer) and
# the flags, realigns the stack, and tells C++ where the caller's frame lies. They are places to be
# preempted, which is why they look at the per-CPU flag in C++ only.

        .text

        .macro  KEEPING_REGISTERS name, function, answer
        .globl  \name
        .type   \name, @function
\name:
        .cfi_startproc
        endbr64
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register %rbp
        pushfq
        pushq   %rax
        pushq   %rcx
        pushq   %rdx
        pushq   %rsi
        pushq   %rdi
        pushq   %r8
        pushq   %r9
        pushq   %r10
        pushq   %r11
        leaq    16(%rbp), %rdi           # the caller's %rsp before the call
        movq    (%rbp), %rsi             # the caller's %rbp
        andq    $-16, %rsp
        cld
        callq   \function
        leaq    -80(%rbp), %rsp
        popq    %r11
        popq    %r10
        popq    %r9
        popq    %r8
        popq    %rdi
        popq    %rsi
        popq    %rdx
        popq    %rcx
        .if     \answer
        addq    $8, %rsp
        .else
        popq    %rax
        .endif
        popfq
        popq    %rbp
        .cfi_def_cfa %rsp, 8
        ret
        .cfi_endproc
        .size   \name, . - \name
        .endm

        KEEPING_REGISTERS ring3_sct_cond_resched, ring3_cond_resched_from, 1
        KEEPING_REGISTERS ring3_sct_might_resched, ring3_cond_resched_from, 1
        KEEPING_REGISTERS ring3_sct_preempt_schedule, ring3_preempt_schedule_from, 0
        KEEPING_REGISTERS ring3_sct_preempt_schedule_notrace, ring3_preempt_schedule_from, 0
        KEEPING_REGISTERS ring3_preempt_schedule_thunk, ring3_preempt_schedule_from, 0
        KEEPING_REGISTERS ring3_preempt_schedule_notrace_thunk, ring3_preempt_schedule_from, 0

        .section .note.GNU-stack,"",@progbits
