/*
 * tap.h
 *
 * The few lines of Test Anything Protocol that the unit tests need.  Each
 * test is one program: ok() and is_close() print a line, done_testing() the
 * plan and the exit status.
 */
#ifndef TAP_H
#define TAP_H

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static int	tap_run = 0;
static int	tap_failed = 0;

static void
tap_line(bool passed, const char *name, va_list args)
{
	tap_run++;
	tap_failed += !passed;
	printf("%sok %d - ", passed ? "" : "not ", tap_run);
	vprintf(name, args);
	putchar('\n');
}

/* The name of a test is a printf format. */
__attribute__((format(printf, 2, 3)))
static inline bool
ok(bool passed, const char *name, ...)
{
	va_list		args;

	va_start(args, name);
	tap_line(passed, name, args);
	va_end(args);
	return passed;
}

/*
 * Is got within tolerance of want, relative to want, or absolute where want
 * is below 1 in size?  NaN equals NaN, infinities equal themselves.
 */
__attribute__((format(printf, 4, 5)))
static inline bool
is_close(double got, double want, double tolerance, const char *name, ...)
{
	bool		close;
	va_list		args;

	if (isfinite(got) && isfinite(want))
		close = fabs(got - want) <= tolerance * fmax(1.0, fabs(want));
	else
		close = got == want || (isnan(got) && isnan(want));
	va_start(args, name);
	tap_line(close, name, args);
	va_end(args);
	if (!close)
		printf("#      got: %.17g\n# expected: %.17g\n", got, want);
	return close;
}

static inline int
done_testing(void)
{
	printf("1..%d\n", tap_run);
	return tap_failed != 0;
}

#endif							/* TAP_H */
