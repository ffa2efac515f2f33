# make run    builds the release and plays the main scenario
# make test   runs every test
# make bench  measures; figures go to results/
SHELL := /bin/bash
SCENARIO ?= scenarios/kubeadm-5000-workers.yaml
BOOTSIM := .build/release/bootsim

.PHONY: run build test bench lint setup

run: build
	@$(BOOTSIM) run $(SCENARIO)

build: setup
	@swift build -c release --product bootsim -Xswiftc -warnings-as-errors

test: setup
	@swift test

bench: setup
	@swift run -c release --package-path Benchmarks bootsim-benchmarks queue --output results
	@for nodes in 1000 130000; do \
	  $(BOOTSIM) run scenarios/scale.yaml --trace none --set spec.nodes.workers.count=$$nodes; done

lint:
	@swift format lint --strict -r Sources Tests Benchmarks/Sources Package.swift

setup:
	@bash setup.sh
