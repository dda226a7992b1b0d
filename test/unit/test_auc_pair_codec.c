/*
 * test_auc_pair_codec.c
 *
 * A comparison of two AUCs comes back from its bytes; damage and what cannot
 * have been is refused.
 */
#include "tap.h"

#include "core/stats/score/si_auc_pair.h"
#include "mutants.h"

#define ROUNDS	20000

static void
fuzz(const SiAucPair *pair)
{
	uint8_t		bytes[SI_AUC_PAIR_SIZE];
	uint8_t		again[SI_AUC_PAIR_SIZE];
	int			decoded[2] = {0, 0};
	int			unequal = 0;
	SiAucPair	back;

	si_auc_pair_encode(pair, bytes);
	ok(si_auc_pair_decode(bytes, SI_AUC_PAIR_SIZE, &back) == SI_OK &&
	   memcmp(&back, pair, sizeof(back)) == 0, "there and back");
	for (int i = 0; i < 2 * ROUNDS; i++)
	{
		Bytes		mutant = {malloc(SI_AUC_PAIR_SIZE), SI_AUC_PAIR_SIZE};

		memcpy(mutant.data, bytes, SI_AUC_PAIR_SIZE);
		mutations[i / 2 % MUTATIONS].apply(&mutant);
		if (i % 2 == 1)
			repair_hash(&mutant);
		if ((mutant.size != SI_AUC_PAIR_SIZE ||
			 memcmp(mutant.data, bytes, SI_AUC_PAIR_SIZE) != 0) &&
			si_auc_pair_decode(mutant.data, mutant.size, &back) == SI_OK)
		{
			decoded[i % 2]++;
			si_auc_pair_encode(&back, again);
			unequal += memcmp(again, mutant.data, SI_AUC_PAIR_SIZE) != 0;
		}
		free(mutant.data);
	}
	ok(decoded[0] == 0, "damage is refused");
	ok(decoded[1] < ROUNDS && unequal == 0,
	   "forgeries that decode (%d) encode to the same bytes", decoded[1]);
}

#define REFUSED(change) \
	do \
	{ \
		SiAucPair	p = {3, 4, 0.75, 0.5, 0.01, 0.02, 0.03}; \
		uint8_t		bytes[SI_AUC_PAIR_SIZE]; \
		SiAucPair	back; \
		change; \
		si_auc_pair_encode(&p, bytes); \
		ok(si_auc_pair_decode(bytes, SI_AUC_PAIR_SIZE, &back) == SI_CORRUPT, \
		   "refused: " #change); \
	} while (0)

int
main(void)
{
	const SiAucPair full = {3, 4, 0.75, 0.5, 0.01, 0.02, 0.03};
	const SiAucPair single = {1, 4, 0.75, 0.5, NAN, NAN, NAN};
	const SiAucPair empty = {0, 4, NAN, NAN, NAN, NAN, NAN};

	fuzz(&full);
	fuzz(&single);
	fuzz(&empty);
	REFUSED(p.positives = -1);
	REFUSED(p.negatives = SI_MAX_PAIRS + 1);
	REFUSED(p.positives = 0);
	REFUSED(p.positives = 1);
	REFUSED(p.auc_a = 1.5);
	REFUSED(p.auc_b = NAN);
	REFUSED(p.variance_a = -0.1);
	REFUSED(p.variance_b = INFINITY);
	REFUSED(p.variance_difference = NAN);
	return done_testing();
}
