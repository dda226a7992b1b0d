/*
 * si_models.h
 *	  Models of each method as numbers from anywhere: are they whole, and what
 *	  do they mean?  The back of the table in si_methods.c.
 */
#ifndef SI_MODELS_H
#define SI_MODELS_H

#include "core/forecast/si_methods.h"

extern bool si_model_valid_level(const SiForecastModel *model);
extern bool si_model_valid_season(const SiForecastModel *model);
extern bool si_model_valid_theta(const SiForecastModel *model);
extern bool si_model_valid_ets(const SiForecastModel *model);
extern bool si_model_valid_ces(const SiForecastModel *model);
extern bool si_model_valid_ar(const SiForecastModel *model);
extern bool si_model_valid_arima(const SiForecastModel *model);
extern bool si_model_valid_croston(const SiForecastModel *model);
extern bool si_model_valid_tsb(const SiForecastModel *model);

/* A variant in words. */
extern void si_model_no_text(const SiForecastModel *model, char *text);
extern void si_model_ets_form(const SiForecastModel *model, char *text);
extern void si_model_ces_form(const SiForecastModel *model, char *text);
extern void si_model_arima_form(const SiForecastModel *model, char *text);

/* The name of a parameter. */
extern void si_model_no_name(const SiForecastModel *model, int i, char *name);
extern void si_model_theta_name(const SiForecastModel *model, int i,
								char *name);
extern void si_model_ets_name(const SiForecastModel *model, int i,
							  char *name);
extern void si_model_ces_name(const SiForecastModel *model, int i,
							  char *name);
extern void si_model_ar_name(const SiForecastModel *model, int i, char *name);
extern void si_model_arima_name(const SiForecastModel *model, int i,
								char *name);
extern void si_model_croston_name(const SiForecastModel *model, int i,
								  char *name);
extern void si_model_tsb_name(const SiForecastModel *model, int i,
							  char *name);

#endif							/* SI_MODELS_H */
