/*
 * access_consent_view.h
 *	  Consent views: what each column needs, and which of them freeze.
 */
#ifndef ACCESS_CONSENT_VIEW_H
#define ACCESS_CONSENT_VIEW_H

#include "nodes/pg_list.h"
#include "utils/jsonb.h"

#include "pg/si_options.h"

typedef struct AccessViewColumn
{
	char	   *name;
	char	   *scene;			/* NULL: shown to all */
	char	   *mask;			/* function, or NULL: without consent NULL */
	char	   *kind;			/* of pseudonyms */
} AccessViewColumn;

typedef struct AccessView
{
	Oid			view;
	char	   *key;
	List	   *columns;		/* AccessViewColumn */
	char	   *row_scene;		/* NULL: all rows */
	char	   *session_key;	/* NULL: standing consent */
	SiSome		freeze;
} AccessView;

/* The columns and options of create_consent_view, as they are stored. */
extern void access_view_read(Jsonb *columns, Jsonb *options, AccessView *view);

/* The registered views of a table. */
extern List *access_views_of(Oid source);

/* Makes them again, after the protection of the table has changed. */
extern void access_views_renew(Oid source);

/* Does a change of the column need consent?  To which scene, or NULL. */
extern const char *access_view_frozen_scene(const AccessView *view,
											const AccessViewColumn *column);

/* Is there any registered view? */
extern bool access_view_any(void);

/* What is registered of a view, or of a table, that is gone. */
extern void access_view_forget(Oid relid);

#endif							/* ACCESS_CONSENT_VIEW_H */
