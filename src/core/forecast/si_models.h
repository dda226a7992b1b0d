/*
 * si_models.h
 *	  Models of each method as numbers from anywhere: are they whole?  The back
 *	  of the table in si_methods.c.
 */
#ifndef SI_MODELS_H
#define SI_MODELS_H

#include "core/forecast/si_methods.h"

extern bool si_model_whole_level(const SiForecastModel *model);
extern bool si_model_whole_season(const SiForecastModel *model);
extern bool si_model_whole_theta(const SiForecastModel *model);
extern bool si_model_whole_ets(const SiForecastModel *model);
extern bool si_model_whole_ces(const SiForecastModel *model);
extern bool si_model_whole_ar(const SiForecastModel *model);
extern bool si_model_whole_arima(const SiForecastModel *model);
extern bool si_model_whole_croston(const SiForecastModel *model);
extern bool si_model_whole_tsb(const SiForecastModel *model);

#endif							/* SI_MODELS_H */
