// The plugin is loaded by QEMU and has no interface of its own.
