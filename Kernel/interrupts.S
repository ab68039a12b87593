# The way into programs and back: what the processor demands to be in machine code. Source: Intel SDM volume 3, 6.12 to
# 6.14 (interrupts in 64-bit mode), 7.7 (the task state).
#
# A program runs as if it were a function: run_user goes to ring 3 and returns once anything brings the processor back
# from there, with everything it knows of it in the frame. Traps of the kernel itself go to kernel_trap in Swift.

    .set frame_size, 22 * 8
    .set frame_code_segment, 18 * 8

    .section .bss
    .align 16
    .globl segment_descriptors, interrupt_gates, task_state
segment_descriptors: .skip 8 * 8
interrupt_gates:     .skip 256 * 16
task_state:          .skip 104
    .align 8
kernel_stack:        .skip 8            # where run_user goes on

    .section .text

# One entry of 16 bytes for each of the 32 exceptions, and one for system calls. Some exceptions push an error code (SDM
# table 6-1); the others get one of 0 here.
    .globl interrupt_entries
    .align 16
interrupt_entries:
    .irp vector, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,128
    .align 16
    .if \vector == 8 || (\vector >= 10 && \vector <= 14) || \vector == 17 || \vector == 21 || \vector == 29 || \vector == 30
    .else
    pushq $0
    .endif
    pushq $\vector
    jmp enter
    .endr

enter:
    pushq %rax
    pushq %rbx
    pushq %rcx
    pushq %rdx
    pushq %rsi
    pushq %rdi
    pushq %rbp
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    testb $3, frame_code_segment(%rsp)
    jz 1f

    # From ring 3: the processor and the lines above have filled the frame of run_user, to which we return.
    movq kernel_stack(%rip), %rsp
    pushq $2                            # the program's flags are not the kernel's
    popfq
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    ret

1:  movq %rsp, %rdi
    movq %rsp, %rbp
    andq $-16, %rsp
    cld
    call kernel_trap
    movq %rbp, %rsp
    jmp leave

# void run_user(struct TrapFrame *)
    .globl run_user
run_user:
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, kernel_stack(%rip)
    leaq frame_size(%rdi), %rax         # the next trap fills the frame from its end
    movq %rax, task_state + 4(%rip)
    movq %rdi, %rsp
leave:
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rbp
    popq %rdi
    popq %rsi
    popq %rdx
    popq %rcx
    popq %rbx
    popq %rax
    addq $16, %rsp                      # vector and error code
    iretq

# uint64_t probe(uint64_t address, uint64_t *word, uint32_t overrides_prevention): reads a word where there may be no
# page. kernel_trap makes a fault of the one instruction the function's result; else that is 0.
    .globl probe, probe_access, probe_end
probe:
    testl %edx, %edx
    jz probe_access
    stac
probe_access:
    movq (%rdi), %rcx
    movq %rcx, (%rsi)
    xorl %eax, %eax
probe_end:
    testl %edx, %edx
    jz 2f
    clac
2:  ret
