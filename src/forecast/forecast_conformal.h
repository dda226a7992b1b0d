/*
 * forecast_conformal.h
 *	  The type conformal.
 */
#ifndef FORECAST_CONFORMAL_H
#define FORECAST_CONFORMAL_H

#include "postgres.h"

#include "fmgr.h"

#include "core/forecast/si_conformal.h"

/* The value in an argument, whose bytes live in the current context. */
extern SiConformal forecast_conformal_argument(FunctionCallInfo fcinfo, int n);

#endif							/* FORECAST_CONFORMAL_H */
