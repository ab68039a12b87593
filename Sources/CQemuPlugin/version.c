// QEMU reads this to know which version of its plugin interface the tracer was written for.
int qemu_plugin_version = 1;

#include "CQemuPlugin.h"

uint64_t *quire_threads[QUIRE_MOST_THREADS];
