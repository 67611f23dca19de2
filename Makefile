# The ways to build, run and test Muster. Each is a small script in scripts/; this file only names them.
SOURCES = $(shell git ls-files '*.swift' | grep -v /Generated/)
# Test targets that run the real programs or a database server; the rest take seconds and need no I/O to speak of.
INTEGRATION = 'MusterEndToEndTests|MusterLabTests|MusterStoreTests'

# Without a bound all tests begin at once, and each waits for the processor of all others.
AT_A_TIME = --experimental-maximum-parallelization-width 8

.PHONY: run lab build test check fuzz bench packages format clean help

help:
	@echo 'make run     start a server here, enrol this machine, show what it learned and its events (Ctrl-C stops)'
	@echo 'make lab     boot a server and devices in networks of their own, to play with (root; Ctrl-C removes all of it)'
	@echo 'make build   build everything (debug)'
	@echo 'make test    install what the tests need, then run all of them'
	@echo 'make check   formatting, build, unit tests'
	@echo 'make fuzz    fuzz every decoder for FUZZ_SECONDS (30)'
	@echo 'make bench   measure: tables for docs/performance.md (BENCH_QUICK=1: a trial run)'
	@echo 'make packages  the Debian packages in .packages (BUILD=debug: from the debug build, in seconds)'
	@echo 'make format  rewrite the sources in the house format'
	@echo 'make clean   remove what was built (not .muster, the data of make run, and .lab, the Debian of make lab)'

run:
	@scripts/install-packages.sh build
	@echo 'Building (the first time takes some minutes) …'
	@swift build
	@scripts/run.sh

lab:
	@scripts/install-packages.sh lab
	@swift build
	@scripts/lab

build:
	@scripts/install-packages.sh build
	swift build

test:
	@scripts/install-packages.sh test
	swift build --build-tests
	swift test --skip-build $(AT_A_TIME) --skip 'MusterEndToEndTests|MusterLabTests'
	# By themselves: they run the real programs, which want the processors.
	swift test --skip-build --filter MusterEndToEndTests
	# By itself: each lab boots its machines at once, and wants both the processors and the time.
	swift test --skip-build --filter MusterLabTests

check:
	swift format lint --strict $(SOURCES)
	swift build --build-tests
	swift test --skip-build $(AT_A_TIME) --skip $(INTEGRATION)

fuzz:
	@scripts/install-packages.sh build
	@scripts/fuzz.sh

bench:
	@scripts/install-packages.sh bench
	@scripts/bench/all

packages:
	@scripts/install-packages.sh packages
	@scripts/packages/build

format:
	swift format -i $(SOURCES)

clean:
	rm -rf .build .build-fuzz .build-static .bench .packages
