CREATE TEXT SEARCH DICTIONARY stem_a (TEMPLATE = snowball, Language = german, StopWords = german);
CREATE TEXT SEARCH DICTIONARY stem_b (TEMPLATE = simple);
CREATE TEXT SEARCH DICTIONARY stem_c (TEMPLATE = simple, Accept = false);
COMMENT ON TEXT SEARCH DICTIONARY stem_a IS 'German';
