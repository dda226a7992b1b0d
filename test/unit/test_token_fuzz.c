/*
 * test_token_fuzz.c
 *	  Damaged and forged tokens from a fixed seed: the parser and the oracle
 *	  agree on each, on whether it is one and on what it claims; and a token has
 *	  one text only.
 *
 * TOKEN_CASES says how many; 100,000 unless set.
 */
#define _GNU_SOURCE				/* memrchr */
#include "core/si_hash.h"
#include "tap.h"
#include "token_oracle.h"
#include "token_samples.h"

#define SEED			20240610
#define CASES			100000

typedef struct Text
{
	char		data[SAMPLE_ROOM];
	size_t		size;
} Text;

static uint64_t random_state = SEED;

static size_t
below(size_t limit)
{
	random_state++;
	return (size_t) (si_hash_mix(si_hash_mix(SEED, random_state), 1) % limit);
}

static const char *
any_of(const char *const *words, size_t n)
{
	return words[below(n)];
}

#define ANY(words)	any_of(words, sizeof(words) / sizeof(words[0]))

/* Put `size` bytes in place of `gone` ones. */
static void
replace(Text *t, size_t at, size_t gone, const char *bytes, size_t size)
{
	if (t->size - gone + size > SAMPLE_ROOM / 2)
		return;
	memmove(t->data + at + size, t->data + at + gone, t->size - at - gone);
	memcpy(t->data + at, bytes, size);
	t->size = t->size - gone + size;
}

/* ---------- damage to any text ---------- */

static void
flip_bit(Text *t)
{
	if (t->size > 0)
		t->data[below(t->size)] ^= (char) (1 << below(8));
}

static void
change_byte(Text *t)
{
	if (t->size > 0)
		t->data[below(t->size)] = (char) below(256);
}

static void
change_case(Text *t)
{
	size_t		at = below(t->size + 1);

	while (at < t->size && (t->data[at] & 0xc0) != 0x40)
		at++;
	if (at < t->size)
		t->data[at] ^= 0x20;
}

static void
truncate_text(Text *t)
{
	t->size = below(t->size + 1);
}

static void
delete_run(Text *t)
{
	size_t		at = below(t->size + 1);
	size_t		size = below(8);

	replace(t, at, size < t->size - at ? size : t->size - at, "", 0);
}

static void
repeat_run(Text *t)
{
	char		run[64];
	size_t		from = below(t->size + 1);
	size_t		size = below(sizeof(run));

	if (size > t->size - from)
		size = t->size - from;
	memcpy(run, t->data + from, size);
	replace(t, below(t->size + 1), 0, run, size);
}

/* ---------- damage to JSON ---------- */

static void
insert_snippet(Text *t)
{
	static const char *const snippet[] = {
		"{", "}", "[", "]", "[]", "{}", ",", ":", "\"", "\\", "\\u", "\\u0000",
		"\\ud800", "\\udc00", "\\ud83d\\ude00", "\\u0041", "\\n", "\\\"",
		"\x01", "\x1f", "\x7f", "\xc0\x80", "\xc3\xa9", "\xe0\x80\x80",
		"\xed\xa0\x80", "\xef\xbf\xbf", "\xf0\x9f\x98\x80", "\xf4\x90\x80\x80",
		"\xff", "\xef\xbb\xbf", " ", "\t", "\r\n", "\f", "\xc2\xa0", "0", "-",
		"+", ".", "e", "E5", ".5", "1e3", "null", "true", "/**/", "//"
	};
	const char *bytes = ANY(snippet);

	replace(t, below(t->size + 1), 0, bytes, strlen(bytes));
}

static void
insert_nul(Text *t)
{
	replace(t, below(t->size + 1), 0, "", 1);
}

/* Where a member begins: behind the brace or a comma. */
static size_t
any_member(const Text *t)
{
	size_t		at = below(t->size + 1);

	while (at < t->size && t->data[at] != ',' && t->data[at] != '{')
		at++;
	return at < t->size ? at + 1 : t->size;
}

static void
add_member(Text *t)
{
	static const char *const member[] = {
		"\"alg\":\"HS256\",", "\"alg\":\"none\",", "\"kid\":\"other\",",
		"\"typ\":\"JWT\",", "\"crit\":[\"exp\"],", "\"crit\":\"exp\",",
		"\"sub\":\"root\",", "\"s\\u0075b\":\"root\",", "\"Sub\":\"root\",",
		"\"aud\":[\"a\",\"b\"],", "\"exp\":9999999999,", "\"nbf\":1,",
		"\"iat\":0,", "\"prj\":\"Beta\",", "\"pur\":\"\",", "\"nonce\":null,",
		"\"nonce\":\"n\",", "\"x\":1.5e-3,", "\"y\":false,", "\"z\":{},", "\"\":\"\","
	};
	const char *bytes = ANY(member);

	replace(t, any_member(t), 0, bytes, strlen(bytes));
}

/* A member again, at another place, as it is or in its last digits changed. */
static void
repeat_member(Text *t)
{
	char		copy[SAMPLE_ROOM];
	size_t		from = any_member(t);
	size_t		size = 0;

	while (from + size < t->size && t->data[from + size] != ',' &&
		   t->data[from + size] != '}' && size < sizeof(copy) - 1)
	{
		copy[size] = t->data[from + size];
		size++;
	}
	copy[size++] = ',';
	replace(t, any_member(t), 0, copy, size);
}

/* Another value, near a bound or of another type. */
static void
change_value(Text *t)
{
	static const char *const value[] = {
		"0", "1", "-1", "-0", "01", "+1", "1.0", "1e9", "253402300799",
		"253402300800", "9223372036854775808", "\"1718000000\"", "null",
		"true", "[]", "{}", "\"\"", "\"HS256\"", "\"HS512\"", "\"none\"",
		"\"HS\\u003256\"", "\"JWT\"", "\"jwt\"", "\"\xce\xb1\xce\xbb\xcf\x86\xce\xb1\"", "\"12345678\""
	};
	char		quoted[300];
	const char *bytes = ANY(value);
	size_t		size = strlen(bytes);
	size_t		at = any_member(t);

	while (at < t->size && t->data[at] != ':')
		at++;
	if (at == t->size)
		return;
	if (below(3) == 0)
	{
		static const int edge[] = {7, 8, 63, 64, 65, 127, 128, 129, 254, 255,
		256};

		size = (size_t) edge[below(11)];
		memset(quoted, 'x', sizeof(quoted));
		quoted[0] = quoted[size + 1] = '"';
		bytes = quoted;
		size += 2;
	}
	t->data[t->size] = '\0';
	replace(t, at + 1, strcspn(t->data + at + 1, ",}"), bytes, size);
}

/* Up to the greatest number of members, or past it. */
static void
crowd(Text *t)
{
	size_t		count = 20 + below(14);

	for (size_t i = 0; i < count; i++)
	{
		char		member[] = "\"m?\":0,";

		member[2] = (char) ('A' + i);
		replace(t, any_member(t), 0, member, strlen(member));
	}
}

/* ---------- damage to the token ---------- */

static void
insert_alien(Text *t)
{
	static const char *const alien[] = {
		"=", "==", "+", "/", ".", "..", " ", "\n", "\r\n", "%2E", "\xc3\xa9"
	};
	const char *bytes = ANY(alien);

	replace(t, below(8) == 0 ? t->size : below(t->size + 1), 0, bytes,
			strlen(bytes));
}

/* Parts in another order, missing, or doubled. */
static void
move_parts(Text *t)
{
	Text		old = *t;
	size_t		n = below(5);

	old.data[old.size] = '\0';
	t->size = 0;
	for (size_t i = 0; i < n; i++)
	{
		const char *at = old.data;
		const char *end = old.data + old.size;

		for (size_t skip = below(3); skip > 0; skip--)
		{
			const char *dot = memchr(at, '.', (size_t) (end - at));

			at = dot == NULL ? at : dot + 1;
		}
		if (i > 0)
			replace(t, t->size, 0, ".", 1);
		replace(t, t->size, 0, at, strcspn(at, "."));
	}
}

static void
pad_out(Text *t)
{
	char		more[SI_TOKEN_LONGEST + 4];
	size_t		size = SI_TOKEN_LONGEST - 3 + below(7);

	memset(more, (int) ('A' + below(26)), sizeof(more));
	if (t->size < size)
		replace(t, 0, 0, more, size - t->size);
}

static void
all_random(Text *t)
{
	t->size = below(400);
	for (size_t i = 0; i < t->size; i++)
		t->data[i] = (char) below(256);
}

typedef void (*Damage) (Text *);

static const Damage json_damage[] = {
	flip_bit, change_byte, change_case, truncate_text, delete_run, repeat_run,
	insert_snippet, insert_snippet, insert_nul, add_member, add_member,
	repeat_member, change_value, change_value, change_value, crowd
};

static const Damage token_damage[] = {
	flip_bit, change_byte, change_case, truncate_text, delete_run, repeat_run,
	insert_alien, move_parts, pad_out, all_random
};

#define COUNT(list)	(sizeof(list) / sizeof(list[0]))

/* ---------- the cases ---------- */

static void
damage_json(Text *t)
{
	size_t		times = below(3);

	for (size_t i = 0; i < times; i++)
		json_damage[below(COUNT(json_damage))] (t);
}

static void
set_text(Text *t, const char *words)
{
	memset(t->data, 0, sizeof(t->data));
	t->size = strlen(words);
	memcpy(t->data, words, t->size);
}

static void
make_case(Text *t)
{
	static const char *const header[] = {
		HEADER, "{\"kid\":\"k\",\"alg\":\"HS256\"}", " { \"alg\" : \"HS256\",\n \"kid\" : \"\\u0031\" } "
	};
	static const char *const claims[] = {
		CLAIMS, ALL_CLAIMS, "{ \"exp\" : 2 , \"iat\" : 1 ,\r\n \"jti\":\"\xe2\x82\xac-12345\", \"aud\":\"\\/\",\"sub\":\"\\\\\"}\t"
	};
	Text		h;
	Text		c;

	set_text(&h, ANY(header));
	set_text(&c, ANY(claims));
	if (below(2) == 0)
		damage_json(&h);
	if (below(4) != 0)
		damage_json(&c);
	set_text(t, "");
	t->size = join_token(t->data, h.data, h.size < 3000 ? h.size : 3000,
						 c.data, c.size < 3000 ? c.size : 3000);
	if (below(5) == 0)
		token_damage[below(COUNT(token_damage))] (t);
}

static bool
same_text(const Oracle *o, const char *name, SiText got)
{
	const OracleMember *claim = oracle_find(o->claim, o->nclaims, name);

	return claim == NULL ? got.data == NULL : text_is(got, claim->value);
}

static bool
same_time(const Oracle *o, const char *name, int64_t got)
{
	char		digits[32];

	sprintf(digits, "%lld", (long long) got);
	return strcmp(oracle_find(o->claim, o->nclaims, name)->value, digits) == 0;
}

static bool
same_claims(const Oracle *o, const SiToken *token)
{
	return text_is(token->kid, oracle_find(o->header, o->nheader,
										   "kid")->value) &&
		same_text(o, "sub", token->sub) && same_text(o, "aud", token->aud) &&
		same_text(o, "jti", token->jti) && same_text(o, "prj", token->prj) &&
		same_text(o, "pur", token->pur) &&
		same_text(o, "nonce", token->nonce) &&
		same_time(o, "iat", token->iat) && same_time(o, "exp", token->exp);
}

/* Do both say the same?  Counts what the parser says. */
static bool
agree(const Text *t, int *count)
{
	static Oracle oracle;
	Parsed		parsed = parse_exact(t->data, t->size);
	bool		fine = (parsed.status == SI_TOKEN_OK) ==
		oracle_accepts(&oracle, t->data, t->size);

	count[parsed.status]++;
	if (parsed.status == SI_TOKEN_OK && fine)
		fine = is_its_text(&parsed, t->size) &&
			same_claims(&oracle, &parsed.token);
	if (!fine)
		printf("# %s\n# %.*s\n", si_token_reason(parsed.status), (int) t->size,
			   t->data);
	release(&parsed);
	return fine;
}

static void
test_oracle(void)
{
	const char *wish = getenv("TOKEN_CASES");
	int			cases = wish != NULL ? atoi(wish) : CASES;
	int			count[SI_TOKEN_STATUSES] = {0};
	int			differ = 0;
	static Text text;

	for (int i = 0; i < cases; i++)
	{
		make_case(&text);
		differ += !agree(&text, count);
	}
	ok(differ == 0, "parser and oracle agree on %d tokens", cases);
	ok(count[SI_TOKEN_OK] > cases / 10 && count[SI_TOKEN_OK] < cases / 2,
	   "%d of them are well formed", count[SI_TOKEN_OK]);
	for (int i = 1; i < SI_TOKEN_STATUSES; i++)
		ok(count[i] >= cases / 2000, "%d: %s", count[i], si_token_reason(i));
}

/* ---------- one text only ---------- */

/* Is the text refused, or something else signed or another signature? */
static bool
is_different(const char *text, size_t length, const Parsed *original)
{
	Parsed		parsed = parse_exact(text, length);
	SiText		want = original->token.signed_part;
	SiText		got = parsed.token.signed_part;
	bool		same = parsed.status == SI_TOKEN_OK &&
		got.length == want.length &&
		memcmp(got.data, want.data, want.length) == 0 &&
		memcmp(parsed.token.signature, original->token.signature,
			   SI_TOKEN_SIGNATURE) == 0;

	release(&parsed);
	return !same;
}

static void
test_flips(const char *text, size_t length, const Parsed *original)
{
	char		flipped[SAMPLE_ROOM];
	size_t		different = 0;

	for (size_t bit = 0; bit < length * 8; bit++)
	{
		memcpy(flipped, text, length);
		flipped[bit / 8] ^= (char) (1 << bit % 8);
		different += is_different(flipped, length, original);
	}
	ok(different == length * 8, "each of %zu flipped bits makes another token",
	   different);
}

/* Every byte put in at every place, every place left out, every beginning. */
static void
test_edits(const char *text, size_t length, const Parsed *original)
{
	char		edited[SAMPLE_ROOM];
	size_t		inserted = 0;
	size_t		deleted = 0;
	size_t		begun = 0;

	for (size_t at = 0; at <= length; at++)
	{
		memcpy(edited, text, at);
		memcpy(edited + at + 1, text + at, length - at);
		for (int c = 0; c < 256; c++)
		{
			edited[at] = (char) c;
			inserted += is_different(edited, length + 1, original);
		}
		if (at == length)
			break;
		memcpy(edited + at, text + at + 1, length - at - 1);
		deleted += is_different(edited, length - 1, original);
		begun += is_different(text, at, original);
	}
	ok(inserted == (length + 1) * 256, "so does each byte put in");
	ok(deleted == length, "each byte left out");
	ok(begun == length, "each beginning");
}

static void
test_one_text(void)
{
	char		text[SAMPLE_ROOM];
	size_t		length = make_token(text, HEADER, CLAIMS);
	Parsed		original = parse_exact(text, length);

	ok(!is_different(text, length, &original), "a token is itself");
	test_flips(text, length, &original);
	test_edits(text, length, &original);
	release(&original);
}

int
main(void)
{
	test_one_text();
	test_oracle();
	return done_testing();
}
