# The front door. `make demo` shows the library at work, `make test` checks it.

CARGO  ?= cargo
CC     ?= cc
PYTHON ?= python3
# CARGO_TARGET_DIR, where it is set, says where cargo builds.
TARGET := $(abspath $(or $(CARGO_TARGET_DIR),target))
BUILT  := $(TARGET)/release
# Pre-1.0 the ABI goes with the minor version; build.rs gives the library this name.
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
SONAME  := libcontactverify.so.$(basename $(VERSION))

PREFIX  ?= /usr/local
LIBDIR  ?= $(PREFIX)/lib
INCLUDEDIR = $(PREFIX)/include

.PHONY: all library sandbox example demo test python-test sanitize coverage bench bench-publish \
    bench-server budget header install uninstall clean

all: library

# Says what is missing, and how to get it, before a long build fails for want of it.
need = @command -v $(1) >/dev/null || { echo "missing: $(1). Install it: $(2)"; exit 1; }

library:
	$(call need,$(CARGO),https://rustup.rs)
	$(call need,$(CC),apt-get install gcc libc6-dev)
	$(CARGO) build --release --locked --package contactverify
	ln -sf libcontactverify.so "$(BUILT)/$(SONAME)"

sandbox:
	$(call need,$(CARGO),https://rustup.rs)
	$(CARGO) build --locked --package contactverify-sandbox

# The example program, linked as the README says to.
example: library
	$(CC) -std=c99 -Wall -Wextra -Wpedantic -O2 -Iinclude -o "$(BUILT)/verify" bindings/c/verify.c \
	    -L"$(BUILT)" -lcontactverify -Wl,-rpath,"$(BUILT)"

demo: example sandbox
	$(call need,$(PYTHON),apt-get install python3)
	$(call need,curl,apt-get install curl)
	$(call need,bash,apt-get install bash)
	@CONTACTVERIFY_BUILT="$(BUILT)" SANDBOX="$(TARGET)/debug/contactverify-sandbox" \
	    PYTHON="$(PYTHON)" bash sandbox/demo.sh

test: library
	$(call need,$(PYTHON),apt-get install python3)
	$(CARGO) build --locked --workspace
	$(CARGO) test --locked --workspace
	$(CARGO) test --locked --package contactverify --no-default-features --lib
	$(CARGO) test --locked --package contactverify --features fuzzing --test corpus
	$(MAKE) python-test

python-test: library
	CONTACTVERIFY_LIBRARY="$(BUILT)/libcontactverify.so" PYTHONPATH=bindings/python/src \
	    $(PYTHON) -m unittest discover --start-directory bindings/python/tests

# The C programs and the library, both with AddressSanitizer, leak checking and
# UndefinedBehaviorSanitizer. The compiler's own flag for this counts as unstable.
SANITIZED := $(TARGET)/sanitized/x86_64-unknown-linux-gnu/release
sanitize:
	$(call need,clang,apt-get install clang libclang-rt-14-dev)
	$(CARGO) build --locked --workspace
	RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=address" CARGO_PROFILE_RELEASE_LTO=off \
	    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_STRIP=none \
	    $(CARGO) build --release --locked --package contactverify --target-dir "$(TARGET)/sanitized" \
	    --target x86_64-unknown-linux-gnu
	ln -sf libcontactverify.so "$(SANITIZED)/$(SONAME)"
	CONTACTVERIFY_SANITIZED="$(SANITIZED)" \
	    $(CARGO) test --locked --package contactverify --test suite -- programs host

# Which lines of src/ the tests in Rust reach. Any LLVM from 19 reads what this compiler writes.
LLVM := $(shell for v in 22 21 20 19; do command -v llvm-cov-$$v >/dev/null && echo -$$v && break; done)
COVERAGE := $(TARGET)/coverage
coverage: library
	$(call need,llvm-cov$(LLVM),apt-get install llvm-19)
	rm -rf "$(COVERAGE)/profiles"
	for tests in '--lib' '--test hostile' \
	    '--test suite -- --skip programs --skip library --skip readme --skip host'; do \
	    RUSTFLAGS="-Cinstrument-coverage" LLVM_PROFILE_FILE="$(COVERAGE)/profiles/%p-%m.profraw" \
	        $(CARGO) test --locked --package contactverify --target-dir "$(COVERAGE)" $$tests || exit 1; \
	done
	llvm-profdata$(LLVM) merge -sparse "$(COVERAGE)"/profiles/*.profraw -o "$(COVERAGE)/all.profdata"
	llvm-cov$(LLVM) report --instr-profile="$(COVERAGE)/all.profdata" \
	    $$(find "$(COVERAGE)/debug/deps" -maxdepth 1 -type f -executable \
	        \( -name 'contactverify-*' -o -name 'suite-*' -o -name 'hostile-*' \) -printf '--object %p ') \
	    --ignore-filename-regex='/(registry|rustc|tests)/|tests\.rs$$' --show-region-summary=false \
	    --show-branch-summary=false | tee "$(COVERAGE)/report.txt"

# How fast, against libcurl, requests and the vendor's SDK: benches/README.md. PARTS names
# some of the measurements, such as "plain tls"; without it, all are made.
ROUNDS ?= 31
BENCH  := CC="$(CC)" $(PYTHON) benches/bench.py
bench: library bench-server
	$(call need,$(PYTHON),apt-get install python3)
	$(BENCH) run "$(BUILT)" "$(TARGET)/bench" $(ROUNDS) $(PARTS)

# The chart of the last run becomes the README's.
bench-publish:
	$(BENCH) publish "$(TARGET)/bench"

# What repeats to the digit, against benches/ceilings.txt.
budget: library bench-server
	$(call need,$(PYTHON),apt-get install python3)
	$(BENCH) budget "$(BUILT)" "$(TARGET)/bench"

bench-server:
	$(CARGO) build --release --locked --package contactverify-bench-server

# The header is written by every build; this target is for those who look for it.
header: library

# Builds nothing that is there: whoever installs is often not who builds.
install: $(if $(wildcard $(BUILT)/libcontactverify.so),,library)
	install -d "$(DESTDIR)$(LIBDIR)/pkgconfig" "$(DESTDIR)$(INCLUDEDIR)"
	install -m 644 include/contactverify.h "$(DESTDIR)$(INCLUDEDIR)/"
	install -m 755 "$(BUILT)/libcontactverify.so" "$(DESTDIR)$(LIBDIR)/libcontactverify.so.$(VERSION)"
	ln -sf libcontactverify.so.$(VERSION) "$(DESTDIR)$(LIBDIR)/$(SONAME)"
	ln -sf $(SONAME) "$(DESTDIR)$(LIBDIR)/libcontactverify.so"
	install -m 644 "$(BUILT)/libcontactverify.a" "$(DESTDIR)$(LIBDIR)/"
	sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@VERSION@|$(VERSION)|' \
	    contactverify.pc.in > "$(DESTDIR)$(LIBDIR)/pkgconfig/contactverify.pc"

uninstall:
	rm -f "$(DESTDIR)$(INCLUDEDIR)/contactverify.h" "$(DESTDIR)$(LIBDIR)/libcontactverify.a" \
	    "$(DESTDIR)$(LIBDIR)/libcontactverify.so" "$(DESTDIR)$(LIBDIR)/$(SONAME)" \
	    "$(DESTDIR)$(LIBDIR)/libcontactverify.so.$(VERSION)" \
	    "$(DESTDIR)$(LIBDIR)/pkgconfig/contactverify.pc"

clean:
	$(CARGO) clean
