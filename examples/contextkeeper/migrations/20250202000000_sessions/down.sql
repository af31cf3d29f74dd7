-- Loses every session with its files, tasks and memories.
DROP TABLE session_memories;
DROP TABLE session_tasks;
DROP TABLE session_files;
DROP TABLE sessions;
