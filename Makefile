# make run and make test need Go and gcc, nothing else. "make help" lists the rest.

GO      ?= go
TAGS    := sqlite_fts5
SHARED  ?= ../shared
FUZZ    ?= 10s
CRASHES ?= 50
STATIC  := honnef.co/go/tools/cmd/staticcheck@v0.8.2
override SHARED := $(abspath $(SHARED))
export SHARED

.PHONY: help build run test lint race fuzz e2e oracle crash hostile bench man clean tools

build: tools ## bin/satchel
	@mkdir -p bin
	CGO_ENABLED=1 $(GO) build -tags $(TAGS) -o bin/satchel ./cmd/satchel

run: build ## a server out of ./data on 127.0.0.1, with an account to try it
	@exec bin/satchel demo --data data

test: tools ## the whole test suite
	CGO_ENABLED=1 $(GO) test -tags $(TAGS) ./...

lint: tools ## formatting, vet, staticcheck, layers, sizes
	@.ci/format
	$(GO) vet -tags $(TAGS) ./... ./.ci/budget ./.ci/benchmarks ./.ci/textsize
	$(GO) run $(STATIC) -tags $(TAGS) ./... ./.ci/budget ./.ci/benchmarks ./.ci/textsize
	@.ci/arrows
	$(GO) run ./.ci/budget

race: tools ## the race detector on backend, server and storage
	CGO_ENABLED=1 $(GO) test -race -tags $(TAGS) ./backend/... ./server/... ./storage/...

fuzz: tools ## every fuzz target for FUZZ (10s)
	@.ci/fuzz $(FUZZ)

e2e: build ## real mail clients against a fresh server (installs them from Debian)
	@.ci/e2e.sh

oracle: build ## every answer compared with Dovecot's, over the corpus (needs SHARED)
	@.ci/oracle.sh

crash: build ## CRASHES (50) times kill -9 amid deliveries, and a full disk
	CGO_ENABLED=1 SATCHEL=$(CURDIR)/bin/satchel SATCHEL_CRASHES=$(CRASHES) \
		$(GO) test -tags $(TAGS) -count=1 -v -run 'TestCrash|TestFullDisk' ./cmd/satchel/proof

hostile: build ## what no client should send: bounded in time and memory
	CGO_ENABLED=1 SATCHEL=$(CURDIR)/bin/satchel $(GO) test -tags $(TAGS) -count=1 -v -run TestHostile ./cmd/satchel/proof

bench: build ## speed and memory against Dovecot; rewrites docs/BENCHMARKS.md (needs SHARED)
	@.ci/bench.sh

man: build ## docs/satchel.1
	bin/satchel man > docs/satchel.1

clean: ## removes bin (never ./data)
	rm -rf bin

# tools says in words what is missing, instead of letting cgo fail with noise.
tools:
	@command -v $(GO) >/dev/null || { echo "satchel needs Go 1.26 or newer: https://go.dev/dl/ (or set GO=path)" >&2; exit 1; }
	@command -v $$($(GO) env CC) >/dev/null || { echo "satchel needs a C compiler for SQLite: apt-get install gcc libc6-dev" >&2; exit 1; }
	@want=$$(sed -n 's/^go //p' go.mod); have=$$($(GO) env GOVERSION | sed 's/^go//; s/[ -].*//'); \
	printf '%s\n%s\n' "$$want" "$$have" | sort -CV || { echo "satchel needs Go $$want or newer, this is $$have" >&2; exit 1; }

help: ## this list
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18
