CREATE TEXT SEARCH DICTIONARY stem_a (TEMPLATE = snowball, Language = german);
CREATE TEXT SEARCH DICTIONARY stem_b (TEMPLATE = snowball, Language = french, StopWords = french);
CREATE TEXT SEARCH DICTIONARY stem_d (TEMPLATE = simple, Accept = true);
COMMENT ON TEXT SEARCH DICTIONARY stem_a IS 'Deutsch';
