-- One query of a reader, of a pgbench client that is a rep.
SELECT count(note) FROM bench.ruled;
