# SPDX-License-Identifier: Apache-2.0
SHELL := /bin/bash
.DEFAULT_GOAL := help
export SWIFT_BACKTRACE ?= enable=no

.PHONY: help bootstrap build test test-asan test-tsan demo bench chaos soak format lint check docs clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-10s %s\n", $$1, $$2 }'

bootstrap: ## Install the Debian packages that are missing
	@scripts/bootstrap

build: bootstrap ## Build the release binaries
	@scripts/build ran-mqtt-bridge ran-simulator

test: bootstrap ## Build and run every test, real mosquitto included
	@scripts/test

test-asan: bootstrap ## Run every test under the address sanitizer; ROOMS="Store Bridge" runs those
	@scripts/test --sanitize=address $(ROOMS)

test-tsan: bootstrap ## Run every test under the thread sanitizer; ROOMS="Store Bridge" runs those
	@scripts/test --sanitize=thread $(ROOMS)

demo: build ## See uplinks and a downlink flow; DEMO_SECONDS=20 stops by itself
	@scripts/demo

bench: bootstrap ## Measure what an uplink costs; PART=stages, ran, codec, e2e, requests, downlinks, growth or memory
	@scripts/bench $(PART)

chaos: build ## Break bridge, broker and disk at random 200 times and count what was lost
	@scripts/chaos

soak: build ## Run half an hour under traffic and show what grows
	@scripts/soak

format: ## Format the sources
	swift format --in-place --parallel --recursive Package.swift Sources Tests bench

lint: ## Check format and style
	swift format lint --strict --parallel --recursive Package.swift Sources Tests bench

check: lint ## What to run before a commit: lint, build, fast tests
	@scripts/test LoRaWAN JSON Concurrency Configuration TTNMessages NetworkServer Bridge

docs: ## Check that the documentation comments compile and are there
	@scripts/docs

clean: ## Remove what was built
	rm -rf .build
