SELECT d.classoid || '/' || d.objoid || '/' || d.objsubid AS address
FROM pg_description d
WHERE d.objoid >= 16384
