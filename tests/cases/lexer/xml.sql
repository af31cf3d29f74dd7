-- needs: libxml
SELECT x.* FROM XMLTABLE (XMLNAMESPACES ('urn:x;' AS "n;"), '/r/e' PASSING ('<r><e a="1;">b;</e><e/></r>'::xml) COLUMNS i FOR ORDINALITY, a text PATH '@a' DEFAULT 'none;', b text PATH '.') AS x;
SELECT xmlelement(name "a;b", xmlattributes('c;d' AS "e"), 'f;'), xmlforest(1 AS a), xmlpi(name php, 'echo "x;";'), xmlserialize(CONTENT '<a>;</a>'::xml AS text), '<a>;</a>'::xml IS DOCUMENT;
