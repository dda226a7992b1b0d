/*
 * si_ets_form.c
 *	  Forms of exponential smoothing: names, candidates, stability.
 */
#include "core/forecast/ets/si_ets_form.h"

#include <math.h>
#include <string.h>

const char *const si_ets_parameter_name[SI_ETS_PARAMETERS] = {
	"alpha", "beta", "gamma", "phi", "level", "growth"
};

const SiEtsOptions si_ets_automatic = {
	SI_ETS_ANY, SI_ETS_ANY, SI_ETS_ANY, SI_ETS_ANY, false, false
};

const SiEtsOptions si_ets_plain = {
	SI_ETS_ADDITIVE, SI_ETS_ANY, SI_ETS_ANY, SI_ETS_NONE, false, true
};

/* ----- Names ----- */

/* Of "ZNAM"; -2: none of these. */
static int
kind_of(char letter)
{
	static const char letters[] = "ZNAM";
	const char *found = letter == '\0' ? NULL : strchr(letters, letter);

	return found == NULL ? -2 : (int) (found - letters) - 1;
}

bool
si_ets_options(SiText name, SiEtsOptions *options)
{
	bool		damped = name.length == 4 && name.data[2] == 'd';

	if (name.length != 3 && !damped)
		return false;
	options->error = kind_of(name.data[0]);
	options->trend = kind_of(name.data[1]);
	options->season = kind_of(name.data[name.length - 1]);
	options->damped = options->trend == SI_ETS_ANY && !damped ? SI_ETS_ANY :
		damped;
	options->multiplicative_trends = false;
	options->quick = false;
	return options->error >= SI_ETS_ANY && options->error != SI_ETS_NONE &&
		options->trend >= SI_ETS_ANY && options->season >= SI_ETS_ANY &&
		!(damped && options->trend == SI_ETS_NONE);
}

void
si_ets_name(const SiForecastModel *model, char name[SI_ETS_NAME])
{
	static const char letters[] = "NAM";
	char	   *next = name;

	*next++ = letters[model->form[SI_ETS_ERROR]];
	*next++ = letters[model->form[SI_ETS_TREND]];
	if (model->form[SI_ETS_DAMPED])
		*next++ = 'd';
	*next++ = letters[model->form[SI_ETS_SEASON]];
	*next = '\0';
}

/* ----- Columns ----- */

SiEtsColumns
si_ets_columns(const SiEtsForm *form)
{
	SiEtsColumns columns;
	int			next = 1;

	columns.growth = form->trend != SI_ETS_NONE ? next++ : -1;
	columns.season = form->season != SI_ETS_NONE ? next : -1;
	next += form->period - 1;
	columns.alpha = next++;
	columns.beta = form->trend != SI_ETS_NONE ? next++ : -1;
	columns.gamma = form->season != SI_ETS_NONE ? next++ : -1;
	columns.phi = form->damped ? next++ : -1;
	columns.count = next;
	return columns;
}

/* ----- Candidates ----- */

static bool
multiplies(const SiEtsForm *form)
{
	return form->error == SI_ETS_MULTIPLICATIVE ||
		form->trend == SI_ETS_MULTIPLICATIVE ||
		form->season == SI_ETS_MULTIPLICATIVE;
}

/* Numerically unstable, so that no choice among forms should fall on it. */
static bool
is_unstable(const SiEtsForm *form)
{
	if (form->error == SI_ETS_ADDITIVE)
		return multiplies(form);
	return form->trend == SI_ETS_MULTIPLICATIVE &&
		form->season == SI_ETS_ADDITIVE;
}

static bool
matches(int asked, int kind)
{
	return asked == SI_ETS_ANY || asked == kind;
}

static bool
is_candidate(const SiEtsOptions *asked, const SiEtsForm *form)
{
	bool		chosen = asked->error == SI_ETS_ANY ||
		asked->trend == SI_ETS_ANY || asked->season == SI_ETS_ANY;

	if (!matches(asked->error, form->error) ||
		!matches(asked->trend, form->trend) ||
		!matches(asked->damped, form->damped) ||
		!matches(asked->season, form->season))
		return false;
	if (form->damped && form->trend == SI_ETS_NONE)
		return false;
	if (asked->trend == SI_ETS_ANY &&
		form->trend == SI_ETS_MULTIPLICATIVE && !asked->multiplicative_trends)
		return false;
	return !(chosen && is_unstable(form));
}

/* Additive errors come first: a form with others can start from theirs. */
int
si_ets_candidates(const SiEtsOptions *options, int n, int period,
				  bool positive, SiEtsForm *forms)
{
	int			count = 0;

	for (int i = 0; i < SI_ETS_FORMS; i++)
	{
		SiEtsForm	form = {
			SI_ETS_ADDITIVE + i % 2, (i / 2 % 5 + 1) / 2,
			i / 2 % 5 > 0 && i / 2 % 5 % 2 == 0, i / 10, 1
		};

		if (form.season != SI_ETS_NONE)
			form.period = period;
		if (form.season != SI_ETS_NONE &&
			(period < 2 || period > SI_ETS_LONGEST_SEASON))
			continue;
		if (is_candidate(options, &form) && (positive || !multiplies(&form)) &&
			n - (si_ets_columns(&form).count + 1) - 1 > 0)
			forms[count++] = form;
	}
	return count;
}

/* ----- Stability ----- */

/*
 * Are all roots of c[0] + c[1] z + ... + c[degree] z^degree within the unit
 * circle?  Method: Schur and Cohn's recursion; c is used up.
 */
static bool
roots_within(double *c, int degree)
{
	for (; degree > 0; degree--)
	{
		double		ratio = c[0] / c[degree];

		if (!(fabs(ratio) < 1.0))
			return false;
		for (int i = 0; i <= degree / 2; i++)
		{
			double		low = c[i];
			double		high = c[degree - i];

			c[i] = low - ratio * high;
			c[degree - i] = high - ratio * low;
		}
		memmove(c, c + 1, (size_t) degree * sizeof(double));
	}
	return true;
}

/*
 * The characteristic equation of trend and season (Hyndman et al. 2008,
 * chapter 10), with phi beta where the book, and R, have beta: so it follows
 * from the recursions, whose growth enters the forecast damped.  Without a
 * season or without a trend, the bounds of the parameters are within the
 * stable region.
 */
bool
si_ets_is_stable(const SiEtsForm *form, const SiEtsPoint *point)
{
	double		c[SI_ETS_LONGEST_SEASON + 2];
	int			m = form->period;
	double		growing = point->alpha + point->phi * point->beta;
	double		lasting = growing - point->alpha * point->phi;

	if (form->season == SI_ETS_NONE || form->trend == SI_ETS_NONE)
		return true;
	c[0] = point->phi * (1.0 - point->alpha - point->gamma);
	c[1] = lasting + point->gamma - 1.0;
	for (int i = 2; i < m; i++)
		c[i] = lasting;
	c[m] = growing - point->phi;
	c[m + 1] = 1.0;
	return roots_within(c, m + 1);
}
