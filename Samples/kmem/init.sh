#!/bin/sh
# The guest's first process: sets up tracing, runs the workload under `snapshot`, sends all of it as a tar archive over ttyS1.
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t tracefs tracefs /sys/kernel/tracing
mkdir -p /work /out /tmp
mount -t tmpfs -o size=90% tmpfs /work
ifconfig lo 127.0.0.1 up
cd /sys/kernel/tracing
echo 0 > tracing_on
for word in $(cat /proc/cmdline); do case $word in kib=*) kib=${word#kib=} ;; events=*) events=${word#events=} ;; work=*) work=${word#work=} ;; perf=*) perf=${word#perf=} ;; esac; done
echo "${kib:-3072}" > buffer_size_kb
for event in $(echo $events | tr , ' '); do echo 1 > events/kmem/$event/enable; cat events/kmem/$event/format; done > /out/formats.txt
echo > trace
sleep 3 # the boot's own deferred work and RCU callbacks
if [ "$perf" = 1 ]; then
  e=; for event in $(echo $events | tr , ' '); do echo 0 > events/kmem/$event/enable; e="$e -e kmem:$event"; done
  perf record -q -m 1024 $e -a -o /out/perf.data -- /bin/sh /workload.sh ${work:-plain}
  echo "workload: status $?"
else
  /snapshot /out /bin/sh /workload.sh ${work:-plain}
  echo "workload: status $?"
  cat trace > /out/ftrace.txt
  for cpu in per_cpu/cpu*; do echo "$cpu"; cat $cpu/stats; done > /out/stats.txt
fi
cat /proc/version > /out/version.txt
cat /proc/cmdline >> /out/version.txt
stty -F /dev/ttyS1 raw
cd /out && tar cz . > /dev/ttyS1
sleep 1
poweroff -f
