-- Loads 300 dialogues of Persuasion for Good into tables persuasion_dialogue
-- and persuasion_behaviour, for tests and the demonstration.  psql must run in
-- the folder of the repository:
--
--   \i test/data/persuasion.sql
--
-- A row of persuasion_behaviour is what one sentence was for.  The dialogues
-- have no times: `at` counts sentences, one a second.

CREATE TABLE persuasion_dialogue (
    dialogue  text PRIMARY KEY,
    persuader text,
    persuadee text,
    donation  numeric
);

CREATE TABLE persuasion_behaviour (
    sentence  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dialogue  text REFERENCES persuasion_dialogue,
    turn      integer,
    role      text,
    behaviour text,
    at        timestamptz GENERATED ALWAYS AS (to_timestamp(sentence)) STORED
);

\copy persuasion_dialogue FROM PROGRAM 'gzip -dc test/data/persuasion_dialogues.csv.gz' (FORMAT csv, HEADER)
\copy persuasion_behaviour (dialogue, turn, role, behaviour) FROM PROGRAM 'gzip -dc test/data/persuasion_behaviours.csv.gz' (FORMAT csv, HEADER)

ANALYZE persuasion_dialogue, persuasion_behaviour;
