# sales_intel: see README.md.  Everyday targets:
#
#   make, make install, make installcheck    as in any PGXS extension
#   make demo     install what is missing, build, show it on a throw-away server
#   make check    the same, then every test suite and a total
#   make bench    measure against peers
#   make unit     the kernels of src/core alone, under sanitizers
#   make soak     the tests by chance among them, for minutes
#   make lint     layout and house rules
#
# PG_CONFIG, BLAS_CFLAGS and BLAS_LIBS may be set on the command line.

EXTENSION  = sales_intel
# META.json states the version; the control file and all else derive from it.
EXTVERSION := $(shell sed -n 's/^    "version": "\(.*\)",/\1/p' META.json)
PG_CONFIG  ?= pg_config

# The serial OpenBLAS, where Debian and Ubuntu keep it; elsewhere the default.
MULTIARCH    = $(shell (gcc -print-multiarch || gcc -dumpmachine) 2>/dev/null)
BLAS_DIR    := $(wildcard /usr/lib/$(MULTIARCH)/openblas-serial)
BLAS_CFLAGS ?= $(BLAS_DIR:/usr/lib/%=-I/usr/include/%)
BLAS_RPATH   = -L$(BLAS_DIR) -Wl,-rpath,$(BLAS_DIR)
BLAS_LIBS   ?= $(if $(BLAS_DIR),$(BLAS_RPATH)) -lopenblas

# Sums are compensated in places: no contraction, no -ffast-math.
WARNINGS = -Wall -Wextra -Wmissing-prototypes -Wdeclaration-after-statement \
	-Wno-unused-parameter
MATHS    = -std=gnu99 -O3 -ffp-contract=off -fno-math-errno

SOURCES = $(sort $(wildcard src/*.c src/*/*.c src/*/*/*.c src/*/*/*/*.c))
SCRIPT  = sql/$(EXTENSION)--$(EXTVERSION).sql

# These goals install what is missing and call make again, so they must not
# need PGXS; it would also claim "check" for itself.
DEV_GOALS = demo check bench unit soak lint

ifneq ($(filter $(DEV_GOALS),$(MAKECMDGOALS)),)
.PHONY: $(MAKECMDGOALS)

demo check bench lint:
	@dev/$@.sh

include test/unit/unit.mk

# other goals named on the same command line
$(filter-out $(DEV_GOALS),$(MAKECMDGOALS)):
	$(MAKE) $@

else

MODULE_big = $(EXTENSION)
OBJS       = $(SOURCES:.c=.o)
DATA       = $(wildcard sql/$(EXTENSION)--*--*.sql)
DATA_built = $(SCRIPT)
EXTRA_CLEAN = $(EXTENSION).control $(SOURCES:.c=.d) build

TESTS         := $(sort $(wildcard test/sql/*.sql))
REGRESS       := $(TESTS:test/sql/%.sql=%)
REGRESS_OPTS   = --inputdir=test --load-extension=$(EXTENSION)
SPECS         := $(sort $(wildcard test/specs/*.spec))
ISOLATION     := $(SPECS:test/specs/%.spec=%)
ISOLATION_OPTS = --inputdir=test --load-extension=$(EXTENSION)

# -isystem: warnings in the server's headers are not ours.
PG_CPPFLAGS = -Isrc -isystem $(shell $(PG_CONFIG) --includedir-server) \
	$(BLAS_CFLAGS) -DSALES_INTEL_VERSION='"$(EXTVERSION)"'
PG_CFLAGS   = $(WARNINGS) $(MATHS) -MMD -MP
SHLIB_LINK  = -Wl,--version-script=src/exports.map $(BLAS_LIBS) -lm

# No bitcode: the server's JIT could inline a wrapper but not reach the
# kernels that src/exports.map hides.
override with_llvm = no

PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(or $(wildcard $(PGXS)),$(error no PGXS from "$(PG_CONFIG)": set PG_CONFIG, or install postgresql-server-dev))

-include $(SOURCES:.c=.d)
$(EXTENSION)$(DLSUFFIX): src/exports.map
src/sales_intel.o: META.json

# Objects belong to one server version.
$(OBJS): build/server-version
build/server-version: FORCE
	@mkdir -p build
	@$(PG_CONFIG) --version | cmp -s - $@ || $(PG_CONFIG) --version >$@
.PHONY: FORCE clang-check

# What the other compiler says.
clang-check:
	$(if $(CLANG),$(CLANG) $(CPPFLAGS) $(WARNINGS) $(MATHS) -Werror \
		-Wno-ignored-attributes -fsyntax-only $(SOURCES))

$(EXTENSION).control: $(EXTENSION).control.in META.json
	sed 's/@VERSION@/$(EXTVERSION)/' $< >$@

$(SCRIPT): $(sort $(wildcard sql/parts/*.sql)) META.json
	cat $(filter %.sql,$^) >$@

endif
