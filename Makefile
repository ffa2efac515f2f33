# make run    builds the release and plays the main scenario
# make test   runs every test
# make conformance  compares with recordings of a real control plane; RECORDINGS=FOLDER names them
# make bench  measures; figures go to results/
# make profile  writes Benchmarks/release.proftext, by which `make build` lays the code out
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
# The compiler lays the code out after the branches that the main scenario takes, where it knows how; what
# has changed since the profile was written is compiled as without one. Named after what is in it, because
# the build looks at names only.
PROFILE := Benchmarks/release.proftext
KNOWS := $(shell swiftc -frontend -help-hidden 2>/dev/null | grep -o -m 1 -e -ir-profile-use)
PROFDATA := $(if $(KNOWS),$(wildcard $(dir $(SWIFT))llvm-profdata))
GUIDE := $(if $(PROFDATA),.build/profile-$(firstword $(shell cksum < $(PROFILE))).profdata)
GUIDED := $(if $(GUIDE),-Xswiftc -Xfrontend -Xswiftc -ir-profile-use=$(CURDIR)/$(GUIDE))
# Lines for backtraces, but no types and variables: a tenth less to compile.
SYMBOLS := -Xswiftc -gline-tables-only

.PHONY: run build test bench profile lint setup conformance

run: build
	@$(BOOTSIM) run $(SCENARIO)

build: setup $(GUIDE)
	@$(if $(ARCHIVES),mkdir -p $(ARCHIVES) && ln -sf $(STDCXX) $(ARCHIVES)/)
	@swift build -c release --product bootsim -Xswiftc -warnings-as-errors $(SYMBOLS) $(GUIDED) $(RUNTIME) \
	  $(if $(ARCHIVES),-Xlinker -L$(ARCHIVES))

$(GUIDE): $(PROFILE)
	@rm -rf .build/*/release Benchmarks/.build/*/release # The compiler would keep what it made without it.
	@mkdir -p .build && $(PROFDATA) merge $(PROFILE) -o $@

# After larger changes of kernel, model or recorder.
profile: setup
	@bash Benchmarks/profile.sh

test: setup
	@swift test

# Built with the release's profile; peers in C and C++ are not. PEER=PROGRAM.py also plays a SimPy peer.
bench: build
	@swift run -c release --package-path Benchmarks $(GUIDED) bootsim-benchmarks queue --output results
	@swift run -c release --package-path Benchmarks $(GUIDED) bootsim-benchmarks recording --output results
	@swift run -c release --package-path Benchmarks $(GUIDED) bootsim-benchmarks model --output results
	@python3 Benchmarks/instructions.py
	@python3 Benchmarks/whole-runs.py $(if $(PEER),--peer $(PEER)) --million
	@python3 Benchmarks/collapse.py $(BOOTSIM) --write
	@bash .ci/browser --write

RECORDINGS ?= Tests/ConformanceTests/Recordings
conformance: build
	@$(BOOTSIM) conformance $(RECORDINGS)

lint: setup
	@swift format lint --strict -r Sources Tests Benchmarks/Sources Package.swift

setup:
	@bash setup.sh
