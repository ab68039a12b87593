# The way into programs and back: what the processor demands to be in machine code. Source: Intel SDM volume 3, 6.12 to
# 6.14 (interrupts in 64-bit mode), 7.7 (the task state).
#
# A program runs as if it were a function: run_user goes to ring 3 and returns once anything brings the processor back
# from there, with all it knows of it in user_frame. The kernel has an address space of its own, so both ways lead from
# one root to another; what is touched while a program's root is loaded must lie in the upper half, which they share.

    .set frame_size, 22 * 8
    .set frame_code_segment, 18 * 8

    .set frame_rax, 14 * 8
    .set frame_vector, 15 * 8
    .set frame_error, 16 * 8
    .set frame_rip, 17 * 8

    .section .bss
    .align 16
    .globl segment_descriptors, interrupt_gates, task_state, user_frame, kernel_root
segment_descriptors: .skip 8 * 8
interrupt_gates:     .skip 256 * 16
user_frame:          .skip frame_size
                     .skip 512
probe_stack:
task_state:          .skip 104
    .align 8
kernel_root:         .skip 8            # as CR3 has it
kernel_stack:        .skip 8            # where run_user and probe go on

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

    # From ring 3: the processor and the lines above have filled user_frame. On to the caller of run_user.
    movq kernel_root(%rip), %rax
    movq %rax, %cr3
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

    # The kernel's own: the fault of probe_access is its result, every other the end.
1:  leaq probe_access(%rip), %rax
    cmpq %rax, frame_rip(%rsp)
    jne 2f
    leaq probe_end(%rip), %rax
    movq %rax, frame_rip(%rsp)
    movq frame_vector(%rsp), %rax
    shlq $32, %rax
    orq frame_error(%rsp), %rax
    btsq $63, %rax
    movq %rax, frame_rax(%rsp)
    jmp leave
2:  movq kernel_root(%rip), %rax
    movq %rax, %cr3
    movq %rsp, %rdi
    andq $-16, %rsp
    cld
    call kernel_trap
3:  hlt
    jmp 3b

# void run_user(uint64_t root): with the registers of user_frame.
    .globl run_user
run_user:
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, kernel_stack(%rip)
    leaq user_frame(%rip), %rsp
    movq %rdi, %cr3
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

# struct ProbeResult probe(uint64_t root, uint64_t address, uint32_t overrides_prevention): reads a word where there may
# be no page.
    .globl probe
probe:
    movl %edx, %r8d
    movq %rsp, kernel_stack(%rip)
    leaq probe_stack(%rip), %rsp
    testl %r8d, %r8d
    jz 1f
    stac
1:  movq %rdi, %cr3
    xorl %eax, %eax
probe_access:
    movq (%rsi), %rdx
probe_end:
    movq kernel_root(%rip), %rdi
    movq %rdi, %cr3
    movq kernel_stack(%rip), %rsp
    testl %r8d, %r8d
    jz 2f
    clac
2:  ret
