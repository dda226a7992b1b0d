/*
 * access_ledger.c
 *	  Appending to the ledger.
 *
 * A stream is a chain: each entry holds the hash of the one before, and the
 * stream's head that of the last.  Whoever appends locks the head until the
 * transaction ends, so a chain never forks; streams do not wait for each other.
 *
 * Entries and heads are written as catalog entries are, without a statement:
 * the triggers that refuse statements do not stand in between, nobody needs a
 * right on the tables, and it costs some microseconds.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "commands/trigger.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "access/access_store.h"
#include "access/identity/access_identity.h"
#include "access/ledger/access_ledger.h"
#include "access/ledger/access_ledger_head.h"
#include "pg/si_compat.h"

#define LONGEST_NAME	255		/* bytes */
#define LONGEST_BODY	(1024 * 1024)	/* bytes of text */

/* ----- Entries ----- */

static void
hash_entry(AccessLedgerEntry *entry)
{
	AccessLedgerHasher hasher;

	access_ledger_begin_hashing(&hasher);
	entry->hash = palloc(VARHDRSZ + PG_SHA256_DIGEST_LENGTH);
	SET_VARSIZE(entry->hash, VARHDRSZ + PG_SHA256_DIGEST_LENGTH);
	access_ledger_hash(&hasher, entry, (uint8 *) VARDATA(entry->hash));
	if (hasher.body.len > LONGEST_BODY)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the body of an entry is too long"),
				 errdetail("It has %d bytes; an entry may have %d.",
						   hasher.body.len, LONGEST_BODY),
				 errhint("Keep it elsewhere, and its SHA-256 in the ledger.")));
	access_ledger_end_hashing(&hasher);
}

static void
insert_entry(const AccessLedgerEntry *entry)
{
	Relation	ledger = table_open(access_table(LEDGER), RowExclusiveLock);
	int			columns = RelationGetDescr(ledger)->natts;
	Datum	   *values = palloc0(columns * sizeof(Datum));
	bool	   *nulls = memset(palloc(columns), true, columns);

	/* What an administrator has added stays NULL. */
	memset(nulls, false, LEDGER_COLUMNS);
	values[LEDGER_STREAM] = PointerGetDatum(entry->stream);
	values[LEDGER_SEQ] = Int64GetDatum(entry->seq);
	values[LEDGER_KIND] = PointerGetDatum(entry->kind);
	values[LEDGER_BODY] = JsonbPGetDatum(entry->body);
	values[LEDGER_AT] = TimestampTzGetDatum(entry->at);
	values[LEDGER_ACTOR] = PointerGetDatum(entry->actor);
	values[LEDGER_PREV_HASH] = PointerGetDatum(entry->prev_hash);
	values[LEDGER_HASH] = PointerGetDatum(entry->hash);
	access_check_indexes(ledger);
	CatalogTupleInsert(ledger, heap_form_tuple(RelationGetDescr(ledger),
											   values, nulls));
	table_close(ledger, NoLock);
}

int64
access_ledger_append(const char *stream, const char *kind, Jsonb *body)
{
	AccessLedgerHead head;
	AccessLedgerEntry entry = {
		.stream = cstring_to_text(stream),
		.kind = cstring_to_text(kind),
		.body = body,
		.actor = cstring_to_text(access_author_name())
	};

	access_ledger_open_head(&head, stream);
	entry.seq = head.seq + 1;
	entry.at = GetCurrentTimestamp();
	entry.prev_hash = head.hash;
	hash_entry(&entry);
	insert_entry(&entry);
	access_ledger_move_head(&head, entry.seq, entry.hash);
	access_ledger_close_head(&head);
	/* What follows in this statement sees it. */
	CommandCounterIncrement();
	return entry.seq;
}

void
access_ledger_lock(const char *stream)
{
	AccessLedgerHead head;

	access_ledger_open_head(&head, stream);
	access_ledger_close_head(&head);
}

/* ----- SQL ----- */

char *
access_ledger_name(FunctionCallInfo fcinfo, int n, const char *what)
{
	char	   *name = PG_ARGISNULL(n) ? NULL :
		text_to_cstring(PG_GETARG_TEXT_PP(n));

	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the %s of an entry is NULL", what),
				 errdetail("An entry of the ledger has a stream, a kind and a body."),
				 errhint("Pass a name, such as 'contract'.")));
	if (name[0] == '\0' || strlen(name) > LONGEST_NAME)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the %s of an entry has %d bytes", what,
						(int) strlen(name)),
				 errdetail("It is a name of 1 to %d bytes.", LONGEST_NAME),
				 errhint("Pass a name, such as 'contract'.")));
	return name;
}

/* What the extension itself records is for its own functions to append. */
static void
check_stream(const char *stream)
{
	Oid			owner = access_table_owner(LEDGER);

	if ((strcmp(stream, "release") == 0 ||
		 strncmp(stream, "consent/", strlen("consent/")) == 0) &&
		!has_privs_of_role(GetUserId(), owner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("the stream \"%s\" is the extension's own", stream),
				 errdetail("Its functions append to it what they do."),
				 errhint("Append to a stream of another name.")));
}

/* ledger_append(stream text, kind text, body jsonb) -> bigint */
PG_FUNCTION_INFO_V1(sales_intel_access_ledger_append);
Datum
sales_intel_access_ledger_append(PG_FUNCTION_ARGS)
{
	char	   *stream = access_ledger_name(fcinfo, 0, "stream");
	char	   *kind = access_ledger_name(fcinfo, 1, "kind");

	if (PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the body of an entry is NULL"),
				 errdetail("An entry of the ledger has a stream, a kind and a body."),
				 errhint("Pass '{}' for an empty one.")));
	PreventCommandIfReadOnly("ledger_append()");
	check_stream(stream);
	PG_RETURN_INT64(access_ledger_append(stream, kind, PG_GETARG_JSONB_P(2)));
}

/* ledger_lock(stream text) -> void */
PG_FUNCTION_INFO_V1(sales_intel_access_ledger_lock);
Datum
sales_intel_access_ledger_lock(PG_FUNCTION_ARGS)
{
	access_ledger_lock(access_ledger_name(fcinfo, 0, "stream"));
	PG_RETURN_VOID();
}

/*
 * seal(salt bytea, subject text, value text) -> text: a commitment, which says
 * nothing without the salt
 */
PG_FUNCTION_INFO_V1(sales_intel_access_ledger_seal);
Datum
sales_intel_access_ledger_seal(PG_FUNCTION_ARGS)
{
	const char *tag = "sales_intel commitment 1";
	bytea	   *salt = PG_GETARG_BYTEA_PP(0);
	StringInfoData bytes;
	uint8		hash[PG_SHA256_DIGEST_LENGTH];
	text	   *hex = palloc(VARHDRSZ + 2 * PG_SHA256_DIGEST_LENGTH);

	initStringInfo(&bytes);
	access_append_text(&bytes, tag, strlen(tag));
	pq_sendint64(&bytes, VARSIZE_ANY_EXHDR(salt));
	appendBinaryStringInfo(&bytes, VARDATA_ANY(salt),
						   (int) VARSIZE_ANY_EXHDR(salt));
	for (int i = 1; i < PG_NARGS(); i++)
	{
		text	   *value = PG_GETARG_TEXT_PP(i);

		access_append_text(&bytes, VARDATA_ANY(value),
						   VARSIZE_ANY_EXHDR(value));
	}
	access_sha256(&bytes, hash);
	SET_VARSIZE(hex, VARHDRSZ + 2 * PG_SHA256_DIGEST_LENGTH);
	hex_encode((char *) hash, sizeof(hash), VARDATA(hex));
	PG_RETURN_TEXT_P(hex);
}

/* keep_ledger() -> trigger: rows stay as they are */
PG_FUNCTION_INFO_V1(sales_intel_access_keep_ledger);
Datum
sales_intel_access_keep_ledger(PG_FUNCTION_ARGS)
{
	TriggerData *call = (TriggerData *) fcinfo->context;
	const char *table = CALLED_AS_TRIGGER(fcinfo) ?
		RelationGetRelationName(call->tg_relation) : LEDGER;

	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("rows of \"%s\" are not changed", table),
			 errdetail("What was recorded stays; only functions of the extension add to it."),
			 errhint("Record what is right now as well.")));
}
