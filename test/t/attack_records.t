# Attacks on the outbox's channel, and on what is left of whoever was erased;
# their numbers are those of doc/attacks.md.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Attack;
use Psql;
use Test::More;

my $database = 'attack_test';

prepare_attacks();
value($database, "SELECT sales_intel.grant_role('app', 'attack_pool'); SELECT sales_intel.grant_consent('CANARY-7', '{quote_push,community}',
	'{\"evidence\": {\"name\": \"CANARY-name\"}, \"channel\": \"shop\"}')");

# ----- 43 -----

my $us = value($database, 'SELECT current_user');

# What is heard while somebody else does this.
sub heard
{
	return as_login('attack_alice', "LISTEN sales_intel_outbox;
		\\! psql -Xqc \"$_[0]\" -U $us -d $database >/dev/null
		SELECT 1;");
}

my $heard = heard("SELECT sales_intel.withdraw_consent('CANARY-7', '{quote_push}')");
like($heard, qr/Asynchronous notification "sales_intel_outbox" with payload "[0-9,]+"/, '43: whoever listens hears of ids');
unlike($heard, qr/CANARY/, '43: and of nothing else');
value($database, "SELECT sales_intel.grant_consent('CANARY-7', '{quote_push}')");
unlike(heard("SET sales_intel.notify_outbox = off; SELECT sales_intel.withdraw_consent('CANARY-7', '{quote_push}')"), qr/notification/, '43: and of nothing where that is off');
is(value($database, "SELECT count(*) FROM sales_intel.outbox WHERE subject = 'CANARY-7'"), 4, '43: though it is in the outbox');
my $waiting = "SELECT string_agg(o::text, ',' ORDER BY id) FROM sales_intel.outbox AS o";
my $before = value($database, $waiting);
as_login('attack_alice', "NOTIFY sales_intel_outbox, '1'; SELECT pg_notify('sales_intel_outbox', 'acknowledged 1');");
is(value($database, $waiting), $before, '43: a made-up notification changes nothing');
like(as_login('attack_alice', 'SELECT sales_intel.acknowledge(1);'), qr/permission denied/, '43: nor may she say that it is done');

# ----- 64 -----

value($database, "SELECT sales_intel.queue_action('mail', 'CANARY-7', 'community', '{\"to\": \"CANARY-mail\"}', now() + interval '1 day', NULL);
	SELECT sales_intel.grant_consent('CANARY-7', '{finance_plan}', '{\"session\": \"CANARY-visit\"}');
	INSERT INTO sales_intel.model_subject VALUES ('m', 1, 'CANARY-7');
	ANALYZE");

# Tables and sequences of the extension, and what the server knows of them.
my $everywhere = <<'END';
DO $$
DECLARE
    t regclass;
    found bigint;
BEGIN
    CREATE TEMP TABLE found_in (rel text);
    FOR t IN
            SELECT oid FROM pg_class WHERE relkind IN ('r', 'm') AND relnamespace = 'sales_intel'::regnamespace
            UNION SELECT 'pg_statistic'::regclass UNION SELECT 'pg_statistic_ext_data'::regclass LOOP
        EXECUTE format('SELECT count(*) FROM %s AS r WHERE r::text ~ %L', t, 'CANARY-(7|name|mail|visit)\M') INTO found;
        IF found > 0 THEN
            INSERT INTO found_in VALUES (t);
        END IF;
    END LOOP;
END $$;
SELECT COALESCE(string_agg(rel, ' ' ORDER BY rel), 'nowhere') FROM found_in
END
my $places = value($database, $everywhere);
like($places, qr/consent_event.*consent_session.*consent_state.*consent_subject.*model_subject.*outbox/, '64: the customer is found in many tables');
unlike($places, qr/pg_statistic/, '64: but not among the statistics');
value($database, "SELECT sales_intel.erase_subject('CANARY-7'); ANALYZE");
is(value($database, $everywhere), 'nowhere', '64: and once erased, nowhere');
is(value($database, "SELECT bool_and(ok) FROM sales_intel.ledger_verify()"), 't', '64: the ledger is whole');

finish_attacks();
done_testing();
