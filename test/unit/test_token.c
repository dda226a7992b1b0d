/*
 * test_token.c
 *	  Tokens taken apart: a vector of the standard, each reason for a refusal,
 *	  and lengths and times at both sides of each bound.
 */
#include "tap.h"
#include "token_samples.h"

/* ---------- whole tokens ---------- */

/* RFC 7515, appendix A.1: its octets, and refused for want of a kid. */
static void
test_rfc7515(void)
{
	static const char text[] = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
		"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
		"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
	static const char header[] = "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}";
	static const char claims[] = "{\"iss\":\"joe\",\r\n"
		" \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
	static const uint8_t signature[] = {
		116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187,
		186, 22, 212, 37, 77, 105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141,
		121
	};
	char		made[SAMPLE_ROOM];
	size_t		length = make_token(made, header, claims) -
		SI_BASE64URL_LENGTH(sizeof(signature));
	Parsed		parsed;

	length += si_base64url_encode(signature, sizeof(signature), made + length);
	ok(length == strlen(text) && memcmp(made, text, length) == 0,
	   "the octets of RFC 7515, A.1, make its text");
	parsed = parse_exact(text, length);
	ok(parsed.status == SI_TOKEN_MISSING && text_is((SiText) {"kid", 3},
													parsed.token.fault),
	   "which lacks a kid");
	release(&parsed);

	length = make_token(made, "{\"kid\":\"a\",\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}", claims);
	parsed = parse_exact(made, length);
	ok(parsed.status == SI_TOKEN_MISSING && text_is((SiText) {"sub", 3},
													parsed.token.fault),
	   "and with one, a subject");
	release(&parsed);
}

static void
test_whole(void)
{
	char		text[SAMPLE_ROOM];
	uint8_t		signature[SI_TOKEN_SIGNATURE];
	size_t		length = make_token(text, HEADER, ALL_CLAIMS);
	Parsed		parsed = parse_exact(text, length);
	const SiToken *token = &parsed.token;

	sample_signature(signature);
	ok(parsed.status == SI_TOKEN_OK && token->fault == NULL, "a whole token");
	ok(is_its_text(&parsed, length) &&
	   memcmp(token->signature, signature, sizeof(signature)) == 0,
	   "what is signed, and the signature");
	ok(text_is(token->kid, "2024-06") && text_is(token->sub, "rep-17") &&
	   text_is(token->aud, "7409301882345678901/16384") &&
	   text_is(token->jti, "8d0c3b5e-41aa"), "its texts");
	ok(token->iat == 1718000000 && token->exp == 1718000060, "its times");
	ok(text_is(token->prj, "Alpha \xc3\xa9\xf0\x9f\x98\x80") &&
	   text_is(token->pur, "renewal") && text_is(token->nonce, "n-0S6_WzA2Mj"),
	   "the optional ones, unescaped");
	release(&parsed);

	length = make_token(text, "{\"kid\":\"k\",\"alg\":\"HS256\"}", CLAIMS);
	parsed = parse_exact(text, length);
	ok(parsed.status == SI_TOKEN_OK && token->prj.data == NULL &&
	   token->pur.data == NULL && token->nonce.data == NULL,
	   "without the optional ones");
	release(&parsed);
}

/* The first and the last character of each length. */
static void
test_unescaped(void)
{
	char		text[SAMPLE_ROOM];
	size_t		length = make_token(text, HEADER, "{" REQUIRED ","
									"\"prj\":\"\\u0001\\u007f\\u0080\\u07ff\\u0800\\uFFFF\","
									"\"pur\":\"\\ud800\\udc00\\uDBFF\\uDFFF\","
									"\"nonce\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}");
	Parsed		parsed = parse_exact(text, length);

	ok(text_is(parsed.token.prj, "\x01\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf"),
	   "code points of one escape");
	ok(text_is(parsed.token.pur, "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"),
	   "of two");
	ok(text_is(parsed.token.nonce, "\"\\/\b\f\n\r\t"), "named escapes");
	release(&parsed);
}

/* After a fault nothing of the token is left in the result. */
static void
test_refused_is_empty(void)
{
	static const SiToken nothing;
	char		text[SAMPLE_ROOM];
	size_t		length = make_token(text, HEADER,
									"{" REQUIRED ",\"nonce\":\"\"}");
	Parsed		parsed = parse_exact(text, length);

	ok(parsed.status == SI_TOKEN_BAD_LENGTH && parsed.token.fault != NULL &&
	   strcmp(parsed.token.fault, "nonce") == 0, "the last claim is at fault");
	parsed.token.fault = NULL;
	ok(parsed.token.signed_part.data == nothing.signed_part.data &&
	   parsed.token.sub.data == NULL && parsed.token.kid.data == NULL &&
	   parsed.token.iat == 0 &&
	   memcmp(parsed.token.signature, nothing.signature,
			  SI_TOKEN_SIGNATURE) == 0, "and nothing else is told");
	release(&parsed);
}

/* ---------- refusals ---------- */

static void
refuse_text(SiTokenStatus want, const char *text, size_t length,
			const char *name)
{
	Parsed		parsed = parse_exact(text, length);

	ok(parsed.status == want, "%s: %s", name, si_token_reason(parsed.status));
	release(&parsed);
}

static void
test_text(void)
{
	static const char alien[] = "=+/ \n\r\t,";
	char		text[SAMPLE_ROOM];
	size_t		length = make_token(text, HEADER, CLAIMS);
	size_t		dot = (size_t) ((char *) memchr(text, '.', length) - text);
	Parsed		parsed = parse_exact(NULL, 0);

	ok(parsed.status == SI_TOKEN_NOT_THREE_PARTS, "nothing at all");
	release(&parsed);
	refuse_text(SI_TOKEN_NOT_THREE_PARTS, text, dot, "one part");
	refuse_text(SI_TOKEN_NOT_THREE_PARTS, text, length - 44, "two parts");
	refuse_text(SI_TOKEN_BAD_SIGNATURE, text, length - 43, "no signature");
	refuse_text(SI_TOKEN_BAD_SIGNATURE, text, length - 3, "30 bytes of one");
	refuse_text(SI_TOKEN_BAD_BASE64, text, length - 2, "4n + 1 characters");
	refuse_text(SI_TOKEN_NOT_OBJECT, text + dot, length - dot, "no header");
	memcpy(text + length, "AAAA.AAAA", 9);
	refuse_text(SI_TOKEN_BAD_BASE64, text, length + 2, "4n + 1 with more");
	refuse_text(SI_TOKEN_BAD_SIGNATURE, text, length + 3, "34 bytes");
	refuse_text(SI_TOKEN_NOT_THREE_PARTS, text, length + 9, "four parts");
	text[length - 1]++;
	refuse_text(SI_TOKEN_BAD_BASE64, text, length, "idle bits set");
	for (size_t i = 0; i < sizeof(alien); i++)
	{
		text[length - 1] = alien[i];	/* the NUL too */
		refuse_text(SI_TOKEN_BAD_BASE64, text, length, "another character");
	}
	text[dot] = '\0';
	refuse_text(SI_TOKEN_NOT_THREE_PARTS, text, length, "a NUL for a dot");
}

/* Spaces fill the claims up to the longest text, and one past it. */
static void
test_longest(void)
{
	char		text[SAMPLE_ROOM];
	char		claims[SAMPLE_ROOM];
	size_t		size = strlen(CLAIMS);
	size_t		length;

	memcpy(claims, CLAIMS, size);
	do
	{
		claims[size++] = ' ';
		length = join_token(text, HEADER " ", strlen(HEADER " "), claims, size);
	} while (length < SI_TOKEN_LONGEST);
	ok(length == SI_TOKEN_LONGEST, "a text of the longest length");
	refuse_text(SI_TOKEN_OK, text, length, "is taken");
	text[length] = 'A';
	refuse_text(SI_TOKEN_TOO_LONG, text, length + 1, "one more is too long");
	memset(text, '.', sizeof(text));
	refuse_text(SI_TOKEN_TOO_LONG, text, sizeof(text), "so are 16 kB of dots");
}

#define C(member)	HEADER, "{" REQUIRED "," member "}"
#define H(member)	"{\"alg\":\"HS256\",\"kid\":\"k\"," member "}", CLAIMS
#define TIMES(iat)	HEADER, "{\"sub\":\"s\",\"aud\":\"a\",\"jti\":\"12345678\",\"exp\":1,\"iat\":" iat "}"

static const struct
{
	SiTokenStatus status;
	const char *fault;
	const char *header;
	const char *claims;
}			refusal[] =
{
	{SI_TOKEN_NOT_UTF8, NULL, C("\"x\":\"\xff\"")},
	{SI_TOKEN_NOT_UTF8, NULL, C("\"x\":\"\x80\"")},
	{SI_TOKEN_NOT_UTF8, NULL, C("\"x\":\"\xc1\xbf\"")},
	{SI_TOKEN_NOT_UTF8, NULL, C("\"x\":\"\xe0\x9f\xbf\"")},
	{SI_TOKEN_NOT_UTF8, NULL, C("\"x\":\"\xed\xa0\x80\"")},
	{SI_TOKEN_NOT_UTF8, NULL, C("\"x\":\"\xf0\x8f\xbf\xbf\"")},
	{SI_TOKEN_NOT_UTF8, NULL, C("\"x\":\"\xf4\x90\x80\x80\"")},
	{SI_TOKEN_NOT_UTF8, NULL, C("\"x\":\"\xf5\x80\x80\x80\"")},
	{SI_TOKEN_NOT_UTF8, NULL, C("\"x\":\"\xe2\x82\"")},
	{SI_TOKEN_NOT_UTF8, NULL, HEADER, CLAIMS "\xe2"},
	{SI_TOKEN_NOT_UTF8, NULL, HEADER, CLAIMS "\xe2\x82"},
	{SI_TOKEN_OK, NULL, C("\"x\":\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\"")},
	{SI_TOKEN_OK, NULL, C("\"x\":\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\x7f\"")},
	{SI_TOKEN_HAS_NUL, NULL, C("\"x\":\"\\u0000\"")},
	{SI_TOKEN_HAS_NUL, NULL, C("\"a\\u0000b\":1")},
	{SI_TOKEN_LONE_SURROGATE, NULL, C("\"x\":\"\\ud800\"")},
	{SI_TOKEN_LONE_SURROGATE, NULL, C("\"x\":\"\\ud83dx\"")},
	{SI_TOKEN_LONE_SURROGATE, NULL, C("\"x\":\"\\ud83d\\n\"")},
	{SI_TOKEN_LONE_SURROGATE, NULL, C("\"x\":\"\\ud83d\\ud83d\"")},
	{SI_TOKEN_LONE_SURROGATE, NULL, C("\"x\":\"\\ude00\\ud83d\"")},
	{SI_TOKEN_LONE_SURROGATE, NULL, C("\"x\":\"\\udfff\"")},
	{SI_TOKEN_NOT_OBJECT, NULL, "", CLAIMS},
	{SI_TOKEN_NOT_OBJECT, NULL, HEADER, ""},
	{SI_TOKEN_NOT_OBJECT, NULL, HEADER, " \t\r\n"},
	{SI_TOKEN_NOT_OBJECT, NULL, HEADER, "[" CLAIMS "]"},
	{SI_TOKEN_NOT_OBJECT, NULL, HEADER, "null"},
	{SI_TOKEN_NOT_OBJECT, NULL, HEADER, "\"sub\""},
	{SI_TOKEN_NOT_OBJECT, NULL, "\xef\xbb\xbf" HEADER, CLAIMS},
	{SI_TOKEN_BAD_JSON, NULL, "{", CLAIMS},
	{SI_TOKEN_BAD_JSON, NULL, HEADER, "{" REQUIRED},
	{SI_TOKEN_BAD_JSON, NULL, HEADER, "{," REQUIRED "}"},
	{SI_TOKEN_BAD_JSON, NULL, HEADER, "{" REQUIRED ",}"},
	{SI_TOKEN_BAD_JSON, NULL, HEADER, "{" REQUIRED ",,\"x\":1}"},
	{SI_TOKEN_BAD_JSON, NULL, HEADER, "{" REQUIRED "\"x\":1}"},
	{SI_TOKEN_BAD_JSON, NULL, HEADER, "{" REQUIRED "]"},
	{SI_TOKEN_BAD_JSON, NULL, C("x:1")},
	{SI_TOKEN_BAD_JSON, NULL, C("'x':1")},
	{SI_TOKEN_BAD_JSON, NULL, C("1:1")},
	{SI_TOKEN_BAD_JSON, NULL, C("\"x\" 1")},
	{SI_TOKEN_BAD_JSON, NULL, C("\"x\":")},
	{SI_TOKEN_BAD_JSON, NULL, C("\"x\"::1")},
	{SI_TOKEN_BAD_JSON, NULL, C("\"x\":tru")},
	{SI_TOKEN_BAD_JSON, NULL, C("\"x\":True")},
	{SI_TOKEN_BAD_JSON, NULL, C("\"x\":truefalse")},
	{SI_TOKEN_BAD_JSON, NULL, C("\"x\":nul")},
	{SI_TOKEN_BAD_JSON, NULL, C("\"x\":NaN")},
	{SI_TOKEN_BAD_JSON, NULL, C("\"x\":+1")},
	{SI_TOKEN_BAD_JSON, NULL, C("\"x\":01")},
	{SI_TOKEN_BAD_JSON, NULL, C("\"x\":-")},
	{SI_TOKEN_BAD_JSON, NULL, C("\"x\":.5")},
	{SI_TOKEN_BAD_JSON, NULL, C("\"x\":1.")},
	{SI_TOKEN_BAD_JSON, NULL, C("\"x\":1e")},
	{SI_TOKEN_BAD_JSON, NULL, C("\"x\":1e+-1")},
	{SI_TOKEN_BAD_JSON, NULL, C("\"x\":0x1")},
	{SI_TOKEN_BAD_JSON, NULL, C("\"x\":1 2")},
	{SI_TOKEN_BAD_JSON, NULL, C("\"x\":\"a\nb\"")},
	{SI_TOKEN_BAD_JSON, NULL, C("\"x\":\"a\x1f\"")},
	{SI_TOKEN_BAD_JSON, NULL, C("\"x\":\"\\x41\"")},
	{SI_TOKEN_BAD_JSON, NULL, C("\"x\":\"\\u12g4\"")},
	{SI_TOKEN_BAD_JSON, NULL, C("\"x\":\"\\U0041\"")},
	{SI_TOKEN_BAD_JSON, NULL, C("\"x\":/**/1")},
	{SI_TOKEN_BAD_JSON, NULL, HEADER, "{\"x\":\"\\"},
	{SI_TOKEN_BAD_JSON, NULL, HEADER, "{\"x\":\"\\u12"},
	{SI_TOKEN_BAD_JSON, NULL, HEADER, "{\f" REQUIRED "}"},
	{SI_TOKEN_OK, NULL, C("\"x\":-0.5e-7,\"y\":0,\"z\":1E+9,\"\":null,\"b\":false")},
	{SI_TOKEN_OK, NULL, C("\"x\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00Af\\uD83D\\uDE00\"")},
	{SI_TOKEN_OK, NULL, "\t{ \"alg\" :\r\"HS256\" , \"kid\"\n: \"k\" } ", "\n" CLAIMS "\n"},
	{SI_TOKEN_OK, NULL, "{\"\\u0061lg\":\"HS\\u003256\",\"kid\":\"k\"}", CLAIMS},
	{SI_TOKEN_TRAILING, NULL, HEADER "x", CLAIMS},
	{SI_TOKEN_TRAILING, NULL, HEADER, CLAIMS CLAIMS},
	{SI_TOKEN_TRAILING, NULL, HEADER, CLAIMS "}"},
	{SI_TOKEN_NESTED, NULL, C("\"x\":{}")},
	{SI_TOKEN_NESTED, NULL, C("\"x\": []")},
	{SI_TOKEN_NESTED, NULL, HEADER, "{\"aud\":[\"7409301882345678901/16384\"]}"},
	{SI_TOKEN_NESTED, NULL, H("\"crit\":[\"exp\"]")},
	{SI_TOKEN_NESTED, NULL, H("\"jwk\":{\"kty\":\"oct\"}")},
	{SI_TOKEN_DUPLICATE, NULL, C("\"sub\":\"rep-18\"")},
	{SI_TOKEN_DUPLICATE, NULL, C("\"sub\":\"rep-17\"")},
	{SI_TOKEN_DUPLICATE, NULL, C("\"s\\u0075b\":\"rep-18\"")},
	{SI_TOKEN_DUPLICATE, NULL, C("\"x\":1,\"y\":2,\"x\":1")},
	{SI_TOKEN_DUPLICATE, NULL, C("\"\xc3\xa9\":1,\"\\u00E9\":1")},
	{SI_TOKEN_DUPLICATE, NULL, H("\"kid\":\"k\"")},
	{SI_TOKEN_DUPLICATE, NULL, H("\"\\u0061lg\":\"none\"")},
	{SI_TOKEN_BAD_ALGORITHM, "alg", "{\"alg\":\"none\",\"kid\":\"k\"}", CLAIMS},
	{SI_TOKEN_BAD_ALGORITHM, "alg", "{\"alg\":\"None\",\"kid\":\"k\"}", CLAIMS},
	{SI_TOKEN_BAD_ALGORITHM, "alg", "{\"alg\":\"\",\"kid\":\"k\"}", CLAIMS},
	{SI_TOKEN_BAD_ALGORITHM, "alg", "{\"alg\":\"hs256\",\"kid\":\"k\"}", CLAIMS},
	{SI_TOKEN_BAD_ALGORITHM, "alg", "{\"alg\":\"HS256 \",\"kid\":\"k\"}", CLAIMS},
	{SI_TOKEN_BAD_ALGORITHM, "alg", "{\"alg\":\"HS2\",\"kid\":\"k\"}", CLAIMS},
	{SI_TOKEN_BAD_ALGORITHM, "alg", "{\"alg\":\"HS512\",\"kid\":\"k\"}", CLAIMS},
	{SI_TOKEN_BAD_ALGORITHM, "alg", "{\"alg\":\"RS256\",\"kid\":\"k\"}", CLAIMS},
	{SI_TOKEN_BAD_ALGORITHM, "alg", "{\"alg\":null,\"kid\":\"k\"}", CLAIMS},
	{SI_TOKEN_BAD_ALGORITHM, "alg", "{\"alg\":256,\"kid\":\"k\"}", CLAIMS},
	{SI_TOKEN_NOT_JWT, "typ", H("\"typ\":\"jwt\"")},
	{SI_TOKEN_NOT_JWT, "typ", H("\"typ\":\"at+jwt\"")},
	{SI_TOKEN_NOT_JWT, "typ", H("\"typ\":null")},
	{SI_TOKEN_UNKNOWN_HEADER, NULL, H("\"crit\":\"exp\"")},
	{SI_TOKEN_UNKNOWN_HEADER, NULL, H("\"ALG\":\"HS256\"")},
	{SI_TOKEN_UNKNOWN_HEADER, NULL, H("\"zip\":null")},
	{SI_TOKEN_UNKNOWN_HEADER, NULL, H("\"\":1")},
	{SI_TOKEN_UNKNOWN_HEADER, NULL, H("\"jku\":\"http://example.com\"")},
	{SI_TOKEN_MISSING, "alg", "{}", CLAIMS},
	{SI_TOKEN_MISSING, "kid", "{\"alg\":\"HS256\"}", CLAIMS},
	{SI_TOKEN_MISSING, "sub", HEADER, "{}"},
	{SI_TOKEN_MISSING, "aud", HEADER, "{\"sub\":\"s\"}"},
	{SI_TOKEN_MISSING, "sub", HEADER, "{\"Sub\":\"s\",\"sub \":1,\"su\":2}"},
	{SI_TOKEN_MISSING, "iat", HEADER, "{\"sub\":\"s\",\"aud\":\"a\",\"jti\":\"12345678\",\"exp\":1}"},
	{SI_TOKEN_MISSING, "exp", HEADER, "{\"sub\":\"s\",\"aud\":\"a\",\"jti\":\"12345678\",\"iat\":1}"},
	{SI_TOKEN_MISSING, "jti", HEADER, "{\"sub\":\"s\",\"aud\":\"a\",\"exp\":1,\"iat\":1}"},
	{SI_TOKEN_WRONG_TYPE, "kid", "{\"alg\":\"HS256\",\"kid\":1}", CLAIMS},
	{SI_TOKEN_WRONG_TYPE, "sub", HEADER, "{\"sub\":17}"},
	{SI_TOKEN_WRONG_TYPE, "sub", HEADER, "{\"sub\":null}"},
	{SI_TOKEN_WRONG_TYPE, "prj", C("\"prj\":null")},
	{SI_TOKEN_WRONG_TYPE, "nonce", C("\"nonce\":false")},
	{SI_TOKEN_WRONG_TYPE, "iat", TIMES("\"1\"")},
	{SI_TOKEN_WRONG_TYPE, "iat", TIMES("\"\"")},
	{SI_TOKEN_WRONG_TYPE, "iat", TIMES("true")},
	{SI_TOKEN_WRONG_TYPE, "iat", TIMES("1.0")},
	{SI_TOKEN_WRONG_TYPE, "iat", TIMES("1e3")},
	{SI_TOKEN_WRONG_TYPE, "iat", TIMES("99999999999999999999.5")},
	{SI_TOKEN_BAD_JSON, NULL, TIMES("01")},
	{SI_TOKEN_BAD_JSON, NULL, TIMES("+1")},
	{SI_TOKEN_OUT_OF_RANGE, "iat", TIMES("-1")},
	{SI_TOKEN_OUT_OF_RANGE, "iat", TIMES("-0")},
	{SI_TOKEN_OUT_OF_RANGE, "iat", TIMES("253402300800")},
	{SI_TOKEN_OUT_OF_RANGE, "iat", TIMES("9223372036854775807")},
	{SI_TOKEN_OUT_OF_RANGE, "iat", TIMES("18446744073709551617")},
	{SI_TOKEN_OUT_OF_RANGE, "iat", TIMES("100000000000000000000000000000000001")},
	{SI_TOKEN_OK, NULL, TIMES("0")},
	{SI_TOKEN_OK, NULL, TIMES("253402300799")}
};

static void
test_refusals(void)
{
	char		text[SAMPLE_ROOM];

	for (size_t i = 0; i < sizeof(refusal) / sizeof(refusal[0]); i++)
	{
		size_t		length = make_token(text, refusal[i].header,
										refusal[i].claims);
		Parsed		parsed = parse_exact(text, length);
		const char *fault = refusal[i].fault;

		if (!ok(parsed.status == refusal[i].status &&
				(fault == NULL ? parsed.token.fault == NULL :
				 parsed.token.fault != NULL &&
				 strcmp(parsed.token.fault, fault) == 0), "%s %s",
				si_token_reason(refusal[i].status), fault == NULL ? "" : fault))
			printf("# %s %s\n# %s\n", refusal[i].header, refusal[i].claims,
				   si_token_reason(parsed.status));
		release(&parsed);
	}
}

/* A NUL byte cannot stand in a C string. */
static void
test_nul(void)
{
	char		claims[] = "{\"x\":\"?\"," REQUIRED "}?";
	char		text[SAMPLE_ROOM];
	size_t		size = strlen(claims);
	size_t		length;

	claims[6] = '\0';
	length = join_token(text, HEADER, strlen(HEADER), claims, size - 1);
	refuse_text(SI_TOKEN_HAS_NUL, text, length, "a NUL in a text");
	claims[6] = 'x';
	claims[size - 1] = '\0';
	length = join_token(text, HEADER, strlen(HEADER), claims, size);
	refuse_text(SI_TOKEN_HAS_NUL, text, length, "a NUL after the claims");
}

/* ---------- bounds ---------- */

/* A token whose member, of the header or a claim, is so long; unit: a text. */
static SiTokenStatus
status_of_length(const char *name, const char *unit, int length)
{
	static const char *const member[] = {"kid", "sub", "aud", "jti", "prj",
	"pur", "nonce"};
	char		part[2][SAMPLE_ROOM] = {"{\"alg\":\"HS256\"", "{\"iat\":1,\"exp\":2"};
	char		text[SAMPLE_ROOM];
	Parsed		parsed;
	SiTokenStatus status;

	for (size_t i = 0; i < sizeof(member) / sizeof(member[0]); i++)
	{
		char	   *to = part[i > 0];
		bool		it = strcmp(member[i], name) == 0;

		sprintf(to + strlen(to), ",\"%s\":\"", member[i]);
		for (int n = 0; n < (it ? length : 8); n++)
			strcat(to, it ? unit : "x");
		strcat(to, "\"");
	}
	strcat(part[0], "}");
	strcat(part[1], "}");
	parsed = parse_exact(text, make_token(text, part[0], part[1]));
	status = parsed.status;
	release(&parsed);
	return status;
}

static void
test_lengths(void)
{
	static const struct
	{
		const char *name;
		int			shortest;
		int			longest;
	}			bound[] =
	{
		{"kid", 1, 64}, {"sub", 1, 255}, {"aud", 1, 255}, {"jti", 8, 128},
		{"prj", 1, 255}, {"pur", 1, 255}, {"nonce", 1, 128}
	};

	for (size_t i = 0; i < sizeof(bound) / sizeof(bound[0]); i++)
	{
		const char *name = bound[i].name;
		int			shortest = bound[i].shortest;
		int			longest = bound[i].longest;

		ok(status_of_length(name, "x", shortest - 1) == SI_TOKEN_BAD_LENGTH &&
		   status_of_length(name, "x", shortest) == SI_TOKEN_OK,
		   "%s has at least %d bytes", name, shortest);
		ok(status_of_length(name, "x", longest) == SI_TOKEN_OK &&
		   status_of_length(name, "x", longest + 1) == SI_TOKEN_BAD_LENGTH,
		   "%s has at most %d bytes", name, longest);
		ok(status_of_length(name, "\\u00e9", longest / 2) == SI_TOKEN_OK &&
		   status_of_length(name, "\\u00e9", longest / 2 + 1) ==
		   SI_TOKEN_BAD_LENGTH, "counted unescaped");
	}
}

static SiTokenStatus
status_of_members(int more)
{
	char		claims[SAMPLE_ROOM] = "{" REQUIRED;
	char		text[SAMPLE_ROOM];
	Parsed		parsed;
	SiTokenStatus status;

	for (int i = 0; i < more; i++)
		sprintf(claims + strlen(claims), ",\"x%d\":%d", i, i);
	strcat(claims, "}");
	parsed = parse_exact(text, make_token(text, HEADER, claims));
	status = parsed.status;
	release(&parsed);
	return status;
}

static void
test_members(void)
{
	ok(status_of_members(SI_TOKEN_MEMBERS - 5) == SI_TOKEN_OK, "32 claims");
	ok(status_of_members(SI_TOKEN_MEMBERS - 4) == SI_TOKEN_TOO_MANY,
	   "33 are too many");
}

static void
test_reasons(void)
{
	int			told = 0;
	int			different = 0;

	for (int i = 0; i < SI_TOKEN_STATUSES; i++)
	{
		const char *reason = si_token_reason(i);

		told += reason[strlen(reason) - 1] == '.';
		different += i == 0 || strcmp(reason, si_token_reason(i - 1)) != 0;
	}
	ok(told == SI_TOKEN_STATUSES && different == told,
	   "each status has a reason of its own");
	ok(strcmp(si_token_reason(SI_TOKEN_STATUSES), "The token is damaged.") == 0,
	   "and what is no status, one as well");
}

int
main(void)
{
	test_rfc7515();
	test_whole();
	test_unescaped();
	test_refused_is_empty();
	test_text();
	test_longest();
	test_refusals();
	test_nul();
	test_lengths();
	test_members();
	test_reasons();
	return done_testing();
}
