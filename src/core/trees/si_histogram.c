/*
 * si_histogram.c
 *	  Gathering gradients by bin: the inner loop of training.
 *
 * Follows the histogram algorithm of LightGBM (Ke et al. 2017) with integer
 * gradients (Shi et al. 2022, "Quantized training of gradient boosting
 * decision trees", NeurIPS 35), here with thirty bits and no random rounding.
 *
 * Rows lie apart from one another, a row's bins together: each row costs one
 * or two cache lines, asked for sixteen rows ahead.
 */
#include "core/trees/si_histogram.h"

#include <string.h>

#define COUNT_BITS	17
#define COUNT_MASK	((INT64_C(1) << COUNT_BITS) - 1)
#define MAX_PENDING (1 << 16)
#define AHEAD		16
#define ALIGNMENT	64
#define TILE		64			/* features whose lanes stay in the cache */

#ifdef __GNUC__
#define PREFETCH(p) __builtin_prefetch(p)
#define LANE(lanes, i) ((lanes)[i])
#else
#define PREFETCH(p) ((void) 0)
#define LANE(lanes, i) ((lanes).lane[i])
#endif

size_t
si_histogram_cells(int nfeatures, const SiBinning *binning)
{
	size_t		cells = 0;

	for (int j = 0; j < nfeatures; j++)
		cells += (size_t) binning[j].nbins;
	return cells;
}

size_t
si_histogram_work_size(int nfeatures)
{
	size_t		lanes = (size_t) si_bins_stride(nfeatures) * SI_BINS;

	return lanes * sizeof(SiLanes) + ALIGNMENT +
		((size_t) nfeatures + 1) * sizeof(int32_t);
}

void
si_histogram_start(SiHistogram *shared, void *work)
{
	size_t		lanes = (size_t) shared->stride * SI_BINS;
	uint8_t    *at = work;

	at += (ALIGNMENT - (uintptr_t) at % ALIGNMENT) % ALIGNMENT;
	shared->lanes = (SiLanes *) (void *) at;
	shared->offset = (int32_t *) (void *) (at + lanes * sizeof(SiLanes));
	shared->pending = 0;
	memset(shared->lanes, 0, lanes * sizeof(SiLanes));
	shared->offset[0] = 0;
	for (int j = 0; j < shared->nfeatures; j++)
		shared->offset[j + 1] = shared->offset[j] + shared->binning[j].nbins;
}

static inline SiLanes
lanes_of(SiGradient gradient)
{
	int64_t		h = (int64_t) gradient.h << COUNT_BITS | 1;
#ifdef __GNUC__
	SiLanes		lanes = {gradient.g, h};
#else
	SiLanes		lanes = {{gradient.g, h}};
#endif

	return lanes;
}

static inline void
gather(SiLanes *to, SiLanes what)
{
#ifdef __GNUC__
	*to += what;
#else
	to->lane[0] += what.lane[0];
	to->lane[1] += what.lane[1];
#endif
}

/* Features [first, last) of the rows, last - first a multiple of four. */
static void
gather_tile(const SiHistogram *shared, int first, int last, int n,
			const uint32_t *row, const SiGradient *gradient)
{
	const uint8_t *bins = shared->bins + first;
	size_t		stride = shared->stride;
	int			end = last - first - 1;

	for (int i = 0; i < n; i++)
	{
		const uint8_t *bin = bins + row[i] * stride;
		const uint8_t *ahead = bins + row[i + AHEAD < n ? i + AHEAD : i] *
			stride;
		SiLanes    *to = shared->lanes + (size_t) first * SI_BINS;
		SiLanes		what = lanes_of(gradient[i]);

		PREFETCH(ahead);
		PREFETCH(ahead + end);
		for (int j = first; j < last; j += 4)
		{
			gather(to + bin[0], what);
			gather(to + SI_BINS + bin[1], what);
			gather(to + 2 * SI_BINS + bin[2], what);
			gather(to + 3 * SI_BINS + bin[3], what);
			to += 4 * SI_BINS;
			bin += 4;
		}
	}
}

void
si_histogram_add(SiHistogram *shared, int n, const uint32_t *row,
				 const SiGradient *gradient, SiHistCell *cells)
{
	if (shared->pending + n > MAX_PENDING)
		si_histogram_flush(shared, cells);
	shared->pending += n;
	for (int first = 0; first < shared->stride; first += TILE)
	{
		int			last = first + TILE < shared->stride ? first + TILE :
			shared->stride;

		gather_tile(shared, first, last, n, row, gradient);
	}
}

void
si_histogram_flush(SiHistogram *shared, SiHistCell *cells)
{
	static const SiLanes zero;

	for (int j = 0; j < shared->nfeatures; j++)
	{
		SiLanes    *from = shared->lanes + (size_t) j * SI_BINS;
		int			nbins = shared->binning[j].nbins;

		for (int b = 0; b < nbins; b++, cells++)
		{
			int64_t		hn = LANE(from[b], 1);

			cells->g += LANE(from[b], 0);
			cells->h += hn >> COUNT_BITS;
			cells->n += hn & COUNT_MASK;
			from[b] = zero;
		}
	}
	for (int j = shared->nfeatures; j < shared->stride; j++)
		shared->lanes[(size_t) j * SI_BINS] = zero; /* of the padding */
	shared->pending = 0;
}

void
si_histogram_subtract(const SiHistogram *shared, SiHistCell *cells,
					  const SiHistCell *less)
{
	int			ncells = shared->offset[shared->nfeatures];

	for (int i = 0; i < ncells; i++)
	{
		cells[i].g -= less[i].g;
		cells[i].h -= less[i].h;
		cells[i].n -= less[i].n;
	}
}
