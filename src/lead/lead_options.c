/*
 * lead_options.c
 *	  What a training call may set.
 */
#include "postgres.h"

#include "lead/lead_options.h"
#include "pg/si_options.h"

static const char *const algorithms[] = {"auto", "logistic", NULL};
static const char *const calibrations[] = {"auto", "none", "platt", "isotonic", NULL};
static const char *const bands[] = {"A", "B", "C", NULL};

#define FIELD(name) offsetof(LeadOptions, name)

static const SiOption table[] = {
	{"algorithm", SI_OPTION_CHOICE, FIELD(algorithm), 0, 0, algorithms},
	{"folds", SI_OPTION_INT, FIELD(folds), 0, 50, NULL},
	{"calibration", SI_OPTION_CHOICE, FIELD(calibration), 0, 0, calibrations},
	{"seed", SI_OPTION_INT, FIELD(seed), 0, PG_INT32_MAX, NULL},
	{"include", SI_OPTION_NAMES, FIELD(include), 1, 0, NULL},
	{"exclude", SI_OPTION_NAMES, FIELD(exclude), 0, 0, NULL},
	{"categorical", SI_OPTION_NAMES, FIELD(categorical), 0, 0, NULL},
	{"group", SI_OPTION_NAME, FIELD(group), 0, 0, NULL},
	{"l1", SI_OPTION_FLOAT, FIELD(l1), 0, 1e12, NULL},
	{"l2", SI_OPTION_FLOAT, FIELD(l2), 0, 1e12, NULL},
	{"max_levels", SI_OPTION_INT, FIELD(max_levels), 1, SI_MAX_LEVELS, NULL},
	{"force", SI_OPTION_BOOL, FIELD(force), 0, 0, NULL},
	{"bands", SI_OPTION_NUMBERS, FIELD(bands), 0, 1, bands},
};

LeadOptions *
lead_options(Jsonb *jsonb)
{
	LeadOptions *options = palloc0(sizeof(LeadOptions));

	options->folds = 5;
	options->seed = 1;
	options->l2 = -1;
	options->max_levels = 100;
	options->bands[0] = 0.1;
	options->bands[1] = 0.2;
	options->bands[2] = 0.3;
	si_options_read(jsonb, table, lengthof(table), options);
	if (options->folds == 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"folds\" has a wrong value"),
				 errdetail("One fold leaves nothing to train on."),
				 errhint("Use 2 or more folds, or 0 to train without out-of-fold quality and calibration.")));
	if (options->bands[0] + options->bands[1] + options->bands[2] > 1 + 1e-9)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"bands\" has a wrong value"),
				 errdetail("The shares of A, B and C add up to more than 1."),
				 errhint("Grade D gets what A, B and C leave.")));
	return options;
}
