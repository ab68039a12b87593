#!/usr/bin/env bash
# Makes the recordings of this directory anew: record.sh [plain] [smp2] [guest-perf] [heap] [host]; all of them without an argument.
# Needs root only for `host` (perf's tracepoints) and, of Debian 12, qemu-system-x86, gcc, libc6-dev, linux-perf;
# the guests are Debian's kernel 6.1 with a busybox initramfs, under TCG (ACCEL=kvm for KVM).
# Pfns, times and counts differ a little from run to run.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=${WORK:-/tmp/quire-kmem}
mkdir -p "$work" && cd "$work"
four=mm_page_alloc,mm_page_free,mm_page_free_batched,mm_page_alloc_extfrag

# Debian's kernel and static busybox, unpacked without installing.
if [ ! -d root ]; then
  kernel=${KERNEL_PACKAGE:-$(apt-cache depends linux-image-amd64 | awk '/Depends:/ { print $2; exit }')}
  apt-get download "$kernel" busybox-static
  for deb in *.deb; do dpkg-deb -x "$deb" root; done
fi

# initramfs [with perf]: busybox, the snapshot program and the two scripts; perf with the libraries it is linked to.
initramfs() {
  rm -rf tree && mkdir -p tree/bin tree/proc tree/sys tree/dev
  cp root/bin/busybox tree/bin/
  for applet in $(root/bin/busybox --list); do [ "$applet" = busybox ] || ln -s busybox "tree/bin/$applet"; done
  gcc -O2 -static -w -o tree/snapshot "$here/snapshot.c"
  cp "$here/workload.sh" tree/ && cp "$here/init.sh" tree/init && chmod +x tree/init
  if [ "${1:-}" = perf ]; then
    cp "$(readlink -f "$(command -v perf)")" tree/bin/perf
    ldd tree/bin/perf | grep -o '/[^ ]*' | while read -r library; do mkdir -p "tree$(dirname "$library")"; cp -L "$library" "tree$library"; done
  fi
  (cd tree && find . | ../root/bin/busybox cpio -o -H newc 2>/dev/null) | gzip -1 >initramfs.gz
}

# guest RAM CPUS APPEND: the guest's second serial port is the tar archive of its /out.
guest() {
  rm -rf out out.tar.gz && mkdir out
  timeout 300 qemu-system-x86_64 -accel "${ACCEL:-tcg}" -m "$1" -smp "$2" -kernel root/boot/vmlinuz-* -initrd initramfs.gz \
    -append "console=ttyS0 quiet panic=-1 $3" -display none -monitor none -no-reboot -nic none \
    -serial file:console.log -serial file:out.tar.gz
  tar xzf out.tar.gz -C out || { tail -n 20 console.log; return 1; }
  [ ! -f out/stats.txt ] || ! grep -E '^(overrun|dropped events|commit overrun): [1-9]' out/stats.txt
}

# keep NAME: the trace and the texts of before and after.
keep() {
  gzip -9nc out/ftrace.txt >"$here/$1-ftrace.txt.gz"
  for when in before after; do
    for text in buddyinfo pagetypeinfo zoneinfo vmstat free-pfns; do cp "out/$when-$text.txt" "$here/$1-$when-$text.txt"; done
  done
  cp out/version.txt "$here/$1-version.txt"
}

plain() { initramfs; guest 112M 1 "work=plain events=$four kib=3072"; keep debian-6.1; }
smp2() { initramfs; guest 104M 2 "work=hard events=$four,mm_page_alloc_zone_locked,mm_page_pcpu_drain kib=2560"; keep debian-6.1-smp2; }
guest-perf() {
  initramfs perf; guest 256M 2 "work=perf perf=1 events=$four"
  perf script -i out/perf.data --show-lost-events | { ! grep LOST; }
  perf script -i out/perf.data | gzip -9n >"$here/debian-6.1-perf-script.txt.gz"
}

heap() {
  initramfs
  guest 192M 2 "work=heap events=kmalloc,kfree,kmem_cache_alloc,kmem_cache_free kib=32768 no_hash_pointers"
  gzip -9nc out/ftrace.txt >"$here/debian-6.1-heap-ftrace.txt.gz"
  for when in before after; do cp "out/$when-slabinfo.txt" "$here/debian-6.1-heap-$when-slabinfo.txt"; done
}

host() {
  rm -rf host && mkdir host && cd host
  cat >work.sh <<'WORK'
PATH=/usr/bin:/bin
seq 1 20000 | awk '{ print ($1 * 7919) % 65537, $1 }' | sort -n | gzip -c > numbers.gz
mkdir d; tar cf d/a.tar -C / usr/share/zoneinfo/Europe; cp d/a.tar d/b.tar
python3 -c 'a = [object() for _ in range(60000)]; print(len(a))'
rm -rf d numbers.gz
WORK
  perf record -q -m 4096 -e kmem:mm_page_alloc -e kmem:mm_page_free -e kmem:mm_page_free_batched \
    -e kmem:mm_page_alloc_extfrag -a -o perf.data -- /bin/sh work.sh
  perf script -i perf.data --show-lost-events | { ! grep LOST; }
  perf script -i perf.data | gzip -9n >"$here/host-perf-script.txt.gz"
  cd ..
}

[ $# -gt 0 ] || set -- plain smp2 guest-perf heap host
for recording in "$@"; do "$recording"; done
ls -l "$here"
