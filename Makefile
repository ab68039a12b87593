# Set-up, build, checks and demonstration of Quire. Needs Swift 6.3 and git; the rest comes from Debian.

PACKAGES := qemu-user qemu-system-x86 libzstd-dev zlib1g-dev time gcc libc6-dev sqlite3 xz-utils perl python3
BUILD := swift build -c release
QUIRE := .build/release/quire

.PHONY: all setup build demo test tsan soak conformance conformance-calls conformance-pressure bench lint docs boot-smoke embedded samples kernels layouts clean

all: build

# Installs what is missing; asks the package archive only then.
setup:
	@missing=""; for package in $(PACKAGES); do \
	  dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ]; then echo "installing$$missing"; \
	  sudo=""; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  $$sudo apt-get update -qq && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; fi

build: setup
	$(BUILD)

# A real program on a machine of 64 MiB.
demo: build
	$(QUIRE) run --ram 64M -- /usr/bin/python3 -c 'import random; random.seed(1); a = [random.random() for _ in range(200000)]; a.sort(); print("sorted", len(a))'

test: build boot-smoke
	swift test -c release -Xswiftc -enable-testing --scratch-path .build-test

# The page allocator from several threads at once, under ThreadSanitizer.
tsan:
	bash Tests/tsan.sh

# Random operations under memory pressure: so many seconds for each of four seeds, an hour on two processors.
SOAK_SECONDS ?= 1800
soak:
	QUIRE_PRESSURE_SECONDS=$(SOAK_SECONDS) swift test -c release -Xswiftc -enable-testing --scratch-path .build-test \
	  --filter whatIsWrittenComesBack

# Boots real kernels and takes down what they say; see Tests/Kernels/boot.sh.
kernels: setup
	bash Tests/Kernels/boot.sh

# Starts programs thousands of times on real kernels and notes where they lie; see Tests/Kernels/layout.
layouts: setup
	bash Tests/Kernels/layout/record.sh

# The model beside real kernels: whole programs, then memory calls one by one.
conformance: build conformance-calls
	$(BUILD) --product conformance
	.build/release/conformance

# Random memory calls, each compared: on the kernel that runs here, if it may be compared, and on Debian's 6.1 in QEMU. The
# long form is --seeds 1000 and --kernel debian --seeds 100.
conformance-calls: setup
	$(BUILD) --product call-conformance
	.build/release/call-conformance --seeds 25
	.build/release/call-conformance --kernel debian --seeds 10

# Programs that use more memory than there is, beside what Debian's 6.1 counted; see Tests/Kernels/pressure.
conformance-pressure: build
	$(BUILD) --product pressure-conformance
	.build/release/pressure-conformance

bench: build
	$(BUILD) --product benchmarks
	.build/release/benchmarks

lint:
	swift format lint --strict --recursive Package.swift Sources Tests Benchmarks Kernel
	@! grep -rlwE "unsafe" --include='*.swift' Sources/LinuxMM Sources/TraceIO Sources/Reporting Sources/quire | grep -v '+Unsafe.swift' \
	  || { echo "unsafe constructs outside the +Unsafe files"; exit 1; }
	@! grep -rnE "^ *(@preconcurrency |public |internal )?import " --include='*.swift' Sources/LinuxMM | grep -v "import Synchronization" \
	  || { echo "the engine imports nothing but the atomics of the standard library"; exit 1; }

embedded:
	bash Kernel/build.sh

boot-smoke: setup
	bash Kernel/boot-smoke.sh

docs:
	swift package --allow-writing-to-directory docs-out generate-documentation --target LinuxMM --output-path docs-out

# Records the samples anew; see Samples/README.md.
samples: build
	bash Samples/record.sh

clean:
	rm -rf .build .build-test .build-tsan docs-out
