/*
 * si_pulse.h
 *	  The pulse that the server gives to kernels: cancel takes effect here.
 */
#ifndef SI_PULSE_H
#define SI_PULSE_H

#include "miscadmin.h"

static inline void
si_pulse(void)
{
	CHECK_FOR_INTERRUPTS();
}

/* For loops over very many cheap steps. */
static inline void
si_pulse_every(int64 step)
{
	if (step % 4096 == 0)
		CHECK_FOR_INTERRUPTS();
}

#endif							/* SI_PULSE_H */
