# SPDX-License-Identifier: GPL-2.0-only
# Everything that no compiler may write: the one place where stacks are switched, and the two ways back
# into interrupted code. Conventions: System V, AT&T syntax; Registers is host/registers.h.

        .text

# void ring3_switch_stack(uint64_t* save_sp, uint64_t load_sp)
# Saves what a callee must keep (and the SSE and x87 control words, which are callee-saved too) on the
# old stack, notes its pointer, and returns on the new stack.
        .globl  ring3_switch_stack
        .type   ring3_switch_stack, @function
ring3_switch_stack:
        .cfi_startproc
        endbr64
        pushq   %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        subq    $8, %rsp
        stmxcsr (%rsp)
        fnstcw  4(%rsp)
        movq    %rsp, (%rdi)
        movq    %rsi, %rsp
        ldmxcsr (%rsp)
        fldcw   4(%rsp)
        addq    $8, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        ret
        .cfi_endproc
        .size   ring3_switch_stack, . - ring3_switch_stack

# The first thing a new task runs: its stack was prepared so that r12 holds the Task and rbx the
# function. The zero return address ends every backtrace.
        .globl  ring3_task_entry
        .type   ring3_task_entry, @function
ring3_task_entry:
        .cfi_startproc
        .cfi_undefined rip
        xorl    %ebp, %ebp
        movq    %r12, %rdi
        callq   *%rbx
        ud2
        .cfi_endproc
        .size   ring3_task_entry, . - ring3_task_entry

# Where a signal handler sends a thread that it interrupted: %rsp points at a Registers (21 words) that
# the handler wrote below the interrupted frame or onto a trap stack. Calls the C++ function in %rbx
# with that pointer, then resumes from the (possibly changed) Registers. Vector state is kept for
# module code between kernel_fpu_begin and kernel_fpu_end: everything XSAVE manages but AMX tiles.
        .globl  ring3_resume_through
        .type   ring3_resume_through, @function
        .set    XSAVE_SIZE, 2752         # x87, SSE, AVX, AVX-512: 2688 bytes at most, and a margin
        .set    XSAVE_MASK, 0xe7         # bits 0-2 and 5-7
ring3_resume_through:
        .cfi_startproc simple
        .cfi_undefined rip
        cld
        movq    %rsp, %r12               # the Registers
        subq    $XSAVE_SIZE, %rsp
        andq    $-64, %rsp
        xorl    %eax, %eax               # XSAVE writes only part of its header: clear it
        leaq    512(%rsp), %rdi
        movl    $8, %ecx
        rep stosq
        movl    $XSAVE_MASK, %eax
        xorl    %edx, %edx
        xsave64 (%rsp)
        movq    %rsp, %r13
        movq    %r12, %rdi
        xorl    %ebp, %ebp
        callq   *%rbx
        movl    $XSAVE_MASK, %eax
        xorl    %edx, %edx
        xrstor64 (%r13)
        movq    %r12, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbp
        popq    %rbx
        popq    %r11
        popq    %r10
        popq    %r9
        popq    %r8
        popq    %rax
        popq    %rcx
        popq    %rdx
        popq    %rsi
        popq    %rdi
        addq    $8, %rsp                 # orig_ax
        iretq                            # rip, cs, flags, rsp, ss in one instruction
        .cfi_endproc
        .size   ring3_resume_through, . - ring3_resume_through

        .section .note.GNU-stack,"",@progbits
