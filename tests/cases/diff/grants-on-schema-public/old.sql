GRANT USAGE ON SCHEMA public TO app_reader;
