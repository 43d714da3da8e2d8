# make run and make test need Go and gcc, nothing else. "make help" lists the rest.

GO      ?= go
TAGS    := sqlite_fts5
SHARED  ?= ../shared
FUZZ    ?= 10s
CRASHES ?= 50
STATIC  := honnef.co/go/tools/cmd/staticcheck@v0.8.2
override SHARED := $(abspath $(SHARED))
export SHARED

# SQLite calls fsync unless it is told that there is fdatasync. Where the write-ahead log is written over, as it mostly is,
# that has the file's times written as well, which waits for the disk twice.
ifeq ($(shell uname -s),Linux)
export CGO_CFLAGS := $(filter-out -DHAVE_FDATASYNC,$(or $(CGO_CFLAGS),-O2 -g)) -DHAVE_FDATASYNC
endif

# Where "make install" puts things. DESTDIR goes before each path, for packages.
PREFIX  ?= /usr/local
DESTDIR ?=
ZSH     ?= share/zsh/site-functions
ROOT     = $(DESTDIR)$(PREFIX)
UNITS   := satchel.service $(patsubst %,satchel-%.socket,imap imaps lmtp https http) satchel-backup.service satchel-backup.timer

.PHONY: help build run test lint race fuzz e2e e2e-autoconfig e2e-postfix e2e-backup e2e-acme e2e-web e2e-migrate oracle crash hostile bench man clean tools \
	install uninstall deb debcheck debtest walk containertest

build: tools ## bin/satchel
	@mkdir -p bin
	CGO_ENABLED=1 $(GO) build -tags $(TAGS) -o bin/satchel ./cmd/satchel

run: build ## a server out of ./data on 127.0.0.1, with an account to try it
	@exec bin/satchel demo --data data

test: tools ## the whole test suite
	CGO_ENABLED=1 $(GO) test -tags $(TAGS) ./...

lint: tools ## formatting, vet, staticcheck, layers, sizes
	@.ci/format
	$(GO) vet -tags $(TAGS) ./... ./.ci/budget ./.ci/benchmarks ./.ci/textsize ./.ci/thunderbird
	$(GO) run $(STATIC) -tags $(TAGS) ./... ./.ci/budget ./.ci/benchmarks ./.ci/textsize ./.ci/thunderbird
	@.ci/arrows
	$(GO) run ./.ci/budget

race: tools ## the race detector on backend, server and storage
	CGO_ENABLED=1 $(GO) test -race -tags $(TAGS) ./backend/... ./server/... ./storage/...

fuzz: tools ## every fuzz target for FUZZ (10s)
	@.ci/fuzz $(FUZZ)

e2e: build ## real mail clients against a fresh server (installs them from Debian)
	@.ci/e2e.sh

e2e-postfix: build ## docs/POSTFIX.md as it stands: a private Postfix (Debian's; as root) with a fresh server
	@.ci/e2e-postfix.sh

e2e-autoconfig: build ## a real Thunderbird that sets itself up (Debian's; as root)
	@.ci/e2e-autoconfig.sh

e2e-acme: build ## certificates by ACME from a real authority, Pebble, built for the run
	@.ci/e2e-acme.sh

e2e-web: build ## the account's page in a real browser; what it looks like is then in bin/shots
	@.ci/e2e-web.sh

e2e-migrate: build ## docs/MIGRATING.md with a private Dovecot: moving in, again, and out (needs SHARED; as root)
	@.ci/e2e-migrate.sh

e2e-backup: build ## backups beside deliveries, satchel's and Litestream's (which is built once), and restored
	@.ci/e2e-backup.sh

oracle: build ## every answer compared with Dovecot's, over the corpus (needs SHARED)
	@.ci/oracle.sh

crash: build ## CRASHES (50) times kill -9 amid deliveries; half as often a loss of power, and a disk that fails; and a full disk
	CGO_ENABLED=1 SATCHEL=$(CURDIR)/bin/satchel SATCHEL_CRASHES=$(CRASHES) $(GO) test -tags $(TAGS) -count=1 -v -timeout 30m \
		-run 'TestCrash|TestFullDisk|TestFolderIsOnTheDisk|TestPowerLoss|TestFailingDisk|TestDisk' ./cmd/satchel/proof

hostile: build ## what no client should send: bounded in time and memory
	CGO_ENABLED=1 SATCHEL=$(CURDIR)/bin/satchel $(GO) test -tags $(TAGS) -count=1 -v -run TestHostile ./cmd/satchel/proof

bench: build ## speed and memory against Dovecot; rewrites docs/BENCHMARKS.md (needs SHARED)
	@.ci/bench.sh

man: build ## docs/satchel.1
	bin/satchel man > docs/satchel.1

install: ## what was built, into PREFIX (/usr/local): program, manual, completions, systemd units
	@test -x bin/satchel || { echo "no bin/satchel: run make build first" >&2; exit 1; }
	install -D bin/satchel $(ROOT)/bin/satchel
	install -D -m 644 docs/satchel.1 $(ROOT)/share/man/man1/satchel.1
	install -d $(ROOT)/share/bash-completion/completions $(ROOT)/$(ZSH) $(ROOT)/share/fish/vendor_completions.d
	umask 022 && bin/satchel completion bash > $(ROOT)/share/bash-completion/completions/satchel
	umask 022 && bin/satchel completion zsh > $(ROOT)/$(ZSH)/_satchel
	umask 022 && bin/satchel completion fish > $(ROOT)/share/fish/vendor_completions.d/satchel.fish
	install -d $(ROOT)/lib/systemd/system
	umask 022 && for unit in $(UNITS); do \
		sed 's|@bindir@|$(PREFIX)/bin|' .ci/package/$$unit > $(ROOT)/lib/systemd/system/$$unit || exit 1; done
	install -D -m 644 .ci/package/sysusers.conf $(ROOT)/lib/sysusers.d/satchel.conf
	install -D .ci/package/certbot-hook $(ROOT)/share/satchel/certbot-hook

uninstall: ## what "make install" put there, and nothing else: mail and configuration stay
	rm -f $(ROOT)/bin/satchel $(ROOT)/share/man/man1/satchel.1 $(ROOT)/lib/sysusers.d/satchel.conf \
		$(ROOT)/share/satchel/certbot-hook \
		$(ROOT)/share/bash-completion/completions/satchel $(ROOT)/$(ZSH)/_satchel \
		$(ROOT)/share/fish/vendor_completions.d/satchel.fish $(UNITS:%=$(ROOT)/lib/systemd/system/%)

deb: build ## a Debian package, in bin, for systems with a C library at least as new as this one's
	@.ci/package/deb

debcheck: deb ## what the package installs, unpacked into a folder: seconds, no root
	@.ci/package/check

debtest: deb ## the package and docs/INSTALL.md on a fresh Debian under systemd (needs root; a minute)
	@.ci/package/machine

walk: deb ## sections 1 to 6 of docs/INSTALL.md on a fresh Debian, up to a Thunderbird that sends and reads (needs root; three minutes)
	@.ci/package/walk

containertest: ## the container image, built and run as docs/INSTALL.md says (needs root; five minutes)
	@.ci/package/container

clean: ## removes bin (never ./data)
	rm -rf bin

# tools says in words what is missing, instead of letting cgo fail with noise.
tools:
	@command -v $(GO) >/dev/null || { echo "satchel needs Go 1.26 or newer: https://go.dev/dl/ (or set GO=path)" >&2; exit 1; }
	@command -v $$($(GO) env CC) >/dev/null || { echo "satchel needs a C compiler for SQLite: apt-get install gcc libc6-dev" >&2; exit 1; }
	@want=$$(sed -n 's/^go //p' go.mod); have=$$($(GO) env GOVERSION | sed 's/^go//; s/[ -].*//'); \
	printf '%s\n%s\n' "$$want" "$$have" | sort -CV || { echo "satchel needs Go $$want or newer, this is $$have" >&2; exit 1; }

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20
