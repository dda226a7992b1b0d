# What the pages show is what psql prints.
#
# The SQL blocks of a page run in order, as one psql session in a database of
# its own.  Where a text block follows, it must be the output, but for blank
# ends of lines; other SQL blocks must run without error.  UPDATE=1 writes the
# output into the pages instead, to be read before it is committed.
use strict;
use warnings;
use File::Temp 'tempfile';
use Test::More;

my @pages = ('README.md', sort glob 'doc/*.md');
my $mark = '=== block';

$ENV{LC_ALL} = 'C';
$ENV{PGOPTIONS} = '-c client_min_messages=warning';	# no progress notices

sub read_page
{
	my ($page) = @_;

	open my $in, '<', $page or BAIL_OUT("$page: $!");
	local $/;
	return scalar <$in>;
}

# The blocks of a page: where the SQL starts, the SQL, and the output or undef.
sub blocks_of
{
	my ($page, $text) = @_;
	my @blocks;

	while ($text =~ /^```(\w*)\n(.*?)^```$/gms)
	{
		my ($kind, $body, $start) = ($1, $2, $-[0]);

		if ($kind eq 'sql')
		{
			my $line = 1 + (substr($text, 0, $start) =~ tr/\n//);

			push @blocks, { name => "$page:$line", sql => $body };
		}
		elsif ($kind eq 'text' && @blocks && !defined $blocks[-1]{text})
		{
			$blocks[-1]{text} = $body;
		}
	}
	return @blocks;
}

# What psql prints, block by block.
sub outputs_of
{
	my ($database, @blocks) = @_;
	my ($out, $script) = tempfile(UNLINK => 1);
	my $output;

	print $out "\\echo $mark\n$_->{sql}\n" for @blocks;
	close $out;
	$output = `psql -X -d $database <$script 2>&1`;
	return map { tidy($_) } (split /^$mark\n/m, $output)[1 .. @blocks];
}

sub tidy
{
	my ($text) = @_;

	$text =~ s/[ \t]+$//gm;
	$text =~ s/\A\n+|\n+\z//g;
	return "$text\n";
}

sub write_page
{
	my ($page, $text, $blocks, $outputs) = @_;

	for my $i (0 .. $#$blocks)
	{
		my ($sql, $old) = map { quotemeta } $blocks->[$i]{sql}, $blocks->[$i]{text} // next;

		$text =~ s/(^```sql\n$sql```\n(?:(?!```).*\n)*?```text\n)$old/$1$outputs->[$i]/m;
	}
	open my $out, '>', $page or BAIL_OUT("$page: $!");
	print $out $text;
	close $out;
}

for my $page (@pages)
{
	my $text = read_page($page);
	my @blocks = blocks_of($page, $text);
	my $database = lc("docs_$page") =~ s/\W+/_/gr;
	my @outputs;

	system("createdb $database") == 0 or BAIL_OUT("createdb $database");
	system(qq{psql -Xq -d $database -c "CREATE EXTENSION sales_intel"})
	  unless $text =~ /^CREATE EXTENSION/m;
	@outputs = outputs_of($database, @blocks);
	system("dropdb $database");
	write_page($page, $text, \@blocks, \@outputs) if $ENV{UPDATE};

	for my $i (0 .. $#blocks)
	{
		my ($name, $expected) = @{ $blocks[$i] }{ 'name', 'text' };

		if (defined $expected)
		{
			is($outputs[$i], tidy($expected), "$name prints what the page shows");
		}
		else
		{
			unlike($outputs[$i], qr/^(ERROR|FATAL|psql:)/m, "$name runs");
		}
	}
}

done_testing();
