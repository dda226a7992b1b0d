/*
 * leukemia.h
 *
 * A small real set of durations, for the tests of survival.
 */
#ifndef LEUKEMIA_H
#define LEUKEMIA_H

#include "samples.h"

/*
 * Miller, "Survival analysis" (1981): remission in acute myelogenous leukemia
 * in weeks (survival::aml); the first eleven with maintained chemotherapy.
 */
#define PATIENTS	23

static const double aml_time[PATIENTS] = {
	9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161, 5, 5, 8, 8, 12, 16, 23, 27, 30,
	33, 43, 45
};
static const char aml_status[] = "11011011010111110111111";

static inline Sampled
aml(bool groups)
{
	SiKeyed		items[PATIENTS];

	for (int i = 0; i < PATIENTS; i++)
		items[i] = sample_row(
			aml_time[i], (uint64_t) (groups && i >= 11) * 2 +
			(aml_status[i] == '1'));
	return sample_of(groups ? SI_LOG_RANK : SI_DURATIONS, groups ? 2 : 0,
					 PATIENTS, items);
}

#endif							/* LEUKEMIA_H */
