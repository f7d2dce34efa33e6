# Commands for working on Descent. `make` alone lists them.

PREFIX ?= /usr/local
PROGRAM := .build/release/descent
SOURCES := Package.swift Sources Tests
PYTHON ?= python3
# Where the proofs of the zoo leave their figures for docs/ZOO.md.
FIGURES := .build/zoo

.DEFAULT_GOAL := help
.PHONY: help run build test install format lint snapshots verify-mnist verify-precision \
	verify-zoo verify-training verify-interchange verify-recovery \
	verify-estimates zoo-page measure-screen compare-pytorch clean

help: ## List these commands.
	@echo "make COMMAND, where COMMAND is one of:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 22

run: build ## Build, then train a first network: in the dashboard, or headless without a terminal.
	@Scripts/run.sh $(PROGRAM)

build: ## Build the program in release, with the system packages it needs.
	@Scripts/setup.sh
	@# Colours are a flag of the compiler: with them on terminals only, the one build would undo the other.
	swift build -c release --no-color-diagnostics --product descent

test: ## Run every test, with the system packages they need.
	@Scripts/setup.sh --tests
	@$(MAKE) --no-print-directory lint
	swift build --build-tests
	@Scripts/test.sh

install: build ## Copy program and themes to PREFIX (default /usr/local).
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/share/descent/themes"
	install -m 755 $(PROGRAM) "$(DESTDIR)$(PREFIX)/bin/descent"
	install -m 644 themes/*.toml "$(DESTDIR)$(PREFIX)/share/descent/themes"

format: ## Format the sources.
	swift format -i -r $(SOURCES)

lint: ## Check that the sources are formatted.
	swift format lint --strict -r $(SOURCES)

snapshots: ## Write docs/KEYBINDINGS.md and the drawn screens of the tests anew.
	DESCENT_RECORD_SNAPSHOTS=1 swift test --disable-xctest --filter DashboardTests

verify-mnist: build ## Train cnn on MNIST in DATA=DIRECTORY and ask for 99.0 % (a few minutes).
	@Scripts/verify-mnist.sh $(PROGRAM) "$(DATA)"

verify-precision: build ## Train on MNIST in DATA=DIRECTORY in f32 and bf16 and compare (ten minutes).
	@Scripts/verify-precision.sh $(PROGRAM) "$(DATA)"

verify-zoo: ## Compare whole networks with what their own libraries compute (about two minutes).
	@mkdir -p $(FIGURES) && rm -f $(FIGURES)/full-size.jsonl
	DESCENT_VERIFY_ZOO=1 DESCENT_ZOO_FIGURES=$(FIGURES)/full-size.jsonl \
	  swift test --disable-xctest --filter FullSizeTests

verify-training: build ## Take ten training steps of all networks, or ARCHITECTURES="A B" (half an hour).
	@mkdir -p $(FIGURES)
	@$(PYTHON) Scripts/verify-training.py $(PROGRAM) $(FIGURES)/training.jsonl $(ARCHITECTURES)

verify-interchange: ## Exchange weight files with torchvision and timm, of PYTHON=INTERPRETER.
	swift build --build-tests
	@$(PYTHON) Scripts/verify-interchange.py \
	  swift test --skip-build --disable-xctest --filter InterchangeTests

verify-recovery: build ## Kill runs 100 times at random moments; OPTIONS="--seed 2" (two minutes).
	@$(PYTHON) Scripts/verify-recovery.py $(PROGRAM) $(OPTIONS)

verify-estimates: build ## Compare estimates with what epochs take, of all networks, or ARCHITECTURES="A B" (an hour).
	@$(PYTHON) Scripts/verify-estimates.py $(PROGRAM) $(OPTIONS) $(ARCHITECTURES)

zoo-page: build ## Write counts and what verify-zoo and verify-training found into docs/ZOO.md.
	@$(PYTHON) Scripts/zoo-page.py $(PROGRAM) $(FIGURES)/full-size.jsonl $(FIGURES)/training.jsonl

measure-screen: build ## Measure what the dashboard costs: time, key to screen, idle (needs Python 3).
	@Scripts/measure-screen.py $(PROGRAM)

compare-pytorch: build ## Training steps beside PyTorch's: PYTHON=INTERPRETER STEPS=SCRIPT, and OPTIONS (half an hour).
	@Scripts/compare-pytorch.py $(PROGRAM) "$(PYTHON)" "$(STEPS)" $(OPTIONS)

clean: ## Remove everything that was built.
	rm -rf .build
