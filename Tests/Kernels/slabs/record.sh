#!/usr/bin/env bash
# Takes down what real kernels say about the caches of their heaps; see README.md.
#
#   record.sh [NAME...]     makes the files of NAME beside this script again, or all of them
#
# Needs a Debian 12 machine with gcc and qemu-system-x86; root is not needed, and nothing is installed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../fetch.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wanted=("$@")
recorded=0

# boot NAME FLAVOUR CPUS KERNEL-OPTIONS [kmalloc]: NAME.txt, and kmalloc.txt if that is asked for.
boot() {
  local arch=amd64 root=$work/root
  [[ ${#wanted[@]} == 0 || " ${wanted[*]} " == *" $1 "* ]] || return 0
  [[ $2 == amd64 ]] || arch=i386
  kernel "$2"
  rm -rf "$root"
  mkdir -p "$root"/{bin,dev,proc,sys}
  cp "busybox-$arch" "$root/bin/busybox"
  for applet in sh cat grep find readlink mount poweroff uname; do ln -s busybox "$root/bin/$applet"; done
  [[ -z ${5:-} ]] || gcc -O2 -Wall -Wextra -Werror -static -o "$root/bin/kmalloc" "$here/kmalloc.c"
  cat >"$root/init" <<END
#!/bin/sh
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
dmesg -n 1
{
  echo "# kernel \$(uname -r) \$(uname -m), $3 CPUs, options: $4"
  cat /proc/slabinfo
  cd /sys/kernel/slab
  for f in *; do [ ! -L \$f ] || echo "\$f -> \$(readlink \$f)"; done
  f="object_size align slab_size objs_per_slab order min_partial cpu_partial cache_dma destroy_by_rcu hwcache_align poison
    reclaim_account red_zone store_user usersize ctor"
  echo slab \$f
  for c in *; do
    [ -L \$c ] || { l=\$c; for n in \$f; do read -r v _ <\$c/\$n || true; l="\$l \${v:--}"; v=; done; echo "\$l"; }
  done
  echo '# end'
} >/dev/ttyS1
if [ -e /bin/kmalloc ]; then
  mount -t tracefs tracing /sys/kernel/tracing
  { kmalloc; echo '# end'; } >/dev/ttyS2
fi
poweroff -f
END
  chmod +x "$root/init"
  (cd "$root" && find . | "$cache/busybox-$arch" cpio -o -H newc 2>/dev/null | gzip -1) >"$work/initrd.gz"
  rm -f "$work"/*.log
  timeout 1200 qemu-system-x86_64 -machine pc,accel=tcg -cpu qemu64 -m 512M -smp "$3" -nodefaults -display none -no-reboot \
    -serial "file:$work/console.log" -serial "file:$work/report.log" -serial "file:$work/kmalloc.log" \
    -kernel "linux-$2" -initrd "$work/initrd.gz" \
    -append "console=ttyS0 nokaslr panic=-1 quiet 8250.nr_uarts=4 $4" </dev/null || true
  keep "$1" report.log
  [[ -z ${5:-} ]] || keep kmalloc kmalloc.log
  recorded=$((recorded + 1))
}

# keep NAME FILE: the text, if it is whole.
keep() {
  tr -d '\r' <"$work/$2" >"$work/text"
  [[ $(tail -n 1 "$work/text") == '# end' ]] || { tail -n 20 "$work/console.log"; fail "$1: the text has no end"; }
  if grep FAILED "$work/text"; then fail "$1: the line above says what is missing"; fi
  cp "$work/text" "$here/$1.txt"
  echo "$1: $(wc -l <"$here/$1.txt") lines"
}

#    NAME           FLAVOUR CPUS OPTIONS
boot amd64-1cpu     amd64   1    ''
boot amd64-2cpu     amd64   2    '' kmalloc
boot amd64-4cpu     amd64   4    ''
boot amd64-16cpu    amd64   16   ''
boot amd64-apart    amd64   2    slab_nomerge
boot amd64-debug    amd64   2    slub_debug=FZPU
boot amd64-orders   amd64   4    'slub_min_objects=32 slub_max_order=5'
boot i386-2cpu      686-pae 2    ''
boot i386-apart     686-pae 2    slab_nomerge

((recorded >= ${#wanted[@]} && recorded > 0)) || fail "usage: record.sh [NAME...], with names from the end of $0"
