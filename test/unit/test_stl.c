/*
 * Seasons and trend by local regression, one season and several.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/forecast/decompose/si_mstl.h"
#include "nottem.h"
#include "tap.h"

#define LONG 100000

static double *seasonal;
static double *trend;
static double *remainder_;
static double *y;
static int	pulses = 0;

static void
count_pulse(void)
{
	pulses++;
}

static SiStatus
stl(int n, const double *x, int season, int s_window, int t_window, int robust)
{
	size_t		room = si_stl_room(n, season);
	SiWork		work = {malloc(room * sizeof(double)), room};
	double	   *owned = work.next;
	SiStatus	status = si_stl(n, x, season, s_window, t_window, robust,
								seasonal, trend, remainder_, &work,
								count_pulse);

	free(owned);
	return status;
}

static SiStatus
mstl(int n, const double *x, int seasons, const int *season)
{
	size_t		room = si_mstl_room(n, season[seasons - 1]);
	SiWork		work = {malloc(room * sizeof(double)), room};
	double	   *owned = work.next;
	SiStatus	status;

	for (int i = 0; i < n * seasons; i++)
		seasonal[i] = NAN;
	status = si_mstl(n, x, seasons, season, NULL, 2, 0, seasonal, trend,
					 remainder_, &work, count_pulse);
	free(owned);
	return status;
}

/* ----- Golden ----- */

typedef struct Golden
{
	int			at;
	double		season;
	double		trend;
} Golden;

static void
check(const char *name, int n, const Golden *want)
{
	double		off = 0.0;
	int			i;

	for (i = 0; i < 4; i++)
	{
		is_close(seasonal[want[i].at], want[i].season, 1e-11,
				 "%s: season at %d", name, want[i].at);
		is_close(trend[want[i].at], want[i].trend, 1e-11, "%s: trend at %d",
				 name, want[i].at);
	}
	for (i = 0; i < n; i++)
		off = fmax(off, fabs(nottem[i] - seasonal[i] - trend[i] -
							 remainder_[i]));
	ok(off < 1e-13, "%s: the parts add up", name);
}

/*
 * R 4.2.2: stl(nottem, "per"); stl(nottem, s.window = 7, t.window = 30); the
 * first 239 values by stl(, s.window = 11, robust = TRUE).  (Of an even number
 * of values R's robust weights take other ranks than the median at times: its
 * psort expects ascending indices, and stl gives them in descending order.)
 */
static void
test_r(void)
{
	static const Golden periodic[4] = {
		{0, -9.347198027476, 49.680672648563},
		{11, -9.478142278297, 49.492816679978},
		{100, 3.501356924071, 48.839505019186},
		{239, -9.478142278297, 49.005097082386}
	};
	static const Golden moving[4] = {
		{0, -7.926970637993, 48.847335151590},
		{11, -7.826015080551, 49.586813787577},
		{100, 3.155149943789, 48.282903571234},
		{239, -10.827068074995, 49.291604385752}
	};
	static const Golden robust[4] = {
		{0, -8.590373660110, 49.642220389748},
		{11, -8.837964088415, 49.812083377686},
		{100, 3.110954146818, 48.805249555480},
		{238, -6.214434927548, 49.405428667787}
	};

	stl(NOTTEM_N, nottem, 12, 0, 0, 0);
	check("periodic", NOTTEM_N, periodic);
	is_close(si_stl_strength(NOTTEM_N, seasonal, remainder_), 0.943833422969,
			 1e-11, "strength of the season");
	is_close(si_stl_strength(NOTTEM_N, trend, remainder_), 0.205488002424,
			 1e-11, "strength of the trend");
	stl(NOTTEM_N, nottem, 12, 7, 30, 0);
	check("moving", NOTTEM_N, moving);
	stl(NOTTEM_N - 1, nottem, 12, 11, 0, 15);
	check("robust", NOTTEM_N - 1, robust);
}

/* Hours with a day, a week, a trend and something like noise. */
static void
make_hours(int n)
{
	int			i;

	for (i = 0; i < n; i++)
		y[i] = 20.0 * sin(2.0 * M_PI * i / 24.0) + i % 168 / 24 * 5.0 +
			0.05 * i + (int64_t) i * 7919 % 101 / 10.0;
}

/* R 4.2.2, forecast 8.20: mstl(msts(y, c(24, 168))) */
static void
test_mstl_r(void)
{
	static const double want[4][4] = {
		{0, 20.178429149744, 0.298381721759, -16.255251607077},
		{49, 22.548830565879, 5.316391336964, -4.923808636546},
		{499, 44.953980103811, -20.083144678029, 15.682294512461},
		{999, 69.725471104652, -14.548068378573, 15.853987730518}
	};
	static const int season[2] = {24, 168};
	int			i;

	make_hours(1000);
	ok(mstl(1000, y, 2, season) == SI_OK, "a day and a week");
	for (i = 0; i < 4; i++)
	{
		int			at = (int) want[i][0];

		is_close(trend[at], want[i][1], 1e-11, "trend at %d", at);
		is_close(seasonal[at], want[i][2], 1e-11, "day at %d", at);
		is_close(seasonal[1000 + at], want[i][3], 1e-11, "week at %d", at);
		is_close(remainder_[at], y[at] - trend[at] - seasonal[at] -
				 seasonal[1000 + at], 1e-13, "remainder at %d", at);
	}
}

/* ----- By definition ----- */

/*
 * With windows of many times the series all weights are alike: the season of
 * a sum of line and exact season is that season, but for its mean.
 */
static void
test_exact(void)
{
	double		off = 0.0;
	int			i;

	for (i = 0; i < 120; i++)
		y[i] = 3.0 + 0.25 * i + (i % 4 == 0 ? 6.0 : -2.0);
	stl(120, y, 4, 0, 0, 0);
	for (i = 0; i < 120; i++)
		off = fmax(off, fabs(trend[i] - 3.0 - 0.25 * i));
	ok(off < 0.02, "a line stays a line, but for %g", off);
	is_close(si_stl_strength(120, seasonal, remainder_), 1.0, 1e-4,
			 "an exact season is strong");
}

static void
test_mstl_one(void)
{
	static const int season[1] = {12};
	double		alone[NOTTEM_N];

	stl(NOTTEM_N, nottem, 12, 11, 0, 0);
	memcpy(alone, remainder_, sizeof(alone));
	mstl(NOTTEM_N, nottem, 1, season);
	ok(memcmp(alone, remainder_, sizeof(alone)) == 0 ||
	   fabs(alone[7] - remainder_[7]) < 1e-12, "one season is STL");
}

/* ----- Properties ----- */

static void
test_edges(void)
{
	static const int seasons[4] = {4, 7, 12, 50};
	static const int wrong[2] = {12, 50};
	int			i;
	double		off = 0.0;

	ok(stl(24, nottem, 12, 0, 0, 0) == SI_EMPTY &&
	   stl(25, nottem, 12, 0, 0, 0) == SI_OK &&
	   stl(25, nottem, 12, 7, 0, 15) == SI_OK, "more than two seasons");
	ok(stl(100, nottem, 1, 0, 0, 0) == SI_EMPTY, "one is no season");
	ok(stl(5, nottem, 2, 1, 1, 1) == SI_OK && isfinite(trend[4]),
	   "the smallest series and windows");
	ok(si_mstl_usable(100, 4, seasons) == 3 &&
	   si_mstl_usable(101, 4, seasons) == 4 &&
	   si_mstl_usable(3, 4, seasons) == 0, "seasons that fit");
	ok(mstl(100, nottem, 2, wrong) == SI_EMPTY, "others are refused");
	for (i = 0; i < 60; i++)
		y[i] = 7.0;
	stl(60, y, 12, 0, 0, 15);
	for (i = 0; i < 60; i++)
		off = fmax(off, fabs(trend[i] - 7.0) + fabs(seasonal[i]));
	ok(off < 1e-13, "a constant is trend");
	ok(si_stl_strength(60, y, y) == 0.0, "and has no strength");
}

static void
test_scale(void)
{
	double		want[2];
	double		by;
	int			i;

	stl(NOTTEM_N - 1, nottem, 12, 7, 0, 5);
	want[0] = trend[77];
	want[1] = seasonal[77];
	for (by = 1e-12; by < 1e13; by *= 1e24)
	{
		for (i = 0; i < NOTTEM_N; i++)
			y[i] = nottem[i] * by;
		stl(NOTTEM_N - 1, y, 12, 7, 0, 5);
		is_close(trend[77] / by, want[0], 1e-9, "trend follows the scale");
		is_close(seasonal[77] / by, want[1], 1e-9, "season does");
	}
}

static void
test_outlier(void)
{
	double		want;
	int			i;

	stl(NOTTEM_N, nottem, 12, 0, 0, 15);
	want = trend[100];
	for (i = 0; i < NOTTEM_N; i++)
		y[i] = i == 100 ? 1e6 : nottem[i];
	stl(NOTTEM_N, y, 12, 0, 0, 15);
	is_close(trend[100], want, 0.01, "robust: an outlier stays aside");
	is_close(remainder_[100], 1e6, 1e-4, "in the remainder");
}

static void
test_long(void)
{
	static const int season[2] = {24, 168};

	make_hours(LONG);
	pulses = 0;
	ok(mstl(LONG, y, 2, season) == SI_OK && isfinite(trend[LONG - 1]),
	   "a hundred thousand hours");
	ok(pulses > 1000, "the pulse is felt");
	ok(stl(LONG, y, 24, 7, 0, 3) == SI_OK && isfinite(trend[LONG - 1]),
	   "robust, too");
	ok(stl(LONG, y, LONG / 2 - 1, 0, 0, 0) == SI_OK &&
	   isfinite(trend[LONG - 1]), "with two seasons and a bit");
}

int
main(void)
{
	seasonal = malloc(2 * LONG * sizeof(double));
	trend = malloc(LONG * sizeof(double));
	remainder_ = malloc(LONG * sizeof(double));
	y = malloc(LONG * sizeof(double));
	test_r();
	test_mstl_r();
	test_exact();
	test_mstl_one();
	test_edges();
	test_scale();
	test_outlier();
	test_long();
	free(seasonal);
	free(trend);
	free(remainder_);
	free(y);
	return done_testing();
}
