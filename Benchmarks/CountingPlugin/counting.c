// The baseline: a QEMU plugin that does nothing but count memory accesses in a callback.
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

int qemu_plugin_version = 1;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, void (*cb)(uint64_t, struct qemu_plugin_tb *));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
                                      void (*cb)(unsigned int, uint32_t, uint64_t, void *), int flags, int rw,
                                      void *data);

static uint64_t counts[256];

static void count(unsigned int cpu, uint32_t info, uint64_t address, void *data) { counts[cpu & 255]++; }

static void translated(uint64_t id, struct qemu_plugin_tb *tb) {
  size_t instructions = qemu_plugin_tb_n_insns(tb);
  for (size_t i = 0; i < instructions; i++)
    qemu_plugin_register_vcpu_mem_cb(qemu_plugin_tb_get_insn(tb, i), count, 0, 3, NULL);
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv) {
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  return 0;
}
