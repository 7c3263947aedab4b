# The front door. `make demo` shows the library at work, `make test` checks it.

CARGO  ?= cargo
CC     ?= cc
PYTHON ?= python3
# CARGO_TARGET_DIR, where it is set, says where cargo builds; whatever else says so does not.
TARGET := $(shell realpath -m -- "$(or $(CARGO_TARGET_DIR),target)")
export CARGO_TARGET_DIR := $(TARGET)
BUILT  := $(TARGET)/release
# Pre-1.0 the ABI goes with the minor version; build.rs gives the library this name.
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
ABI     := $(if $(filter 0.%,$(VERSION)),$(basename $(VERSION)),$(firstword $(subst ., ,$(VERSION))))
SONAME  := libcontactverify.so.$(ABI)

PREFIX  ?= /usr/local
LIBDIR  ?= $(PREFIX)/lib
INCLUDEDIR = $(PREFIX)/include
MANDIR  ?= $(PREFIX)/share/man

.PHONY: all library sandbox example demo test test-long python-test python-package wheel sanitize races fuzz supply-chain \
    mutants coverage bench bench-publish bench-server budget abi abi-record header install uninstall clean

# The instrumented libraries' programs share a folder, and cargo uses all cores by itself.
.NOTPARALLEL:

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

python-test: library sandbox
	CONTACTVERIFY_LIBRARY="$(BUILT)/libcontactverify.so" PYTHONPATH=bindings/python/src \
	    CONTACTVERIFY_SANDBOX="$(TARGET)/debug/contactverify-sandbox" \
	    $(PYTHON) -m unittest discover --start-directory bindings/python/tests

# As users install it: from this checkout by pip, and as a wheel for all Linux from 2014 on.
python-package: sandbox
	CONTACTVERIFY_SANDBOX="$(TARGET)/debug/contactverify-sandbox" PYTHON="$(PYTHON)" \
	    bash bindings/python/package.sh checkout

wheel: sandbox
	CONTACTVERIFY_SANDBOX="$(TARGET)/debug/contactverify-sandbox" PYTHON="$(PYTHON)" \
	    bash bindings/python/package.sh wheel "$(TARGET)"

# The tests of the C and C++ programs, with a library that the compiler has put something into
# beside its code. INSTRUMENT names its folder. Flags that begin with -Z count as unstable.
INSTRUMENTED = $(TARGET)/$(INSTRUMENT)/x86_64-unknown-linux-gnu/release
define test_instrumented
	RUSTC_BOOTSTRAP=1 RUSTFLAGS="$(INSTRUMENT_RUSTFLAGS)" \
	    CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
	    CARGO_PROFILE_RELEASE_STRIP=none \
	    $(CARGO) build --release --locked --package contactverify \
	    --target-dir "$(TARGET)/$(INSTRUMENT)" --target x86_64-unknown-linux-gnu
	ln -sf libcontactverify.so "$(INSTRUMENTED)/$(SONAME)"
	CONTACTVERIFY_INSTRUMENTED="$(INSTRUMENTED)" \
	    $(CARGO) test --locked --package contactverify --test suite -- programs:: host:: cpp::
endef

# AddressSanitizer, leak checking and UndefinedBehaviorSanitizer.
sanitize: INSTRUMENT = address
sanitize: INSTRUMENT_RUSTFLAGS = -Zsanitizer=address
sanitize: export CONTACTVERIFY_SANITIZER = -fsanitize=address,undefined -fno-sanitize-recover=all
sanitize:
	$(call need,clang,apt-get install clang libclang-rt-14-dev)
	$(CARGO) build --locked --workspace
	$(test_instrumented)

# ThreadSanitizer, with the compiler's own runtime: clang's may be too old for the library.
races: INSTRUMENT = thread
races: INSTRUMENT_RUSTFLAGS = -Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer --sysroot $(TARGET)/thread/sysroot
races: export CONTACTVERIFY_SANITIZER = -fsanitize=thread -fno-sanitize-link-runtime -rdynamic \
    -Wl,--whole-archive $(TARGET)/thread/runtime.a -Wl,--no-whole-archive -lm -ldl -lrt
races: export TSAN_OPTIONS = suppressions=$(abspath tests/races/suppressions.txt)
races:
	$(call need,clang,apt-get install clang)
	$(call need,objcopy,apt-get install binutils)
	$(CARGO) build --locked --workspace
	bash tests/races/sysroot.sh "$(TARGET)/thread"
	$(test_instrumented)

# What takes longer than a developer waits, or needs more tools.
test-long: sanitize races coverage fuzz supply-chain

# Each fuzz target for a minute, from the corpus that is checked in; what is found new stays
# out of it. The stable compiler takes the coverage flags only with RUSTC_BOOTSTRAP=1.
FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?= verdict answer request c_request
fuzz:
	$(call need,cargo-fuzz,cargo install cargo-fuzz --locked)
	for target in $(FUZZ_TARGETS); do \
	    found="$(TARGET)/fuzz/found/$$target"; rm -rf "$$found"; mkdir -p "$$found"; \
	    RUSTC_BOOTSTRAP=1 $(CARGO) fuzz run -s none -O --no-trace-compares --target-dir "$(TARGET)/fuzz" \
	        $$target "$$found" fuzz/corpus/$$target -- -max_total_time=$(FUZZ_SECONDS) -max_len=1024 \
	        -dict=fuzz/dictionaries/$$target.dict -verbosity=0 -print_final_stats=1 || exit 1; \
	done

# Licences and sources; duplicates in what is linked, which the header's generator is not; known
# vulnerabilities where the database can be reached.
supply-chain:
	$(call need,cargo-deny,cargo install cargo-deny --locked)
	$(CARGO) deny --locked check licenses sources
	$(CARGO) deny --locked --no-default-features check bans
	@if said=$$($(CARGO) deny --locked fetch db 2>&1); then $(CARGO) deny --locked check advisories; \
	    else echo "$$said" | tail -n 1; \
	    echo "skipped: advisories, the database cannot be reached"; fi

# The rooms of the suite that test programs and files, not the C functions directly.
FILE_ROOMS := programs library readme host cpp install

# Which changes to these files no test notices, by the tests that take seconds. Each takes half
# a minute, so it is run by hand. What is missed here may be found by the tests left out.
FILES ?= src/response.rs
mutants:
	$(call need,cargo-mutants,cargo install cargo-mutants --locked)
	env -u CARGO_TARGET_DIR $(CARGO) mutants --package contactverify $(addprefix --file ,$(FILES)) --output "$(TARGET)" \
	    --timeout 60 -- --features fuzzing --lib --test corpus --test suite -- \
	    $(patsubst %,--skip %::,$(FILE_ROOMS) credentials discovery vendor)

# Which lines of src/ the tests in Rust and the C and C++ programs reach. Any LLVM from 19 reads
# what this compiler writes. Fails below 95 of 100 lines.
LLVM := $(shell for v in 22 21 20 19; do command -v llvm-cov-$$v >/dev/null && echo -$$v && break; done)
COVERAGE := $(TARGET)/coverage
coverage: INSTRUMENT = coverage
coverage: INSTRUMENT_RUSTFLAGS = -Cinstrument-coverage
coverage: export LLVM_PROFILE_FILE = $(COVERAGE)/profiles/%p-%m.profraw
coverage: export CONTACTVERIFY_SANDBOX = $(TARGET)/debug/contactverify-sandbox
coverage: library sandbox
	$(call need,llvm-cov$(LLVM),apt-get install llvm-19)
	rm -rf "$(COVERAGE)" # older programs in it would count as never run
	$(test_instrumented)
	for tests in '--lib' '--test hostile' '--test suite -- $(patsubst %,--skip %::,$(FILE_ROOMS))'; do \
	    RUSTFLAGS="$(INSTRUMENT_RUSTFLAGS)" CONTACTVERIFY_INSTRUMENTED="$(INSTRUMENTED)" \
	        $(CARGO) test --locked --package contactverify \
	        --target-dir "$(COVERAGE)" $$tests || exit 1; \
	done
	LLVM=$(LLVM) bash tests/coverage.sh "$(COVERAGE)" "$(INSTRUMENTED)/libcontactverify.so" 95

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

# What the header promises beside what it promised when its SONAME came to be: docs/ABI.md.
abi abi-record: library
	$(call need,abidiff,apt-get install abigail-tools)
	CC="$(CC)" bash tests/abi/abi.sh $(if $(filter abi,$@),check,record) "$(BUILT)/libcontactverify.so" $(ABI)

# What repeats to the digit, against benches/ceilings.txt.
budget: library bench-server
	$(call need,$(PYTHON),apt-get install python3)
	$(BENCH) budget "$(BUILT)" "$(TARGET)/bench"

bench-server:
	$(CARGO) build --release --locked --package contactverify-bench-server

# The header is written by every build; this target is for those who look for it.
header: library

# What a program needs beside the static library: `rustc --print native-static-libs`.
NATIVE := -lgcc_s -lutil -lrt -lpthread -lm -ldl -lc

# Files that tell others where things are, each by the way from its own place, so that the whole
# tree may be moved.
define install_told
	install -d "$(DESTDIR)$(LIBDIR)/$(2)"
	sed -e 's|@PREFIX@|'"$$(realpath -m --relative-to='$(LIBDIR)$(3)' '$(PREFIX)')"'|' \
	    -e 's|@VERSION@|$(VERSION)|; s|@ABI@|$(ABI)|; s|@SONAME@|$(SONAME)|; s|@NATIVE@|$(NATIVE)|' \
	    packaging/$(1).in > "$(DESTDIR)$(LIBDIR)/$(2)/$(1)"
endef

# Builds nothing that is there: whoever installs is often not who builds.
install: $(if $(shell [ -e "$(BUILT)/libcontactverify.so" ] && echo built),,library)
	install -d "$(DESTDIR)$(LIBDIR)" "$(DESTDIR)$(INCLUDEDIR)" "$(DESTDIR)$(MANDIR)/man3"
	install -m 644 include/contactverify.h include/contactverify.hpp "$(DESTDIR)$(INCLUDEDIR)/"
	install -m 644 packaging/contactverify.3 "$(DESTDIR)$(MANDIR)/man3/"
	install -m 755 "$(BUILT)/libcontactverify.so" "$(DESTDIR)$(LIBDIR)/libcontactverify.so.$(VERSION)"
	ln -sf libcontactverify.so.$(VERSION) "$(DESTDIR)$(LIBDIR)/$(SONAME)"
	ln -sf $(SONAME) "$(DESTDIR)$(LIBDIR)/libcontactverify.so"
	install -m 644 "$(BUILT)/libcontactverify.a" "$(DESTDIR)$(LIBDIR)/"
	$(call install_told,contactverify.pc,pkgconfig,/pkgconfig)
	$(call install_told,contactverify-config.cmake,cmake/contactverify,)
	$(call install_told,contactverify-config-version.cmake,cmake/contactverify,)

uninstall:
	rm -f "$(DESTDIR)$(INCLUDEDIR)/contactverify.h" "$(DESTDIR)$(INCLUDEDIR)/contactverify.hpp" \
	    "$(DESTDIR)$(MANDIR)/man3/contactverify.3" "$(DESTDIR)$(LIBDIR)/libcontactverify.a" \
	    "$(DESTDIR)$(LIBDIR)/libcontactverify.so" "$(DESTDIR)$(LIBDIR)/$(SONAME)" \
	    "$(DESTDIR)$(LIBDIR)/libcontactverify.so.$(VERSION)" \
	    "$(DESTDIR)$(LIBDIR)/pkgconfig/contactverify.pc"
	rm -rf "$(DESTDIR)$(LIBDIR)/cmake/contactverify"

clean:
	$(CARGO) clean
