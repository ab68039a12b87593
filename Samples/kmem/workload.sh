#!/bin/sh
# The traced work inside the guest: busybox on a tmpfs of a machine with little memory. $1 is `plain`, `hard`, `perf` or `heap`.
cd /work
if [ "$1" = heap ]; then
  # A little of everything that takes the kernel's objects; what is left at the end are 20 files and a directory.
  mkdir files
  n=0
  while [ $n -lt 40 ]; do echo "file $n" > files/f$n; n=$((n + 1)); done
  rm -f files/f*[13579]
  find / -xdev -name 'f*' | sort | wc -l > /dev/null
  tar cf - files | gzip -1 | gunzip | tar tf - > /dev/null
  for i in 1 2 3 4; do (true | true); done
  nc -l -p 4000 > /dev/null &
  sleep 0.2
  echo hello | nc 127.0.0.1 4000 &
  sleep 0.5
  kill $! 2>/dev/null
  wait
  mkfifo pipe; (echo x > pipe &); read -r x < pipe; rm pipe
  exit
fi
big=96 many=1500 last=80
[ "$1" = plain ] || { big=12 many=150 last=10; }

# Much data, in few files: movable pages, and the free lists run low.
dd if=/dev/urandom of=big bs=64k count=$big 2>/dev/null
cp big copy
gzip -1 < copy | dd of=copy.gz bs=64k 2>/dev/null
rm big

# Many small files (slab objects of inodes and dentries are reclaimable and unmovable pages), every other deleted.
mkdir many
n=0
while [ $n -lt $many ]; do echo "file $n of the small files" > many/f$n; n=$((n + 1)); done
rm -f many/f*[13579]

# Text through a shell pipeline, sorted.
find / -xdev | sort -r | uniq | awk '{ print length($0), $0 }' | sort -n > sorted
tar cf archive.tar many sorted
mkdir out
tar xf archive.tar -C out
gzip archive.tar
cp -r out out2

# Forks and execs.
for i in 1 2 3 4 5 6 7 8; do (cat sorted | wc -l; true | md5sum) > /dev/null; done

# TCP over the loop device: blocks of order 3 for the socket's data.
nc -l -p 4000 > received &
sleep 0.2
nc 127.0.0.1 4000 < copy.gz &
sleep 1
kill $! 2>/dev/null
wait

# A process of its own heap, then all goes.
awk 'BEGIN { for (i = 0; i < 20000; i++) a[i] = i "x"; n = 0; for (k in a) n++; print n }' > /dev/null
rm -rf out2 received copy
sync
[ "$1" = perf ] && echo 400 > /proc/sys/vm/nr_hugepages && echo 0 > /proc/sys/vm/nr_hugepages
if [ "$1" = hard ]; then
  # Two files grow by a page each in turn, the memory is filled to the last few MiB, and one of the two is deleted:
  # what is free then lies in single pages, so that high orders fail or are compacted for. At last all memory is compacted.
  mkdir fill
  page=x
  while [ ${#page} -lt 4095 ]; do page=$page$page; done # 4096 with the end of line
  n=0
  while [ $n -lt 400 ]; do echo $page >> fill/a; echo $page >> fill/b; n=$((n + 1)); done
  free=$(awk '/^MemFree/ { print int(($2 - 4000) / 64) }' /proc/meminfo)
  dd if=/dev/zero of=fill/big bs=64k count=$free 2>/dev/null
  rm fill/a
  nc -l -p 4001 > /dev/null &
  sleep 0.1
  head -c 300000 fill/big | nc 127.0.0.1 4001 &
  sleep 1
  kill $! 2>/dev/null
  wait
  echo 8 > /proc/sys/vm/nr_hugepages # order 9, until one fails: `page=0000000000000000 pfn=0x0`
  echo 0 > /proc/sys/vm/nr_hugepages
  rm -rf fill
  echo 1 > /proc/sys/vm/compact_memory
fi
dd if=/dev/zero of=last bs=64k count=$last 2>/dev/null
rm -rf many out archive.tar.gz copy.gz sorted
