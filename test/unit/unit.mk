# The kernels of src/core alone, with sanitizers: every test/unit/test_*.c is
# a program that prints TAP.  Included by the top Makefile.

UNIT_FLAGS = $(WARNINGS) -Werror $(MATHS) -O1 -g -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=all
UNIT_CORE  = $(patsubst %.c,build/unit/%.o,$(filter src/core/%,$(SOURCES)))
UNIT_TESTS = $(patsubst %.c,build/unit/%,$(sort $(wildcard test/unit/test_*.c)))

build/unit/%.o: %.c
	@mkdir -p $(@D)
	gcc $(UNIT_FLAGS) -MMD -MP -Isrc -Itest/unit $(BLAS_CFLAGS) -c -o $@ $<

build/unit/test/%: build/unit/test/%.o $(UNIT_CORE)
	gcc $(UNIT_FLAGS) -o $@ $^ $(BLAS_LIBS) -lm

.SECONDARY:
-include $(UNIT_CORE:.o=.d) $(UNIT_TESTS:%=%.d)

unit: $(UNIT_TESTS)
	prove -v --exec '' $^

# What takes minutes: random funnels against brute force, a million each;
# errors of contrasts on 200 sets of full size; a million damaged tokens.
soak: build/unit/test/unit/test_funnel_brute \
	build/unit/test/unit/test_contrast_error \
	build/unit/test/unit/test_token_fuzz
	FUNNEL_CASES=1000000 CONTRAST_SETS=200 TOKEN_CASES=1000000 \
		prove -v --exec '' $^
