SELECT '' AS kind, '' AS name WHERE false
