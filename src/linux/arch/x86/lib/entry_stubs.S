# SPDX-License-Identifier: GPL-2.0-only
# Entry points with register conventions of their own, as modules call them. None may change a register
# beyond what its convention says: compilers and inline assembly count on it.

        .text

        .macro  FUNCTION name
        .globl  \name
        .type   \name, @function
\name:
        .endm

# Return thunk: modules end functions with `jmp __x86_return_thunk`.
FUNCTION ring3_return_thunk
        ret
        int3

# Indirect thunks: `call/jmp __x86_indirect_thunk_REG` goes to where REG points.
        .macro  THUNK reg
FUNCTION ring3_indirect_thunk_\reg
        jmp     *%\reg
        int3
        .endm
        .irp    reg, rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
        THUNK   \reg
        .endr

# __fentry__: nothing may change; the tracer's hook comes here.
FUNCTION ring3_fentry
        ret

# pv_ops.irq: callee-save functions, every register but %rax is kept. gs:25 is GsArea::interrupts_on,
# gs:24 interrupt_pending.
FUNCTION ring3_pv_save_fl
        movzbl  %gs:25, %eax
        shll    $9, %eax                 # X86_EFLAGS_IF
        orl     $2, %eax                 # the bit that is always set
        ret
FUNCTION ring3_pv_irq_disable
        movb    $0, %gs:25
        ret
FUNCTION ring3_pv_irq_enable
        movb    $1, %gs:25
        cmpb    $0, %gs:24
        jne     ring3_call_keeping_all
        ret
FUNCTION ring3_call_keeping_all
        pushq   %rbp
        movq    %rsp, %rbp
        pushq   %rax
        pushq   %rcx
        pushq   %rdx
        pushq   %rsi
        pushq   %rdi
        pushq   %r8
        pushq   %r9
        pushq   %r10
        pushq   %r11
        pushfq
        andq    $-16, %rsp
        call    ring3_take_pending_interrupt
        leaq    -80(%rbp), %rsp
        popfq
        popq    %r11
        popq    %r10
        popq    %r9
        popq    %r8
        popq    %rdi
        popq    %rsi
        popq    %rdx
        popq    %rcx
        popq    %rax
        popq    %rbp
        ret
# Returns 0 keeping every other register (vcpu_is_preempted).
FUNCTION ring3_pv_zero
        xorl    %eax, %eax
        ret
FUNCTION ring3_pv_nothing
        ret
# queued_spin_unlock(lock in %rdi): the locked byte becomes 0.
FUNCTION ring3_pv_spin_unlock
        movb    $0, (%rdi)
        ret

        .section .note.GNU-stack,"",@progbits
