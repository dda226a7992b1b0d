/*
 * lead_options.c
 *	  What a training call may set.
 */
#include "postgres.h"

#include "core/trees/si_forest.h"
#include "lead/intake/lead_options.h"
#include "pg/si_options.h"

static const char *const algorithms[] = {"auto", "logistic", "boosted_trees", NULL};
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
	{"trees", SI_OPTION_INT, FIELD(trees), 1, SI_MAX_TREES, NULL},
	{"depth", SI_OPTION_INT, FIELD(depth), 1, SI_MAX_TREE_DEPTH, NULL},
	{"learning_rate", SI_OPTION_FLOAT, FIELD(learning_rate), 0.001, 1, NULL},
	{"min_leaf", SI_OPTION_INT, FIELD(min_leaf), 1, 1e9, NULL},
	{"subsample", SI_OPTION_FLOAT, FIELD(subsample), 0.01, 1, NULL},
	{"max_bins", SI_OPTION_INT, FIELD(max_bins), 2, SI_MAX_VALUE_BINS, NULL},
	{"early_stop", SI_OPTION_SWITCH, FIELD(early_stop), 0, SI_MAX_TREES, NULL},
	{"monotone", SI_OPTION_SIGNS, FIELD(monotone), 0, 0, NULL},
	{"max_levels", SI_OPTION_INT, FIELD(max_levels), 1, SI_MAX_LEVELS, NULL},
	{"force", SI_OPTION_BOOL, FIELD(force), 0, 0, NULL},
	{"bands", SI_OPTION_NUMBERS, FIELD(bands), 0, 1, bands},
};

static void
reject_option(const char *name, const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"%s\" does not fit the algorithm", name),
			 errdetail("%s", detail),
			 errhint("%s", hint)));
}

LeadOptions *
lead_options(Jsonb *jsonb)
{
	LeadOptions *options = palloc0(sizeof(LeadOptions));

	options->folds = 5;
	options->seed = 1;
	options->l2 = -1;
	options->trees = 200;
	options->depth = 6;
	options->learning_rate = 0.1;
	options->min_leaf = 20;
	options->subsample = 1;
	options->max_bins = SI_MAX_VALUE_BINS;
	options->early_stop = 20;
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
	if (options->algorithm == LEAD_ALGORITHM_BOOSTED_TREES && options->l1 > 0)
		reject_option("l1", "Trees have no coefficients to hold at zero.",
					  "Use \"min_leaf\", \"depth\" or \"l2\" to restrain trees.");
	if (options->algorithm == LEAD_ALGORITHM_LOGISTIC &&
		options->monotone != NIL)
		reject_option("monotone", "The effect of a number on the log-odds is a straight line in a logistic model.",
					  "Use \"algorithm\": \"boosted_trees\" for monotone effects.");
	return options;
}
