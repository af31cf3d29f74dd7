SELECT NULL AS addr, NULL AS schema, NULL AS name, NULL AS sub WHERE false
