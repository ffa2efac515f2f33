# make run    builds the release and plays the main scenario
# make test   runs every test
# make conformance  compares with recordings of a real control plane; RECORDINGS=FOLDER names them
# make bench  measures; figures go to results/
SHELL := /bin/bash
SCENARIO ?= scenarios/kubeadm-5000-workers.yaml
BOOTSIM := .build/release/bootsim
# The Swift runtime inside the program, where the toolchain has it: one file that runs without Swift, and
# starts in half the time. At a fixed address: else 100,000 pointers are put right at each start, 0.7 ms.
SWIFT := $(realpath $(shell command -v swift))
RUNTIME := $(if $(wildcard $(dir $(SWIFT))../lib/swift_static/linux/libswiftCore.a),--static-swift-stdlib -Xlinker -no-pie)
# And the C++ library that it needs, found first in a folder with nothing but its archive: 0.4 ms of each start.
STDCXX := $(wildcard $(shell $(dir $(SWIFT))clang -print-file-name=libstdc++.a 2>/dev/null))
ARCHIVES := $(if $(and $(RUNTIME),$(STDCXX)),$(CURDIR)/.build/archives)
# Lines for backtraces, but no types and variables: a tenth less to compile.
SYMBOLS := -Xswiftc -gline-tables-only

.PHONY: run build test bench lint setup conformance

run: build
	@$(BOOTSIM) run $(SCENARIO)

build: setup
	@$(if $(ARCHIVES),mkdir -p $(ARCHIVES) && ln -sf $(STDCXX) $(ARCHIVES)/)
	@swift build -c release --product bootsim -Xswiftc -warnings-as-errors $(SYMBOLS) $(RUNTIME) \
	  $(if $(ARCHIVES),-Xlinker -L$(ARCHIVES))

test: setup
	@swift test

# PEER=PROGRAM.py also plays a SimPy peer beside it.
bench: build
	@swift run -c release --package-path Benchmarks bootsim-benchmarks queue --output results
	@swift run -c release --package-path Benchmarks bootsim-benchmarks recording --output results
	@swift run -c release --package-path Benchmarks bootsim-benchmarks model --output results
	@python3 Benchmarks/instructions.py
	@python3 Benchmarks/whole-runs.py $(if $(PEER),--peer $(PEER)) --million
	@bash .ci/browser --write

RECORDINGS ?= Tests/ConformanceTests/Recordings
conformance: build
	@$(BOOTSIM) conformance $(RECORDINGS)

lint:
	@swift format lint --strict -r Sources Tests Benchmarks/Sources Package.swift

setup:
	@bash setup.sh
