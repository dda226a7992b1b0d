/*
 * si_core.h
 *	  What every kernel shares: status codes, the pulse, text slices.
 *
 * Kernels are plain C99: the caller owns all memory, nothing prints, exits or
 * keeps state.  A kernel that may run longer than about ten milliseconds takes
 * a pulse and calls it between blocks; the host may leave the kernel from
 * there (a PostgreSQL backend does so on cancel), which is safe because a
 * kernel holds no resources.
 */
#ifndef SI_CORE_H
#define SI_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum SiStatus
{
	SI_OK = 0,
	SI_SINGULAR,				/* matrix not positive definite */
	SI_NO_CONVERGENCE,			/* iteration limit reached */
	SI_EMPTY,					/* nothing to compute from */
	SI_CORRUPT					/* encoded bytes are damaged */
} SiStatus;

typedef void (*SiPulse) (void);

/* A slice of text; not NUL-terminated, owned by someone else. */
typedef struct SiText
{
	const char *data;
	int32_t		length;
} SiText;

#endif							/* SI_CORE_H */
