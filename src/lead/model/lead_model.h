/*
 * lead_model.h
 *	  The lead_model type: a varlena around the encoding of the core.
 */
#ifndef LEAD_MODEL_H
#define LEAD_MODEL_H

#include "postgres.h"

#include "core/lead/si_lead_model.h"

/*
 * Decode a detoasted model into the current memory context; an error if it is
 * damaged.  The texts point into the varlena, which must stay.
 */
extern SiLeadModel *lead_model_decode(struct varlena *bytes);

/* Room for a model of size bytes; an error past 1 GB. */
extern struct varlena *lead_model_create(Size size);

/* The name of a feature, "column" or "column[element]". */
extern char *lead_model_feature_name(const SiFeature *feature);

/* Contribution of the average row that an effect is measured against. */
extern double lead_model_mean_effect(const SiFeature *feature);

extern text *lead_text(SiText slice);

#endif							/* LEAD_MODEL_H */
